// The worker's side of CUDA: the judge's memory imported, one stream, an event before and after a batch of calls, and a
// gate that holds the queued calls until the judge starts its clock.
#include "device/cuda/runtime.hpp"
#include "judge/engine.hpp"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

namespace aisp::judge {
namespace {

namespace cuda = device::cuda;

class CudaEngine : public Engine {
 public:
  CudaEngine(const JudgePage& judge, WorkerPage& page)
      : judge_(judge),
        inputs_(0, kInputsFd, judge.startup.inputs_bytes, false),
        outputs_(0, kOutputsFd, judge.startup.outputs_bytes, true),
        gate_page_(&judge, sizeof(JudgePage), false),
        own_page_(&page, sizeof(WorkerReport), true) {
    close(kInputsFd);
    close(kOutputsFd);
    const auto offset =
        reinterpret_cast<const std::byte*>(&judge.command.gate) - reinterpret_cast<const std::byte*>(&judge);
    AISP_CUDA_CHECK(cuda::Driver::get().ctxGetCurrent(&context_));
    gate_ = reinterpret_cast<const std::uint32_t*>(static_cast<std::byte*>(gate_page_.device_address()) + offset);
    const auto word = reinterpret_cast<std::byte*>(&page.device_done) - reinterpret_cast<std::byte*>(&page);
    done_ = reinterpret_cast<std::uint32_t*>(static_cast<std::byte*>(own_page_.device_address()) + word);
    // An open gate, to have its kernel loaded: loading waits for the device, which may be waiting at a closed one then.
    cuda::launch_gate(stream_.get(), gate_, judge_.command.gate.load(std::memory_order_acquire));
    AISP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  }

  DLDevice device() const override { return {kDLCUDA, 0}; }
  void* stream() const override { return stream_.get(); }
  std::byte* inputs() const override { return inputs_.data(); }
  std::byte* outputs() const override { return outputs_.data(); }
  void populate(std::int32_t, std::int32_t) override {}
  void nothing() override { cuda::launch_census_marker(stream_.get()); }  // an empty kernel

  void settle() override {
    AISP_CUDA_CHECK(cudaGetLastError());
    prove_idle();
  }

  std::uint64_t run(const Call& call, Batch batch) override {
    queue(call, batch);
    return wait();
  }

  void enqueue(const Call& call, Batch batch) override {
    const auto opened = judge_.command.gate.load(std::memory_order_acquire);
    cuda::wait_for(stream_.get(), gate_, opened + kGateUnlocked);
    cuda::launch_gate(stream_.get(), gate_, opened + kGateOpen);
    queue(call, batch);
    cuda::write_word(stream_.get(), done_, judge_.command.sequence.load(std::memory_order_acquire));
  }

  std::uint64_t wait() override {
    const auto last = end_.get();
    cudaError_t state;
    while ((state = cudaEventQuery(last)) == cudaErrorNotReady) cpu_relax();
    AISP_CUDA_CHECK(state);
    prove_idle();
    float milliseconds = 0;
    AISP_CUDA_CHECK(cudaEventElapsedTime(&milliseconds, begin_.get(), last));
    return static_cast<std::uint64_t>(std::llround(static_cast<double>(milliseconds) * 1e6));
  }

 private:
  // The last event says that the given stream is done; the synchronisation, that every stream of the context is. So
  // work on a side stream is inside the judge's clock, where the sum of the events does not account for it. Work in
  // another context is not waited for here: the judge's probe finds it.
  void prove_idle() {
    AISP_CUDA_CHECK(cuda::Driver::get().ctxSetCurrent(context_));
    AISP_CUDA_CHECK(cudaDeviceSynchronize());
  }

  void expect_own_context() const {
    CUcontext current = nullptr;
    AISP_CUDA_CHECK(cuda::Driver::get().ctxGetCurrent(&current));
    if (current != context_) throw std::runtime_error("run left another CUDA context current than it was given");
  }

  void queue(const Call& call, Batch& batch) {
    AISP_CUDA_CHECK(cudaEventRecord(begin_.get(), stream_.get()));
    for (std::int32_t slot; (slot = batch.next()) >= 0;) {
      throw_if(call(slot));
      expect_own_context();
      AISP_CUDA_CHECK(cudaGetLastError());
    }
    AISP_CUDA_CHECK(cudaEventRecord(end_.get(), stream_.get()));
  }

  const JudgePage& judge_;
  cuda::ImportedMemory inputs_, outputs_;
  cuda::RegisteredPage gate_page_, own_page_;
  cuda::Stream stream_;
  cuda::Event begin_, end_;
  CUcontext context_ = nullptr;
  const std::uint32_t* gate_ = nullptr;  // for the device
  std::uint32_t* done_ = nullptr;        // for the device
};

}  // namespace

std::string cuda_library_folders() {
  cuda::Driver::get();  // loads it
  std::string folders, line;
  for (std::ifstream maps("/proc/self/maps"); std::getline(maps, line) && folders.empty();)
    if (const auto path = line.find('/');
        path != std::string::npos && line.find("/libcuda.so", path) != std::string::npos)
      folders = std::filesystem::path(line.substr(path)).parent_path().string();
  for (const char* toolkit : {"/usr/local/cuda/lib64", "/usr/local/cuda/extras/CUPTI/lib64"})
    if (std::filesystem::exists(toolkit)) folders += std::string(folders.empty() ? "" : ":") + toolkit;
  return folders;
}

std::unique_ptr<Engine> make_cuda_engine(const JudgePage& judge, WorkerPage& page) {
  return std::make_unique<CudaEngine>(judge, page);
}

}  // namespace aisp::judge
