// For the audit pass: y = 2x, each variant with one habit that the census must tell. cuda_census_test.cpp says which.
#include <aisp/cuda.hpp>

#include <cstdint>
#include <vector>

namespace {

using In = aisp::Vector<const float>;
using Out = aisp::Vector<float>;

__global__ void twice(const float* x, float* y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = 2 * x[i];
}

__global__ void spin(std::uint64_t nanoseconds) {
  std::uint64_t start, now;
  asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(start));
  do asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
  while (now - start < nanoseconds);
}

void launch(const float* x, float* y, std::int64_t n, cudaStream_t stream) {
  if (n > 0) twice<<<aisp::blocks(n, 256), 256, 0, stream>>>(x, y, n);
}

void honest(aisp::Slot slot, In x, Out y) { launch(x.data, y.data, x.size(), aisp::stream(slot)); }

// A second stream and the events to fork to it and join it again.
class Side {
 public:
  explicit Side(const aisp::Setup&) {
    AISP_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking));
    AISP_CUDA(cudaEventCreateWithFlags(&forked_, cudaEventDisableTiming));
    AISP_CUDA(cudaEventCreateWithFlags(&joined_, cudaEventDisableTiming));
  }
  void halves(cudaStream_t given, In x, Out y, bool fork, bool join) {
    const auto half = x.size() / 2;
    if (fork) {
      AISP_CUDA(cudaEventRecord(forked_, given));
      AISP_CUDA(cudaStreamWaitEvent(stream_, forked_, 0));
    }
    launch(x.data, y.data, half, given);
    launch(x.data + half, y.data + half, x.size() - half, stream_);
    if (join) {
      AISP_CUDA(cudaEventRecord(joined_, stream_));
      AISP_CUDA(cudaStreamWaitEvent(given, joined_, 0));
    }
  }
  cudaStream_t stream() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t forked_ = nullptr, joined_ = nullptr;
};

struct fork_join : Side {
  using Side::Side;
  void operator()(aisp::Slot slot, In x, Out y) { halves(aisp::stream(slot), x, y, true, true); }
};

struct no_join : Side {
  using Side::Side;
  void operator()(aisp::Slot slot, In x, Out y) { halves(aisp::stream(slot), x, y, true, false); }
};

struct no_fork : Side {
  using Side::Side;
  void operator()(aisp::Slot slot, In x, Out y) { halves(aisp::stream(slot), x, y, false, true); }
};

struct waits : Side {  // on the host
  using Side::Side;
  void operator()(aisp::Slot slot, In x, Out y) {
    halves(aisp::stream(slot), x, y, true, false);
    AISP_CUDA(cudaStreamSynchronize(stream()));
  }
};

struct spins : Side {  // a kernel that outlives its call by far, and ends before the next command
  using Side::Side;
  void operator()(aisp::Slot slot, In x, Out y) {
    honest(slot, x, y);
    spin<<<1, 1, 0, stream()>>>(100'000'000);
  }
};

void nop(void*) {}
void host_function(aisp::Slot slot, In x, Out y) {
  honest(slot, x, y);
  AISP_CUDA(cudaLaunchHostFunc(aisp::stream(slot), nop, nullptr));
}

void allocates(aisp::Slot slot, In x, Out y) {
  float* scratch = nullptr;
  AISP_CUDA(cudaMallocAsync(&scratch, 4096, aisp::stream(slot)));
  honest(slot, x, y);
  AISP_CUDA(cudaFreeAsync(scratch, aisp::stream(slot)));
}

void nothing(aisp::Slot, In, Out) {}

// The call, captured on two streams in bind: a graph of three nodes, one of them a memset.
class graph {
 public:
  explicit graph(const aisp::Setup& setup) : graphs_(static_cast<std::size_t>(setup.max_slots())), side_(setup) {
    AISP_CUDA(cudaMalloc(&flag_, 4));
    AISP_CUDA(cudaStreamCreateWithFlags(&capture_, cudaStreamNonBlocking));
  }
  void bind(aisp::Slot slot, In x, Out y) {
    cudaGraph_t captured = nullptr;
    AISP_CUDA(cudaStreamBeginCapture(capture_, cudaStreamCaptureModeThreadLocal));
    AISP_CUDA(cudaMemsetAsync(flag_, 0, 4, capture_));
    side_.halves(capture_, x, y, true, true);
    AISP_CUDA(cudaStreamEndCapture(capture_, &captured));
    AISP_CUDA(cudaGraphInstantiate(&graphs_[static_cast<std::size_t>(slot.index)], captured, 0));
    AISP_CUDA(cudaGraphDestroy(captured));
  }
  void operator()(aisp::Slot slot, In, Out) {
    AISP_CUDA(cudaGraphLaunch(graphs_[static_cast<std::size_t>(slot.index)], aisp::stream(slot)));
  }

 private:
  std::vector<cudaGraphExec_t> graphs_;
  Side side_;
  cudaStream_t capture_ = nullptr;
  void* flag_ = nullptr;
};

aisp_variant named(const char* name, aisp_variant v) {
  v.name = name;
  return v;
}

}  // namespace

#define HABIT(callable)                                                            \
  static const ::aisp::detail::RegisterVariant registered_##callable {             \
    named(#callable, ::aisp::detail::describe<callable>(::aisp::VariantOptions{})) \
  }

HABIT(honest);
HABIT(fork_join);
HABIT(no_join);
HABIT(no_fork);
HABIT(waits);
HABIT(spins);
HABIT(host_function);
HABIT(allocates);
HABIT(nothing);
HABIT(graph);
