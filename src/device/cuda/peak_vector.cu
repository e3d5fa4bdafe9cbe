// Vector arithmetic: chains of fused multiply-adds in registers, which is all that the FP32 and FP64 pipes can do.
#include "device/cuda/peak_runner.hpp"

namespace aisp::device::cuda {
namespace {

// Multiply-adds of a thread in one turn of the loop: so many that the loop's own instructions hardly count.
constexpr int kPerTurn = 256;

// Chains of x = x·m + k with |m| < 1: values keep moving and stay finite.
template <class T, int Chains> __global__ void fma_kernel(T* sink, int iterations, T m, T k) {
  T x[Chains];
#pragma unroll
  for (int c = 0; c < Chains; ++c) x[c] = T(threadIdx.x + 1) / T(c + 3);
  for (int n = 0; n < iterations; ++n) {
#pragma unroll
    for (int repeat = 0; repeat < kPerTurn / Chains; ++repeat)
#pragma unroll
      for (int c = 0; c < Chains; ++c) x[c] = x[c] * m + k;
  }
  T sum = 0;
#pragma unroll
  for (int c = 0; c < Chains; ++c) sum += x[c];
  if (sum == T(123456789)) *sink = sum;
}

template <class T, int Chains>
Way way(int multiprocessors, int threads, int per_multiprocessor, int iterations, T* sink) {
  const int blocks = multiprocessors * per_multiprocessor;
  return {"fused multiply-add, " + std::to_string(Chains) + " chains, " + std::to_string(threads * per_multiprocessor) +
              " threads a multiprocessor",
          2.0 * kPerTurn * iterations * blocks * threads, [=](cudaStream_t stream) {
            fma_kernel<T, Chains><<<blocks, threads, 0, stream>>>(sink, iterations, T(-0.99951171875), T(0.7310585786));
            AISP_CUDA_CHECK(cudaGetLastError());
          }};
}

template <class T> GpuFigure measure(PeakRunner& runner, const char* name, int iterations) {
  const DeviceBuffer sink(256);
  const int n = runner.multiprocessors();
  std::vector<Way> ways;
  ways.push_back(way<T, 4>(n, 256, 4, iterations, sink.as<T>()));
  ways.push_back(way<T, 8>(n, 256, 4, iterations, sink.as<T>()));
  ways.push_back(way<T, 8>(n, 512, 2, iterations, sink.as<T>()));
  ways.push_back(way<T, 8>(n, 256, 8, iterations, sink.as<T>()));
  ways.push_back(way<T, 16>(n, 256, 4, iterations, sink.as<T>()));
  return runner.measure(name, "op/s", std::move(ways));
}

}  // namespace

void measure_vector(PeakRunner& runner, std::vector<GpuFigure>& figures) {
  figures.push_back(measure<float>(runner, "f32", 1024));
  figures.push_back(measure<double>(runner, "f64", 512));
}

}  // namespace aisp::device::cuda
