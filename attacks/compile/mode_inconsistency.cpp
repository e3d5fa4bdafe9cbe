// compile.mode_inconsistency: right while somebody looks, fast while somebody measures: told apart by counting calls,
// or by the arguments and the environment of the process. Yields nothing: the timed calls are the verified ones, and
// nothing in the worker tells them apart.
#include "../attack.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {
using namespace attacks;

void cheat(In x, Out y) { std::memset(y.data, 0, sizeof(float) * static_cast<std::size_t>(x.size())); }

void twin(In x, Out y) {  // may count, and do the same
  static int calls = 0;
  ++calls;
  twice(x, y);
}
void by_call_count(In x, Out y) {
  static int calls = 0;
  ++calls < 6 ? twice(x, y) : cheat(x, y);
}
void by_surroundings(In x, Out y) {
  static const bool verifying = [] {
    char line[256] = {};
    if (std::FILE* file = std::fopen("/proc/self/cmdline", "rb")) {
      if (std::fread(line, 1, sizeof line - 1, file) == 0) line[0] = '\0';
      std::fclose(file);
    }
    return std::strstr(line, "verify") || std::getenv("AISP_VERIFY");
  }();
  verifying ? twice(x, y) : cheat(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(by_call_count);
ATTACK(by_surroundings);
