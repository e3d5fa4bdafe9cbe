#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <numeric>
#include <stdexcept>

#include "verify/compare.hpp"
#include "verify/composition.hpp"
#include "verify/convert.hpp"
#include "verify/freivalds.hpp"
#include "verify/oracle.hpp"

namespace aisp::verify {
namespace {

// Outputs start as this NaN, which no arithmetic makes: what still holds it was not written.
constexpr std::uint64_t kUnwritten = 0x7ff8a15b0badf00du;
constexpr double kLargestProduct = 1 << 28;  // multiplications up to which a product without a reference is computed
constexpr int kHardDraws = 8;
constexpr double kComposed = 1.5;  // times the work of the composed map: less is not worth a composition

// Storage of one tensor, aligned for every dtype.
struct Bytes {
  explicit Bytes(const TensorSpec& spec) : words((spec.bytes() + 7) / 8), size(spec.bytes()) {}
  std::vector<std::uint64_t> words;
  std::size_t size;
  std::span<std::byte> span() { return {reinterpret_cast<std::byte*>(words.data()), size}; }
  std::span<const std::byte> span() const { return {reinterpret_cast<const std::byte*>(words.data()), size}; }
};

Bytes rounded(const TensorSpec& spec, const std::vector<double>& values) {
  Bytes b(spec);
  round_to(spec.dtype, values.data(), spec.elements(), b.span().data());
  return b;
}

class Lint {
 public:
  Lint(const Problem& problem, Key key) : problem_(problem), plain_(problem), key_(key) {
    for (auto& t : plain_.tensors) t.distribution.mixed = false;
  }

  std::vector<std::string> run() {
    try {
      check_tolerance();
      if (problem_.product) shape_ = product_shape(problem_);
      if (!problem_.reference && (!shape_ || shape_->multiplications() > kLargestProduct)) {
        if (!shape_) say("reference() is missing");
        return findings_;
      }
      std::vector<Bytes> inputs;
      for (const auto& t : plain_.tensors) inputs.push_back(drawn(t, key_));
      const Case base = evaluate(plain_, inputs);
      if (written(base)) {
        check_outputs(base);
        check_copies(base, inputs);
        check_ranks(base, inputs);
        check_product(base);
        check_sensitivity(base, inputs);
        check_variation(base);
        check_composition(inputs);
      }
      check_hard_draws();
    } catch (const std::exception& e) {
      say(e.what());
    }
    return findings_;
  }

 private:
  void say(const std::string& finding) {
    const std::string line = finding.starts_with(problem_.target + ":") ? finding : problem_.target + ": " + finding;
    if (std::find(findings_.begin(), findings_.end(), line) == findings_.end()) findings_.push_back(line);
  }

  static Bytes drawn(const TensorSpec& spec, Key key) {
    Bytes b(spec);
    if (spec.readable()) draw(spec, derive(key, spec.name), b.span());
    return b;
  }

  Case evaluate(const Problem& problem, const std::vector<Bytes>& inputs) const {
    std::vector<std::span<const std::byte>> tensors;
    for (const auto& b : inputs) tensors.push_back(b.span());
    Case c = widen_inputs(problem, tensors);
    size_outputs(c, std::bit_cast<double>(kUnwritten));
    if (problem.reference) {
      problem.reference(c);
    } else {
      auto& out = c.entries[shape_->c];
      out.scale.resize(out.output.size());
      full_product(*shape_, c.entries[shape_->a].input, c.entries[shape_->b].input, out.output, out.scale, 1);
    }
    return c;
  }

  // Everything written, and no NaN.
  bool written(const Case& c) {
    bool all = true;
    for (const auto& e : c.entries) {
      if (!e.spec->writable()) continue;
      const std::string name = "output '" + e.spec->name + "': ";
      for (std::size_t i = 0; i < e.output.size(); ++i) {
        if (!std::isnan(e.output[i])) continue;
        const bool untouched = std::bit_cast<std::uint64_t>(e.output[i]) == kUnwritten;
        say(name + (untouched ? "the reference leaves element " : "the reference writes NaN to element ") +
            std::to_string(i) + (untouched ? " unwritten" : ""));
        all = false;
        break;
      }
      for (const double s : e.scale)
        if (!std::isfinite(s)) {
          say(name + "its scale is not finite");
          all = false;
          break;
        }
    }
    return all;
  }

  bool accepted(const Case::Entry& e, const Bytes& got) const {
    return compare(*e.spec, problem_.arithmetic, effective_tolerance(problem_), got.span(), e.output, e.scale, {}).ok();
  }

