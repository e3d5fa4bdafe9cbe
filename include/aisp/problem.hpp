// A workload as plain data: what a declaration in workload.hpp produces and the judge works from.
#pragma once

#include <aisp/dtype.hpp>
#include <aisp/random.hpp>
#include <aisp/tensor.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aisp {

enum class Role : std::uint8_t { fresh, constant, inout, output };  // see aisp_role in plugin.h

// ---------------------------------------------------------------------------------------------------------------------
// Input distributions. Values come from a counter-based generator (verify/random.hpp) under a secret key.

struct Distribution {
  enum class Kind : std::uint8_t { uniform, normal, integers, permutation, sparse, custom };
  Kind kind = Kind::uniform;
  double a = 0, b = 1;  // uniform [a, b) · normal(mean a, deviation b) · integers a ≤ v ≤ b
  double density = 1;   // sparse: the share of elements that is not zero (those are drawn from `base`)
  Kind base = Kind::normal;
  bool mixed = false;  // part of the calls draw adversarial variants of it: see mixed()
  std::function<void(std::span<double>, Random&)> draw;  // custom: fills values, from these numbers alone
};

inline Distribution uniform(double lo, double hi) {
  return {.kind = Distribution::Kind::uniform, .a = lo, .b = hi, .draw = {}};
}
inline Distribution normal(double mean, double deviation) {
  return {.kind = Distribution::Kind::normal, .a = mean, .b = deviation, .draw = {}};
}
inline Distribution integers(std::int64_t lo, std::int64_t hi) {
  return {.kind = Distribution::Kind::integers, .a = static_cast<double>(lo), .b = static_cast<double>(hi), .draw = {}};
}
// Each of 0 … n−1 once, n the number of elements.
inline Distribution permutation() { return {.kind = Distribution::Kind::permutation, .draw = {}}; }
// Zero but for `density` of the elements, which follow `base` (uniform or normal).
inline Distribution sparse(double density, Distribution base) {
  base.base = base.kind;
  base.kind = Distribution::Kind::sparse;
  base.density = density;
  return base;
}
// Mostly `base`; a share of the calls, chosen by the secret seed, draw from the same family made hard: blocks of very
// different magnitude, all of one sign, sorted, mostly zero, a few large outliers.
inline Distribution mixed(Distribution base) {
  base.mixed = true;
  return base;
}
inline Distribution custom(std::function<void(std::span<double>, Random&)> draw) {
  return {.kind = Distribution::Kind::custom, .draw = std::move(draw)};
}

// ---------------------------------------------------------------------------------------------------------------------
// Parameters and tensors

struct Range {
  std::int64_t lo = 0, hi = 0;  // inclusive; {0, 0} = the parameter is not held out
  std::int64_t multiple = 1;    // drawn values are multiples of this
};

struct ParamSpec {
  std::int64_t light = 0;
  std::int64_t full = 0;
  Range held_out = {};                   // where the secret seed draws held-out values
  std::vector<std::int64_t> edges = {};  // also verified: awkward values (1, tile ± 1, …)
};

struct Param {
  std::string name;
  ParamSpec spec;
  std::int64_t value = 0;  // in this case
};

struct TensorSpec {
  std::string name;
  Role role = Role::fresh;
  DType dtype = f32;
  std::vector<std::int64_t> shape;
  Distribution distribution;
  // Problems of several ranks: how much of the first axis each rank owns; empty: every rank reads all of it.
  std::vector<std::int64_t> shards = {};

  std::int64_t elements() const {
    std::int64_t n = 1;
    for (auto d : shape) n *= d;
    return n;
  }
  std::size_t bytes() const { return static_cast<std::size_t>(elements()) * info(dtype).size; }
  bool readable() const { return role != Role::output; }
  bool writable() const { return role == Role::inout || role == Role::output; }
};

// ---------------------------------------------------------------------------------------------------------------------
// One call as the reference sees it: every tensor as doubles.

class Case {
 public:
  struct Entry {
    const TensorSpec* spec = nullptr;
    std::vector<double> input;   // readable tensors
    std::vector<double> output;  // writable tensors: what the reference writes; inout starts as a copy of the input
    std::vector<double>
        scale;  // writable tensors, optional: the magnitude whose rounding an element's error is made of
  };

