// One variant an offence, for y = 2x. Each breaks one rule of the contract; judge_test.cpp says how it must end.
#include <aisp/variant.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

using In = aisp::Vector<const float>;
using Out = aisp::Vector<float>;

void honest(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = 2 * x[i];
}

void slower(In x, Out y) {  // correct, and does four times the work
  for (int pass = 0; pass < 4; ++pass) {
    honest(x, y);
    asm volatile("" ::: "memory");
  }
}

void zeros(In x, Out y) { std::memset(y.data, 0, sizeof(float) * static_cast<std::size_t>(x.size())); }

void mean(In x, Out y) {
  double sum = 0;
  for (std::int64_t i = 0; i < x.size(); ++i) sum += x[i];
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = static_cast<float>(2 * sum / static_cast<double>(x.size()));
}

void copies_input(In x, Out y) { std::memcpy(y.data, x.data, sizeof(float) * static_cast<std::size_t>(x.size())); }

void misses_one(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i)
    if (i != x.size() / 3) y[i] = 2 * x[i];
}

void writes_past_the_end(In x, Out y) {
  honest(x, y);
  y.data[x.size()] = 1;
}

void writes_before_the_start(In x, Out y) {
  honest(x, y);
  y.data[-1] = 1;
}

void writes_input(In x, Out y) {
  honest(x, y);
  const_cast<float*>(x.data)[0] = 1;
}

void plants_nan(In x, Out y) {
  honest(x, y);
  y[x.size() - 1] = __builtin_nanf("");
}

void half_precision(In x, Out y) {
  for (std::int64_t i = 0; i < x.size(); ++i) y[i] = aisp::to_float(aisp::to_half(2 * x[i]));
}

void crashes(In, Out) {
  volatile int* volatile nowhere = nullptr;  // which the compiler cannot know
  *nowhere = 0;
}
void aborts(In, Out) { std::abort(); }
void exits(In, Out) { _exit(0); }
void throws(In, Out) { throw std::runtime_error("I give up"); }
void hangs(In, Out) {
  for (;;) asm volatile("");
}
void sleeps(In, Out) { sleep(1000); }
void stops_itself(In, Out) { raise(SIGSTOP); }

void allocates_without_end(In, Out) {
  for (;;) {
    auto* block = static_cast<char*>(std::malloc(64u << 20));
    if (!block) throw std::bad_alloc();
    std::memset(block, 1, 64u << 20);
  }
}

void forks(In x, Out y) {
  if (fork() == 0)
    for (;;) pause();
  honest(x, y);
}

void closes_descriptors(In x, Out y) {
  for (int fd = 0; fd < 64; ++fd) close(fd);
  honest(x, y);
}

// Calls its own report: finds writable shared mappings and fills them with garbage.
void corrupts_the_protocol(In x, Out y) {
  honest(x, y);
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  if (!maps) return;
  char line[512];
  while (std::fgets(line, sizeof line, maps)) {
    unsigned long begin = 0, end = 0;
    char mode[8] = {};
    if (std::sscanf(line, "%lx-%lx %7s", &begin, &end, mode) != 3) continue;
    if (!std::strstr(line, "aisp-worker") || std::strcmp(mode, "rw-s") != 0) continue;
    std::memset(reinterpret_cast<void*>(begin), 0xA5, end - begin);
  }
  std::fclose(maps);
}

// Computes the first answer it is asked for and repeats it.
void remembers(In x, Out y) {
  static std::vector<float> kept;
  if (kept.empty())
    for (std::int64_t i = 0; i < x.size(); ++i) kept.push_back(2 * x[i]);
  std::memcpy(y.data, kept.data(), sizeof(float) * kept.size());
}

// Returns at once and lets another thread do the work.
void answers_late(In x, Out y) {
  std::thread([=] {
    usleep(2000);
    honest(x, y);
  }).detach();
}

void opens_a_socket(In x, Out y) {
  honest(x, y);
  syscall(SYS_socket, 2, 1, 0);
}

aisp_variant named(const char* name, aisp_variant v) {
  v.name = name;
  return v;
}

}  // namespace

#define OFFENCE(function, ...)                                                                \
  static const ::aisp::detail::RegisterVariant registered_##function {                        \
    named(#function, ::aisp::detail::describe<function>(::aisp::VariantOptions{__VA_ARGS__})) \
  }

OFFENCE(honest);
OFFENCE(slower);
OFFENCE(zeros);
OFFENCE(mean);
OFFENCE(copies_input);
OFFENCE(misses_one);
OFFENCE(writes_past_the_end);
OFFENCE(writes_before_the_start);
OFFENCE(writes_input);
OFFENCE(plants_nan);
OFFENCE(half_precision);
OFFENCE(crashes);
OFFENCE(aborts);
OFFENCE(exits);
OFFENCE(throws);
OFFENCE(hangs);
OFFENCE(sleeps);
OFFENCE(stops_itself);
OFFENCE(allocates_without_end);
OFFENCE(forks);
OFFENCE(closes_descriptors);
OFFENCE(corrupts_the_protocol);
OFFENCE(remembers);
OFFENCE(answers_late, .threads = 2);
OFFENCE(opens_a_socket);
