// What the judge's probe sees of a worker that left work on the device. Two processes share the GPU as judge and worker
// do; the second launches kernels of known length and says done at once. The figures are in docs/timing.md.
#include "device/cuda/global_timer.cuh"
#include "device/cuda/runtime.hpp"
#include "judge/device_probe.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <new>
#include <vector>

namespace aisp {
namespace {

namespace cuda = device::cuda;
using cuda::global_nanoseconds;
using Clock = std::chrono::steady_clock;

constexpr int kRepeats = 60;
constexpr std::int64_t kElements = 1 << 20;

enum class Order : int { none, idle, late, gate_kernel, gate_operation, gate_both, quit };

// Shared by both processes; the device of the worker reads `open` and writes `opened`.
struct Page {
  std::atomic<int> sequence{0}, answered{0};
  std::atomic<int> order{0};
  std::atomic<std::uint64_t> nanoseconds{0};
  std::uint32_t open = 0, opened = 0;
};

// Writes its outputs at its end.
__global__ void late(float* y, float value, std::int64_t n, std::uint64_t nanoseconds) {
  const auto start = global_nanoseconds();
  while (global_nanoseconds() - start < nanoseconds) {
  }
  for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += std::int64_t{gridDim.x} * blockDim.x)
    y[i] = value;
}

__global__ void tell(volatile std::uint32_t* opened, std::uint32_t number) { *opened = number; }

__global__ void ticks(std::uint64_t* steps, int count) {
  auto before = global_nanoseconds();
  for (int i = 0; i < count;) {
    const auto now = global_nanoseconds();
    if (now != before) steps[i++] = now - before;
    before = now;
  }
}

void pass_descriptor(int socket, int fd, std::size_t size) {
  iovec io{&size, sizeof size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &io, message.msg_iovlen = 1, message.msg_control = control, message.msg_controllen = sizeof control;
  auto* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(socket, &message, 0) < 0) std::perror("sendmsg"), _exit(1);
}

std::pair<int, std::size_t> take_descriptor(int socket) {
  std::size_t size = 0;
  int fd = -1;
  iovec io{&size, sizeof size};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &io, message.msg_iovlen = 1, message.msg_control = control, message.msg_controllen = sizeof control;
  if (recvmsg(socket, &message, 0) < 0) std::perror("recvmsg"), _exit(1);
  std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return {fd, size};
}

void work(Page& page, int socket) {
  const auto [fd, size] = take_descriptor(socket);
  const cuda::ImportedMemory memory(0, fd, size, true);
  auto* y = reinterpret_cast<float*>(memory.data());
  AISP_CUDA_CHECK(cudaHostRegister(&page, 4096, cudaHostRegisterMapped));
  const cuda::Stream stream;
  float value = 0;
  std::uint32_t number = 0;
  for (int seen = 0;;) {
    while (page.sequence.load() == seen) {
    }
    seen = page.sequence.load();
    const auto ns = page.nanoseconds.load();
    const auto order = static_cast<Order>(page.order.load());
    if (order == Order::quit) break;
    // The switch of contexts belongs to neither figure: the device is the worker's already.
    late<<<1, 32, 0, stream.get()>>>(y, value, 32, 0);
    AISP_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
    if (order == Order::late) late<<<264, 256, 0, stream.get()>>>(y, value += 1, kElements, ns);
    if (order >= Order::gate_kernel && order <= Order::gate_both) {
      number += 2;
      if (order != Order::gate_kernel) cuda::wait_for(stream.get(), &page.open, number - (order == Order::gate_both));
      if (order != Order::gate_operation) cuda::launch_gate(stream.get(), &page.open, number);
      tell<<<1, 1, 0, stream.get()>>>(&page.opened, number);
    }
    AISP_CUDA_CHECK(cudaGetLastError());
    if (order == Order::idle) AISP_CUDA_CHECK(cudaDeviceSynchronize());
    page.answered.store(seen);
  }
  AISP_CUDA_CHECK(cudaDeviceSynchronize());
}

void command(Page& page, Order order, std::uint64_t ns = 0) {
  page.nanoseconds = ns;
  page.order = static_cast<int>(order);
  const int sequence = page.sequence.load() + 1;
  page.sequence = sequence;
  for (int spins = 1; order != Order::quit && page.answered.load() != sequence; ++spins)
    if (spins % 100'000 == 0 && waitpid(-1, nullptr, WNOHANG) != 0) throw std::runtime_error("the worker is gone");
}

double quantile(std::vector<double> v, double q) {
  std::sort(v.begin(), v.end());
  return v[static_cast<std::size_t>(q * static_cast<double>(v.size() - 1))];
}

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }
void wait(double seconds) {
  for (const auto start = Clock::now(); since(start) < seconds;) {
  }
}

void watch(Page& page, int worker, judge::DeviceProbe& probe, const std::byte* y) {
  // As the judge looks at 32 slots of 128 KiB.
  const std::vector<judge::Piece> pieces{{y, 32768, 128 << 10, 32}};
  std::printf("left pending   first look   first probe   longest of all probes    > 1 ms   outputs seen to change\n");
  for (const double us : {-1.0, 0.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 20000.0}) {
    std::vector<double> look, first, longest;
    int busy = 0, changed = 0;
    for (int i = 0; i < kRepeats; ++i) {
      command(page, us < 0 ? Order::idle : Order::late, static_cast<std::uint64_t>(std::max(us, 0.0) * 1e3));
      kill(worker, SIGSTOP);
      const auto start = Clock::now();
      const auto before = probe.look(pieces);
      look.push_back(since(start));
      const auto drain = probe.drain();
      longest.push_back(drain.longest);
      busy += drain.longest > judge::kBusySeconds;
      changed += probe.look(pieces) != before;
      kill(worker, SIGCONT);
      // The first probe alone, for comparison with the two of a drain.
      command(page, us < 0 ? Order::idle : Order::late, static_cast<std::uint64_t>(std::max(us, 0.0) * 1e3));
      first.push_back(probe.read().seconds);
      probe.drain();
    }
    if (us < 0)
      std::printf("nothing       ");
    else
      std::printf("%9.0f µs  ", us);
    std::printf("%8.0f µs  %8.0f µs   %6.0f (%.0f … %.0f) µs  %6d/%d   %d/%d\n", quantile(look, 0.5) * 1e6,
                quantile(first, 0.5) * 1e6, quantile(longest, 0.5) * 1e6, quantile(longest, 0.05) * 1e6,
                quantile(longest, 0.95) * 1e6, busy, kRepeats, changed, kRepeats);
  }
}

// The judge's work of one turn, while a gate holds the worker's stream, and how soon that opens: a kernel, a stream
// memory operation, or the operation, which opens before the pause, and then the kernel.
void reopen(Page& page, judge::DeviceProbe& probe, const std::byte* y) {
  constexpr std::size_t kMegabytes = 512;
  std::byte* work = nullptr;
  AISP_CUDA_CHECK(cudaMalloc(&work, 2 * kMegabytes << 20));
  const cuda::Stream stream;
  const auto copy = [&](int times) {
    const auto start = Clock::now();
    for (int i = 0; i < times; ++i)
      AISP_CUDA_CHECK(
          cudaMemcpyAsync(work, work + (kMegabytes << 20), kMegabytes << 20, cudaMemcpyDeviceToDevice, stream.get()));
    AISP_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
    return since(start);
  };
  copy(8);
  std::printf("\nno gate: 8 copies of the judge's take %.2f ms\n", copy(8) * 1e3);
  std::uint32_t number = 0;
  const auto open = [&](std::uint32_t value) { *static_cast<volatile std::uint32_t*>(&page.open) = value; };
  for (const auto order : {Order::gate_kernel, Order::gate_operation, Order::gate_both}) {
    const char* kind = order == Order::gate_kernel      ? "kernel"
                       : order == Order::gate_operation ? "stream memory operation"
                                                        : "operation and kernel";
    std::vector<double> copies, probes;
    for (const double us : {0.0, 50.0, 100.0, 200.0, 400.0, 1000.0, 3000.0}) {
      std::vector<double> seconds, after_copy;
      for (int i = 0; i < kRepeats; ++i) {
        for (const bool by_engine : {false, true}) {
          command(page, order);
          copies.push_back(copy(8));
          probes.push_back(probe.read().seconds);  // the judge's work on the device while the gate is closed
          number += 2;
          open(number - 1);
          wait(us * 1e-6);
          if (by_engine) probe.look({{y, 4096, 4096, 1}});
          const auto start = Clock::now();
          open(number);
          while (*static_cast<volatile std::uint32_t*>(&page.opened) != number) {
          }
          (by_engine ? after_copy : seconds).push_back(since(start));
        }
      }
      std::printf(
          "gate by %s, pause %5.0f µs: opens after %6.1f µs (90 %% below %6.1f), %6.1f µs (%6.1f) after a copy\n", kind,
          us, quantile(seconds, 0.5) * 1e6, quantile(seconds, 0.9) * 1e6, quantile(after_copy, 0.5) * 1e6,
          quantile(after_copy, 0.9) * 1e6);
    }
    std::printf("gate by %s: 8 copies of the judge's take %.2f ms (90 %% below %.2f), a probe %.0f µs\n", kind,
                quantile(copies, 0.5) * 1e3, quantile(copies, 0.9) * 1e3, quantile(probes, 0.5) * 1e6);
  }
  cudaFree(work);
}

void timer() {
  constexpr int kTicks = 1000;
  std::uint64_t* steps = nullptr;
  AISP_CUDA_CHECK(cudaMallocHost(&steps, kTicks * sizeof *steps));
  ticks<<<1, 1>>>(steps, kTicks);
  AISP_CUDA_CHECK(cudaDeviceSynchronize());
  std::vector<double> ns(steps, steps + kTicks);
  std::printf("\nticks of the global timer: %.0f … %.0f ns, median %.0f ns\n", quantile(ns, 0), quantile(ns, 1),
              quantile(ns, 0.5));
  cudaFreeHost(steps);
}

int run() {
  auto* page = new (mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Page;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair)) return std::perror("socketpair"), 2;
  const pid_t worker = fork();  // before either touches CUDA
  if (worker == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    try {
      work(*page, pair[1]);
    } catch (const std::exception& e) {
      std::fprintf(stderr, "worker: %s\n", e.what());
      _exit(1);
    }
    _exit(0);
  }
  if (const auto why = cuda::why_absent()) {
    std::fprintf(stderr, "%s\n", why->c_str());
    kill(worker, SIGKILL);
    waitpid(worker, nullptr, 0);
    return 2;
  }
  const cuda::ExportedMemory memory(0, kElements * sizeof(float));
  pass_descriptor(pair[0], memory.fd(), memory.size());
  const auto probe = judge::make_cuda_probe();
  command(*page, Order::idle);
  watch(*page, worker, *probe, memory.data());
  reopen(*page, *probe, memory.data());
  timer();
  std::printf("SM clock by the probe: %.0f MHz\n", probe->read().sm_mhz);
  command(*page, Order::quit);
  waitpid(worker, nullptr, 0);
  return 0;
}

}  // namespace
}  // namespace aisp

int main() {
  try {
    return aisp::run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "device_probe: %s\n", e.what());
    return 1;
  }
}
