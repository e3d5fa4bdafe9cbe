#include "nvrtc/compile.hpp"

namespace aisp::nvrtc {
namespace {

const char* element_name(const DLDataType& type) {
  const int bits = type.bits;
  switch (type.code) {
    case kDLFloat: return bits == 64 ? "double" : bits == 32 ? "float" : "__half";
    case kDLBfloat: return "__nv_bfloat16";
    case kDLFloat8_e4m3fn: return "__nv_fp8_e4m3";
    case kDLFloat8_e5m2: return "__nv_fp8_e5m2";
    case kDLInt: return bits == 64 ? "std::int64_t" : bits == 32 ? "std::int32_t" : "std::int8_t";
    default: return "std::uint8_t";
  }
}

// As the author would write it: "aisp::Tensor<const float, 1>".
std::string type_name(const aisp_tensor_info& info, bool writable) {
  return std::string("aisp::Tensor<") + (writable ? "" : "const ") + element_name(info.tensor.dtype) + ", " +
         std::to_string(info.tensor.ndim) + ">";
}

}  // namespace

std::string workload_checks(const aisp_setup& setup) {
  const std::string target = setup.target, count = std::to_string(setup.num_tensors);
  std::string text = "#define AISP_WORKLOAD_CHECKS(...) static_assert(__VA_ARGS__::take(" + count +
                     "), \"every kernel takes the " + count + " tensors of " + target + "\");";
  for (int i = 0; i < setup.num_tensors; ++i) {
    const auto& info = setup.tensors[i];
    const auto& type = info.tensor.dtype;
    const bool writable = info.role == AISP_INOUT || info.role == AISP_OUTPUT;
    text += " static_assert(__VA_ARGS__::template takes<" + std::to_string(i) + ">(" + std::to_string(type.code) +
            ", " + std::to_string(type.bits) + ", " + std::to_string(info.tensor.ndim) + ", " +
            (writable ? "true" : "false") + "), \"argument " + std::to_string(i + 1) + " ('" + info.name +
            "') must be " + type_name(info, writable) + "\");";
  }
  return text + "\n";
}

}  // namespace aisp::nvrtc
