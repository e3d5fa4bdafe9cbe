// The judge's end of the seccomp notifications. What arrives was chosen by untrusted code.
#include "judge/sandbox.hpp"

#include <poll.h>
#include <seccomp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace aisp::judge {
namespace {

constexpr int kMostPerCall = 64;           // a flood costs the worker, not the judge
constexpr std::size_t kMostDistinct = 64;  // entries kept apart; the rest is counted under "other"

std::string syscall_name(const seccomp_data& call) {
  struct Free {
    void operator()(char* text) const { std::free(text); }
  };
  const std::unique_ptr<char, Free> name(seccomp_syscall_resolve_num_arch(call.arch, call.nr));
  return name ? name.get() : "syscall " + std::to_string(call.nr);
}

// The arguments that tell what was tried; pointers say nothing outside their process.
std::string summary(const std::string& name, const seccomp_data& call) {
  struct Known {
    const char* name;
    int argument;
    const char* format;
  };
  static constexpr Known kKnown[] = {
      {"socket", 0, "domain %d"},      {"socketpair", 0, "domain %d"}, {"clone", 0, "flags %#x"},
      {"unshare", 0, "flags %#x"},     {"setns", 1, "flags %#x"},      {"kill", 1, "signal %d"},
      {"tgkill", 2, "signal %d"},      {"tkill", 1, "signal %d"},      {"ptrace", 0, "request %d"},
      {"prctl", 0, "option %d"},       {"fcntl", 1, "command %d"},     {"ioctl", 1, "command %#x"},
      {"prlimit64", 1, "resource %d"}, {"personality", 0, "%#x"},      {"setpriority", 2, "priority %d"},
      {"openat", 2, "flags %#o"},      {"open", 1, "flags %#o"},       {"bpf", 0, "command %d"},
  };
  for (const auto& known : kKnown) {
    if (name != known.name) continue;
    char text[64];
    std::snprintf(text, sizeof text, known.format, static_cast<unsigned>(call.args[known.argument]));
    return text;
  }
  return "";
}

void add(std::vector<model::Refusal>& into, std::string name, std::string detail) {
  const auto find = [&] {
    return std::find_if(into.begin(), into.end(),
                        [&](const auto& r) { return r.syscall == name && r.detail == detail; });
  };
  auto found = find();
  if (found == into.end() && into.size() >= kMostDistinct) {
    name = "other";
    detail.clear();
    found = find();
  }
  if (found == into.end()) found = into.insert(into.end(), {name, detail, 0});
  ++found->count;
}

bool readable(int fd) {
  pollfd p{fd, POLLIN, 0};
  return poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

}  // namespace

void collect_refusals(int refusal_fd, std::vector<model::Refusal>& into) {
  if (refusal_fd < 0 || !readable(refusal_fd)) return;
  seccomp_notif* request = nullptr;
  seccomp_notif_resp* response = nullptr;
  if (seccomp_notify_alloc(&request, &response)) return;
  for (int i = 0; i < kMostPerCall && readable(refusal_fd); ++i) {
    if (seccomp_notify_receive(refusal_fd, request)) break;  // the caller died in between
    const std::string name = syscall_name(request->data);
    add(into, name, summary(name, request->data));
    response->id = request->id;
    response->val = 0;
    response->error = -EPERM;
    response->flags = 0;
    seccomp_notify_respond(refusal_fd, response);  // fails when the caller died: nobody waits then
  }
  seccomp_notify_free(request, response);
}

}  // namespace aisp::judge
