// Reading compressed measurements and computing on them. A record is `bytes` bytes of samples as deltas, zigzag and
// LEB128 coded (seven bits a byte, the highest says that more follow; of a delta the lowest 16 bits count): the next
// sample cannot be found before the last one is decoded. A record has bytes / 2 samples of 16 bits; those that its
// bytes do not reach are zero. Of each record the products of its samples, as shares of 2^15, with `bands` filters are
// wanted:
//   y[r, b] = Σ_t x[r, t] / 32768 · w[t, b].
#include <aisp/workload.hpp>

#include <cmath>
#include <vector>

#include "decode.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Decode compressed records, then filter them");
  const auto records = w.param("records", {.light = 4096, .full = 16384, .held_out = {1, 700}, .edges = {1, 2, 9}});
  const auto bytes = w.param("bytes", {.light = 512, .full = 512, .held_out = {2, 600}, .edges = {2, 3}});
  const auto bands = w.param("bands", {.light = 192, .full = 192, .held_out = {1, 200}, .edges = {1, 17}});
  const auto samples = bytes / 2;
  w.input("packed", u8, {records, bytes}, integers(0, 255));
  w.constant("w", f32, {samples, bands}, normal(0, 1));
  w.output("y", f32, {records, bands});
  w.accumulates(samples);
  w.flops(2.0 * static_cast<double>(records * samples) * static_cast<double>(bands));
  w.reference([=](Case& c) {
    const auto packed = c.in<2>("packed"), weights = c.in<2>("w");
    const auto y = c.out<2>("y"), scale = c.scale<2>("y");
    std::vector<std::uint8_t> record(static_cast<std::size_t>(bytes));
    std::vector<float> x(static_cast<std::size_t>(samples));
    for (std::int64_t r = 0; r < records; ++r) {
      for (std::int64_t i = 0; i < bytes; ++i)
        record[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(packed(r, i));
      ch11::decode(record.data(), bytes, x.data(), samples);
      for (std::int64_t b = 0; b < bands; ++b) {
        y(r, b) = scale(r, b) = 0;
        for (std::int64_t t = 0; t < samples; ++t) {
          const double term = x[static_cast<std::size_t>(t)] * weights(t, b);
          y(r, b) += term;
          scale(r, b) += std::abs(term);
        }
      }
    }
  });
}
