// What every attack is made of. A file attacks/CATEGORY/ISSUE.cpp holds one or more attacks on that issue and an honest
// twin that does nearly the same within the rules; their names are ISSUE:FUNCTION and ISSUE:twin. How each must end
// stands in src/validity/catalogue.cpp; `aisp validity prove` runs them.
#pragma once

#include <aisp/variant.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace attacks {

using In = aisp::Vector<const float>;
using Out = aisp::Vector<float>;
using InMatrix = aisp::Matrix<const float>;
using OutMatrix = aisp::Matrix<float>;

// y = 2x: the work of every attack that is not about the work. The same code for all, so that none is faster by how it
// was inlined.
__attribute__((noinline)) inline void twice(In x, Out y, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) y[i] = 2 * x[i];
}
inline void twice(In x, Out y) { twice(x, y, 0, x.size()); }

static aisp_variant named(const std::string& function, aisp_variant v) {
  static std::vector<std::unique_ptr<std::string>> names;  // the ABI wants pointers that last
  names.push_back(std::make_unique<std::string>(AISP_VARIANT_NAME ":" + function));
  v.name = names.back()->c_str();
  return v;
}

}  // namespace attacks

#define AISP_CORPUS(what, function, ...)                                                             \
  static const ::aisp::detail::RegisterVariant registered_##function {                               \
    ::attacks::named(#function, ::aisp::detail::describe<what>(::aisp::VariantOptions{__VA_ARGS__})) \
  }
// A function, or a class with a call operator, named after the attack.
#define ATTACK(function, ...) AISP_CORPUS(function, function, __VA_ARGS__)
#define TWIN(what, ...) AISP_CORPUS(what, twin, __VA_ARGS__)
