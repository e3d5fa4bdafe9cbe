// What the author of a variant of several ranks includes. Each rank is a process; the tensors it is given are its own
// shards, and all else it knows from the others:
//
//     #include <aisp/ranks.hpp>
//     namespace {
//     void all_reduce(aisp::Ranks& ranks, aisp::Vector<const float> x, aisp::Vector<float> sum) {
//       ranks.send((ranks.rank() + 1) % ranks.size(), x.data, x.size());
//       ...
//     }
//     }  // namespace
//     AISP_VARIANT(all_reduce);
//
// A function takes Ranks& as its first argument; a class calls aisp::ranks(), from its constructor on. Collectives on
// top of it: collectives.hpp. How the judge counts what is sent: docs/ranks.md.
#pragma once

#include <aisp/wire.h>
#include <aisp/share.hpp>
#include <aisp/variant.hpp>

namespace aisp {

class Ranks {
 public:
  explicit Ranks(const aisp_wire& wire) : wire_(&wire) {}

  int rank() const { return wire_->rank; }
  int size() const { return wire_->ranks; }
  // One message of `count` values. May return before it is received, and the data may change then.
  template <class T> void send(int to, const T* data, std::int64_t count) {
    check(wire_->send(wire_->context, to, data, bytes_of<T>(count)));
  }
  // The next message of rank `from`; throws when it has another size. Waits without using the processor.
  template <class T> void receive(int from, T* data, std::int64_t count) {
    check(wire_->receive(wire_->context, from, data, bytes_of<T>(count)));
  }
  // Returns once every rank has come here.
  void barrier() { check(wire_->barrier(wire_->context)); }

 private:
  template <class T> static std::uint64_t bytes_of(std::int64_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (count < 0) throw std::invalid_argument("a message of " + std::to_string(count) + " values");
    return static_cast<std::uint64_t>(count) * sizeof(T);
  }
  static void check(const char* message) {
    if (message) throw std::runtime_error(message);
  }
  const aisp_wire* wire_;
};

namespace detail {
inline const aisp_wire*& given_wire() {
  static const aisp_wire* wire = nullptr;
  return wire;
}
}  // namespace detail

// The ranks of this variant; throws when the workload has none.
inline Ranks ranks() {
  if (!detail::given_wire()) throw std::logic_error("this variant needs ranks, and its workload has none");
  return Ranks(*detail::given_wire());
}

namespace detail {

// The first argument is no tensor.
template <class R, class... A> struct Arguments<R(Ranks&, A...)> : Arguments<R(A...)> {};

template <class F> inline constexpr bool takes_ranks = false;
template <class R, class... A> inline constexpr bool takes_ranks<R (*)(Ranks&, A...)> = true;

template <auto Function>
requires takes_ranks<decltype(Function)>
struct Stateless<Function> {
  explicit Stateless(const Setup&) {}
  using Call = Arguments<decltype(Function)>;
  template <class... A> void operator()(A&&... a) { Function(ranks_, std::forward<A>(a)...); }

 private:
  Ranks ranks_ = ranks();
};

}  // namespace detail
}  // namespace aisp

// Merged by the linker like the plugin's other symbol.
extern "C" __attribute__((visibility("default"), used)) inline void aisp_wire_v1(const aisp_wire* wire) {
  aisp::detail::given_wire() = wire;
}