  // Shape is checked against the declaration; throws on an unknown name, wrong rank or wrong role.
  template <int Rank> Tensor<const double, Rank> in(std::string_view name) const {
    const Entry& e = find(name);
    if (!e.spec->readable()) throw std::logic_error("'" + std::string(name) + "' is an output, not an input");
    return view<const double, Rank>(e, e.input.data());
  }
  template <int Rank> Tensor<double, Rank> out(std::string_view name) {
    Entry& e = const_cast<Entry&>(find(name));
    if (!e.spec->writable()) throw std::logic_error("'" + std::string(name) + "' is an input, not an output");
    return view<double, Rank>(e, e.output.data());
  }
  // Default scale of an element is |reference|. Sums state Σ|terms| here, since cancellation keeps their error.
  template <int Rank> Tensor<double, Rank> scale(std::string_view name) {
    Entry& e = const_cast<Entry&>(find(name));
    if (e.scale.empty()) e.scale.assign(e.output.size(), 0.0);
    return view<double, Rank>(e, e.scale.data());
  }

  std::vector<Entry> entries;  // in declaration order

 private:
  const Entry& find(std::string_view name) const {
    for (const auto& e : entries)
      if (e.spec->name == name) return e;
    throw std::logic_error("the workload has no tensor '" + std::string(name) + "'");
  }
  template <class T, int Rank> static Tensor<T, Rank> view(const Entry& e, T* data) {
    if (static_cast<int>(e.spec->shape.size()) != Rank)
      throw std::logic_error("'" + e.spec->name + "' has rank " + std::to_string(e.spec->shape.size()));
    Tensor<T, Rank> t;
    t.data = data;
    for (int d = 0; d < Rank; ++d) t.shape[d] = e.spec->shape[static_cast<std::size_t>(d)];
    return t;
  }
};

using Reference = std::function<void(Case&)>;

// The same on the device: what a reference.cu registers; see device_reference.hpp.
class DeviceCase;
using DeviceReference = void (*)(DeviceCase&);

// Probabilistic check of C = A·B, batched over leading dimensions (Freivalds 1977), in column blocks: see
// verify/freivalds.hpp.
struct Product {
  std::string c, a, b;
  bool b_transposed = false;  // B is stored N×K
};

// Tolerances in units of eps × scale. Derived from `accumulates` unless a workload states its own, with its reason.
struct Tolerance {
  double element = 0;  // |got − ref| ≤ element · eps · scale, for each element
  double norm = 0;     // ‖got − ref‖₂ ≤ norm · eps · ‖scale‖₂
  std::string why;     // required when either is looser than the derived one
};

// What a problem of several ranks says of its communication. Messages are counted by the judge, not by the ranks; what
// is not stated is not checked.
struct Wire {
  double least_bytes = 0;                        // that a call sends, over all ranks: with fewer nobody can know enough
  std::vector<std::int64_t> message_bytes = {};  // sizes that messages have (gradient buckets); empty: any
  std::vector<std::pair<int, int>> links = {};   // {from, to}: the topology; empty: anybody to anybody
  double least_busy = 0;                         // CPU time of every rank, as a share of the busiest rank's
};

inline constexpr int kMostRanks = 16;

enum class Cache : std::uint8_t { cold, warm };  // does a timed call find its inputs in the last-level cache?

// ---------------------------------------------------------------------------------------------------------------------
// One case of a workload: its declaration with a value for every parameter.

struct Problem {
  std::string target;  // "ch09:softmax"
  std::string about;
  std::string teaching;     // why the baseline is deliberately naive; empty when it is an honest one
  std::string no_held_out;  // why no parameter is held out
  std::string composable;   // why constants that bind could compose into less work do no harm
  std::vector<Param> params;
  std::vector<TensorSpec> tensors;
  Reference reference;
  DeviceReference device_reference = nullptr;
  std::optional<Product> product;
  DType arithmetic = f32;              // a correct variant computes in this dtype
  std::int64_t depth = 1;              // the longest chain of roundings behind one output element
  std::optional<Tolerance> tolerance;  // when stated; see verify/tolerance.hpp for the derived one
  double flops = 0;
  double bytes = 0;
  Cache cache = Cache::warm;
  int ranks = 0;  // worker processes a variant consists of; 0: one that knows nothing of ranks
  Wire wire = {};
};

}  // namespace aisp
