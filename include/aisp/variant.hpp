// What the author of a variant includes. A variant is a function of tensors, in the workload's order:
//
//     #include <aisp/variant.hpp>
//     namespace {
//     void scale(aisp::Vector<const float> x, aisp::Vector<float> y) {
//       for (std::int64_t i = 0; i < x.size(); ++i) y[i] = 2 * x[i];
//     }
//     }  // namespace
//     AISP_VARIANT(scale);
//
// Read-only tensors (fresh and constant inputs) are Tensor<const T, Rank>, written ones (inout, output) Tensor<T,
// Rank>; the worker refuses a variant whose types do not match the workload. When there is something to prepare, the
// variant is a class:
//
//     struct Packed {
//       explicit Packed(const aisp::Setup& setup);                  // prepare: parameters and shapes, no data
//       void bind(aisp::Slot s, Matrix<const float> w, ...);        // optional, untimed: constants are real, the rest
//       decoys void operator()(aisp::Slot s, Matrix<const float> w, ...);  // run: timed ~Packed(); // release
//     };
//     AISP_VARIANT(Packed, .threads = 2);
//
// `Slot` (the slot's index and, on CUDA, the stream) is optional as the first argument of both. Errors are exceptions.
// The target and the variant's name come from the file's place: chapters/ch09/softmax/online.cpp is ch09:softmax,
// online.
#pragma once

#include <aisp/plugin.h>
#include <aisp/dtype.hpp>
#include <aisp/tensor.hpp>

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#ifndef AISP_TARGET
#define AISP_TARGET ""
#endif
#ifndef AISP_VARIANT_NAME
#define AISP_VARIANT_NAME "custom"
#endif

namespace aisp {

struct Slot {
  int index = 0;
  void* stream = nullptr;  // cudaStream_t on CUDA devices
};

// What `prepare` may know: parameters and shapes, never data.
class Setup {
 public:
  explicit Setup(const aisp_setup& raw) : raw_(raw) {}

  // The workload's parameter of that name; throws when there is none.
  std::int64_t param(std::string_view name) const {
    for (int i = 0; i < raw_.num_params; ++i)
      if (name == raw_.params[i].name) return raw_.params[i].value;
    throw std::invalid_argument("the workload has no parameter '" + std::string(name) + "'");
  }
  // Shape of the tensor of that name, in elements.
  std::vector<std::int64_t> shape(std::string_view name) const {
    for (int i = 0; i < raw_.num_tensors; ++i)
      if (name == raw_.tensors[i].name)
        return {raw_.tensors[i].tensor.shape, raw_.tensors[i].tensor.shape + raw_.tensors[i].tensor.ndim};
    throw std::invalid_argument("the workload has no tensor '" + std::string(name) + "'");
  }
  int threads() const { return raw_.threads; }      // how many threads run may use
  int max_slots() const { return raw_.max_slots; }  // Slot::index is below this
  const char* scratch() const { return raw_.scratch; }
  void* stream() const { return raw_.stream; }

