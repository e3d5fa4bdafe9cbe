// memory.page_faults: a baseline that gives its pages back in every call, so that each call faults them in again.
// Caught: faults of timed calls are counted, and a baseline that faults where its contestants do not is no measure.
#include "../attack.hpp"

#include <sys/mman.h>

#include <vector>

namespace {
using namespace attacks;

void twin(In x, Out y) { twice(x, y); }

void drops_its_pages(In x, Out y) {
  for (const void* p : {static_cast<const void*>(x.data), static_cast<const void*>(y.data)}) {
    const auto begin = (reinterpret_cast<std::uintptr_t>(p) + 4095) & ~std::uintptr_t{4095};
    const auto end = (reinterpret_cast<std::uintptr_t>(p) + sizeof(float) * static_cast<std::size_t>(x.size())) &
                     ~std::uintptr_t{4095};
    if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  twice(x, y);
}

}  // namespace

TWIN(twin);
ATTACK(drops_its_pages);
