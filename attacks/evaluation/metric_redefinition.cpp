// evaluation.metric_redefinition: the variant reports its own result: it writes what it likes where the worker reports,
// or says that it succeeded and leaves.
// Caught: a report is checked bytes, holds no verdict, and a worker that is gone has measured nothing.
#include "../attack.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstring>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // what it prints goes to its log
  std::puts("speedup: 1000x");
  twice(x, y);
}
void forges_its_report(In x, Out y) {
  twice(x, y);
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  if (!maps) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps)) {
    unsigned long begin = 0, end = 0;
    char mode[8] = {};
    if (std::sscanf(line, "%lx-%lx %7s", &begin, &end, mode) != 3) continue;
    if (!std::strstr(line, "aisp-worker") || std::strcmp(mode, "rw-s") != 0) continue;
    std::memset(reinterpret_cast<void*>(begin), 0xA5, end - begin);
  }
  std::fclose(maps);
}
void exits_when_done(In x, Out y) {
  twice(x, y);
  _exit(0);
}

}  // namespace

TWIN(twin);
ATTACK(forges_its_report);
ATTACK(exits_when_done);
