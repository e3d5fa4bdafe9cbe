// GPUs as the commands print them.
#pragma once

#include "app/output.hpp"
#include "device/gpu/facts.hpp"

#include <string>
#include <utility>
#include <vector>

namespace aisp::app {

// "989 Top/s" (a multiply-add counts as two), "4.26 TB/s", "141 GB", "50.0 MiB", "1.98 GHz", "700 W", "3.10 µs"; "–"
// for 0.
std::string gpu_quantity(double value, std::string_view unit);

Json gpu_json(const device::GpuFacts&, const device::GpuState&);
// {"gpus": [...], "gpu_why_absent": "..."} for documents about the machine.
Json gpus_json();
// Rows "gpu 0", … for tables about the machine; one row with the reason when there is none.
std::vector<std::vector<std::string>> gpu_rows();

}  // namespace aisp::app
