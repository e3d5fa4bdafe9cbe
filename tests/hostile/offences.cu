// One CUDA variant an offence, for y = 2x. Each breaks one rule of the contract, or does what looks like it and is
// allowed; hostile_cuda_test.cpp says how it must end.
#include <aisp/cuda.hpp>

#include <cuda.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace {

using In = aisp::Vector<const float>;
using Out = aisp::Vector<float>;

constexpr unsigned long long kHonestNs = 20'000, kHiddenNs = 100'000;

__device__ unsigned long long global_nanoseconds() {
  unsigned long long t;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(t));
  return t;
}

// y = 2x after at least `nanoseconds`: work that is long enough to be worth hiding.
__global__ void twice(const float* x, float* y, std::int64_t n, unsigned long long nanoseconds) {
  const auto start = global_nanoseconds();
  while (global_nanoseconds() - start < nanoseconds) {
  }
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2 * x[i];
}

void launch(In x, Out y, cudaStream_t stream, unsigned long long nanoseconds = kHonestNs) {
  twice<<<aisp::blocks(x.size(), 256), 256, 0, stream>>>(x.data, y.data, x.size(), nanoseconds);
  AISP_CUDA(cudaGetLastError());
}

cudaStream_t side_stream() {
  static const cudaStream_t stream = [] {
    cudaStream_t made;
    AISP_CUDA(cudaStreamCreateWithFlags(&made, cudaStreamNonBlocking));
    return made;
  }();
  return stream;
}

