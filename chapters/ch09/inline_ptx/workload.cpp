// Inner products of a few 8-bit queries with many 8-bit vectors, as the first pass of a vector search: y[i, q] = Σ_d
// vectors[i, d] · queries[q, d], exact in 32 bits. `dim` is a multiple of 16, so that rows are whole 16-byte pieces.
#include <aisp/workload.hpp>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Inner products of 8-bit vectors, exact");
  const auto count =
      w.param("count", {.light = 1 << 14, .full = 1 << 21, .held_out = {1, 5000}, .edges = {1, 255, 257}});
  const auto queries = w.param("queries", {.light = 16, .full = 16, .held_out = {1, 16}, .edges = {1, 15}});
  const auto dim = w.param("dim", {.light = 128, .full = 128, .held_out = {16, 256, 16}});
  w.input("vectors", i8, {count, dim}, integers(-128, 127));
  w.input("queries", i8, {queries, dim}, integers(-128, 127));
  w.output("y", i32, {count, queries});
  w.flops(2.0 * static_cast<double>(count * queries) * static_cast<double>(dim));
  w.reference([=](Case& c) {
    const auto v = c.in<2>("vectors"), q = c.in<2>("queries");
    const auto y = c.out<2>("y");
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < queries; ++j) {
        double sum = 0;
        for (std::int64_t d = 0; d < dim; ++d) sum += v(i, d) * q(j, d);
        y(i, j) = sum;
      }
  });
}
