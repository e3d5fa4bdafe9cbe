// Baseline: a launch for each task, in the program's order. Every result is there when it is needed, but the order is
// stricter than the program: one block works at a time, on a machine with room for a thousand. What binds it: the rate
// of launches, and the latency of a task.
#include "task.hpp"

namespace {

void run(aisp::Slot slot, aisp::Vector<const std::int32_t> kind, aisp::Vector<const std::int32_t> back,
         aisp::Matrix<const float> x, aisp::Matrix<float> y) {
  const auto program = ch12::program(kind, back, x, y);
  for (int t = 0; t < program.tasks; ++t) ch12::run_task<<<1, ch12::kTaskThreads, 0, aisp::stream(slot)>>>(program, t);
}

}  // namespace

AISP_VARIANT(run, .about = "a launch for each task, in order");
