// Transposes of many small matrices of 32 x 32: y[b, j, i] = x[b, i, j].
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Transposes of many matrices of 32 x 32");
  w.teaching("the baseline's tile in shared memory has the one width that puts a column into a single bank");
  const auto batch = w.param("batch", {.light = 2048, .full = 65536, .held_out = {1, 500}, .edges = {1}});
  w.input("x", f32, {batch, 32, 32}, mixed(normal(0, 1)));
  w.output("y", f32, {batch, 32, 32});
  w.flops(0);
  w.reference([=](Case& c) {
    const auto x = c.in<3>("x");
    const auto y = c.out<3>("y");
    for (std::int64_t b = 0; b < batch; ++b)
      for (std::int64_t i = 0; i < 32; ++i)
        for (std::int64_t j = 0; j < 32; ++j) y(b, j, i) = x(b, i, j);
  });
}
