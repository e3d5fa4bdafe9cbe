// An embedding added to activations: y[i, :] = x[i, :] + table[group[i], :]. x and y stream through once; the table,
// 24 MiB at full scale, is used again and again and would fit the second cache level, were it alone there.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Rows of a table added to streaming rows");
  const auto groups = w.param("groups", {.light = 16384, .full = 196608, .held_out = {1, 3000}, .edges = {1, 4097}});
  const auto n = w.param("n", {.light = 65536, .full = 1 << 21, .held_out = {1, 20000}, .edges = {1, 17}});
  w.constant("table", f32, {groups, 32}, normal(0, 1));
  w.input("group", i32, {n}, integers(0, groups - 1));
  w.input("x", f32, {n, 32}, mixed(normal(0, 1)));
  w.output("y", f32, {n, 32});
  w.flops(32.0 * static_cast<double>(n));
  w.reference([=](Case& c) {
    const auto table = c.in<2>("table"), x = c.in<2>("x");
    const auto group = c.in<1>("group");
    const auto y = c.out<2>("y");
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < 32; ++j) y(i, j) = x(i, j) + table(static_cast<std::int64_t>(group[i]), j);
  });
}
