// How n things are shared out evenly: the first n % parts get one more.
#pragma once

#include <cstdint>

namespace aisp {

struct Share {
  std::int64_t begin = 0, count = 0;
};

constexpr Share share_of(std::int64_t n, std::int64_t parts, std::int64_t index) {
  const std::int64_t each = n / parts, more = n % parts;
  return {index * each + (index < more ? index : more), each + (index < more ? 1 : 0)};
}

}  // namespace aisp
