// Four outputs a thread, below each other: eight rows of five loads feed four outputs, 10 loads an output in place of
// 25, and they are independent, so fewer threads keep as many loads under way. Expected: twice the baseline or more.
// What binds it: loads from the first cache level, close to memory bandwidth.
#include "blur.hpp"

namespace {

void run(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  ch08::blur_with<32, 8, 4, 6>(slot, x, y);
}

}  // namespace

AISP_VARIANT(run, .about = "32 x 8 threads, four outputs each, three quarters of the threads");
