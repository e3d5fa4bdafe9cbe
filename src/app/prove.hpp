// Proving the catalogue: every attack runs against the judge beside its honest twin, as any variant would.
#pragma once

#include "app/options.hpp"
#include "app/session.hpp"
#include "app/workloads.hpp"
#include "validity/catalogue.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::app {

enum class Outcome { caught, missed, not_run };
const char* to_string(Outcome);

struct AttackResult {
  const validity::Attack* attack = nullptr;
  Outcome outcome = Outcome::not_run;
  std::string by;  // what caught it, what happened instead, or why it was not run
};

struct IssueResult {
  const validity::Issue* issue = nullptr;
  Outcome outcome = Outcome::not_run;  // missed when any attack was; caught when all that could run here were
  std::string by;                      // of the first attack that decides
  bool simulated = false;              // by altered evidence alone
  std::string rejected_twin;           // why an honest twin was rejected; "" = none was
  std::vector<AttackResult> attacks;
  double seconds = 0;
};

// What may run here.
struct ProofDevices {
  bool cpu = true, cuda = false;
  int gpus = 0;
  std::string why_no_cuda;
};

class Prover {
 public:
  Prover(const Context&, Session&, ProofDevices);
  IssueResult prove(const validity::Issue&);

 private:
  void run_variants(const validity::Issue&, IssueResult&);
  void run_group(const validity::Issue&, std::vector<AttackResult*>, IssueResult&);
  void examine_workload(AttackResult&);
  void compare_files(const validity::Issue&, AttackResult&, IssueResult&);
  judge::Settings settings(const validity::Attack&) const;
  judge::Contestant contestant(const validity::Issue&, std::string_view name, const validity::Attack&) const;

  const Context& context_;
  Session& session_;
  ProofDevices devices_;
  std::filesystem::path folder_;  // of the attacks' plugins
  WorkloadLibraries workloads_;
};

// Whether the check named in `attack` reacts to altered evidence, and to that alone.
AttackResult simulate(const validity::Issue&, const validity::Attack&);

}  // namespace aisp::app