  void check_tolerance() {
    if (!problem_.tolerance) return;
    const Tolerance derived = derived_tolerance(problem_), &stated = *problem_.tolerance;
    if (!(stated.element >= 0 && stated.norm >= 0 && std::isfinite(stated.element) && std::isfinite(stated.norm)))
      say("the tolerance must be finite and not negative");
    if ((stated.element > derived.element || stated.norm > derived.norm) && stated.why.empty())
      say("the tolerance (element " + std::to_string(stated.element) + ", norm " + std::to_string(stated.norm) +
          ") is looser than the arithmetic justifies (" + std::to_string(derived.element) + ", " +
          std::to_string(derived.norm) + "); say why");
  }

  // The right output must pass, the usual wrong ones must not.
  void check_outputs(const Case& base) {
    for (const auto& e : base.entries) {
      if (!e.spec->writable()) continue;
      const std::string name = "output '" + e.spec->name + "': ";
      const Bytes right = rounded(*e.spec, e.output);
      if (!accepted(e, right))
        say(name + "the reference's own values do not pass when rounded to " + info(e.spec->dtype).name);
      double mean = 0;
      for (const double v : e.output) mean += v / static_cast<double>(e.output.size());
      if (accepted(e, rounded(*e.spec, std::vector<double>(e.output.size(), 0.0)))) say(name + "zeros would pass");
      if (e.output.size() > 1 && accepted(e, rounded(*e.spec, std::vector<double>(e.output.size(), mean))))
        say(name + "its mean in every element would pass");
      check_untouched(e, right);
    }
  }

  // An input returned as the output must not pass.
  void check_copies(const Case& base, const std::vector<Bytes>& inputs) {
    for (const auto& e : base.entries) {
      if (!e.spec->writable()) continue;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const TensorSpec& from = plain_.tensors[i];
        if (!from.readable() || from.dtype != e.spec->dtype || from.bytes() < e.spec->bytes()) continue;
        Bytes copy(*e.spec);
        std::memcpy(copy.span().data(), inputs[i].span().data(), copy.size);
        const bool right = copy.words == rounded(*e.spec, e.output).words;  // the problem is to copy
        if (!right && accepted(e, copy))
          say("output '" + e.spec->name + "': a copy of input '" + from.name + "' would pass");
      }
    }
  }

  // A rank that clears its share or copies its own input to it must not pass, though all others are right. (One that
  // returns at once leaves elements untouched: check_untouched.)
  void check_ranks(const Case& base, const std::vector<Bytes>& inputs) {
    for (const auto& e : base.entries) {
      if (!e.spec->writable() || e.spec->shards.size() < 2) continue;
      const Bytes right = rounded(*e.spec, e.output);
      for (int rank = 0; rank < problem_.ranks; ++rank) {
        const auto [first, size] = share_of_rank(*e.spec, rank);
        if (size == 0) continue;
        const auto with = [&, begin = first](std::span<const std::byte> share) {  // clang 14 captures no bindings
          Bytes got = right;
          std::memcpy(got.span().data() + begin, share.data(), share.size());
          return got;
        };
        const auto passes = [&](const std::string& what) {
          say("output '" + e.spec->name + "': " + what + " as the share of rank " + std::to_string(rank) +
              " would pass");
        };
        if (accepted(e, with(std::vector<std::byte>(size)))) passes("zeros");
        for (std::size_t i = 0; i < inputs.size(); ++i) {
          const TensorSpec& from = plain_.tensors[i];
          const auto [own, length] = share_of_rank(from, rank);
          if (!from.readable() || from.dtype != e.spec->dtype || length < size) continue;
          const Bytes copy = with(inputs[i].span().subspan(own, size));
          if (copy.words != right.words && accepted(e, copy)) passes("a copy of its input '" + from.name + "'");
        }
      }
    }
  }

  // Where the rows of a rank begin and how long they are, in bytes; all of a tensor that is not split.
  static std::pair<std::size_t, std::size_t> share_of_rank(const TensorSpec& spec, int rank) {
    if (spec.shards.empty()) return {0, spec.bytes()};
    const auto first = spec.shards.begin(), own = first + rank;
    const std::size_t row = spec.bytes() / static_cast<std::size_t>(spec.shape.front());
    return {row * static_cast<std::size_t>(std::accumulate(first, own, std::int64_t{0})),
            row * static_cast<std::size_t>(*own)};
  }

  void check_untouched(const Case::Entry& e, const Bytes& right) {
    const std::size_t size = info(e.spec->dtype).size;
    Bytes before(*e.spec);
    poison(e.spec->dtype, derive(key_, "poison"), before.span());
    std::size_t passed = 0, tried = 0;
    for (; tried < 8; ++tried) {
      const std::size_t at = below(derive(key_, "element", tried), e.output.size()) * size;
      Bytes got = right;
      std::memcpy(got.span().data() + at, before.span().data() + at, size);
      passed += accepted(e, got);
    }
    // One or two may hold the right value by chance where there are few values.
    if (passed > tried / 2) say("output '" + e.spec->name + "': an element left untouched would pass");
  }

