// A round trip: y = x, by way of memory of the host that the variant owns. Judged tensors lie in device memory, so each
// call copies x out to the host's buffer and from there back to y; what kind of memory that buffer is, is the lesson.
// (A variant that copies on the device computes the same y, but answers another question; the floor shown is that of
// the bytes in device memory, which the link cannot reach.)
#include <aisp/workload.hpp>

#include <algorithm>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Round trip of a vector through host memory");
  const auto n =
      w.param("n", {.light = 1 << 20, .full = 50'000'000, .held_out = {1, 300000}, .edges = {1, 1023, 65537}});
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.flops(0);
  w.reference([=](Case& c) {
    const auto x = c.in<1>("x");
    std::copy(x.begin(), x.end(), c.out<1>("y").begin());
  });
}
