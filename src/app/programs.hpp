// Programs of others that are used where they are installed: gnuplot, ncu, nsys.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

// The file of a program on PATH, else in one of these folders; "" = it is not there.
std::filesystem::path find_program(const std::string& name, const std::vector<std::filesystem::path>& folders = {});

}  // namespace aisp::app
