// Sums of the rows of a ragged matrix: row r lies in `values` from offsets[r] to offsets[r + 1]; y[r] is its sum, 0 for
// an empty row. Rows are ordered by length, longest first, as graphs are by degree, and their lengths follow a power
// law: row r is about r^-0.6 times as long as the first. Equal numbers of rows are therefore not equal work, but unlike
// in work_queue the work of every row is known before it starts.
#include <aisp/workload.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace aisp;

namespace {

void draw_offsets(std::span<double> offsets, Random& random, std::int64_t total) {
  const auto rows = offsets.size() - 1;
  std::vector<double> end(rows);  // running sum of the weights
  double sum = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const double jitter = 0.5 + random.uniform();
    end[r] = sum += jitter * std::pow(static_cast<double>(r + 1), -0.6);
  }
  offsets[0] = 0;
  for (std::size_t r = 0; r < rows; ++r)
    offsets[r + 1] = r + 1 == rows ? static_cast<double>(total) : std::floor(end[r] / sum * static_cast<double>(total));
}

}  // namespace

AISP_WORKLOAD(w) {
  w.about("Sums of rows whose lengths follow a power law");
  const auto rows = w.param("rows", {.light = 2000, .full = 100'000, .held_out = {1, 3000}, .edges = {1, 2, 3}});
  const auto total =
      w.param("total", {.light = 1 << 20, .full = 1 << 24, .held_out = {1, 100'000}, .edges = {1, 2047, 2049}});
  w.input("values", f32, {total}, mixed(normal(0, 1)));
  w.input("offsets", i32, {rows + 1},
          custom([=](std::span<double> v, Random& random) { draw_offsets(v, random, total); }));
  w.output("y", f32, {rows});
  w.accumulates(total / 32 + 128);  // a long row is summed in many parts at once
  w.flops(static_cast<double>(total));
  w.reference([=](Case& c) {
    const auto values = c.in<1>("values"), offsets = c.in<1>("offsets");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t r = 0; r < rows; ++r) {
      double sum = 0, magnitude = 0;
      for (auto i = static_cast<std::int64_t>(offsets(r)); i < static_cast<std::int64_t>(offsets(r + 1)); ++i) {
        sum += values(i);
        magnitude += std::fabs(values(i));
      }
      y(r) = sum;
      scale(r) = magnitude;
    }
  });
}
