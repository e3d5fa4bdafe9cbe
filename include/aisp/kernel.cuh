// What the author of a CUDA variant that is kernels alone includes. Such a file compiles with nvcc and with NVRTC, so
// `aisp judge` takes it on machines that have neither a CUDA toolkit nor a host compiler:
//
//     #include <aisp/kernel.cuh>
//     __global__ void scale(aisp::Vector<const float> x, aisp::Vector<float> y) {
//       const auto i = std::int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
//       if (i < y.size()) y[i] = 2 * x[i];
//     }
//     AISP_KERNEL(scale, [](auto x, auto y) {
//       return aisp::Launch{.blocks = {aisp::blocks(y.size(), 256)}, .threads = {256}};
//     });
//
// A kernel takes every tensor of the workload, in its order; the lambda says for given shapes how it is launched and
// never looks at data. Several kernels run one after another: AISP_KERNEL(first, launch_first, second, launch_second),
// at most eight. What needs more than that (buffers of its own, graphs, libraries) is host code: <aisp/cuda.hpp>.
#pragma once

#include <aisp/dtype.hpp>
#include <aisp/tensor.hpp>

#if defined(__CUDACC_RTC__)
struct __half;
struct __nv_bfloat16;
struct __nv_fp8_e4m3;
struct __nv_fp8_e5m2;
#else
#include <aisp/cuda.hpp>

#include <optional>
#endif

namespace aisp {

struct Launch {
  dim3 blocks, threads;
  unsigned shared_bytes = 0;  // dynamic shared memory of a block
};

namespace detail {

// Kernels and their launches in turn: (kernel, launch, kernel, launch, ...).
template <class... Parts> struct Kernels {
  static_assert(sizeof...(Parts) == 0, "AISP_KERNEL takes a kernel and its launch, in turn");
};

}  // namespace detail
}  // namespace aisp

#if !defined(__CUDACC_RTC__)

namespace aisp::detail {

template <> struct Kernels<> {
  template <class... A> void operator()(Slot, A...) const {}
};

template <class... A, class LaunchOf, class... Rest> struct Kernels<void (*)(A...), LaunchOf, Rest...> {
  constexpr Kernels(void (*its_kernel)(A...), LaunchOf its_launch, Rest... its_rest)
      : kernel(its_kernel), launch_of(its_launch), rest{its_rest...} {}

  void operator()(Slot slot, A... tensors) const {
    const Launch launch = launch_of(tensors...);
    if (launch.shared_bytes > 48 * 1024)  // more must be asked for: CUDA C++ Programming Guide, "Shared Memory"
      AISP_CUDA(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                     static_cast<int>(launch.shared_bytes)));
    kernel<<<launch.blocks, launch.threads, launch.shared_bytes, stream(slot)>>>(tensors...);
    rest(slot, tensors...);
  }

  void (*kernel)(A...);
  LaunchOf launch_of;
  Kernels<Rest...> rest;
};

template <class... Parts> struct KernelVariant : Kernels<Parts...> {
  explicit KernelVariant(const Setup&) : Kernels<Parts...>(*declared()) {}
  static std::optional<Kernels<Parts...>>& declared() {
    static std::optional<Kernels<Parts...>> kernels;
    return kernels;
  }
};

template <class... Parts> aisp_variant describe_kernels(Parts... parts) {
  KernelVariant<Parts...>::declared().emplace(parts...);
  return describe<KernelVariant<Parts...>>({});
}

}  // namespace aisp::detail

#define AISP_KERNEL(...) \
  static const ::aisp::detail::RegisterVariant aisp_registered_variant(::aisp::detail::describe_kernels(__VA_ARGS__))

#else  // NVRTC, in the worker: see src/nvrtc. What it finds here by name is aisp_kernel<I> and aisp_launches.

