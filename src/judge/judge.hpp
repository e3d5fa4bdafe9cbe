// The judge: runs one target and returns evidence. It owns inputs, outputs, clock and schedule; variants run in
// workers.
#pragma once

#include <aisp/workload.hpp>

#include "device/cpu/facts.hpp"
#include "model/evidence.hpp"
#include "model/target.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace aisp::judge {

using Seed = std::array<std::uint8_t, 32>;
Seed fresh_seed();  // from getrandom(2)
std::string to_hex(const Seed&);
Seed seed_from_hex(const std::string&);  // throws std::invalid_argument

using Choices = std::map<std::string, std::int64_t>;                // values of parameters, by name
std::string named_scale(const std::string& scale, const Choices&);  // "full k=2048 m=4096"

// The rounds of an earlier run on one target, to be played again.
struct Replay {
  std::string scale;  // as its evidence names it
  int restarts = 0, rounds = 0, calls = 0;
  std::vector<model::RoundKey> keys;
};

struct Settings {
  std::string device = "cpu";  // "cpu" | "cuda": where all contestants run
  std::string scale = "light";
  int pairs = 0;         // rounds per restart; 0 = planned from a pilot
  int calls = 0;         // in a batch; 0 = planned from a pilot
  int restarts = 3;      // fresh processes: where memory lies differs between them, and that is part of the noise
  double seconds = 1.0;  // budget of timed work per target and restart when pairs are planned
  double timeout = 30;   // seconds a single command to a worker may take
  std::uint64_t memory_bytes = 0;  // limit per worker; 0 = derived from the problem
  Seed seed{};
  bool seed_given = false;  // the key of each round follows from the seed; otherwise it comes from the system
  std::map<std::string, Replay> replay;    // by target
  std::map<std::string, Choices> choices;  // by target: parameters that are not those of the scale
  std::string scratch;                     // a private directory; every worker gets its own below it
  std::string worker;                      // path of aisp-worker
  const std::atomic<bool>* interrupted = nullptr;
};

// One contestant: a plugin file and the variant in it.
struct Contestant {
  std::string plugin;   // path of the shared library
  std::string variant;  // its name in there; "" = the only one
  model::VariantInfo info;
  std::string libraries = {};  // folders that it needs besides the device's own, separated by colons
  int threads = -1;            // that its worker gets; −1 = as it declares, 0 = all that the machine has
  std::vector<std::string> environment = {};  // NAME=VALUE for its worker
  std::string output = {};                    // a file that collects what its workers print; "" = nothing is kept
  std::vector<model::SourceSwitch> source_switches = {};  // that its source sets for itself
};

struct Event {  // for progress displays
  enum class Kind { phase, round, done } kind = Kind::phase;
  std::string text;
  int done = 0, total = 0;
};
using Progress = std::function<void(const Event&)>;

// Runs everything; never throws for what a variant does. Bad declarations end in evidence.error.
model::TargetEvidence judge_target(const WorkloadEntry&, const std::vector<Contestant>&, const Settings&,
                                   const device::CpuFacts&, const device::CpuPeaks&, const Progress&);

// Correctness alone: edge shapes, held-out shapes, adversarial inputs, several seeds; no timing.
model::TargetEvidence verify_target(const WorkloadEntry&, const std::vector<Contestant>&, const Settings&,
                                    const device::CpuFacts&, const Progress&);

}  // namespace aisp::judge
