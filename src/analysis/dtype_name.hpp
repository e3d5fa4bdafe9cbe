// Data types by the names that evidence has for them.
#pragma once

#include <aisp/dtype.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace aisp::analysis {

inline std::optional<DType> dtype_named(std::string_view name) {
  for (const DType t : {f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8})
    if (name == info(t).name) return t;
  return std::nullopt;
}

// Bytes of an element, 0 for an unknown name.
inline std::size_t dtype_size(std::string_view name) {
  const auto t = dtype_named(name);
  return t ? info(*t).size : 0;
}

}  // namespace aisp::analysis
