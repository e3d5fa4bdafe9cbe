// Roots of a forest: element i points step[i] places back, and is a root when that is 0 or would leave the vector;
// root[i] is the root that its pointers lead to. On the device all chains are shortened at once, parent[i] =
// parent[parent[i]], until a pass changes nothing; how many passes that takes, the logarithm of the longest chain, only
// the data can say.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Roots of a forest by pointer jumping, until nothing changes");
  const auto n = w.param("n", {.light = 1 << 18, .full = 1 << 21, .held_out = {1000, 200000}, .edges = {1, 257}});
  w.input("step", i32, {n}, integers(0, 255));
  w.output("root", i32, {n});
  w.flops(0);
  w.reference([=](Case& c) {
    const auto step = c.in<1>("step");
    const auto root = c.out<1>("root");
    for (std::int64_t i = 0; i < n; ++i) {
      const auto back = static_cast<std::int64_t>(step[i]);
      root[i] = back == 0 || back > i ? static_cast<double>(i) : root[i - back];
    }
  });
}
