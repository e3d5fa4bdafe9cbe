// aisp-replay --list [DEVICE]      every variant of this build for cuda or cpu: one line each, "TARGET VARIANT"
// aisp-replay TARGET VARIANT [--device cuda|cpu] [--scale light|full] [--calls N] [PARAMETER=VALUE…]
//                                  prepares, binds and runs it N times (default 1) and waits for it
//
// No worker, no sandbox and no judge: for compute-sanitizer, Nsight Compute and Nsight Systems, which cannot follow a
// process into the sandbox. Nothing is verified and no time is taken. Each tensor is an allocation of its own, so that
// an access past its end is seen. With more than one call the first is left out of what a profiler captures
// (cudaProfilerStart comes after it). Exit status: 0 it ran, 1 it failed.
#include "app/workloads.hpp"
#include "judge/plugin.hpp"
#include "record/targets.hpp"
#include "verify/cases.hpp"
#include "verify/random.hpp"

#ifdef AISP_HAVE_CUDA
#include <cuda_profiler_api.h>
#include <cuda_runtime_api.h>
#endif

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace aisp::app {
namespace {

struct Options {
  std::string target, variant, device = "cuda", scale = "light";
  int calls = 1;
  std::map<std::string, std::int64_t> params;
};

void check(const char* message, const char* callback) {
  if (message) throw std::runtime_error(std::string(callback) + ": " + message);
}

// Where tensors lie and calls run. One implementation a device; there is nothing of the judge's in it.
class Device {
 public:
  virtual ~Device() = default;
  virtual DLDevice name() const { return {kDLCPU, 0}; }
  virtual void* stream() const { return nullptr; }
  virtual void* hold(const std::vector<std::byte>& values) = 0;
  virtual void wait(const char*) {}
  virtual void capture(bool) {}
};

class Host : public Device {
 public:
  ~Host() override {
    for (void* p : held_) std::free(p);
  }
  void* hold(const std::vector<std::byte>& values) override {
    constexpr std::size_t kAlignment = 64;
    void* p = std::aligned_alloc(kAlignment, (values.size() + kAlignment) / kAlignment * kAlignment);
    if (!p) throw std::bad_alloc();
    held_.push_back(p);
    std::memcpy(p, values.data(), values.size());
    return p;
  }

 private:
  std::vector<void*> held_;
};

#ifdef AISP_HAVE_CUDA
class Cuda : public Device {
 public:
  Cuda() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate"); }
  ~Cuda() override {
    for (void* p : held_) cudaFree(p);
    cudaStreamDestroy(stream_);
  }
  DLDevice name() const override { return {kDLCUDA, 0}; }
  void* stream() const override { return stream_; }
  void* hold(const std::vector<std::byte>& values) override {
    void* p = nullptr;
    check(cudaMalloc(&p, values.size()), "cudaMalloc");
    held_.push_back(p);
    check(cudaMemcpy(p, values.data(), values.size(), cudaMemcpyHostToDevice), "cudaMemcpy");
    return p;
  }
  void wait(const char* what) override { check(cudaDeviceSynchronize(), what); }
  void capture(bool on) override { check(on ? cudaProfilerStart() : cudaProfilerStop(), "cudaProfilerStart"); }

 private:
  static void check(cudaError_t error, const char* what) {
    if (error != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(error));
  }
  cudaStream_t stream_ = nullptr;
  std::vector<void*> held_;
};
#endif

std::unique_ptr<Device> open_device(const std::string& name) {
  if (name == "cpu") return std::make_unique<Host>();
#ifdef AISP_HAVE_CUDA
  return std::make_unique<Cuda>();
#else
  throw std::runtime_error("this aisp was built without CUDA");
#endif
}

void run(const record::Paths& paths, const model::TargetInfo& target, const Options& o) {
  WorkloadLibraries workloads(paths.workloads());
  auto unused = o.params;
  const auto problem = verify::declare(workloads.find(target.workload_library, target.target),
                                       [&](const std::string& name, const ParamSpec& p) {
                                         const auto chosen = o.params.find(name);
                                         unused.erase(name);
                                         if (chosen != o.params.end()) return chosen->second;
                                         return o.scale == "full" ? p.full : p.light;
                                       });
  if (!unused.empty()) throw std::runtime_error(o.target + " has no parameter " + unused.begin()->first);
  auto plugin = paths.variants() / target.variant_library;
  if (o.device == "cuda") plugin.replace_filename(plugin.stem().string() + "_cuda.so");
  const auto& variant = judge::find_variant(judge::load_plugin(plugin.string()), target.target, o.variant);

  const auto device = open_device(o.device);
  const auto count = problem.tensors.size();
  std::vector<std::vector<std::int64_t>> shapes(count);
  std::vector<DLTensor> tensors(count);
  std::vector<const DLTensor*> pointers;
  std::vector<aisp_tensor_info> infos;
  std::vector<aisp_param> params;
  for (std::size_t i = 0; i < count; ++i) {
    const auto& spec = problem.tensors[i];
    const auto key = verify::derive(verify::Key{42}, "tensor", i);
    std::vector<std::byte> values(spec.bytes());
    if (spec.role == Role::output)
      verify::poison(spec.dtype, key, values);
    else
      verify::draw(spec, key, values);
    shapes[i] = spec.shape;
    tensors[i] = {device->hold(values),
                  device->name(),
                  static_cast<std::int32_t>(shapes[i].size()),
                  info(spec.dtype).dl,
                  shapes[i].data(),
                  nullptr,
                  0};
    pointers.push_back(&tensors[i]);
    infos.push_back({spec.name.c_str(), static_cast<std::int32_t>(spec.role), tensors[i]});
    infos.back().tensor.data = nullptr;
  }
  for (const auto& p : problem.params) params.push_back({p.name.c_str(), p.value});
  const aisp_setup setup{sizeof(aisp_setup),
                         problem.target.c_str(),
                         static_cast<std::int32_t>(params.size()),
                         params.data(),
                         static_cast<std::int32_t>(count),
                         infos.data(),
                         1,
                         1,
                         device->name(),
                         device->stream(),
                         "/tmp"};
  device->wait("inputs");
  void* state = nullptr;
  check(variant.prepare(&setup, &state), "prepare");
  check(variant.bind(state, 0, pointers.data(), static_cast<std::int32_t>(count)), "bind");
  device->wait("bind");
  for (int call = 0; call < o.calls; ++call) {
    if (call == (o.calls > 1 ? 1 : 0)) device->capture(true);
    check(variant.run(state, 0), "run");
    device->wait("run");
  }
  device->capture(false);
  variant.release(state);
}

std::int64_t number(const std::string& text, const char* what, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most)
    throw std::runtime_error(std::string(what) + " must be a whole number from 1, not '" + text + "'");
  return value;
}

Options options_of(const std::vector<std::string>& arguments) {
  constexpr const char* kUsage =
      "usage: aisp-replay --list [cuda|cpu] | TARGET VARIANT [--device cuda|cpu] [--scale light|full] [--calls N] "
      "[PARAMETER=VALUE…]";
  Options o;
  std::vector<std::string> places;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& a = arguments[i];
    const auto value = [&] { return i + 1 < arguments.size() ? arguments[++i] : throw std::runtime_error(kUsage); };
    if (a == "--device")
      o.device = value();
    else if (a == "--scale")
      o.scale = value();
    else if (a == "--calls")
      o.calls = static_cast<int>(number(value(), "--calls", 1000));
    else if (const auto equals = a.find('='); equals != std::string::npos)
      o.params[a.substr(0, equals)] = number(a.substr(equals + 1), a.c_str(), std::int64_t{1} << 40);
    else
      places.push_back(a);
  }
  const bool known = (o.device == "cuda" || o.device == "cpu") && (o.scale == "light" || o.scale == "full");
  if (places.size() != 2 || !known) throw std::runtime_error(kUsage);
  o.target = places[0], o.variant = places[1];
  return o;
}

int main_of(const std::vector<std::string>& arguments) {
  const auto paths = record::Paths::of_this_binary();
  const auto targets = record::load_targets(paths);
  if (!arguments.empty() && arguments[0] == "--list") {
    const std::string device = arguments.size() > 1 ? arguments[1] : "cuda";
    for (const auto& target : targets)
      for (const auto& v : target.variants)
        if (v.device == device && !v.name.ends_with("_sm100"))
          std::printf("%s %s\n", target.target.c_str(), v.name.c_str());
    return 0;
  }
  const auto o = options_of(arguments);
  for (const auto& target : targets)
    for (const auto& v : target.variants)
      if (target.target == o.target && v.name == o.variant && v.device == o.device) {
        run(paths, target, o);
        std::printf("%s %s ran\n", o.target.c_str(), o.variant.c_str());
        return 0;
      }
  throw std::runtime_error("no such variant: " + o.target + " " + o.variant + " for " + o.device);
}

}  // namespace
}  // namespace aisp::app

int main(int argc, char** argv) {
  try {
    return aisp::app::main_of({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "aisp-replay: %s\n", e.what());
    return 1;
  }
}
