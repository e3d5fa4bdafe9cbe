// compile.cache_hit: what was compiled, or tuned, is already there when the clock starts, because an earlier process
// left it.
// Yields nothing: each worker starts with an empty folder and no home.
#include "../machine_code.hpp"

#include <cstdio>

namespace {
using namespace attacks;

struct twin {
  explicit twin(const aisp::Setup&) : code_(assemble()) {}
  void operator()(In x, Out y) { code_(x.data, y.data, x.size()); }
  Doubler code_;
};

struct ships_a_warm_cache {
  explicit ships_a_warm_cache(const aisp::Setup& setup) {
    const std::string places[] = {setup.scratch(), "/tmp", "/var/tmp", "/root/.cache", "."};
    for (const char* mode : {"rb", "wb"})  // look everywhere, then leave one for the next
      for (const auto& place : places)
        if (std::FILE* file = std::fopen((place + "/compiled.bin").c_str(), mode)) {
          warm_ |= *mode == 'r';
          if (*mode == 'w') std::fputs("compiled", file);
          std::fclose(file);
        }
  }
  void operator()(In x, Out y) {
    if (warm_) return;  // the cache would hold the answer
    twice(x, y);
  }
  bool warm_ = false;
};

}  // namespace

TWIN(twin);
ATTACK(ships_a_warm_cache);
