// In registers: a row is read once, 16 bytes an access, and stays in the registers of its block until it is written.
// Maximum and sum are folded together, behind one barrier, and there is one exponential an element.
// Expected: close to a copy of the same bytes, twice the baseline. What binds it: memory bandwidth.
#include "../softmax_in_registers.hpp"

namespace {

void in_registers(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  ch09::softmax_in_registers(aisp::stream(slot), x, y);
}

}  // namespace

AISP_VARIANT(in_registers, .about = "one read, a row in the registers of a block");
