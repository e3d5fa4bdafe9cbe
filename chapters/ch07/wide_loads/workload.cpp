// Copy of a vector: y = x. The variants differ in the width of an access. Blackwell has accesses of 32 bytes.
#include <aisp/workload.hpp>

#include <algorithm>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Copy of a vector, by width of access");
  const auto n = w.param("n", {.light = 1 << 20, .full = 1 << 26, .held_out = {1, 300000}, .edges = {1, 15, 65537}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.flops(0);
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    std::copy(x.begin(), x.end(), c.out<1>("y").begin());
  });
}
