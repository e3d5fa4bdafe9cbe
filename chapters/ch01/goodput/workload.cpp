// Scores for a queue of small requests: y[i] = Σ x[i, j]·weight[j].
#include <aisp/workload.hpp>

#include <cmath>

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("Linear score of each request in a queue");
  w.teaching("the baseline measures inside the loop, so that the share of useful work can be seen");
  const auto requests = w.param("requests", {.light = 4096, .full = 65536, .held_out = {1, 3000}, .edges = {1, 63}});
  const auto features = w.param("features", {.light = 256, .full = 256, .held_out = {1, 400}, .edges = {1, 15, 257}});
  w.input("x", f32, {requests, features}, mixed(normal(0, 1)));
  w.constant("weight", f32, {features}, normal(0, 1));
  w.output("y", f32, {requests});
  w.accumulates(features);
  w.flops(2.0 * static_cast<double>(requests * features));
  w.reference([=](Case& c) {
    const auto x = c.in<2>("x");
    const auto weight = c.in<1>("weight");
    const auto y = c.out<1>("y"), scale = c.scale<1>("y");
    for (std::int64_t i = 0; i < requests; ++i) {
      double sum = 0, magnitude = 0;
      for (std::int64_t j = 0; j < features; ++j) {
        const double term = x(i, j) * weight[j];
        sum += term;
        magnitude += std::fabs(term);
      }
      y[i] = sum;
      scale[i] = magnitude;
    }
  });
}
