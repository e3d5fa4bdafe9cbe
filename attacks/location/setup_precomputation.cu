// location.setup_precomputation on a GPU: a variant that waits for its own work in run cannot be queued before its
// inputs exist. It computes all timed slots in a handler of SIGCONT, when the judge lets it go on. Yields nothing: the
// clock runs by then. The twin waits for its work too.
#include "../attack_cuda.hpp"

#include <signal.h>

#include <utility>
#include <vector>

namespace {
using namespace attacks;

void twin(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
}

struct on_continuation {
  struct Job {
    In x;
    Out y;
    bool done = false;
  };
  static inline std::vector<Job> jobs;
  static inline cudaStream_t given = nullptr;
  static inline bool armed = false;

  static void handler(int) {
    if (!std::exchange(armed, false)) return;
    for (auto& job : jobs)
      if (job.x.data) launch(job.x, job.y, given), job.done = true;
    cudaStreamSynchronize(given);
  }
  explicit on_continuation(const aisp::Setup& setup) {
    jobs.resize(static_cast<std::size_t>(setup.max_slots()));
    given = aisp::stream(setup);
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGCONT, &action, nullptr);
  }
  void bind(aisp::Slot slot, In x, Out y) {
    if (slot.index) jobs[static_cast<std::size_t>(slot.index)] = {x, y, false};
  }
  void operator()(aisp::Slot slot, In x, Out y) {
    if (slot.index == 0) armed = true;
    if (std::exchange(jobs[static_cast<std::size_t>(slot.index)].done, false)) return;
    launch(x, y, given);
    cudaStreamSynchronize(given);
  }
};

}  // namespace

TWIN(twin);
ATTACK(on_continuation);
