// The text of --target-extra-arg, which manifests keep: "ch09:gemm_bf16=--m 4096 --k 2048".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aisp::record {

struct ExtraArgs {
  std::string target;
  std::vector<std::pair<std::string, std::int64_t>> values;  // by name, without its dashes; never empty
};

// Numbers are whole, from 1 to 2^40. Throws std::runtime_error with one line that says what is wrong.
ExtraArgs parse_extra_args(std::string_view text);

}  // namespace aisp::record
