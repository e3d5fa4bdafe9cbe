// timing.incomplete_async: run returns while another thread still works, or the variant itself tells the judge that the
// batch is done and works on.
// Yields nothing: the worker is stopped the moment it answers, the clock runs until it stands, and its outputs are read
// while it stands still.
#include "judge/protocol.hpp"

#include "../attack.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <thread>

namespace {
using namespace attacks;

void twin(In x, Out y) {  // the same thread, awaited
  std::thread([=] { twice(x, y); }).join();
}

void detached_thread(In x, Out y) {
  std::thread([=] {
    usleep(2000);
    twice(x, y);
  }).detach();
}

// The pages that worker and judge share, found by their names.
struct Pages {
  const aisp::judge::JudgePage* judge = nullptr;
  aisp::judge::WorkerPage* worker = nullptr;

  Pages() {
    std::FILE* maps = std::fopen("/proc/self/maps", "r");
    char line[512];
    while (maps && std::fgets(line, sizeof line, maps)) {
      unsigned long begin = 0;
      if (std::sscanf(line, "%lx-", &begin) != 1) continue;
      if (std::strstr(line, "memfd:aisp-judge")) judge = reinterpret_cast<const aisp::judge::JudgePage*>(begin);
      if (std::strstr(line, "memfd:aisp-worker")) worker = reinterpret_cast<aisp::judge::WorkerPage*>(begin);
    }
    if (maps) std::fclose(maps);
  }
  // Says that all calls are done that are allowed so far.
  void answer() const {
    const auto& c = judge->command;
    worker->mark.store(aisp::judge::mark_of(c.sequence.load(), c.until.load()));
    worker->bell.fetch_add(1);
    if (!judge->startup.spin) syscall(SYS_futex, &worker->bell, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }
};

void answers_first(In x, Out y) {
  static const Pages pages;
  pages.answer();
  usleep(2000);
  twice(x, y);
}

}  // namespace

TWIN(twin, .threads = 2);
ATTACK(detached_thread, .threads = 2);
ATTACK(answers_first);
