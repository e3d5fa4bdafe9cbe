// Eight outputs a thread: 7.5 loads an output. Registers for their sums and addresses cost occupancy, and more overlap
// between threads' rows no longer pays. Expected: near tall_4; which of both wins is what the sweep is for.
// What binds it: memory bandwidth or its latency.
#include "blur.hpp"

namespace {

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  ch08::blur_with<32, 8, 8, 4>(slot, x, y);
}

}  // namespace

AISP_VARIANT(run, .about = "32 x 8 threads, eight outputs each, half of the threads");
