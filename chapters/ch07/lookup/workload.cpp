// Dequantisation through a table: y[i] = x[i]·scale + offset, with scale and offset of the group that i belongs to. The
// table is an array of records of 16 floats; scale is field 3, offset field 11.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Gather of two fields from a table of records");
  const auto groups = w.param("groups", {.light = 65536, .full = 1 << 20, .held_out = {1, 3000}, .edges = {1, 4097}});
  const auto n = w.param("n", {.light = 131072, .full = 16 << 20, .held_out = {1, 20000}, .edges = {1, 17}});
  w.constant("table", f32, {groups, 16}, normal(0, 1));
  w.input("group", i32, {n}, integers(0, groups - 1));
  w.input("x", f32, {n}, mixed(normal(0, 1)));
  w.output("y", f32, {n});
  w.accumulates(2);
  w.flops(2.0 * static_cast<double>(n));
  w.bytes(12.0 * static_cast<double>(n) + 8.0 * static_cast<double>(groups));  // of the table, two fields
  w.reference([=](Case& c) {
    const auto table = c.in<2>("table");
    const auto group = c.in<1>("group"), x = c.in<1>("x");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t i = 0; i < n; ++i) {
      const auto g = static_cast<std::int64_t>(group[i]);
      const double product = x[i] * table(g, 3), offset = table(g, 11);
      y[i] = product + offset;
      scale[i] = std::fabs(product) + std::fabs(offset);
    }
  });
}