 private:
  const aisp_setup& raw_;
};

struct VariantOptions {
  const char* about = "";  // one line: what the technique is
  int threads = 1;         // threads used at once; 0 = as many as the judge gives
  DLDeviceType device =
#if defined(__CUDACC__)
      kDLCUDA;
#else
      kDLCPU;
#endif
};

namespace detail {

template <class T> struct TensorArgument;
template <class T, int Rank> struct TensorArgument<Tensor<T, Rank>> {
  static constexpr aisp_argument spec{info(dtype_of<std::remove_const_t<T>>::value).dl, Rank, !std::is_const_v<T>};
  static Tensor<T, Rank> from(const DLTensor& t) {
    Tensor<T, Rank> view;
    view.data = reinterpret_cast<T*>(static_cast<char*>(t.data) + t.byte_offset);
    for (int d = 0; d < Rank; ++d) view.shape[d] = t.shape[d];
    return view;
  }
};

// Arguments of a callable: an optional Slot, then tensors.
template <class F> struct Arguments;
template <class R, class... A> struct Arguments<R (*)(A...)> : Arguments<R(A...)> {};
template <class C, class R, class... A> struct Arguments<R (C::*)(A...)> : Arguments<R(A...)> {};
template <class C, class R, class... A> struct Arguments<R (C::*)(A...) const> : Arguments<R(A...)> {};
template <class R, class... A> struct Arguments<R(Slot, A...)> : Arguments<R(A...)> {
  static constexpr bool wants_slot = true;
};
template <class R, class... A> struct Arguments<R(A...)> {
  static constexpr bool wants_slot = false;
  using Tensors = std::tuple<A...>;
  static constexpr int count = sizeof...(A);
  static constexpr aisp_argument specs[sizeof...(A) + 1] = {TensorArgument<A>::spec..., {}};
  static Tensors bind(const DLTensor* const* t) { return bind_each(t, std::index_sequence_for<A...>{}); }

 private:
  template <std::size_t... I>
  static Tensors bind_each([[maybe_unused]] const DLTensor* const* t, std::index_sequence<I...>) {
    return Tensors{TensorArgument<A>::from(*t[I])...};
  }
};

// A plain function seen as a variant class without state.
template <auto Function> struct Stateless {
  explicit Stateless(const Setup&) {}
  using Call = Arguments<decltype(Function)>;
  template <class... A> void operator()(A&&... a) const { Function(std::forward<A>(a)...); }
};

template <class Impl> struct CallOf { using type = Arguments<decltype(&Impl::operator())>; };
template <auto Function> struct CallOf<Stateless<Function>> { using type = typename Stateless<Function>::Call; };

template <class Impl>
concept HasBind = requires {
  &Impl::bind;
};

// Adapts Impl to the C ABI. One object per worker; exceptions become messages.
template <class Impl> class Adapter {
  using Call = typename CallOf<Impl>::type;

 public:
  explicit Adapter(const aisp_setup& raw)
      : impl_(Setup(raw)), stream_(raw.stream), slots_(static_cast<std::size_t>(raw.max_slots)) {}

  static const char* prepare(const aisp_setup* setup, void** state) {
    return guarded([&] { *state = new Adapter(*setup); });
  }
  static const char* bind(void* state, std::int32_t slot, const DLTensor* const* tensors, std::int32_t count) {
    auto& self = *static_cast<Adapter*>(state);
    return guarded([&] {
      if (count != Call::count) throw std::invalid_argument("wrong number of tensors");
      auto& bound = self.slots_.at(static_cast<std::size_t>(slot));
      bound = Call::bind(tensors);
      if constexpr (HasBind<Impl>) {
        std::apply(
            [&](auto&... t) {
              if constexpr (Arguments<decltype(&Impl::bind)>::wants_slot)
                self.impl_.bind(Slot{slot, self.stream_}, t...);
              else
                self.impl_.bind(t...);
            },
            bound);
      }
    });
  }
  static const char* run(void* state, std::int32_t slot) {
    auto& self = *static_cast<Adapter*>(state);
    return guarded([&] {
      std::apply(
          [&](auto&... t) {
            if constexpr (Call::wants_slot)
              self.impl_(Slot{slot, self.stream_}, t...);
            else
              self.impl_(t...);
          },
          self.slots_[static_cast<std::size_t>(slot)]);
      check_launches();
    });
  }
  static void release(void* state) { delete static_cast<Adapter*>(state); }

  static aisp_variant describe(const VariantOptions& o) {
    return {sizeof(aisp_variant), AISP_TARGET, AISP_VARIANT_NAME, o.about, o.device, o.threads,
            Call::count,          Call::specs, &prepare,          &bind,   &run,     &release};
  }

 private:
  // A plugin has a CUDA runtime of its own: nobody else sees that a launch of its kernels was refused.
  static void check_launches() {
#if defined(__CUDACC__)
    if (const cudaError_t error = cudaGetLastError(); error != cudaSuccess)
      throw std::runtime_error(std::string("a launch failed with ") + cudaGetErrorName(error) + " (" +
                               cudaGetErrorString(error) + ")");
#endif
  }

  template <class Body> static const char* guarded(Body&& body) {
    try {
      body();
      return nullptr;
    } catch (const std::exception& e) {
      static thread_local std::string message;
      message = e.what();
      return message.c_str();
    } catch (...) {
      return "unknown exception";
    }
  }

  Impl impl_;
  void* stream_;
  std::vector<typename Call::Tensors> slots_;
};

template <auto Function> aisp_variant describe(const VariantOptions& o) {
  return Adapter<Stateless<Function>>::describe(o);
}
template <class Impl> aisp_variant describe(const VariantOptions& o) { return Adapter<Impl>::describe(o); }

inline std::vector<const aisp_variant*>& registered_variants() {
  static std::vector<const aisp_variant*> all;
  return all;
}

inline const aisp_plugin& plugin() {
  static const aisp_plugin all{AISP_ABI_VERSION, static_cast<std::int32_t>(registered_variants().size()),
                               registered_variants().data()};
  return all;
}

struct RegisterVariant {
  explicit RegisterVariant(const aisp_variant& v) : variant(v) { registered_variants().push_back(&variant); }
  aisp_variant variant;
};

}  // namespace detail
}  // namespace aisp

// Registers `callable` (a function or a class) as this file's variant. Options: .about = "...", .threads = N.
#define AISP_VARIANT(callable, ...)                                         \
  static const ::aisp::detail::RegisterVariant aisp_registered_variant {    \
    ::aisp::detail::describe<callable>(::aisp::VariantOptions{__VA_ARGS__}) \
  }

// The plugin's one exported symbol; emitted by every file that includes this header, merged by the linker.
extern "C" __attribute__((visibility("default"), used)) inline const aisp_plugin* aisp_plugin_v1() {
  return &::aisp::detail::plugin();
}
