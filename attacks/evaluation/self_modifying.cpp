// evaluation.self_modifying: the variant rewrites the code it runs under: a function of the worker's, or of the C
// library's, which the worker calls too.
// Caught: code and constants of the worker are read from outside before the plugin is loaded, and compared at the end.
#include "../attack.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <utility>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // writes to its own memory
  static char scratch[64];
  std::memset(scratch, static_cast<int>(x.size() % 100), sizeof scratch);
  twice(x, y);
}

bool writable(void* at) {
  const auto page = reinterpret_cast<std::uintptr_t>(at) & ~std::uintptr_t{4095};
  return mprotect(reinterpret_cast<void*>(page), 4096, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
}

// The last bytes of the program's code are padding, or code that is not needed any more.
void patches_its_worker(In x, Out y) {
  static bool done = false;
  twice(x, y);
  if (std::exchange(done, true)) return;
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  if (!maps) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps)) {
    unsigned long begin = 0, end = 0;
    char mode[8] = {};
    if (std::sscanf(line, "%lx-%lx %7s", &begin, &end, mode) != 3 || std::strcmp(mode, "r-xp") != 0) continue;
    auto* last = reinterpret_cast<char*>(end - 1);
    if (writable(last)) *last = static_cast<char>(*last ^ 1);
    break;
  }
  std::fclose(maps);
}

void patches_the_libc(In x, Out y) {  // usleep returns at once from now on
  static bool done = false;
  twice(x, y);
  if (std::exchange(done, true)) return;
  auto* code = reinterpret_cast<unsigned char*>(reinterpret_cast<void*>(&usleep));
  if (writable(code)) *code = 0xc3;
}

}  // namespace

TWIN(twin);
ATTACK(patches_its_worker);
ATTACK(patches_the_libc);
