// cuda.host_callback: a host function in the stream does the work.
// Caught: host functions in timed calls are counted.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

struct Job {
  float *in, *out;
  std::int64_t n;
};

void twin(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }
void computes_in_a_host_function(aisp::Slot slot, In x, Out y) {
  static Job job{};
  if (!job.in) {
    AISP_CUDA(cudaMallocHost(&job.in, bytes_of(x)));
    AISP_CUDA(cudaMallocHost(&job.out, bytes_of(x)));
    job.n = x.size();
  }
  AISP_CUDA(cudaMemcpyAsync(job.in, x.data, bytes_of(x), cudaMemcpyDeviceToHost, aisp::stream(slot)));
  AISP_CUDA(cudaLaunchHostFunc(
      aisp::stream(slot),
      [](void* p) {
        auto& j = *static_cast<Job*>(p);
        twice({j.in, {j.n}}, {j.out, {j.n}});
      },
      &job));
  AISP_CUDA(cudaMemcpyAsync(y.data, job.out, bytes_of(x), cudaMemcpyHostToDevice, aisp::stream(slot)));
}

}  // namespace

TWIN(twin);
ATTACK(computes_in_a_host_function);
