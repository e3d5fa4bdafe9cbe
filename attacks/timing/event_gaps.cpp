// timing.event_gaps: the worker's clock is made to run three times as fast, by an entry of its global offset table.
// Caught: the judge's own clock says how much time passed, and a worker cannot have spent more.
#include "../attack.hpp"

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <utility>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // reads the clock, which is nobody's business
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC_RAW, &t);
  twice(x, y);
}

int (*real_clock)(clockid_t, timespec*) = nullptr;
std::int64_t start = 0;  // when it was changed, so that a call under way then does not seem to take days

std::int64_t nanoseconds(const timespec& t) { return std::int64_t{1'000'000'000} * t.tv_sec + t.tv_nsec; }

int hurried(clockid_t clock, timespec* t) {
  const int result = real_clock(clock, t);
  const auto ns = start + 3 * (nanoseconds(*t) - start);
  t->tv_sec = ns / 1'000'000'000;
  t->tv_nsec = ns % 1'000'000'000;
  return result;
}

// Replaces clock_gettime in the offset table of the main program, which is the first object in the list.
int patch(dl_phdr_info* object, std::size_t, void*) {
  const char* strings = nullptr;
  const ElfW(Sym)* symbols = nullptr;
  const ElfW(Rela) * tables[2] = {};
  std::size_t bytes[2] = {};
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    for (auto* d = reinterpret_cast<const ElfW(Dyn)*>(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr); d->d_tag;
         ++d) {
      const auto at = d->d_un.d_ptr;
      if (d->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(at);
      if (d->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(at);
      if (d->d_tag == DT_JMPREL) tables[0] = reinterpret_cast<const ElfW(Rela)*>(at);
      if (d->d_tag == DT_PLTRELSZ) bytes[0] = d->d_un.d_val;
      if (d->d_tag == DT_RELA) tables[1] = reinterpret_cast<const ElfW(Rela)*>(at);
      if (d->d_tag == DT_RELASZ) bytes[1] = d->d_un.d_val;
    }
  }
  for (int t = 0; t < 2 && strings && symbols; ++t)
    for (std::size_t i = 0; tables[t] && i < bytes[t] / sizeof(ElfW(Rela)); ++i) {
      const auto& entry = tables[t][i];
      if (std::strcmp(strings + symbols[ELF64_R_SYM(entry.r_info)].st_name, "clock_gettime") != 0) continue;
      auto* slot = reinterpret_cast<void**>(object->dlpi_addr + entry.r_offset);
      const auto page = reinterpret_cast<std::uintptr_t>(slot) & ~std::uintptr_t{4095};
      if (mprotect(reinterpret_cast<void*>(page), 4096, PROT_READ | PROT_WRITE)) continue;
      real_clock = reinterpret_cast<int (*)(clockid_t, timespec*)>(*slot);
      timespec now{};
      real_clock(CLOCK_MONOTONIC_RAW, &now);
      start = nanoseconds(now);
      *slot = reinterpret_cast<void*>(&hurried);
    }
  return 1;  // the first object only
}

void fast_clock(In x, Out y) {
  static bool patched = false;
  if (!std::exchange(patched, true)) dl_iterate_phdr(&patch, nullptr);
  twice(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(fast_clock);
