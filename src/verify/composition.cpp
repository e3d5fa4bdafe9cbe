#include "verify/composition.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace aisp::verify {
namespace {

using Inputs = std::vector<std::vector<double>>;

constexpr double kShare = 0.375;        // of the first draw in a mixture
constexpr double kDeviation = 1e-7;     // of the largest output: more than rounding in double, less than any bend
constexpr std::uint64_t kElements = 8;  // that are changed to see how many outputs depend on one

bool is_fresh(const TensorSpec& t) { return t.role == Role::fresh || t.role == Role::inout; }

class Tries {
 public:
  Tries(const Problem& problem, const Evaluate& evaluate, const Inputs& a, const Inputs& b, Key key)
      : problem_(problem), evaluate_(evaluate), a_(a), b_(b), key_(key), at_a_(evaluate(a)) {
    for (std::size_t i = 0; i < problem.tensors.size(); ++i)
      if (is_fresh(problem.tensors[i])) fresh_.push_back(i);
  }

  std::optional<Composition> run() {
    if (fresh_.empty()) return std::nullopt;
    const bool integers = std::any_of(fresh_.begin(), fresh_.end(), [&](auto i) { return !is_real(i); });
    Composition c;
    if (fresh_.size() > 1 && (integers || !affine(fresh_))) {
      c.several = true;
      for (const auto i : fresh_)
        if (!affine({i})) return std::nullopt;
    } else if (fresh_.size() == 1 && !affine(fresh_)) {
      return std::nullopt;
    }
    c.work = 2 * (c.several ? monomials_at_most() : coefficients());
    return c;
  }

 private:
  bool is_real(std::size_t i) const { return is_float(problem_.tensors[i].dtype); }

  // Whether f(mixture) is the mixture of the f of which it is made, where those inputs vary and others stay. Reals: at
  // kShare between two draws. Integers: elements of either draw, so that each remains what can be drawn; then
  // f(u) + f(v) = f(a) + f(b) where u has from a what v has from b. (A table look-up passes this, too: it can be
  // composed.)
  bool affine(const std::vector<std::size_t>& varying) const {
    Inputs b = a_, u = a_, v = a_;
    for (const auto i : varying) {
      b[i] = b_[i];
      for (std::size_t e = 0; e < u[i].size(); ++e) {
        if (is_real(i)) {
          u[i][e] = kShare * a_[i][e] + (1 - kShare) * b_[i][e];
          v[i][e] = (1 - kShare) * a_[i][e] + kShare * b_[i][e];
        } else if (below(derive(key_, "mixed", e), 2)) {
          u[i][e] = b_[i][e];
        } else {
          v[i][e] = b_[i][e];
        }
      }
    }
    const Case at_b = evaluate_(b), at_u = evaluate_(u), at_v = evaluate_(v);
    for (std::size_t t = 0; t < at_a_.entries.size(); ++t) {
      const auto &fa = at_a_.entries[t].output, &fb = at_b.entries[t].output, &fu = at_u.entries[t].output,
                 &fv = at_v.entries[t].output;
      double largest = 0;
      for (const double y : fa) largest = std::max(largest, std::fabs(y));
      const bool at_share = is_real(varying.front());
      for (std::size_t e = 0; e < fa.size(); ++e) {
        const double first = at_share ? fu[e] - kShare * fa[e] - (1 - kShare) * fb[e] : fu[e] + fv[e] - fa[e] - fb[e];
        if (!(std::fabs(first) <= kDeviation * largest)) return false;
      }
    }
    return true;
  }

  // Pairs of an output element and an element of input i that it depends on, from a few of the latter.
  double coefficients(std::size_t i) const {
    const auto size = a_[i].size();
    double outputs = 0, tried = 0;
    for (std::uint64_t k = 0; k < kElements; ++k) {
      const auto e = below(derive(derive(key_, problem_.tensors[i].name), "element", k), size);
      Inputs changed = a_;
      changed[i][e] = b_[i][e] != a_[i][e] ? b_[i][e] : 1 - a_[i][e] / 2;
      const Case c = evaluate_(changed);
      for (std::size_t t = 0; t < c.entries.size(); ++t)
        for (std::size_t o = 0; o < c.entries[t].output.size(); ++o)
          outputs += c.entries[t].output[o] != at_a_.entries[t].output[o];
      ++tried;
    }
    return outputs / tried * static_cast<double>(size);
  }
  double coefficients() const {
    double sum = 0;
    for (const auto i : fresh_) sum += coefficients(i);
    return sum;
  }
  // Every coefficient of the input with the most, times every choice of one element of each other input.
  double monomials_at_most() const {
    double most = 0, others = 1;
    std::size_t largest = fresh_.front();
    for (const auto i : fresh_)
      if (const double n = coefficients(i); n > most) most = n, largest = i;
    for (const auto i : fresh_)
      if (i != largest) others *= static_cast<double>(a_[i].size());
    return most * others;
  }

  const Problem& problem_;
  const Evaluate& evaluate_;
  const Inputs &a_, &b_;
  Key key_;
  Case at_a_;
  std::vector<std::size_t> fresh_;
};

}  // namespace

std::optional<Composition> composition(const Problem& problem, const Evaluate& evaluate, const Inputs& a,
                                       const Inputs& b, Key key) {
  bool constants = false;
  for (const auto& t : problem.tensors) {
    constants |= t.role == Role::constant;
    if (is_fresh(t) && !is_float(t.dtype) && t.distribution.kind != Distribution::Kind::integers) return std::nullopt;
  }
  if (!constants) return std::nullopt;
  return Tries(problem, evaluate, a, b, key).run();
}

}  // namespace aisp::verify