namespace aisp {

template <> struct dtype_of<__half> { static constexpr DType value = f16; };
template <> struct dtype_of<__nv_bfloat16> { static constexpr DType value = bf16; };
template <> struct dtype_of<__nv_fp8_e4m3> { static constexpr DType value = f8e4m3; };
template <> struct dtype_of<__nv_fp8_e5m2> { static constexpr DType value = f8e5m2; };

// Blocks of `per_block` elements that cover `n`.
constexpr unsigned blocks(std::int64_t n, std::int64_t per_block) {
  return static_cast<unsigned>((n + per_block - 1) / per_block);
}

namespace detail {

inline __device__ int multiprocessor_count;

struct Shapes {  // of the workload's tensors: as many and as long as the judge's protocol allows
  std::int64_t of[16][6];
};

template <class T> struct Argument {
  static constexpr bool is(int, int, int, bool) { return false; }
};
template <class T, int Rank> struct Argument<Tensor<T, Rank>> {
  // The worker lays arguments out by itself.
  static_assert(sizeof(Tensor<T, Rank>) == 8 + 8 * Rank && alignof(Tensor<T, Rank>) == 8);

  static constexpr bool is(int code, int bits, int rank, bool writable) {
    return element_is(static_cast<const T*>(nullptr), code, bits) && rank == Rank && writable != is_const<T>;
  }
  static __device__ Tensor<T, Rank> of(const std::int64_t* shape) {
    Tensor<T, Rank> tensor;
    for (int d = 0; d < Rank; ++d) tensor.shape[d] = shape[d];
    return tensor;
  }

 private:
  template <class> static constexpr bool is_const = false;
  template <class E> static constexpr bool is_const<const E> = true;
  template <class E> static constexpr bool element_is(const E*, int code, int bits) {
    if constexpr (requires { dtype_of<E>::value; }) {
      constexpr auto dl = info(dtype_of<E>::value).dl;
      return dl.code == code && dl.bits == bits;
    }
    return false;
  }
};

template <class... Parts> constexpr Kernels<Parts...> kernels(Parts... parts) { return {parts...}; }

__global__ void no_kernel() {}

template <> struct Kernels<> {
  static constexpr bool launched = true;
  static constexpr bool take(int) { return true; }
  template <int> static constexpr bool takes(int, int, int, bool) { return true; }
  template <int> constexpr auto at() const { return &no_kernel; }
  static __device__ void launches(const Shapes&, Launch*) {}
};

template <class... A, class LaunchOf, class... Rest> struct Kernels<void (*)(A...), LaunchOf, Rest...> {
  using Others = Kernels<Rest...>;
  constexpr Kernels(void (*its_kernel)(A...), LaunchOf, Rest... its_rest) : kernel(its_kernel), rest{its_rest...} {}

  static constexpr bool launched = Others::launched && requires(A... tensors) { Launch{LaunchOf{}(tensors...)}; };
  static constexpr bool take(int tensors) { return tensors == sizeof...(A) && Others::take(tensors); }
  // Whether argument `Index` of every kernel is such a tensor.
  template <int Index> static constexpr bool takes(int code, int bits, int rank, bool writable) {
    int i = 0;
    return ((i++ != Index || Argument<A>::is(code, bits, rank, writable)) && ...) &&
           Others::template takes<Index>(code, bits, rank, writable);
  }
  template <int Index> constexpr auto at() const {
    if constexpr (Index == 0)
      return kernel;
    else
      return rest.template at<Index - 1>();
  }
  static __device__ void launches(const Shapes& shapes, Launch* launches) {
    int i = 0;
    *launches = LaunchOf{}(A{Argument<A>::of(shapes.of[i++])}...);
    Others::launches(shapes, launches + 1);
  }

  void (*kernel)(A...);
  Others rest;
};

}  // namespace detail

// Multiprocessors of the device, for launches.
inline __device__ int multiprocessors() { return detail::multiprocessor_count; }

}  // namespace aisp

#include <aisp/workload_checks.h>  // made from the workload by the worker

#define AISP_KERNEL(...)                                                                                            \
  static constexpr auto aisp_kernels = ::aisp::detail::kernels(__VA_ARGS__);                                        \
  static_assert(decltype(aisp_kernels)::launched, "a launch takes its kernel's tensors and gives an aisp::Launch"); \
  AISP_WORKLOAD_CHECKS(decltype(aisp_kernels))                                                                      \
  template <int Index> constexpr auto aisp_kernel = aisp_kernels.at<Index>();                                       \
  extern "C" __global__ void aisp_launches(::aisp::detail::Shapes shapes, int multiprocessors, aisp::Launch* out) { \
    ::aisp::detail::multiprocessor_count = multiprocessors;                                                         \
    decltype(aisp_kernels)::launches(shapes, out);                                                                  \
  }                                                                                                                 \
  static_assert(true)

#endif
