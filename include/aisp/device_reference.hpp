// What the author of a target's reference.cu includes: the reference of workload.cpp once more, on the device and in
// double, for sizes at which the host takes too long. Before the judge trusts it, it compares it with the reference of
// workload.cpp at a small shape. A target without one, or whose output is a declared product(), needs no such file.
//
//     #include <aisp/device_reference.hpp>
//
//     AISP_DEVICE_REFERENCE(c) {
//       const auto x = c.in<float, 1>("x");
//       const auto y = c.out<1>("y");
//       c.for_each(y.size(), [=] __device__(std::int64_t i) { y[i] = 2.0 * x[i]; });
//     }
//
// Inputs keep their dtype, outputs and scales are doubles. Everything is queued on c.stream(). Like workload.cpp it
// runs in the judge only.
#pragma once

#include <aisp/workload.hpp>

#include <cuda_runtime.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aisp {

class DeviceCase {
 public:
  // All pointers are of device memory. `input` is null for outputs, `output` and `scale` for read-only tensors.
  struct Entry {
    const TensorSpec* spec = nullptr;
    const void* input = nullptr;
    double* output = nullptr;  // not initialised, inout neither
    double* scale = nullptr;   // set once the reference asked for it
  };
  using Allocate = std::function<double*(std::int64_t count)>;  // memory that lives as long as the case

  DeviceCase(const std::vector<Param>& params, std::vector<Entry> all, Allocate allocate, cudaStream_t stream)
      : entries(std::move(all)), params_(params), allocate_(std::move(allocate)), stream_(stream) {}

  // The workload's parameter of that name; throws std::logic_error when there is none.
  std::int64_t param(std::string_view name) const {
    for (const auto& p : params_)
      if (p.name == name) return p.value;
    throw std::logic_error("the workload has no parameter '" + std::string(name) + "'");
  }

  // Shape and dtype are checked against the declaration; these throw std::logic_error on an unknown name, wrong rank,
  // wrong dtype or wrong role.
  template <class T, int Rank> Tensor<const T, Rank> in(std::string_view name) {
    const Entry& e = find(name);
    if (!e.spec->readable()) throw std::logic_error("'" + std::string(name) + "' is an output, not an input");
    if (dtype_of<T>::value != e.spec->dtype)
      throw std::logic_error("'" + std::string(name) + "' has elements of " + info(e.spec->dtype).name);
    return view<const T, Rank>(e, static_cast<const T*>(e.input));
  }
  template <int Rank> Tensor<double, Rank> out(std::string_view name) {
    const Entry& e = writable(name);
    return view<double, Rank>(e, e.output);
  }
  // Default scale of an element is |reference|. Sums state Σ|terms| here, since cancellation keeps their error.
  template <int Rank> Tensor<double, Rank> scale(std::string_view name) {
    Entry& e = writable(name);
    if (!e.scale) e.scale = allocate_(e.spec->elements());
    return view<double, Rank>(e, e.scale);
  }
  // Room for intermediate results, not initialised.
  double* scratch(std::int64_t count) { return allocate_(count); }

  cudaStream_t stream() const { return stream_; }

  // Calls body(i) for i in [0, n), in parallel. The lanes of a warp have consecutive i from a multiple of 32, so with n
  // a multiple of 32 they can work together.
  template <class Body> void for_each(std::int64_t n, const Body& body);

  std::vector<Entry> entries;  // in declaration order

 private:
  Entry& find(std::string_view name) {
    for (auto& e : entries)
      if (e.spec->name == name) return e;
    throw std::logic_error("the workload has no tensor '" + std::string(name) + "'");
  }
  Entry& writable(std::string_view name) {
    Entry& e = find(name);
    if (!e.spec->writable()) throw std::logic_error("'" + std::string(name) + "' is an input, not an output");
    return e;
  }
  template <class T, int Rank> static Tensor<T, Rank> view(const Entry& e, T* data) {
    if (static_cast<int>(e.spec->shape.size()) != Rank)
      throw std::logic_error("'" + e.spec->name + "' has rank " + std::to_string(e.spec->shape.size()));
    Tensor<T, Rank> t;
    t.data = data;
    for (int d = 0; d < Rank; ++d) t.shape[d] = e.spec->shape[static_cast<std::size_t>(d)];
    return t;
  }

  const std::vector<Param>& params_;
  Allocate allocate_;
  cudaStream_t stream_;
};

#if defined(__CUDACC__)
namespace detail {
template <class Body> __global__ void each(std::int64_t n, const Body body) {
  const auto step = std::int64_t{gridDim.x} * blockDim.x;
  for (auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < n; i += step) body(i);
}
}  // namespace detail

template <class Body> void DeviceCase::for_each(std::int64_t n, const Body& body) {
  constexpr std::int64_t threads = 128, most = 1 << 20;
  const std::int64_t blocks = (n + threads - 1) / threads;
  detail::each<<<static_cast<unsigned>(blocks < most ? blocks : most), threads, 0, stream_>>>(n, body);
}
#endif

}  // namespace aisp

#define AISP_DEVICE_REFERENCE(c)                                                                                 \
  static void aisp_device_reference(::aisp::DeviceCase&);                                                        \
  static const ::aisp::detail::RegisterDeviceReference aisp_registered_device_reference{AISP_TARGET,             \
                                                                                        &aisp_device_reference}; \
  static void aisp_device_reference(::aisp::DeviceCase& c)
