// Diffusion along a rod, as in graph_replay, for a program that keeps one graph although its buffers change from call
// to call, and that needs each result before it goes on: every variant waits for its call, so that what the host does
// to the graph lies within the time.
#include "../heat_reference.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A graph of small kernels whose buffers change from call to call");
  const auto n = w.param("n", {.light = 8192, .full = 32768, .held_out = {2, 20000}, .edges = {1, 257}});
  const auto sweeps = w.param("sweeps", {.light = 20, .full = 40, .held_out = {1, 45}, .edges = {1, 2}});
  ch12::declare_heat(w, n, sweeps);
}
