// dp4a: one instruction multiplies four pairs of bytes and adds them to a sum (PTX ISA, "Integer Arithmetic
// Instructions: dp4a"). C++ has no operator for that and the compiler does not see the pattern, so it is written as
// PTX: the constraints say which registers it reads and writes, and no "volatile", so that the compiler may still move
// it. What binds it: the reads of the queries from shared memory, then device memory.
#include "inner_products.hpp"

namespace {

struct Dp4a {
  __device__ void operator()(int& sum, int a, int b) const {
    asm("dp4a.s32.s32 %0, %1, %2, %0;" : "+r"(sum) : "r"(a), "r"(b));
  }
};

}  // namespace

AISP_VARIANT(ch09::run<Dp4a>, .about = "four products an instruction");
