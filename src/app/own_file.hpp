// A user's own file, a source or a plugin, as a contestant beside a target's own variants: for `judge` and `profile`.
#pragma once

#include "app/catalogue.hpp"
#include "app/options.hpp"
#include "app/session.hpp"
#include "app/suite.hpp"
#include "app/timing_options.hpp"

#include <string>
#include <vector>

namespace aisp::app {

struct OwnFileOptions {
  std::string file, workload, variant;
  std::string flags;                     // more of them for the compiler
  std::vector<std::string> environment;  // NAME=VALUE for the variant's worker
  bool verbose = false;                  // what the variant prints is kept
};

// Adds --variant, --flags and --env; each command names the file and the workload itself.
void add_own_file_options(CLI::App& command, OwnFileOptions&);

struct OwnFile {
  Entry entry;                    // the target with the baseline, the file and the peers, in that order
  std::filesystem::path printed;  // by the file's workers, where it was kept
};

// What a variant printed, at most 64 KiB of it, line by line and safe to show, under a line that says whose it is.
std::string printed_text(const OwnFile&);

// Compiles the file where it is a source, asks a sandboxed worker what it holds, and sets it beside what the target has
// for that device. Says on stderr what the compiler's sandbox lacked. Throws UsageError for what cannot be used, with
// one line; judge::Interrupted.
OwnFile own_file(const Context&, const Catalogue&, const Session&, const OwnFileOptions&, const TimingOptions&,
                 const judge::Settings&);

}  // namespace aisp::app
