// The ninety-five validity issues as data: what goes wrong, what protects against it, where it has happened, and how
// the protection is proven. `aisp validity`, docs/wall-of-shame.md and the tests are made from this one list.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace aisp::validity {

// What the protection rests on.
enum class By : unsigned char {
  structure,    // the design leaves no room: the attempt yields nothing, or is reported
  check,        // a function of evidence that names the violation
  environment,  // facts about the machine: a difference makes a result unpublishable
};

// How an attack must end for its issue to count as caught.
enum class End : unsigned char {
  wrong_output,   // the comparison rejects it
  violation,      // a check names the issue
  status,         // the worker ends: crashed, timed out, refused, ...
  harmless,       // it computes rightly, and gains nothing from what it tried
  unpublishable,  // the environment is named in the reasons
  unresolved,     // no speedup is called: the verdict is UNRESOLVED
  finding,        // `bench audit` says so of the workload, `validity overlap` of the files
};

// Where the attempt is made.
enum class Form : unsigned char {
  variant,    // a variant of the plugin attacks/CATEGORY, beside the honest twin there
  worker,     // the environment: the worker starts with a meddler beside it (attacks/environment/meddler.cpp)
  workload,   // a workload of attacks/workloads.cpp that its author got wrong
  files,      // files in attacks/
  simulated,  // the check is fed with altered evidence, because the condition cannot be made at will
};

struct Attack {
  std::string_view name;  // "by_pointer": variant "stale_cache:by_pointer", beside "stale_cache:twin"
  End end = End::wrong_output;
  Form form = Form::variant;
  std::string_view device = "cpu";
  std::string_view workload = "scale";  // of attacks/workloads.cpp
  std::string_view twin = "twin";       // the honest one beside it
  // status: which; violation: another issue that counts too; files: which one; simulated: what is altered
  std::string_view detail = {};
  bool as_baseline = false;  // the attack stands where the baseline stands: it is sabotage
  int gpus = 0;              // how many it needs
  int pairs = 6, restarts = 1;
  int calls = 0;       // in a batch; 0 = planned
  double timeout = 3;  // seconds a command may take
  int memory_mib = 0;  // limit of the worker; 0 = derived from the problem
  int tries = 1;       // for what only shows in the distribution of times: a busy machine can hide it
};

struct Issue {
  std::string_view id;    // "timing.unsynced_streams"
  std::string_view what;  // goes wrong
  By by = By::check;
  std::string_view protection;
  std::string_view incident;  // in public; "" = none published that we know of
  std::string_view source;    // of the incident
  std::span<const Attack> attacks;
  std::string_view not_run;  // no attack here yet, and why

  std::string_view category() const { return id.substr(0, id.find('.')); }
  std::string_view name() const { return id.substr(id.find('.') + 1); }
};

std::span<const Issue> catalogue();
const Issue* find_issue(std::string_view id);  // null when there is none

std::string_view to_string(By);
std::string_view to_string(End);
std::string_view to_string(Form);

// docs/wall-of-shame.md.
std::string wall_of_shame();

}  // namespace aisp::validity
