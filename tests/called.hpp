// A call of a variant in this process, for tests of what it computes and of what the checker says to that: no sandbox,
// no clock.
#pragma once

#include "judge/arena.hpp"
#include "judge/plugin.hpp"
#include "judge/runner.hpp"
#include "verify/compare.hpp"
#include "verify/convert.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace aisp {

// Calls in this process, on the arena's own memory.
class InThisProcess : public judge::Engine {
 public:
  explicit InThisProcess(const judge::HostArena& arena) : inputs_(arena.region(false)), outputs_(arena.region(true)) {}
  DLDevice device() const override { return {kDLCPU, 0}; }
  std::byte* inputs() const override { return inputs_; }
  std::byte* outputs() const override { return outputs_; }
  void populate(std::int32_t, std::int32_t) override {}
  void settle() override {}
  std::uint64_t run(const judge::Call&, judge::Batch) override { return 0; }
  void enqueue(const judge::Call&, judge::Batch) override {}
  std::uint64_t wait() override { return 0; }

 private:
  std::byte *inputs_, *outputs_;
};

// One call of a variant on fresh inputs, its outputs kept, and what the checker says of changed outputs.
class Called {
 public:
  Called(const std::string& plugin, const std::string& variant_name, const Problem& problem, std::uint64_t seed)
      : problem_(problem),
        key_(verify::derive(verify::Key{seed}, "test")),
        arena_(judge::lay_out(problem, 2, 0), key_),
        inputs_(problem, 2, kDLCPU) {
    inputs_.draw_constants(key_);
    inputs_.draw(key_, 2);
    inputs_.write_constants(arena_);
    for (int s = 0; s < 2; ++s) inputs_.write(arena_, s, key_);
    const judge::Contestant contestant{plugin, variant_name, {}};
    startup_ = std::make_unique<judge::Startup>(judge::make_startup(problem, arena_.layout(), contestant, 2, {}));
    const auto& variant = judge::find_variant(judge::load_plugin(plugin), problem.target, variant_name);
    const InThisProcess engine(arena_);
    judge::BoundVariant bound(variant, *startup_, engine);
    for (const char* error : {bound.bind(1), bound.run(1)})
      if (error) throw std::runtime_error(error);
    std::vector<std::span<const std::byte>> before;
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) before.push_back(inputs_.before(t, 1));
    oracle_ = std::make_unique<verify::Oracle>(problem_, before, verify::derive(key_, "oracle"));
    outputs_.resize(problem.tensors.size());
    poisons_.resize(problem.tensors.size());
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      if (!problem.tensors[t].writable()) continue;
      const auto bytes = arena_.tensor(t, 1);
      outputs_[t].assign(bytes.begin(), bytes.end());
      poisons_[t].assign(inputs_.before(t, 1).begin(), inputs_.before(t, 1).end());
      if (problem.tensors[t].role != Role::output) continue;
      poisons_[t].resize(problem.tensors[t].bytes());
      verify::poison(problem.tensors[t].dtype, judge::RoundInputs::poison_key_of(key_, t, 1), poisons_[t]);
    }
  }

  std::vector<std::vector<std::byte>> outputs() const { return outputs_; }
  const std::vector<std::vector<std::byte>>& poisons() const { return poisons_; }
  std::span<const std::byte> input(std::size_t t) const { return inputs_.before(t, 1); }

  bool accepts(const std::vector<std::vector<std::byte>>& outputs) const {
    std::vector<std::span<const std::byte>> got(outputs.begin(), outputs.end()), held(poisons_.begin(), poisons_.end());
    const auto comparisons = oracle_->check(got, held);
    return std::all_of(comparisons.begin(), comparisons.end(), [](const auto& c) { return c.ok(); });
  }

 private:
  const Problem& problem_;
  verify::Key key_;
  judge::HostArena arena_;
  judge::RoundInputs inputs_;
  std::unique_ptr<judge::Startup> startup_;
  std::unique_ptr<verify::Oracle> oracle_;
  std::vector<std::vector<std::byte>> outputs_, poisons_;
};

}  // namespace aisp
