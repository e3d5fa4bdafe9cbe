// One step of data-parallel training: each rank has the gradients of its own batch, and afterwards every rank has their
// mean. The tensors are small, as biases and norms are, and there are many of them.
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Mean of many small gradients over all ranks");
  const auto ranks = w.ranks({.light = 2, .full = 4, .held_out = {2, 3}});
  const auto tensors = w.param("tensors", {.light = 64, .full = 512, .held_out = {1, 40}, .edges = {1}});
  const auto width = w.param("width", {.light = 256, .full = 256, .held_out = {1, 500}, .edges = {1, 257}});
  w.input("grad", f32, {ranks, tensors, width}, mixed(normal(0, 1)));
  w.output("mean", f32, {ranks, tensors, width});
  w.split("grad");
  w.split("mean");
  // Each value is needed by all others, and no rank can say more than one sum of what it has heard.
  w.wire({.least_bytes = 8.0 * static_cast<double>((ranks - 1) * tensors * width)});
  w.accumulates(ranks);
  w.flops(static_cast<double>(ranks * tensors * width));
  w.reference([=](Case& c) {
    const auto grad = c.in<3>("grad");
    const auto mean = c.out<3>("mean"), terms = c.scale<3>("mean");
    for (std::int64_t t = 0; t < tensors; ++t)
      for (std::int64_t i = 0; i < width; ++i) {
        double sum = 0, magnitude = 0;
        for (std::int64_t r = 0; r < ranks; ++r) sum += grad(r, t, i), magnitude += std::fabs(grad(r, t, i));
        for (std::int64_t r = 0; r < ranks; ++r)
          mean(r, t, i) = sum / static_cast<double>(ranks), terms(r, t, i) = magnitude / static_cast<double>(ranks);
      }
  });
}
