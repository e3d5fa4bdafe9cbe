// NumPy's .npy files, versions 1.0 to 3.0 (numpy.lib.format, NEP 1): numbers in any byte order, C or Fortran order, and
// .npz archives of them. NumPy has no bfloat16 and no FP8 of its own; the types of the package ml_dtypes are saved as
// raw bytes, "V2" and "V1": two bytes are read as bfloat16, and of one byte the caller has to say which FP8 it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::tools {

struct NpyArray {
  std::string descr;                // "<f4"; of raw bytes what they were read as: "bf16", "fp8_e4m3", "fp8_e5m2"
  std::vector<std::int64_t> shape;  // empty: one number
  std::vector<double> values;       // in C order, whatever the file's order
};

enum class Fp8 : std::uint8_t { unsaid, e4m3, e5m2 };  // E4M3 is the OCP's: no infinities, largest value 448

struct NumpyOptions {
  Fp8 fp8 = Fp8::unsaid;
  std::string array{};  // of an archive; "" where it holds one only
};

inline constexpr std::uint64_t kMaxInflated = std::uint64_t{256} << 20;  // bytes of a deflated array

// `bytes` is a whole file and hostile until checked: everything that the header promises must be there, and nothing
// more. Throws std::runtime_error with one line.
NpyArray parse_npy(std::string_view bytes, Fp8 = Fp8::unsaid);
// The same of an archive's array, or of a plain file. An option without effect is an error.
NpyArray parse_numpy(std::string_view bytes, const NumpyOptions&);

}  // namespace aisp::tools
