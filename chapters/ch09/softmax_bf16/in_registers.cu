// In registers: a row is read once, 16 bytes an access, and stays in the registers of its block until it is written.
// Eight elements arrive with each load, so there is twice as much arithmetic a byte as in ch09:softmax: the
// exponentials, of which a multiprocessor starts 16 a cycle, take about a third of the time that the bytes do.
// Expected: close to a copy of the same bytes. What binds it: memory bandwidth.
#include "../softmax_in_registers.hpp"

namespace {

void in_registers(aisp::Slot slot, aisp::Matrix<const __nv_bfloat16> x, aisp::Matrix<__nv_bfloat16> y) {
  ch09::softmax_in_registers(aisp::stream(slot), x, y);
}

}  // namespace

AISP_VARIANT(in_registers, .about = "one read, a row in the registers of a block");
