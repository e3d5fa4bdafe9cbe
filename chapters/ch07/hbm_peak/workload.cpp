// Copy of a vector much larger than every cache: y = x. How close to the memory's ceiling can a kernel come?
#include <aisp/workload.hpp>

#include <algorithm>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Copy of a large vector, at the memory's ceiling");
  const auto n = w.param("n", {.light = 1 << 21, .full = 1 << 27, .held_out = {1, 300000}, .edges = {1, 15, 65537}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.flops(0);
  w.cache(Cache::cold);
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    std::copy(x.begin(), x.end(), c.out<1>("y").begin());
  });
}
