#include "verify/oracle.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "verify/compare.hpp"
#include "verify/freivalds.hpp"
#include "verify/parallel.hpp"
#include "verify/product.hpp"

namespace aisp::verify {
namespace {

constexpr double kFullProduct = 1 << 24;  // multiplications up to which a declared product is computed in full

bool only_output(const Problem& problem, std::size_t index) {
  for (std::size_t i = 0; i < problem.tensors.size(); ++i)
    if (i != index && problem.tensors[i].writable()) return false;
  return true;
}

}  // namespace

Case widen_inputs(const Problem& problem, const std::vector<std::span<const std::byte>>& tensors, Case c, int threads) {
  if (tensors.size() != problem.tensors.size())
    throw std::invalid_argument(problem.target + ": the oracle needs " + std::to_string(problem.tensors.size()) +
                                " tensors, not " + std::to_string(tensors.size()));
  c.entries.resize(tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorSpec& spec = problem.tensors[i];
    auto& entry = c.entries[i];
    entry.spec = &spec;
    entry.output.clear();
    entry.scale.clear();
    entry.input.resize(spec.readable() ? static_cast<std::size_t>(spec.elements()) : 0);
    if (spec.readable()) to_doubles(spec.dtype, tensors[i], entry.input, threads);
  }
  return c;
}

void size_outputs(Case& c, double fill) {
  for (auto& entry : c.entries)
    if (entry.spec->role == Role::inout)
      entry.output = entry.input;
    else if (entry.spec->role == Role::output)
      entry.output.assign(static_cast<std::size_t>(entry.spec->elements()), fill);
}

Oracle::Oracle(const Problem& problem, const std::vector<std::span<const std::byte>>& tensors, Key key, int threads,
               Case reused)
    : problem_(problem),
      case_(widen_inputs(problem, tensors, std::move(reused), threads)),
      key_(key),
      threads_(threads) {
  // A declared product stands for the reference where it is the only output and the reference is missing or dear.
  std::optional<ProductShape> shape;
  if (problem.product) {
    shape = product_shape(problem);
    const bool small = shape->multiplications() <= kFullProduct;
    if (!only_output(problem, shape->c) || (problem.reference && small))
      shape.reset();
    else
      full_ = small;
  }
  if (!full_) return;
  size_outputs(case_, 0);
  if (shape) {
    auto& c = case_.entries[shape->c];
    c.scale.resize(c.output.size());
    full_product(*shape, case_.entries[shape->a].input, case_.entries[shape->b].input, c.output, c.scale, threads);
  } else if (problem.reference) {
    problem.reference(case_);
  } else {
    throw std::invalid_argument(problem.target + ": outputs beside that of product() need a reference()");
  }
}

std::vector<model::Comparison> Oracle::check(const std::vector<std::span<const std::byte>>& outputs,
                                             const std::vector<std::span<const std::byte>>& poisons) const {
  if (outputs.size() != case_.entries.size() || poisons.size() != case_.entries.size())
    throw std::invalid_argument(problem_.target + ": the oracle needs one output and one poison per tensor");
  const Tolerance tolerance = effective_tolerance(problem_);
  std::vector<model::Comparison> all;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& entry = case_.entries[i];
    if (!entry.spec->writable()) continue;
    if (full_) {
      all.push_back(compare(*entry.spec, problem_.arithmetic, tolerance, outputs[i], entry.output, entry.scale,
                            poisons[i], threads_));
    } else {
      const ProductShape shape = product_shape(problem_);
      all.push_back(freivalds(*entry.spec, shape, problem_.arithmetic, tolerance, case_.entries[shape.a].input,
                              case_.entries[shape.b].input, outputs[i], poisons[i], key_, threads_));
    }
  }
  return all;
}

}  // namespace aisp::verify
