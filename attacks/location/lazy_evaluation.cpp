// location.lazy_evaluation: run returns something that computes when it is looked at.
// Yields nothing: the judge looks at its own mapping of the memory, where no trap of the worker's can be; and the calls
// that set such traps are refused.
#include "../attack.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {
using namespace attacks;

std::uintptr_t page_of(const void* p) { return reinterpret_cast<std::uintptr_t>(p) & ~std::uintptr_t{4095}; }

void twin(In x, Out y) {  // its own memory may be mapped as it likes
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(page, 4096);
  twice(x, y);
}

void remaps_the_output(In x, Out y) {  // private memory where the output was
  const auto begin = page_of(y.data), end = page_of(y.data + x.size()) + 4096;
  mmap(reinterpret_cast<void*>(begin), end - begin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
       0);
  twice(x, y);
}

void userfault(In x, Out y) {
  syscall(SYS_userfaultfd, O_CLOEXEC);
  twice(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(remaps_the_output);
ATTACK(userfault);
