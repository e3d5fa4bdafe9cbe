// How often each of eight classes occurs among n labels: count[c] = |{i : label[i] = c}|.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Counts of eight classes among labels");
  w.teaching(
      "the counters lie in global memory and every thread adds to them, as the lesson counts atomics from there");
  constexpr std::int64_t classes = 8;
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 24, .held_out = {1, 300'000}, .edges = {1, 31, 33}});
  w.input("label", i32, {n}, mixed(integers(0, classes - 1)));
  w.output("count", i32, {classes});
  w.flops(0);
  w.reference([=](Case& c) {
    const auto label = c.in<1>("label");
    const auto count = c.out<1>("count");
    for (std::int64_t k = 0; k < classes; ++k) count[k] = 0;
    for (std::int64_t i = 0; i < n; ++i) ++count[static_cast<std::int64_t>(label[i])];
  });
}
