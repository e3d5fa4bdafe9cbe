// Diffusion along a rod: one sweep after the other over a vector that fits a corner of the machine.
#include "../heat_reference.hpp"

using namespace aisp;

AISP_WORKLOAD(w) {
  w.about("A chain of small kernels: sweeps of a diffusion");
  const auto n = w.param("n", {.light = 8192, .full = 32768, .held_out = {2, 20000}, .edges = {1, 257}});
  const auto sweeps = w.param("sweeps", {.light = 20, .full = 40, .held_out = {1, 45}, .edges = {1, 2}});
  ch12::declare_heat(w, n, sweeps);
}