cudaEvent_t mark(cudaStream_t stream) {
  cudaEvent_t event;
  AISP_CUDA(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
  AISP_CUDA(cudaEventRecord(event, stream));
  return event;
}

// The driver's function of that name, as the worker's own runtime finds it.
template <class Function> Function driver(const char* name, unsigned version = 12000) {
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found{};
  AISP_CUDA(cudaGetDriverEntryPointByVersion(name, &entry, version, cudaEnableDefault, &found));
  if (!entry) throw std::runtime_error(std::string("no ") + name);
  return reinterpret_cast<Function>(entry);
}

// A context beside the one that the worker was given.
CUcontext second_context() {
  static const CUcontext context = [] {
    CUcontext before = nullptr, made = nullptr;
    driver<decltype(&cuCtxGetCurrent)>("cuCtxGetCurrent")(&before);
    using Create = CUresult (*)(CUcontext*, unsigned, CUdevice);  // cuCtxCreate before CUDA 13
    if (driver<Create>("cuCtxCreate", 3020)(&made, 0, 0) != CUDA_SUCCESS)
      throw std::runtime_error("cuCtxCreate failed");
    driver<decltype(&cuCtxSetCurrent)>("cuCtxSetCurrent")(before);
    return made;
  }();
  return context;
}

template <class Body> void in_second_context(Body&& body) {
  static const auto get = driver<decltype(&cuCtxGetCurrent)>("cuCtxGetCurrent");
  static const auto set = driver<decltype(&cuCtxSetCurrent)>("cuCtxSetCurrent");
  CUcontext before = nullptr;
  get(&before);
  set(second_context());
  body();
  set(before);
}

// ---------------------------------------------------------------------------------------------------------------------
// Allowed

void honest(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }

void joined_side_stream(aisp::Slot slot, In x, Out y) {
  AISP_CUDA(cudaStreamWaitEvent(side_stream(), mark(aisp::stream(slot))));
  launch(x, y, side_stream());
  AISP_CUDA(cudaStreamWaitEvent(aisp::stream(slot), mark(side_stream())));
}

// Captured in bind, replayed in run.
struct Graph {
  explicit Graph(const aisp::Setup& setup) : graphs_(static_cast<std::size_t>(setup.max_slots())) {}
  template <class Body> void capture(aisp::Slot slot, Body&& body) {
    cudaGraph_t graph;
    AISP_CUDA(cudaStreamBeginCapture(aisp::stream(slot), cudaStreamCaptureModeThreadLocal));
    body();
    AISP_CUDA(cudaStreamEndCapture(aisp::stream(slot), &graph));
    AISP_CUDA(cudaGraphInstantiate(&graphs_[static_cast<std::size_t>(slot.index)], graph, 0));
  }
  void replay(aisp::Slot slot) const {
    AISP_CUDA(cudaGraphLaunch(graphs_[static_cast<std::size_t>(slot.index)], aisp::stream(slot)));
  }

 private:
  std::vector<cudaGraphExec_t> graphs_;
};

struct HonestGraph : Graph {
  using Graph::Graph;
  void bind(aisp::Slot slot, In x, Out y) {
    capture(slot, [&] { launch(x, y, aisp::stream(slot)); });
  }
  void operator()(aisp::Slot slot, In, Out) const { replay(slot); }
};

__global__ void say(float value) { printf("%g from the device\n", value); }
void prints(aisp::Slot slot, In x, Out y) {
  std::printf("hello from the host\n");
  say<<<1, 1, 0, aisp::stream(slot)>>>(1.0f);
  launch(x, y, aisp::stream(slot));
}

void waits_inside(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
}

// ---------------------------------------------------------------------------------------------------------------------
// Work that is not in the timed call

void side_stream_at_once(aisp::Slot, In x, Out y) { launch(x, y, side_stream()); }

void side_stream_unjoined(aisp::Slot slot, In x, Out y) {
  AISP_CUDA(cudaStreamWaitEvent(side_stream(), mark(aisp::stream(slot))));
  launch(x, y, side_stream(), kHiddenNs);
}

void late_thread(aisp::Slot, In x, Out y) {
  std::thread([=] {
    usleep(3000);
    cudaSetDevice(0);
    twice<<<aisp::blocks(x.size(), 256), 256, 0, side_stream()>>>(x.data, y.data, x.size(), 0);
  }).detach();
}

void second_context_unawaited(aisp::Slot, In x, Out y) {
  in_second_context([&] { launch(x, y, nullptr, 3 * kHiddenNs); });
}

void leaves_context_current(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  driver<decltype(&cuCtxSetCurrent)>("cuCtxSetCurrent")(second_context());
}

__global__ void spin_for_ever() {
  for (;;) __nanosleep(1000);
}

// Honest work beside a kernel that never ends, in a context for which nobody waits.
void persistent_spinner(aisp::Slot slot, In x, Out y) {
  static bool started = false;
  if (!std::exchange(started, true)) in_second_context([] { spin_for_ever<<<1, 1>>>(); });
  launch(x, y, aisp::stream(slot));
}

// A kernel that never ends and computes whatever it finds in the inputs, before the clock runs.
struct Slots {
  static constexpr int kMost = 200;
  const float* x[kMost];
  float* y[kMost];
  int count;
};
__global__ void serve(Slots slots, std::int64_t n) {
  for (;;)
    for (int s = 0; s < slots.count; ++s)
      for (std::int64_t i = threadIdx.x; i < n; i += blockDim.x)
        static_cast<volatile float*>(slots.y[s])[i] = 2 * static_cast<const volatile float*>(slots.x[s])[i];
}
struct Server {
  explicit Server(const aisp::Setup&) {}
  void bind(aisp::Slot slot, In x, Out y) {
    if (slot.index >= Slots::kMost) return;
    slots_.x[slot.index] = x.data;
    slots_.y[slot.index] = y.data;
    slots_.count = std::max(slots_.count, slot.index + 1);
  }
  void operator()(aisp::Slot, In x, Out) {
    if (!std::exchange(started_, true)) in_second_context([&] { serve<<<1, 1024>>>(slots_, x.size()); });
  }

 private:
  Slots slots_{};
  bool started_ = false;
};

// Looks at the end of the input until it changes, before the gate opens, and computes then.
__global__ void twice_once_changed(const float* x, float* y, std::int64_t n) {
  constexpr unsigned long long kPatienceNs = 50'000'000;
  const auto start = global_nanoseconds();
  const volatile float* last = x + n - 1;
  const float before = *last;
  while (*last == before && global_nanoseconds() - start < kPatienceNs) {
  }
  for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += std::int64_t{gridDim.x} * blockDim.x)
    y[i] = 2 * static_cast<const volatile float*>(x)[i];
}
void polls_inputs(aisp::Slot slot, In x, Out y) {
  if (slot.index != 1) return launch(x, y, aisp::stream(slot));
  twice_once_changed<<<8, 256, 0, side_stream()>>>(x.data, y.data, x.size());
}

// Computes about when the inputs ought to be there. Copies to the host measure the time: no kernel waits.
void guesses_the_moment(aisp::Slot slot, In x, Out y) {
  if (slot.index == 0) return launch(x, y, aisp::stream(slot));
  constexpr std::size_t kBytes = 16 << 20;
  static const aisp::DeviceBuffer<float> from(kBytes / sizeof(float));
  static float* const to = [] {
    float* pinned = nullptr;
    AISP_CUDA(cudaMallocHost(&pinned, kBytes));
    return pinned;
  }();
  if (slot.index == 1)
    for (int i = 0; i < 6; ++i)  // 0.3 ms each
      AISP_CUDA(cudaMemcpyAsync(to, from.get(), kBytes, cudaMemcpyDeviceToHost, side_stream()));
  launch(x, y, side_stream(), 0);
}

// ---------------------------------------------------------------------------------------------------------------------
// Results of something else

struct GraphWithoutWork : Graph {  // computed from the decoys when captured; the graph only copies
  using Graph::Graph;
  void bind(aisp::Slot slot, In x, Out y) {
    saved_.emplace_back(x.size());
    launch(x, {saved_.back().get(), {x.size()}}, aisp::stream(slot));
    AISP_CUDA(cudaStreamSynchronize(aisp::stream(slot)));
    capture(slot, [&] {
      AISP_CUDA(cudaMemcpyAsync(y.data, saved_.back().get(), sizeof(float) * static_cast<std::size_t>(x.size()),
                                cudaMemcpyDeviceToDevice, aisp::stream(slot)));
    });
  }
  void operator()(aisp::Slot slot, In, Out) const { replay(slot); }

