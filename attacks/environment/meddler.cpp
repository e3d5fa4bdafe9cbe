// A worker that is not left alone: starts a process that meddles with it, then becomes aisp-worker. What it does is
// said by the variant that is to run; workers of other variants run undisturbed.
//
//   traced                 traces it, as a debugger or profiler does
//   moved_to_another_cpu   changes the processors it may use
//   reniced                changes its nice value
//   loaded_core            keeps the worker's processors busy
//   kept_awake             lets it go on whenever the judge has stopped it
//
// Usage: aisp-meddler, with aisp-worker beside it and the descriptors that the judge gives to workers.
#include "judge/protocol.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace {

void trace(pid_t worker) {
  if (ptrace(PTRACE_SEIZE, worker, nullptr, nullptr)) _exit(1);
  for (int status = 0; waitpid(worker, &status, 0) > 0 && WIFSTOPPED(status);) {
    // Stops that the judge asked for must stay stops; all other signals are handed on.
    const bool event = status >> 16 == PTRACE_EVENT_STOP;
    if (event && WSTOPSIG(status) == SIGSTOP)
      ptrace(PTRACE_LISTEN, worker, nullptr, nullptr);
    else
      ptrace(PTRACE_CONT, worker, nullptr, event ? 0 : WSTOPSIG(status));
  }
  _exit(0);
}

// To the processors that it was not given.
void move(pid_t worker, const cpu_set_t& others) {
  for (; CPU_COUNT(&others) > 0; usleep(500))
    if (sched_setaffinity(worker, sizeof others, &others)) break;
  _exit(0);
}

void renice(pid_t worker) {
  setpriority(PRIO_PROCESS, static_cast<id_t>(worker), 5);
  _exit(0);
}

void keep_awake(pid_t worker) {
  while (kill(worker, SIGCONT) == 0) usleep(100);
  _exit(0);
}

void load() {
  for (;;) asm volatile("");
}

void meddle(const std::string& how, pid_t worker, const cpu_set_t& others) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int fd = 0; fd < 64; ++fd) close(fd);
  if (how == "traced") trace(worker);
  if (how == "moved_to_another_cpu") move(worker, others);
  if (how == "reniced") renice(worker);
  if (how == "loaded_core") load();
  if (how == "kept_awake") keep_awake(worker);
  _exit(0);
}

}  // namespace

int main(int, char** argv) {
  using namespace aisp::judge;
  auto* page = static_cast<const JudgePage*>(mmap(nullptr, sizeof(JudgePage), PROT_READ, MAP_SHARED, kStartupFd, 0));
  if (page == MAP_FAILED) return 66;
  const std::string variant = page->startup.variant;
  const auto how = variant.substr(std::min(variant.find(':'), variant.size() - 1) + 1);
  if (how != "twin" && !how.empty()) {
    cpu_set_t others;
    sched_getaffinity(0, sizeof others, &others);
    for (int i = 0; i < page->startup.num_cpus; ++i) CPU_CLR(static_cast<std::size_t>(page->startup.cpus[i]), &others);
    const pid_t worker = getpid();
    if (fork() == 0) meddle(how, worker, others);
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
    // The tracer must have seized this process before it becomes one that cannot be traced.
    for (int i = 0; i < 100 && how == "traced"; ++i) usleep(200);
  }
  const auto worker = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "aisp-worker";
  execv(worker.c_str(), argv);
  return 68;
}
