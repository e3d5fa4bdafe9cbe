// In order: a block moves 4 KB and is gone. The hardware's scheduler hands out blocks in the order of their addresses,
// so all that is under way on the machine, some 4 MB, is one window that slides over the vector; the explanation that
// fits is that memory then finds the pages it needs open. Loops let multiprocessors drift apart: on an H200 the best
// persistent grid of the sweep took 7 per cent longer, eight loads a thread 5 per cent, and a streaming hint on the
// loads 2 per cent more. Expected: the copy ceiling, 1.09 times the baseline and 1.01 times cudaMemcpyAsync.
// What binds it: memory bandwidth.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256;

__global__ void __launch_bounds__(threads) copy(const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x, vectors = n / 4;
  if (i < vectors)
    reinterpret_cast<float4*>(y)[i] = reinterpret_cast<const float4*>(x)[i];
  else if (const auto rest = 3 * vectors + i; rest < n)  // 4 * vectors + (i - vectors): up to three floats
    y[rest] = x[rest];
}

void run(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<float> y) {
  const auto blocks = aisp::blocks(y.size() / 4 + 3, threads);
  copy<<<blocks, threads, 0, aisp::stream(slot)>>>(x.data, y.data, y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "4 KB a block, blocks in the order of addresses, no hints");
