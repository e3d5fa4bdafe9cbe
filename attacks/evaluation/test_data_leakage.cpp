// evaluation.test_data_leakage: the expected result is looked for, in memory and in files.
// Yields nothing: it is never mapped in the worker, and files outside its folder cannot be opened.
#include "../attack.hpp"

#include <cstdio>
#include <cstring>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // looks through its own inputs
  const void* found = memchr(x.data, 7, sizeof(float) * static_cast<std::size_t>(x.size()));
  if (found != &y) twice(x, y);
}

// Somewhere a result begins with 2·x[0], 2·x[1], 2·x[2] and 2·x[3]: take the rest from there.
void searches_memory(In x, Out y) {
  if (x.size() < 4) return twice(x, y);
  float first[4];
  for (std::int64_t i = 0; i < 4; ++i) first[i] = 2 * x[i];
  const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(x.size());
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  if (!maps) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps)) {
    unsigned long begin = 0, end = 0;
    char mode[8] = {};
    if (std::sscanf(line, "%lx-%lx %7s", &begin, &end, mode) != 3 || mode[0] != 'r' || end - begin < bytes) continue;
    if (std::strstr(line, "[v") || std::strstr(line, "stack")) continue;
    for (const char* at = reinterpret_cast<const char*>(begin); at < reinterpret_cast<const char*>(end - bytes);
         at += 64)
      if (std::memcmp(at, first, sizeof first) == 0) std::memcpy(y.data, at, bytes);
  }
  std::fclose(maps);
}

void reads_golden_files(In x, Out y) {
  for (const char* path :
       {"/proc/self/cwd/expected.bin", "golden.bin", "../expected.bin", "/tmp/expected.bin", "/etc/hostname"})
    if (std::FILE* file = std::fopen(path, "rb")) {
      const auto got = std::fread(y.data, sizeof(float), static_cast<std::size_t>(x.size()), file);
      std::fclose(file);
      if (got > 0) return;
    }
}

}  // namespace

TWIN(twin);
ATTACK(searches_memory);
ATTACK(reads_golden_files);
