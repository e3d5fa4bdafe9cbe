// aisp-worker: the process that holds one variant. Trusted until it loads the plugin, nothing afterwards.
//
// Order: read what to do, enter the sandbox, hand the seccomp descriptor to the judge, load the plugin, then obey
// commands until told to quit or until the judge dies. Everything it says is untrusted to the judge.
#include "judge/plugin.hpp"
#include "judge/protocol.hpp"
#include "judge/sandbox.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>

namespace aisp::judge {
namespace {

void* map(int fd, std::size_t bytes, int protection) {
  void* p = mmap(nullptr, bytes, protection, MAP_SHARED, fd, 0);
  if (p == MAP_FAILED) throw std::runtime_error(std::string("cannot map shared memory: ") + std::strerror(errno));
  close(fd);
  return p;
}

void send_descriptor(int socket, int fd) {
  char payload = 's';
  iovec io{&payload, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &io;
  message.msg_iovlen = 1;
  if (fd >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  sendmsg(socket, &message, MSG_NOSIGNAL);
}

void set_message(WorkerPage& page, const char* text) { std::snprintf(page.message, sizeof page.message, "%s", text); }

SandboxSpec sandbox_spec(const Startup& s) {
  SandboxSpec spec;
  spec.scratch = s.scratch;
  if (s.plugin[0] == '/') spec.readable.push_back(std::filesystem::path(s.plugin).parent_path());
  spec.max_threads = s.threads;
  spec.memory_bytes = s.memory_bytes;
  return spec;
}

// Answers commands until quit.
class Worker {
 public:
  Worker(const JudgePage& judge, WorkerPage& page, std::byte* inputs, std::byte* outputs)
      : judge_(judge), page_(page), inputs_(inputs), outputs_(outputs) {}

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
      } catch (const std::exception& e) {
        page_.outcome = Outcome::error;
        set_message(page_, e.what());
      }
      report();
    }
  }

 private:
  void wait_for_command() {
    const auto& word = judge_.command.sequence;
    while (word.load(std::memory_order_acquire) == seen_) {
      if (awake_)
        cpu_relax();
      else
        futex_wait(word, seen_, 10);
    }
    seen_ = word.load(std::memory_order_acquire);
  }

  void report() {
    page_.sequence.store(seen_, std::memory_order_release);
    if (!judge_.startup.spin) futex_wake(page_.sequence);
  }

  bool obey(Op op, std::int32_t first, std::int32_t count) {
    switch (op) {
      case Op::describe: describe(); break;
      case Op::prepare:
        timed([&] {
          variant_ = &find_variant(load_plugin(judge_.startup.plugin), judge_.startup.target, judge_.startup.variant);
          bound_.emplace(*variant_, judge_.startup, inputs_, outputs_);
        });
        break;
      case Op::bind:
        populate(first, count);
        timed([&] { each(first, count, [&](std::int32_t s) { return bound_->bind(s); }); });
        break;
      case Op::wake: awake_ = judge_.startup.spin != 0; break;
      case Op::run: timed([&] { each(first, count, [&](std::int32_t s) { return bound_->run(s); }); }); break;
      case Op::sleep: awake_ = false; break;
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

  // Maps the slots' pages now, so that no timed call pays for first-touch faults.
  void populate(std::int32_t first, std::int32_t count) {
    const Startup& s = judge_.startup;
    for (int i = 0; i < s.num_tensors; ++i) {
      const auto& t = s.tensors[i];
      const bool writable = t.role == AISP_INOUT || t.role == AISP_OUTPUT;
      std::uint64_t bytes = info(static_cast<DType>(t.dtype)).size;
      for (int d = 0; d < t.ndim; ++d) bytes *= static_cast<std::uint64_t>(t.shape[d]);
      std::uint64_t begin = t.offset + t.slot_stride * static_cast<std::uint64_t>(first);
      const std::uint64_t end = t.offset + t.slot_stride * static_cast<std::uint64_t>(first + count - 1) + bytes;
      begin = begin / 4096 * 4096;
      std::byte* address = (writable ? outputs_ : inputs_) + begin;
      if (madvise(address, end - begin, writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0) continue;
      for (std::uint64_t p = 0; p < end - begin; p += 4096) {  // before Linux 5.14: touch every page
        volatile std::byte* byte = address + p;
        const std::byte value = *byte;
        if (writable) *byte = value;
      }
    }
  }

  template <class Body> void timed(Body&& body) {
    const auto start = now_ns();
    body();
    page_.nanoseconds = static_cast<std::uint64_t>(now_ns() - start);
  }

  template <class Callback> static void each(std::int32_t first, std::int32_t count, Callback&& call) {
    for (std::int32_t s = first; s < first + count; ++s)
      if (const char* message = call(s)) {
        if (std::strstr(message, "bad_alloc")) throw std::bad_alloc();
        throw std::runtime_error(message);
      }
  }

  const JudgePage& judge_;
  WorkerPage& page_;
  std::byte *inputs_, *outputs_;
  std::uint32_t seen_ = 0;
  bool awake_ = false;
  const aisp_variant* variant_ = nullptr;
  std::optional<BoundVariant> bound_;
};

int worker_main() {
  const auto& judge = *static_cast<const JudgePage*>(map(kStartupFd, sizeof(JudgePage), PROT_READ));
  auto& page = *static_cast<WorkerPage*>(map(kReportFd, sizeof(WorkerPage), PROT_READ | PROT_WRITE));
  const Startup& s = judge.startup;
  if (s.version != kProtocolVersion) return 64;
  auto* inputs = static_cast<std::byte*>(map(kInputsFd, s.inputs_bytes, PROT_READ));
  auto* outputs = static_cast<std::byte*>(map(kOutputsFd, s.outputs_bytes, PROT_READ | PROT_WRITE));
  madvise(inputs, s.inputs_bytes, MADV_HUGEPAGE);
  madvise(outputs, s.outputs_bytes, MADV_HUGEPAGE);

  if (s.num_cpus > 0) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    for (int i = 0; i < s.num_cpus; ++i) CPU_SET(static_cast<std::size_t>(s.cpus[i]), &cpus);
    sched_setaffinity(0, sizeof cpus, &cpus);
  }

  SandboxResult sandbox = enter_sandbox(sandbox_spec(s));
  for (const auto& p : sandbox.protections) {
    if (page.num_protections == kMaxProtections) break;
    auto& r = page.protections[page.num_protections++];
    std::snprintf(r.name, sizeof r.name, "%s", p.name.c_str());
    std::snprintf(r.detail, sizeof r.detail, "%s", p.detail.c_str());
    r.present = p.present;
  }
  send_descriptor(kControlFd, sandbox.refusal_fd);
  if (sandbox.refusal_fd >= 0) close(sandbox.refusal_fd);
  close(kControlFd);

  Worker(judge, page, inputs, outputs).serve();
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