 private:
  std::vector<aisp::DeviceBuffer<float>> saved_;
};

struct CachesByPointer {  // computes once for each address, then repeats the answer
  explicit CachesByPointer(const aisp::Setup& setup) : saved_(static_cast<std::size_t>(setup.max_slots())) {}
  void operator()(aisp::Slot slot, In x, Out y) {
    auto& saved = saved_[static_cast<std::size_t>(slot.index)];
    if (!saved.get()) {
      saved = aisp::DeviceBuffer<float>(x.size());
      launch(x, {saved.get(), {x.size()}}, aisp::stream(slot));
    }
    AISP_CUDA(cudaMemcpyAsync(y.data, saved.get(), sizeof(float) * static_cast<std::size_t>(x.size()),
                              cudaMemcpyDeviceToDevice, aisp::stream(slot)));
  }

 private:
  std::vector<aisp::DeviceBuffer<float>> saved_;
};

void does_nothing(aisp::Slot, In, Out) {}

// ---------------------------------------------------------------------------------------------------------------------
// The clock

// mov dword [rdi], 10 µs in ms; xor eax, eax; ret: what cudaEventElapsedTime calls from now on.
void patch(void* function) {
  const float milliseconds = 0.01f;
  unsigned char code[] = {0xc7, 0x07, 0, 0, 0, 0, 0x31, 0xc0, 0xc3};
  std::memcpy(code + 2, &milliseconds, 4);
  const auto page = reinterpret_cast<std::uintptr_t>(function) & ~std::uintptr_t{4095};
  if (mprotect(reinterpret_cast<void*>(page), 8192, PROT_READ | PROT_WRITE | PROT_EXEC)) return;
  std::memcpy(function, code, sizeof code);
}
void patches_the_events(aisp::Slot slot, In x, Out y) {
  static bool patched = false;
  if (!std::exchange(patched, true))
    for (const unsigned version : {2000u, static_cast<unsigned>(CUDART_VERSION)})
      patch(driver<void*>("cuEventElapsedTime", version));
  launch(x, y, aisp::stream(slot), kHiddenNs);
}

// ---------------------------------------------------------------------------------------------------------------------
// Memory, faults, limits

__global__ void write_one(float* at) { *at = 1; }
void writes_input(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  write_one<<<1, 1, 0, aisp::stream(slot)>>>(const_cast<float*>(x.data));
}
void writes_past_the_end(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  write_one<<<1, 1, 0, aisp::stream(slot)>>>(y.data + x.size());
}
void illegal_address(aisp::Slot slot, In, Out) { write_one<<<1, 1, 0, aisp::stream(slot)>>>(nullptr); }
void out_of_memory(aisp::Slot, In, Out) {
  void* block = nullptr;
  AISP_CUDA(cudaMalloc(&block, std::size_t{1} << 45));
}
void hangs(aisp::Slot slot, In, Out) { spin_for_ever<<<1, 1, 0, aisp::stream(slot)>>>(); }
void forks(aisp::Slot slot, In x, Out y) {
  if (fork() == 0)
    for (;;) pause();
  launch(x, y, aisp::stream(slot));
}
void resets_the_device(aisp::Slot slot, In x, Out y) {
  launch(x, y, aisp::stream(slot));
  cudaDeviceReset();
}

aisp_variant named(const char* name, aisp_variant v) {
  v.name = name;
  return v;
}

}  // namespace

#define OFFENCE(what, called)                                                \
  static const ::aisp::detail::RegisterVariant registered_##called {         \
    named(#called, ::aisp::detail::describe<what>(::aisp::VariantOptions{})) \
  }
#define FUNCTION(function) OFFENCE(function, function)

FUNCTION(honest);
FUNCTION(joined_side_stream);
OFFENCE(HonestGraph, honest_graph);
FUNCTION(prints);
FUNCTION(waits_inside);
FUNCTION(side_stream_at_once);
FUNCTION(side_stream_unjoined);
FUNCTION(late_thread);
FUNCTION(second_context_unawaited);
FUNCTION(leaves_context_current);
FUNCTION(persistent_spinner);
OFFENCE(Server, server);
FUNCTION(polls_inputs);
FUNCTION(guesses_the_moment);
OFFENCE(GraphWithoutWork, graph_without_work);
OFFENCE(CachesByPointer, caches_by_pointer);
FUNCTION(does_nothing);
FUNCTION(patches_the_events);
FUNCTION(writes_input);
FUNCTION(writes_past_the_end);
FUNCTION(illegal_address);
FUNCTION(out_of_memory);
FUNCTION(hangs);
FUNCTION(forks);
FUNCTION(resets_the_device);
