// aisp-worker: the process that holds one variant. Trusted until it loads the plugin, nothing afterwards.
//
// Order: read what to do, enter the sandbox, hand the seccomp descriptor to the judge, load the plugin, then obey
// commands until told to quit or until the judge dies. Everything it says is untrusted to the judge.
#include "device/cpu/facts.hpp"
#include "device/cpu/float_state.hpp"
#include "judge/cuda/census.hpp"
#include "judge/engine.hpp"
#include "judge/plugin.hpp"
#include "judge/plugin_files.hpp"
#include "judge/protocol.hpp"
#include "judge/sandbox.hpp"
#include "judge/wire_end.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <sstream>

namespace aisp::judge {
namespace {

void* map(int fd, std::size_t bytes, int protection) {
  void* p = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
  if (p == MAP_FAILED) throw std::runtime_error(std::string("cannot map shared memory: ") + std::strerror(errno));
  close(fd);
  return p;
}

// What the judge gets of this process, each descriptor named by a letter: see Worker::receive_descriptors.
struct Lent {
  char names[kMostLent] = {};
  int fds[kMostLent] = {};
  std::size_t count = 0;
  void add(char name, int fd) {
    if (fd < 0) return;
    names[count] = name;
    fds[count++] = fd;
  }
};

void hand_over(int socket, Lent& lent) {
  iovec io{lent.names, sizeof lent.names};
  alignas(cmsghdr) char control[CMSG_SPACE(kMostLent * sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  if (lent.count) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(lent.count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(lent.count * sizeof(int));
    std::memcpy(CMSG_DATA(header), lent.fds, lent.count * sizeof(int));
  }
  sendmsg(socket, &message, MSG_NOSIGNAL);
  for (std::size_t i = 0; i < lent.count; ++i) close(lent.fds[i]);
}

void set_message(WorkerPage& page, const char* text) { std::snprintf(page.message, sizeof page.message, "%s", text); }

SandboxSpec sandbox_spec(const Startup& s) {
  SandboxSpec spec;
  spec.scratch = s.scratch;
  if (s.plugin[0] == '/') spec.readable = plugin_files(s.plugin);
  std::istringstream folders(s.libraries);
  for (std::string folder; std::getline(folders, folder, ':');) spec.readable.push_back(folder);
  spec.max_threads = s.threads;
  spec.shared_memory = s.threads > 1;
  spec.memory_bytes = s.memory_bytes;
  spec.allow_devices = s.device_type == kDLCUDA;
  return spec;
}

// The kernel kills this process when the judge dies, from this call on; a judge that died before is no longer the
// parent.
void die_with(pid_t judge) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != judge) _exit(66);
}

// Answers commands until quit.
class Worker {
 public:
  // `census` records for the audit pass; null where time is taken.
  Worker(const JudgePage& judge, WorkerPage& page, Engine& engine, CensusRecorder* census)
      : judge_(judge), page_(page), engine_(engine), census_(census) {
    if (const auto& s = judge.startup; s.ranks > 0) wire_.emplace(kWireFd, s.rank, s.ranks);
  }

  void serve() {
    for (;;) {
      wait_for_command();
      const auto& c = judge_.command;
      page_.outcome = Outcome::ok;
      page_.message[0] = '\0';
      try {
        if (!obey(c.op, c.first, c.count)) return;
      } catch (const Refused& e) {
        page_.outcome = Outcome::refused;
        set_message(page_, e.what());
      } catch (const std::bad_alloc&) {
        page_.outcome = Outcome::out_of_memory;
        set_message(page_, "out of memory");
      } catch (const OutOfDeviceMemory& e) {
        page_.outcome = Outcome::out_of_memory;
        set_message(page_, e.what());
      } catch (const std::exception& e) {
        page_.outcome = Outcome::error;
        set_message(page_, e.what());
      }
      report();
    }
  }

 private:
  // The judge stops this process while it has no command, so spinning costs nobody anything.
  void wait_for_command() {
    const auto& word = judge_.command.sequence;
    while (word.load(std::memory_order_acquire) == seen_) {
      if (judge_.startup.spin)
        cpu_relax();
      else if (futex_wait(word, seen_, 10); getppid() != judge_.startup.judge)
        _exit(66);
    }
    seen_ = word.load(std::memory_order_acquire);
  }

  void report() {
    page_.sequence.store(seen_, std::memory_order_release);
    ring(page_, judge_.startup.spin);
  }

  Batch batch() const { return {judge_.command, page_, judge_.startup.spin != 0}; }

  bool obey(Op op, std::int32_t first, std::int32_t count) {
    if (census_) census_->discard();
    if (!obey_unwatched(op, first, count)) return false;
    if (census_) census_->collect(page_);
    return true;
  }

