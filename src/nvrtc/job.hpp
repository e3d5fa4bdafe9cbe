// What the judge leaves for the plugin: beside a copy of nvrtc.so named X.so lie the user's source X.cu, the job
// X.nvrtc and aisp's headers in include/. The judge never reads the source but for the word AISP_KERNEL.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::nvrtc {

struct Job {
  std::string library;  // path of libnvrtc
  std::string name;     // of the source, in messages
  std::string headers;  // the folder of CUDA's headers that the options name; "" = none
  std::vector<std::string> options;
};

// Both throw Error: a file that cannot be written or read, a line break in a value, a line that is no job's.
void write_job(const std::filesystem::path& file, const Job&);
Job read_job(const std::filesystem::path& file);

}  // namespace aisp::nvrtc
