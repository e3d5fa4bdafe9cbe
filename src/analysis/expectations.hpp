// What a run reached against what this hardware is expected to reach, and which expectations it may change. Pure
// functions; docs/expectations.md states the rules.
#pragma once

#include "analysis/gpu_table.hpp"
#include "record/expectations.hpp"
#include "record/run_data.hpp"

#include <span>
#include <string>
#include <vector>

namespace aisp::analysis {

// "driver '580.95', not '570.10'": why figures of the two may not stand in one file; "" when they may.
std::string provenance_difference(const record::Provenance&, const record::Provenance&);

// Names the hardware that a run's targets on `device` ("cpu" | "cuda") ran on: the GPU's name in the table of peaks in
// lower case ("h200", "rtx-4090"), device::gpu_key() for one that is not in it or is partitioned, record::host_key()
// for the CPU.
std::string hardware_key(const record::Manifest&, const std::string& device);
std::string hardware_key(const GpuSpec&);

enum class Outcome : std::uint8_t {
  ok,
  improved,    // the interval lies above the expected one, by more than identical code differs
  regressed,   // it lies below, or the variant no longer runs, is wrong or breaks a rule
  unresolved,  // too few pairs for an interval, or a baseline that is no measure
  added,       // nothing is expected of it yet (printed "new")
  missing,     // expected, and not part of the run
};
std::string to_string(Outcome);

struct Met {  // how one variant met its expectation
  std::string variant;
  bool peer = false;  // nothing is claimed of a peer: when it regresses nobody has failed
  Outcome outcome = Outcome::ok;
  double expected = 0, measured = 0;  // speedups; 0 = none
  model::Interval expected_interval, measured_interval;
  std::string why;  // what the outcome alone does not say

  bool failed() const { return outcome == Outcome::regressed && !peer; }
};

// What a run says of one target. The baseline is compared as to whether it is right, not by its time.
std::vector<Met> compare(const record::Expectation* expected, const model::TargetEvidence&,
                         const model::TargetVerdict&);

// What the run would have expected from now on. Call it for a target with a verdict only.
record::Expectation expectation_of(const model::TargetEvidence&, const model::TargetVerdict&, const record::Manifest&);

enum class Update : std::uint8_t { none, unchanged, added, replaced, refused };
std::string to_string(Update);

struct TargetExpectations {  // of one target of a run
  std::string target, device, scale;
  std::string hardware;  // the key
  bool known = false;    // the chapter has a file for this hardware
  std::vector<Met> variants;
  Update update = Update::none;
  std::string why;  // when refused

  bool failed() const;  // a regression that was not accepted, or a refused update
  bool accepted = false;
};

struct UpdateRules {
  bool accept_regressions = false;
  bool mixed_provenance = false;
};

// Puts what a run measured in one chapter on one device into `file`: new targets are added, improvements replace,
// regressions and vanished variants are refused unless accepted, and so is whatever is not verified, breaks a rule or
// has no interval, always. A target that is as expected stays, unless its figures come from other hardware, driver or
// CUDA than the run's, so that a run of all its targets moves a file to a new driver; a run of some is refused unless
// mixed provenance is allowed. Fills in `update` and `why` of each target; true when `file` changed.
bool update(record::Expectations& file, std::span<TargetExpectations* const> targets, const record::RunData&,
            const UpdateRules&);

// A short block for the terminal; "" when this hardware has no expectations and nothing was updated.
std::string expectations_text(std::span<const TargetExpectations>);
std::string expectations_json(const std::string& run, std::span<const TargetExpectations>);

}  // namespace aisp::analysis
