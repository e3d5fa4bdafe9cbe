// What the author of a workload includes. A workload is the problem, and belongs to the judge: parameters, tensors,
// input distributions, reference, tolerance, cost. It never runs in the worker.
//
//     AISP_WORKLOAD(w) {
//       w.about("Softmax of each row of a matrix");
//       const auto rows = w.param("rows", {.light = 1024, .full = 16384, .held_out = {1, 1500}});
//       const auto cols = w.param("cols", {.light = 2048, .full = 8192, .held_out = {1, 3000}});
//       w.input("x", f32, {rows, cols}, mixed(normal(0, 3)));
//       w.output("y", f32, {rows, cols});
//       w.accumulates(cols);
//       w.flops(5.0 * rows * cols);
//       w.reference([=](Case& c) {
//         const auto x = c.in<2>("x");
//         const auto y = c.out<2>("y");
//         ...
//       });
//     }
//
// The body runs once for every case (light, full, held-out), so `rows` is a plain number in it. Declarations that make
// no sense throw std::invalid_argument; what only an execution can show is found by `aisp bench audit`.
// The target's name comes from the file's place: chapters/ch09/softmax/workload.cpp is ch09:softmax.
#pragma once

#include <aisp/problem.hpp>
#include <aisp/share.hpp>

#include <utility>

#ifndef AISP_TARGET
#define AISP_TARGET ""
#endif

namespace aisp {

class Workload {
 public:
  // Which case the declaration runs for: gives each parameter its value.
  using Choose = std::function<std::int64_t(const std::string& name, const ParamSpec&)>;
  Workload(std::string target, Choose choose) : choose_(std::move(choose)) { problem_.target = std::move(target); }

  void about(std::string text) { problem_.about = std::move(text); }
  std::int64_t param(std::string name, ParamSpec spec);
  void input(std::string name, DType, std::vector<std::int64_t> shape, Distribution);     // fresh for every call
  void constant(std::string name, DType, std::vector<std::int64_t> shape, Distribution);  // weights: real from bind on
  void inout(std::string name, DType, std::vector<std::int64_t> shape,
             Distribution);  // state, restored before each call
  void output(std::string name, DType, std::vector<std::int64_t> shape);
  void reference(Reference r) { problem_.reference = std::move(r); }
  void product(Product p) { problem_.product = std::move(p); }
  // The dtype in which a correct variant computes (default: the widest float among the tensors, else i32).
  void arithmetic(DType t) { arithmetic_ = t; }
  // The longest chain of roundings behind one output element: the length of a sum, 1 for an elementwise map.
  void accumulates(std::int64_t depth) { problem_.depth = depth; }
  void tolerance(Tolerance t) { problem_.tolerance = std::move(t); }
  void flops(double n) { problem_.flops = n; }  // of the least work known for the problem
  void bytes(double n) { bytes_ = n; }          // least traffic; default: each tensor once, inout twice
  void cache(Cache c) { problem_.cache = c; }
  void teaching(std::string why) { problem_.teaching = std::move(why); }  // the baseline is deliberately naive
  void no_held_out(std::string why) { problem_.no_held_out = std::move(why); }
  // Outputs are linear in the fresh inputs, and `bind` could compose the constants into less work than is declared
  // (a chain of constant matrices is one matrix): the lint finds that unless a reason is given here.
  void composable(std::string why) { problem_.composable = std::move(why); }

  // A variant is several processes, ranks 0 … ranks−1, each of which sees its own shards and can learn the rest from
  // the others alone, over the judge's wire (ranks.hpp). The number is a parameter "ranks", which --ranks sets; or
  // fixed.
  std::int64_t ranks(ParamSpec spec);
  std::int64_t ranks(int fixed);
  // Shares the tensor out along its first axis: rows[r] to rank r, evenly by default. After ranks(). An input that is
  // not split is read whole by every rank; what ranks write must be split.
  void split(const std::string& name, std::vector<std::int64_t> rows = {});
  void wire(Wire w) { problem_.wire = std::move(w); }

  // The finished declaration; throws std::invalid_argument when something required is missing.
  Problem finish();

 private:
  void add(std::string name, Role, DType, std::vector<std::int64_t> shape, Distribution);
  void check_ranks() const;

