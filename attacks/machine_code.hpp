// A function made at run time, for the attacks on compilation: doubles a range of floats. x86-64 only.
#pragma once

#include "attack.hpp"

#include <sys/mman.h>

#include <cstring>
#include <stdexcept>

namespace attacks {

using Doubler = void (*)(const float* x, float* y, std::int64_t n);

inline Doubler assemble() {
  // L: movss xmm0,[rdi]; addss xmm0,xmm0; movss [rsi],xmm0; add rdi,4; add rsi,4; dec rdx; jnz L; ret
  static constexpr unsigned char kCode[] = {0xf3, 0x0f, 0x10, 0x07, 0xf3, 0x0f, 0x58, 0xc0, 0xf3,
                                            0x0f, 0x11, 0x06, 0x48, 0x83, 0xc7, 0x04, 0x48, 0x83,
                                            0xc6, 0x04, 0x48, 0xff, 0xca, 0x75, 0xe7, 0xc3};
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw std::runtime_error("mmap failed");
  std::memcpy(page, kCode, sizeof kCode);
  if (mprotect(page, 4096, PROT_READ | PROT_EXEC)) throw std::runtime_error("mprotect failed");
  return reinterpret_cast<Doubler>(page);
}

}  // namespace attacks
