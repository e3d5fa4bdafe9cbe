// Baseline: a kernel for each stage, as a program of operators runs; from the second on they work in place. Every stage
// reads and writes the whole vector. What binds it: memory bandwidth, stages times.
#include "stages.hpp"

namespace {

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> scale, aisp::Vector<const float> shift,
         aisp::Vector<float> y) {
  for (int s = 0; s < scale.size(); ++s) ch12::launch_stages(aisp::stream(slot), x, scale, shift, y, s, s + 1);
}

}  // namespace

AISP_VARIANT(run, .about = "a kernel for each stage");
