// Worker side of the audit pass: CUPTI notes what the process does on its devices. It must never run in a worker that
// is timed, and it lives in the process that it watches: a variant can blind it, which the missing markers then show.
#pragma once

#include "judge/engine.hpp"
#include "judge/protocol.hpp"

#include <memory>
#include <string>

namespace aisp::judge {

class CensusRecorder {
 public:
  virtual ~CensusRecorder() = default;

  // Forgets what was recorded so far.
  virtual void discard() = 0;
  // Runs the calls of a batch without waiting for the device between them, each between two markers on the stream.
  virtual void run(const Call&, void* stream, Batch) = 0;
  // Waits until the device is at rest, or for two seconds, and puts what was recorded since into the page.
  virtual void collect(WorkerPage&) = 0;
};

// Opens CUPTI from the folders in Startup::libraries; to be called before CUDA is used. Returns nothing, and the reason
// in `why`, when this build or this machine has none.
std::unique_ptr<CensusRecorder> start_census(const Startup&, std::string& why);

}  // namespace aisp::judge
