// What drawing and poisoning cost on a GPU: GB of the tensor a second, the best of some runs. It uses
// nothing but what the judge calls, so that it builds on older commits too.
#include "verify/cuda/device.hpp"

#include <algorithm>
#include <cstdio>

#include "device/cuda/runtime.hpp"

namespace {

using namespace aisp;
namespace cuda = verify::cuda;

constexpr std::size_t kBytes = std::size_t{1} << 30;
constexpr int kRuns = 10;

class Bench {
 public:
  Bench() {
    AISP_CUDA_CHECK(cudaMalloc(reinterpret_cast<void**>(&memory_), kBytes));
    for (auto* event : {&begin_, &end_}) AISP_CUDA_CHECK(cudaEventCreate(event));
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() { cudaFree(memory_); }

  void draw(const char* name, DType type, Distribution distribution) {
    const auto n = static_cast<std::int64_t>(kBytes / info(type).size);
    const TensorSpec spec{
        .name = "x", .role = Role::fresh, .dtype = type, .shape = {n}, .distribution = std::move(distribution)};
    const auto drawing = verify::make_drawing(spec, verify::Key{1});
    report(name, [&] { cuda::draw(drawing, memory_, nullptr); });
  }
  void poison(const char* name, DType type) {
    report(name, [&] { cuda::poison(type, verify::Key{1}, {memory_, kBytes}, nullptr); });
  }
  void write(const char* name) {
    report(name, [&] { AISP_CUDA_CHECK(cudaMemsetAsync(memory_, 1, kBytes, nullptr)); });
  }

 private:
  template <class Body> void report(const char* name, const Body& body) {
    float best = 0;
    for (int run = 0; run < kRuns; ++run) {
      float ms = 0;
      AISP_CUDA_CHECK(cudaEventRecord(begin_));
      body();
      AISP_CUDA_CHECK(cudaEventRecord(end_));
      AISP_CUDA_CHECK(cudaEventSynchronize(end_));
      AISP_CUDA_CHECK(cudaEventElapsedTime(&ms, begin_, end_));
      best = run == 0 ? ms : std::min(best, ms);
    }
    std::printf("%-24s %8.1f GB/s\n", name, 1e-6 * static_cast<double>(kBytes) / static_cast<double>(best));
  }

  std::byte* memory_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
};

}  // namespace

int main() {
  try {
    Bench bench;
    bench.draw("draw f32 uniform", f32, uniform(0, 1));
    bench.draw("draw f32 normal", f32, normal(0, 1));
    bench.draw("draw bf16 normal", bf16, normal(0, 1));
    bench.draw("draw f64 uniform", f64, uniform(0, 1));
    bench.draw("draw i32 integers", i32, integers(0, 1000));
    bench.draw("draw i32 permutation", i32, permutation());
    bench.poison("poison f32", f32);
    bench.poison("poison bf16", bf16);
    bench.write("memset, to compare");
  } catch (const std::exception& e) {
    std::fprintf(stderr, "device_drawing: %s\n", e.what());
    return 1;
  }
}
