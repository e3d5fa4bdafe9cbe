// A variant in the process that measures, on memory like the judge's: what benchmarks of aisp itself compare with.
#pragma once

#include "judge/arena.hpp"
#include "judge/engine.hpp"
#include "judge/plugin.hpp"
#include "judge/runner.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench {

// One case of a workload in as many slots as fit into `memory_bytes`, with inputs drawn.
class Stage {
 public:
  Stage(aisp::Problem problem, std::uint64_t memory_bytes, int threads = 1)
      : problem_(std::move(problem)),
        layout_(aisp::judge::lay_out(problem_, kMostSlots, memory_bytes)),
        arena_(layout_, aisp::verify::Key{1}),
        threads_(threads) {
    aisp::judge::RoundInputs inputs(problem_, layout_.slots, kDLCPU);
    inputs.draw_constants(aisp::verify::Key{2});
    inputs.draw(aisp::verify::Key{3}, layout_.slots);
    inputs.write_constants(arena_);
    for (int slot = 0; slot < layout_.slots; ++slot) inputs.write(arena_, slot, aisp::verify::Key{4});
  }

  const aisp::Problem& problem() const { return problem_; }
  const aisp::judge::HostArena& arena() const { return arena_; }
  int slots() const { return layout_.slots; }
  std::byte* at(std::size_t tensor, int slot) const { return arena_.tensor(tensor, slot).data(); }
  aisp::judge::Startup startup(const std::string& plugin, const std::string& variant) const {
    aisp::judge::RunnerOptions options;
    options.scratch = "/tmp";
    return aisp::judge::make_startup(problem_, layout_, {plugin, variant, {}}, threads_, options);
  }

 private:
  static constexpr int kMostSlots = 64;
  aisp::Problem problem_;
  aisp::judge::Layout layout_;
  aisp::judge::HostArena arena_;
  int threads_;
};

// A variant of `plugin` ("" = its only one), bound to all slots of a stage that outlives it.
class Variant {
 public:
  Variant(const Stage& stage, const std::string& plugin, const std::string& name)
      : startup_(stage.startup(plugin, name)),
        engine_(stage.arena()),
        bound_(aisp::judge::find_variant(aisp::judge::load_plugin(plugin), stage.problem().target, name), startup_,
               engine_) {
    for (int slot = 0; slot < stage.slots(); ++slot) aisp::judge::throw_if(bound_.bind(slot));
  }
  void operator()(int slot) { aisp::judge::throw_if(bound_.run(slot)); }

 private:
  class Engine : public aisp::judge::Engine {
   public:
    explicit Engine(const aisp::judge::HostArena& arena) : arena_(arena) {}
    DLDevice device() const override { return {kDLCPU, 0}; }
    std::byte* inputs() const override { return arena_.region(false); }
    std::byte* outputs() const override { return arena_.region(true); }
    void populate(std::int32_t, std::int32_t) override {}
    void settle() override {}
    std::uint64_t run(const aisp::judge::Call&, std::int32_t, std::int32_t) override { return unused(); }
    void enqueue(const aisp::judge::Call&, std::int32_t, std::int32_t) override { unused(); }
    std::uint64_t wait() override { return unused(); }

   private:
    [[noreturn]] static std::uint64_t unused() { throw std::logic_error("benchmarks call the variant themselves"); }
    const aisp::judge::HostArena& arena_;
  };

  aisp::judge::Startup startup_;
  Engine engine_;
  aisp::judge::BoundVariant bound_;
};

}  // namespace bench