  bool obey_unwatched(Op op, std::int32_t first, std::int32_t count) {
    switch (op) {
      case Op::settle: account(); break;
      case Op::describe: describe(); break;
      case Op::prepare:
        timed([&] {
          variant_ = &find_variant(load_plugin(judge_.startup.plugin), judge_.startup.target, judge_.startup.variant);
          if (wire_) wire_->offer(judge_.startup.plugin);
          bound_.emplace(*variant_, judge_.startup, engine_);
          engine_.settle();
        });
        break;
      case Op::bind:
        engine_.populate(first, count);
        timed([&] {
          for (std::int32_t s = first; s < first + count; ++s) throw_if(bound_->bind(s));
          engine_.settle();
        });
        break;
      case Op::run:
        first_of_batch_ = first;
        if (census_)
          timed([&] { census_->run(call_, engine_.stream(), batch()); });
        else
          page_.nanoseconds = engine_.run(call_, batch());
        break;
      case Op::enqueue: engine_.enqueue(call_, batch()); break;
      case Op::wait: page_.nanoseconds = engine_.wait(); break;
      case Op::release: timed([&] { bound_.reset(); }); break;
      case Op::quit: return false;
      case Op::none: break;
    }
    return true;
  }

  void describe() {
    const auto variants = load_plugin(judge_.startup.plugin);
    page_.num_variants = 0;
    for (const auto* v : variants) {
      auto& r = page_.variants[page_.num_variants++];
      std::snprintf(r.name, sizeof r.name, "%s", v->name);
      std::snprintf(r.target, sizeof r.target, "%s", v->target);
      std::snprintf(r.about, sizeof r.about, "%s", v->about ? v->about : "");
      r.threads = v->threads;
      r.device = v->device;
    }
  }

  // What the judge cannot see from outside.
  void account() {
    const auto heap = mallinfo2();
    page_.heap_bytes = heap.uordblks + heap.hblkhd;
    page_.float_state = device::float_state();
  }

  template <class Body> void timed(Body&& body) {
    const auto start = now_ns();
    body();
    page_.nanoseconds = static_cast<std::uint64_t>(now_ns() - start);
  }

  const JudgePage& judge_;
  WorkerPage& page_;
  Engine& engine_;
  CensusRecorder* census_;
  std::uint32_t seen_ = 0;
  const aisp_variant* variant_ = nullptr;
  std::optional<BoundVariant> bound_;
  std::optional<WireEnd> wire_;
  std::int32_t first_of_batch_ = 0;
  // Ranks begin every call of a batch together: none runs ahead, and a pipeline of them fills and empties in each call.
  const Call call_ = [this](std::int32_t slot) {
    if (wire_ && slot != first_of_batch_) wire_->barrier();
    if (bound_->is_null()) engine_.nothing();
    return bound_->run(slot);
  };
};

int worker_main() {
  const auto& judge = *static_cast<const JudgePage*>(map(kStartupFd, sizeof(JudgePage), PROT_READ));
  auto& page = *static_cast<WorkerPage*>(map(kReportFd, sizeof(WorkerPage), PROT_READ | PROT_WRITE));
  const Startup& s = judge.startup;
  if (s.version != kProtocolVersion) return 64;
  die_with(s.judge);
  const bool on_cuda = s.device_type == kDLCUDA, audited = s.audit != 0;  // the judge takes the latter back
  std::unique_ptr<Engine> engine;
  if (!on_cuda) engine = make_host_engine(judge);

  if (s.num_cpus > 0) device::pin_this_thread({s.cpus, s.cpus + s.num_cpus});

  Lent lent;  // opened now: in the sandbox nobody can
  lent.add('m', open("/proc/self/maps", O_RDONLY | O_CLOEXEC));
  lent.add('x', open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  SandboxResult sandbox = enter_sandbox(sandbox_spec(s));
  if (getppid() != s.judge) _exit(66);  // it set the death signal again, which changed credentials had cleared
  for (const auto& p : sandbox.protections) {
    if (page.num_protections == kMaxProtections) break;
    auto& r = page.protections[page.num_protections++];
    std::snprintf(r.name, sizeof r.name, "%s", p.name.c_str());
    std::snprintf(r.detail, sizeof r.detail, "%s", p.detail.c_str());
    r.present = p.present;
  }
  lent.add('s', sandbox.refusal_fd);
  hand_over(kControlFd, lent);
  close(kControlFd);

  std::unique_ptr<CensusRecorder> census;
  if (audited) {
    std::string why;
    census = start_census(s, why);
    std::snprintf(page.census_absent, sizeof page.census_absent, "%s", why.c_str());
  }
  if (on_cuda) engine = make_cuda_engine(judge, page);
  Worker(judge, page, *engine, census.get()).serve();
  return 0;
}

}  // namespace
}  // namespace aisp::judge

int main() {
  try {
    return aisp::judge::worker_main();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "aisp-worker: %s\n", e.what());
    return 65;
  }
}
