// timing.event_gaps on CUDA: cudaEventElapsedTime is patched to say 10 µs.
// Caught: Σ of the events must fill what the judge's clock saw pass.
#include "../attack_cuda.hpp"

#include <sys/mman.h>

#include <cstring>
#include <utility>

namespace {
using namespace attacks;

// mov dword [rdi], 10 µs in ms; xor eax, eax; ret
void patch(void* function) {
  const float milliseconds = 0.01f;
  unsigned char code[] = {0xc7, 0x07, 0, 0, 0, 0, 0x31, 0xc0, 0xc3};
  std::memcpy(code + 2, &milliseconds, 4);
  const auto page = reinterpret_cast<std::uintptr_t>(function) & ~std::uintptr_t{4095};
  if (mprotect(reinterpret_cast<void*>(page), 8192, PROT_READ | PROT_WRITE | PROT_EXEC)) return;
  std::memcpy(function, code, sizeof code);
}

void twin(aisp::Slot slot, In x, Out y) {  // events of its own are nobody's business
  mark(aisp::stream(slot));
  launch(x, y, aisp::stream(slot));
}
void patched_events(aisp::Slot slot, In x, Out y) {
  static bool patched = false;
  if (!std::exchange(patched, true))
    for (const unsigned version : {2000u, static_cast<unsigned>(CUDART_VERSION)})
      patch(driver<void*>("cuEventElapsedTime", version));
  launch(x, y, aisp::stream(slot), kHiddenNs);
}

}  // namespace

TWIN(twin);
ATTACK(patched_events);
