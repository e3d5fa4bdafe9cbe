// Matrix units through cuBLASLt: its proposed algorithms at two sizes, on random data. Zeros would run faster than any
// real product, because the units draw less power.
#include "device/cuda/cublaslt.hpp"
#include "device/cuda/peak_runner.hpp"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

namespace aisp::device::cuda {
namespace {

__device__ std::uint64_t mixed(std::uint64_t z) {  // splitmix64
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

__device__ float normal(std::uint64_t bits) {  // Box–Muller
  const float u = (float(bits >> 40) + 0.5f) * 0x1p-24f, v = float(bits & 0xffffff) * 0x1p-24f;
  return sqrtf(-2 * logf(u)) * cospif(2 * v);
}

template <class T> __global__ void normal_kernel(T* data, std::size_t n, std::uint64_t seed) {
  const std::size_t stride = std::size_t(gridDim.x) * blockDim.x;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += stride)
    data[i] = T(normal(mixed((i + 1) * 0x9e3779b97f4a7c15u + seed)));
}

__global__ void bits_kernel(std::uint8_t* data, std::size_t n, std::uint64_t seed) {
  const std::size_t stride = std::size_t(gridDim.x) * blockDim.x;
  for (std::size_t i = std::size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += stride)
    data[i] = std::uint8_t(mixed((i + 1) * 0x9e3779b97f4a7c15u + seed));
}

template <class T> void fill(void* data, std::size_t n, std::uint64_t seed, cudaStream_t stream) {
  normal_kernel<<<1024, 256, 0, stream>>>(static_cast<T*>(data), n, seed);
}

GpuFigure measure_type(PeakRunner& runner, MatrixType type) {
  const auto& t = info(type);
  GpuFigure absent;
  absent.name = t.name, absent.unit = "op/s";
  constexpr std::size_t kWorkspace = 64 << 20;
  constexpr int kSides[] = {4096, 8192};
  constexpr std::size_t kMost = std::size_t(8192) * 8192;
  try {
    const auto input_bytes = static_cast<std::size_t>(t.input_bytes * double(kMost));
    const DeviceBuffer a(input_bytes), b(input_bytes), d(kMost * t.output_bytes), workspace(kWorkspace);
    const DeviceBuffer scales(kMost / 16);
    fill_random(type, a.as(), kMost, 1, nullptr), fill_random(type, b.as(), kMost, 2, nullptr);
    AISP_CUDA_CHECK(cudaMemset(scales.as(), 0x38, scales.size()));  // 1 in E4M3
    AISP_CUDA_CHECK(cudaDeviceSynchronize());
    std::vector<Way> ways;
    for (const int side : kSides) {
      const auto product = std::make_shared<MatrixProduct>(type, side, side, side, kWorkspace, scales.as());
      for (int i = 0; i < product->algorithms(); ++i)
        ways.push_back({"cuBLASLt " + std::to_string(side) + "³, algorithm " + std::to_string(i + 1) + " of " +
                            std::to_string(product->algorithms()),
                        2.0 * side * side * side, [&, product, i](cudaStream_t stream) {
                          product->run(i, a.as(), b.as(), d.as(), workspace.as(), stream);
                        }});
    }
    return runner.measure(t.name, "op/s", std::move(ways));
  } catch (const Error& e) {
    absent.absent = e.what();
    return absent;
  }
}

}  // namespace

void fill_random(MatrixType type, void* data, std::size_t n, std::uint64_t seed, cudaStream_t stream) {
  switch (type) {
    case MatrixType::f64: fill<double>(data, n, seed, stream); break;
    case MatrixType::f32:
    case MatrixType::tf32: fill<float>(data, n, seed, stream); break;
    case MatrixType::bf16: fill<__nv_bfloat16>(data, n, seed, stream); break;
    case MatrixType::f16: fill<__half>(data, n, seed, stream); break;
    case MatrixType::f8: fill<__nv_fp8_e4m3>(data, n, seed, stream); break;
    case MatrixType::i8: bits_kernel<<<1024, 256, 0, stream>>>(static_cast<std::uint8_t*>(data), n, seed); break;
    case MatrixType::f4: bits_kernel<<<1024, 256, 0, stream>>>(static_cast<std::uint8_t*>(data), n / 2, seed); break;
  }
  AISP_CUDA_CHECK(cudaGetLastError());
}

std::string cublas_version() {
  const auto why = cublaslt_absent();
  return why ? *why : cublaslt_version();
}

void measure_matrix(PeakRunner& runner, std::vector<GpuFigure>& figures) {
  for (const auto type : {MatrixType::f64, MatrixType::tf32, MatrixType::bf16, MatrixType::f16, MatrixType::i8,
                          MatrixType::f8, MatrixType::f4}) {
    if ((type == MatrixType::f8 && runner.capability() < 89) || (type == MatrixType::f4 && runner.capability() < 100)) {
      GpuFigure f;
      f.name = info(type).name, f.unit = "op/s";
      f.absent = "this GPU's matrix units have no such type";
      figures.push_back(f);
      continue;
    }
    figures.push_back(measure_type(runner, type));
  }
}

}  // namespace aisp::device::cuda
