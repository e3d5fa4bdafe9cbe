// NumPy's .npy files, versions 1.0 to 3.0 (numpy.lib.format, NEP 1): numbers in any byte order, C or Fortran order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::tools {

struct NpyArray {
  std::string descr;                // "<f4"
  std::vector<std::int64_t> shape;  // empty: one number
  std::vector<double> values;       // in C order, whatever the file's order
};

// `bytes` is a whole file and hostile until checked: everything that the header promises must be there, and nothing
// more. Throws std::runtime_error with one line.
NpyArray parse_npy(std::string_view bytes);

}  // namespace aisp::tools