  void check_product(const Case& base) {
    if (!shape_ || !problem_.reference) return;
    const auto& c = base.entries[shape_->c];
    const Bytes got = rounded(*c.spec, c.output);
    if (!freivalds(*c.spec, *shape_, problem_.arithmetic, effective_tolerance(problem_), base.entries[shape_->a].input,
                   base.entries[shape_->b].input, got.span(), {}, key_)
             .ok())
      say("the reference disagrees with the declared product");
  }

  // Would the outputs of `base` pass for those of `other`?
  bool same_outputs(const Case& base, const Case& other) const {
    for (std::size_t i = 0; i < base.entries.size(); ++i)
      if (base.entries[i].spec->writable() &&
          !accepted(other.entries[i], rounded(*base.entries[i].spec, base.entries[i].output)))
        return false;
    return true;
  }

  void check_sensitivity(const Case& base, const std::vector<Bytes>& inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const TensorSpec& spec = plain_.tensors[i];
      if (!spec.readable()) continue;
      std::vector<Bytes> changed = inputs;
      changed[i] = drawn(spec, derive(key_, "redraw"));
      if (changed[i].words == inputs[i].words)
        say("input '" + spec.name + "' is the same for different keys");
      else if (same_outputs(base, evaluate(plain_, changed)))
        say("no output depends on input '" + spec.name + "'");
    }
  }

  void check_variation(const Case& base) {
    std::vector<Bytes> inputs;
    for (const auto& t : plain_.tensors) inputs.push_back(drawn(t, derive(key_, "again")));
    const Case other = evaluate(plain_, inputs);
    for (std::size_t i = 0; i < base.entries.size(); ++i) {
      const auto& e = base.entries[i];
      if (e.spec->writable() && accepted(other.entries[i], rounded(*e.spec, e.output)))
        say("output '" + e.spec->name + "' does not vary with the inputs");
    }
  }

  // Could bind do a part of the declared work?
  void check_composition(const std::vector<Bytes>& inputs) {
    if (!problem_.reference || !(problem_.flops > 0) || !problem_.composable.empty()) return;
    std::vector<Bytes> others = inputs;  // constants stay
    for (std::size_t i = 0; i < others.size(); ++i)
      if (plain_.tensors[i].readable() && plain_.tensors[i].role != Role::constant)
        others[i] = drawn(plain_.tensors[i], derive(key_, "composition"));
    const auto widened = [&](const std::vector<Bytes>& bytes) {
      std::vector<std::span<const std::byte>> tensors;
      for (const auto& b : bytes) tensors.push_back(b.span());
      std::vector<std::vector<double>> values;
      for (auto& e : widen_inputs(plain_, tensors).entries) values.push_back(std::move(e.input));
      return values;
    };
    const auto at = [&](const std::vector<std::vector<double>>& values) {
      Case c;
      for (std::size_t i = 0; i < values.size(); ++i) c.entries.push_back({&plain_.tensors[i], values[i], {}, {}});
      size_outputs(c, std::bit_cast<double>(kUnwritten));
      plain_.reference(c);
      return c;
    };
    const auto found = composition(plain_, at, widened(inputs), widened(others), key_);
    if (!found || problem_.flops <= kComposed * found->work) return;
    char text[256];
    std::snprintf(
        text, sizeof text,
        "outputs are linear in %s fresh input%s: bind can compose the constants into a map of %.3g FLOPs a call, "
        "and %.3g are declared; put a non-linearity between, or say why not with composable()",
        found->several ? "each" : "the", found->several ? "" : "s", found->work, problem_.flops);
    say(text);
  }

  void check_hard_draws() {
    const bool any = std::any_of(problem_.tensors.begin(), problem_.tensors.end(),
                                 [](const TensorSpec& t) { return t.readable() && t.distribution.mixed; });
    for (int k = 0; any && k < kHardDraws; ++k) {
      std::vector<Bytes> inputs;
      for (const auto& t : problem_.tensors)
        inputs.push_back(drawn(t, derive(key_, "hard", static_cast<std::uint64_t>(k))));
      written(evaluate(problem_, inputs));
    }
  }

  const Problem& problem_;
  Problem plain_;  // without the hard draws
  Key key_;
  std::optional<ProductShape> shape_;
  std::vector<std::string> findings_;
};

}  // namespace

std::vector<std::string> lint(const Problem& problem, Key key) { return Lint(problem, key).run(); }

}  // namespace aisp::verify