  Problem problem_;
  Choose choose_;
  std::optional<DType> arithmetic_;
  std::optional<double> bytes_;
};

inline std::int64_t Workload::param(std::string name, ParamSpec spec) {
  for (const auto& p : problem_.params)
    if (p.name == name) throw std::invalid_argument("parameter '" + name + "' is declared twice");
  if (spec.light < 1 || spec.full < spec.light)
    throw std::invalid_argument("parameter '" + name + "' needs 1 <= light <= full");
  if (spec.held_out.hi && (spec.held_out.lo < 1 || spec.held_out.hi < spec.held_out.lo || spec.held_out.multiple < 1))
    throw std::invalid_argument("parameter '" + name + "' needs a held-out range 1 <= lo <= hi");
  const std::int64_t value = choose_(name, spec);
  problem_.params.push_back({std::move(name), std::move(spec), value});
  return value;
}

inline void Workload::add(std::string name, Role role, DType dtype, std::vector<std::int64_t> shape, Distribution d) {
  for (const auto& t : problem_.tensors)
    if (t.name == name) throw std::invalid_argument("tensor '" + name + "' is declared twice");
  if (shape.empty() || shape.size() > 6) throw std::invalid_argument("tensor '" + name + "' needs 1 to 6 dimensions");
  for (auto n : shape)
    if (n < 1) throw std::invalid_argument("tensor '" + name + "' has a dimension of " + std::to_string(n));
  problem_.tensors.push_back({std::move(name), role, dtype, std::move(shape), std::move(d)});
}

inline void Workload::input(std::string name, DType t, std::vector<std::int64_t> shape, Distribution d) {
  add(std::move(name), Role::fresh, t, std::move(shape), std::move(d));
}
inline void Workload::constant(std::string name, DType t, std::vector<std::int64_t> shape, Distribution d) {
  add(std::move(name), Role::constant, t, std::move(shape), std::move(d));
}
inline void Workload::inout(std::string name, DType t, std::vector<std::int64_t> shape, Distribution d) {
  add(std::move(name), Role::inout, t, std::move(shape), std::move(d));
}
inline void Workload::output(std::string name, DType t, std::vector<std::int64_t> shape) {
  add(std::move(name), Role::output, t, std::move(shape), {});
}

inline std::int64_t Workload::ranks(ParamSpec spec) {
  const auto count = param("ranks", std::move(spec));
  if (count < 1 || count > kMostRanks)
    throw std::invalid_argument(std::to_string(count) + " ranks: 1 to " + std::to_string(kMostRanks) + " are possible");
  problem_.ranks = static_cast<int>(count);
  return count;
}

inline std::int64_t Workload::ranks(int fixed) {
  const auto count = ranks({.light = fixed, .full = fixed});
  if (count != fixed)
    throw std::invalid_argument("this problem has " + std::to_string(fixed) + " ranks, no other number");
  return count;
}

inline void Workload::split(const std::string& name, std::vector<std::int64_t> rows) {
  if (problem_.ranks < 1) throw std::invalid_argument("split(\"" + name + "\") comes before ranks()");
  for (auto& t : problem_.tensors) {
    if (t.name != name) continue;
    if (rows.empty())
      for (int r = 0; r < problem_.ranks; ++r) rows.push_back(share_of(t.shape[0], problem_.ranks, r).count);
    std::int64_t sum = 0;
    bool possible = rows.size() == static_cast<std::size_t>(problem_.ranks);
    for (const auto n : rows) {
      possible = possible && n >= 0 && n <= t.shape[0];
      sum += possible ? n : 0;
    }
    if (!possible || sum != t.shape[0])
      throw std::invalid_argument("the shards of '" + name + "' must be " + std::to_string(problem_.ranks) +
                                  " numbers that add up to " + std::to_string(t.shape[0]));
    t.shards = std::move(rows);
    return;
  }
  throw std::invalid_argument("split() names no tensor '" + name + "'");
}

inline void Workload::check_ranks() const {
  const auto& p = problem_;
  const auto require = [&](bool ok, const std::string& what) {
    if (!ok) throw std::invalid_argument(p.target + ": " + what);
  };
  const auto& w = p.wire;
  if (p.ranks == 0) {
    require(w.least_bytes == 0 && w.message_bytes.empty() && w.links.empty() && w.least_busy == 0,
            "wire() needs ranks()");
    return;
  }
  for (const auto& t : p.tensors)
    require(!t.writable() || !t.shards.empty(), "ranks write '" + t.name + "': say whose rows are whose with split()");
  require(w.least_bytes >= 0 && w.least_bytes < 1e18, "least_bytes of the wire must be a number of bytes");
  require(w.least_busy >= 0 && w.least_busy <= 1, "least_busy of the wire is a share, 0 to 1");
  for (const auto bytes : w.message_bytes) require(bytes >= 1, "a message of the wire has at least one byte");
  for (const auto& [from, to] : w.links)
    require(from >= 0 && to >= 0 && from < p.ranks && to < p.ranks && from != to,
            "a link of the wire joins two different ranks, each from 0 to " + std::to_string(p.ranks - 1));
}

inline Problem Workload::finish() {
  auto& p = problem_;
  const auto require = [&](bool ok, const char* what) {
    if (!ok) throw std::invalid_argument(p.target + ": " + what);
  };
  bool any_output = false, any_held_out = false;
  int widest = -1;
  double traffic = 0;
  for (const auto& t : p.tensors) {
    any_output |= t.writable();
    traffic += static_cast<double>(t.bytes()) * (t.role == Role::inout ? 2 : 1);
    if (is_float(t.dtype) && (widest < 0 || info(t.dtype).eps < info(static_cast<DType>(widest)).eps))
      widest = static_cast<int>(t.dtype);
  }
  for (const auto& q : p.params) any_held_out |= q.spec.held_out.hi > 0;
  require(!p.about.empty(), "about() is missing");
  require(any_output, "no output is declared");
  require(static_cast<bool>(p.reference) || p.product.has_value(), "reference() is missing");
  require(p.depth >= 1, "accumulates() needs a depth of at least 1");
  require(any_held_out || !p.no_held_out.empty(),
          "no parameter has a held-out range; give one, or say why not with no_held_out()");
  check_ranks();
  p.arithmetic = arithmetic_.value_or(widest < 0 ? i32 : static_cast<DType>(widest));
  p.bytes = bytes_.value_or(traffic);
  return std::move(p);
}

// ---------------------------------------------------------------------------------------------------------------------
// Registration: a workload library exports aisp_workloads_v1, which lists its targets.

struct WorkloadEntry {
  const char* target;  // "ch09:softmax"
  void (*declare)(Workload&);
  DeviceReference device_reference = nullptr;  // of the reference.cu beside it
};

namespace detail {
inline std::vector<WorkloadEntry>& registered_workloads() {
  static std::vector<WorkloadEntry> all;
  return all;
}
struct RegisterWorkload {
  RegisterWorkload(const char* target, void (*declare)(Workload&)) {
    registered_workloads().push_back({target, declare});
  }
};
inline std::vector<std::pair<std::string_view, DeviceReference>>& registered_device_references() {
  static std::vector<std::pair<std::string_view, DeviceReference>> all;
  return all;
}
struct RegisterDeviceReference {
  RegisterDeviceReference(const char* target, DeviceReference reference) {
    registered_device_references().emplace_back(target, reference);
  }
};
}  // namespace detail
}  // namespace aisp

#define AISP_WORKLOAD(w)                                                                                       \
  static void aisp_declare_workload(::aisp::Workload&);                                                        \
  static const ::aisp::detail::RegisterWorkload aisp_registered_workload{AISP_TARGET, &aisp_declare_workload}; \
  static void aisp_declare_workload(::aisp::Workload& w)

#define AISP_WORKLOADS_SYMBOL "aisp_workloads_v1"
extern "C" __attribute__((visibility("default"), used)) inline const std::vector<aisp::WorkloadEntry>*
aisp_workloads_v1() {
  auto& all = ::aisp::detail::registered_workloads();
  for (auto& entry : all)
    for (const auto& [target, reference] : ::aisp::detail::registered_device_references())
      if (target == entry.target) entry.device_reference = reference;
  return &all;
}
