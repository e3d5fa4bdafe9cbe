// Baseline: four kernels, as a composition of library operators runs them: square, sum of each row, inverse square
// root, scale. Each is a competent one, 16 bytes an access where rows allow it. What binds it: memory bandwidth; the
// matrix of squares is written and read for nothing: five streams where two would do.
#include "../rows.hpp"

namespace {

using namespace ch09;
constexpr int threads = 256;

// T: float4 where rows are multiples of 16 bytes, otherwise float; `n` and `cols` count T.
__device__ float product(float a, float b) { return a * b; }
__device__ float4 product(float4 a, float4 b) { return {a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w}; }
__device__ float4 product(float4 a, float b) { return {a.x * b, a.y * b, a.z * b, a.w * b}; }
__device__ float total(float v) { return v; }
__device__ float total(float4 v) { return (v.x + v.y) + (v.z + v.w); }

template <class T> __global__ void square(const T* __restrict__ x, T* __restrict__ squares, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i < n) squares[i] = product(x[i], x[i]);
}
template <class T>
__global__ void sum_rows(const T* __restrict__ squares, float* __restrict__ sums, std::int64_t cols) {
  __shared__ float partial[threads / 32];
  const T* row = squares + blockIdx.x * cols;
  float own = 0;
  for (std::int64_t j = threadIdx.x; j < cols; j += threads) own += total(row[j]);
  const float all = sum(own, partial);
  if (threadIdx.x == 0) sums[blockIdx.x] = all;
}
__global__ void inverse_root(float* sums, std::int64_t rows) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i < rows) sums[i] = rsqrtf(sums[i] + 1e-12f);
}
template <class T>
__global__ void scale_rows(const T* __restrict__ x, const float* __restrict__ factors, T* __restrict__ y,
                           std::int64_t cols) {
  const auto start = blockIdx.x * cols;
  const float factor = factors[blockIdx.x];
  for (std::int64_t j = threadIdx.x; j < cols; j += threads) y[start + j] = product(x[start + j], factor);
}

template <class T>
void four_kernels(cudaStream_t stream, const T* x, T* y, float* sums, std::int64_t rows, std::int64_t cols) {
  const auto one_each = static_cast<unsigned>(rows);
  square<<<aisp::blocks(rows * cols, threads), threads, 0, stream>>>(x, y, rows * cols);  // y holds them until the last
  sum_rows<<<one_each, threads, 0, stream>>>(y, sums, cols);
  inverse_root<<<aisp::blocks(rows, threads), threads, 0, stream>>>(sums, rows);
  scale_rows<<<one_each, threads, 0, stream>>>(x, sums, y, cols);
}

class FourKernels {
 public:
  explicit FourKernels(const aisp::Setup& setup) : sums_(setup.param("rows")) {}
  void operator()(aisp::Slot slot, aisp::Matrix<const float> x, aisp::Matrix<float> y) const {
    const auto rows = x.dim(0), cols = x.dim(1);
    if (cols % 4 == 0)
      four_kernels(aisp::stream(slot), reinterpret_cast<const float4*>(x.data), reinterpret_cast<float4*>(y.data),
                   sums_.get(), rows, cols / 4);
    else
      four_kernels(aisp::stream(slot), x.data, y.data, sums_.get(), rows, cols);
  }

 private:
  aisp::DeviceBuffer<float> sums_;
};

}  // namespace

AISP_VARIANT(FourKernels, .about = "square, sum, inverse root, scale");
