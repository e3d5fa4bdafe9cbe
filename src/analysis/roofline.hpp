// The roofline model (Williams, Waterman, Patterson, CACM 2009): how near work comes to what the hardware allows, and
// which of its limits binds. Several memory levels at once as in the hierarchical roofline (Yang et al., 2020): each
// level has its own bandwidth and its own bytes. Pure functions.
#pragma once

#include "analysis/plot.hpp"
#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aisp::analysis {

struct Roof {
  std::string name;  // "compute bf16", "HBM", "L2", "TMEM", "memory, 4 threads"
  bool compute = false;
  double rate = 0;  // FLOP/s, or B/s
  std::string source;
};

struct Load {
  std::size_t roof = 0;  // index into Roofline::roofs
  double work = 0;       // FLOPs or bytes that the kernel puts on it
};

// What a profile counted of one call, beside what the cost model declares of it: analysis/measured_traffic.hpp.
struct MeasuredTraffic {
  std::string profiled;                // when: UTC
  double device_seconds = 0;           // of work on the device; 0 = not recorded
  double hbm_bytes = 0, l2_bytes = 0;  // 0 = not counted
  std::vector<Load> loads;             // these bytes on their roofs, and the declared FLOPs, which nobody counts
};

struct RooflinePoint {
  std::string label;
  double seconds = 0;  // measured
  double flops = 0;    // 0 = it only moves data
  std::vector<Load> loads;
  std::string note{};  // "moved 1.8 times the bytes it needs"
  std::optional<MeasuredTraffic> measured{};
};

struct Roofline {
  std::string title;
  std::vector<Roof> roofs;
  std::vector<RooflinePoint> points;
  std::vector<std::string> left_out;  // what could not be placed, and why

  std::size_t roof(const Roof&);  // its index; added when it is new
};

// What one roof demands of a point: the least time that its work takes there, and its share of the measured time.
struct Limit {
  const Roof* roof = nullptr;
  double work = 0, seconds = 0, share = 0;
};
// Longest first; the first one binds. Empty when the point has no work.
std::vector<Limit> limits(const Roofline&, const RooflinePoint&);
// The same by the traffic that a profile counted; empty where there is none.
std::vector<Limit> measured_limits(const Roofline&, const RooflinePoint&);

// "HBM binds: 91 % of its roof"; below `kNear` nothing binds: latency, launch or balance do.
inline constexpr double kNear = 0.5;
std::string binding_text(const std::vector<Limit>&);

// Adds every variant of a target that was timed correctly.
void add_target(Roofline&, const model::TargetEvidence&, const model::TargetVerdict&);

// With a second table of measured traffic where there is any.
std::string roofline_table(const Roofline&, int width);
// Intensity against rate, both logarithmic: the roofs as lines, each point once for each memory level, once more where
// its traffic was measured.
Plot roofline_plot(const Roofline&);

}  // namespace aisp::analysis
