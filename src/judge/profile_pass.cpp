#include "judge/profile_pass.hpp"

#include "device/cpu/sampler.hpp"
#include "device/cpu/symbols.hpp"
#include "judge/device_profile.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <utility>

namespace aisp::judge {
namespace {

double seconds_since(std::int64_t start) { return static_cast<double>(now_ns() - start) * 1e-9; }

// Function names from the outside in, below the file that the innermost lies in. A chain is followed for as long as it
// leads to known functions: code without frame pointers ends it, usually at once.
std::vector<std::string> frames_of(const device::CallChain& chain, device::Symbols& symbols) {
  std::vector<std::string> frames;
  std::string file;
  for (const auto address : chain.addresses) {
    const auto place = symbols.find(address);
    if (frames.empty()) file = place.file.empty() ? "[unknown]" : place.file;
    if (place.function.empty()) {
      if (frames.empty()) frames.emplace_back("[a function without a name]");
      break;
    }
    frames.push_back(place.function);
  }
  frames.push_back(file);
  std::reverse(frames.begin(), frames.end());
  return frames;
}

class Pass {
 public:
  Pass(const Problem& problem, const Contestant& contestant, const Layout& layout, const RoundInputs& inputs,
       const RunnerOptions& options, verify::Key key, model::VariantProfile& profile)
      : layout_(layout), inputs_(inputs), options_(options), key_(key), profile_(profile), began_(now_ns()) {
    std::filesystem::create_directories(options.scratch);
    arena_ = make_arena(options.device, layout, verify::derive(key, "guard"));
    inputs.write_constants(*arena_);
    write_inputs();
    team_ = std::make_unique<Team>(std::vector{make_startup(problem, layout, contestant, profile.threads, options)},
                                   *arena_, options_for(options.worker, contestant));
  }

  void run(const ProfileOptions& options) {
    // Attached before the variant can start threads, which are followed from then on.
    auto counters = device::Counters::attach(team_->pid(), profile_.counters_absent);
    std::unique_ptr<device::Sampler> sampler;
    if (options.samples)
      sampler = device::Sampler::attach(team_->pid(), options_.cpus, profile_.samples_absent);
    else
      profile_.samples_absent = "not asked for";

    span("prepare", Op::prepare, 0, 0);
    span("bind", Op::bind, 0, layout_.slots);
    span("first call", Op::run, 0, 1, 1);
    for (int s = 1; s < layout_.slots; ++s) span("call", Op::run, s, 1, 1);
    count(counters.get(), options.seconds);
    if (sampler) sample(*sampler, options.seconds);
    profile_.status = model::Status::ok;
    team_->command(Op::release);
  }

 private:
  void write_inputs() {
    for (int s = 0; s < layout_.slots; ++s) inputs_.write(*arena_, s, key_);
    if (options_.evict_bytes) arena_->evict(options_.evict_bytes);
    arena_->settle();
  }

  void span(const char* name, Op op, int first, int count, int calls = 0) {
    const double start = seconds_since(began_);
    const auto done = team_->command(op, first, count, calls);
    profile_.spans.push_back({name, start, done.span.answered_seconds});
  }

  // Batches over all slots for `seconds` of calls; what `before` switches on, `after` switches off again.
  template <class Before, class After>
  std::pair<std::int64_t, double> batches(double seconds, const Before& before, const After& after) {
    std::int64_t calls = 0;
    double spent = 0;
    do {
      write_inputs();
      before();
      spent += team_->command(Op::run, 1, layout_.slots - 1, layout_.slots - 1).span.answered_seconds;
      after();
      calls += layout_.slots - 1;
    } while (spent < seconds);
    return {calls, spent};
  }

  void count(device::Counters* counters, double seconds) {
    const auto [calls, spent] = batches(
        seconds,
        [&] {
          if (counters) counters->enable();
        },
        [&] {
          if (counters) counters->disable();
        });
    profile_.counted_calls = calls;
    profile_.call_seconds = spent / static_cast<double>(calls);
    if (!counters) return;
    for (auto& c : counters->read()) profile_.counters.push_back({c.name, c.value / static_cast<double>(calls)});
  }

  void sample(device::Sampler& sampler, double seconds) {
    std::vector<device::CallChain> chains;
    batches(
        seconds, [&] { sampler.enable(); },
        [&] {
          sampler.disable();
          auto taken = sampler.take(profile_.lost_samples);
          std::move(taken.begin(), taken.end(), std::back_inserter(chains));
        });
    device::Symbols symbols(team_->pid());
    std::map<std::vector<std::string>, std::int64_t> stacks;
    const auto own = std::filesystem::path(options_.worker.executable).filename().string();
    for (const auto& chain : chains) {
      auto frames = frames_of(chain, symbols);
      if (frames.front() == own) continue;  // the worker waits for the next command
      ++stacks[std::move(frames)], ++profile_.samples;
    }
    for (const auto& [frames, samples] : stacks) profile_.stacks.push_back({frames, samples});
    if (profile_.samples == 0)
      profile_.samples_absent = "no sample was taken: the calls may be too short, or the kernel gave none";
  }

  const Layout& layout_;
  const RoundInputs& inputs_;
  const RunnerOptions& options_;
  verify::Key key_;
  model::VariantProfile& profile_;
  std::int64_t began_;
  std::unique_ptr<Arena> arena_;
  std::unique_ptr<Team> team_;
};

}  // namespace

namespace {

// What a variant does wrong ends in its status; its scratch folder goes either way.
template <class Body> void guarded(const RunnerOptions& runner, model::VariantProfile& profile, const Body& body) {
  try {
    body();
  } catch (const WorkerFailure& e) {
    profile.status = e.status;
    profile.message = e.what();
  }
  std::error_code ignored;
  std::filesystem::remove_all(runner.scratch, ignored);
}

}  // namespace

void profile_pass(const Problem& problem, const Contestant& contestant, const Layout& layout, const RoundInputs& inputs,
                  const RunnerOptions& runner, const ProfileOptions& options, verify::Key key,
                  model::VariantProfile& profile) {
  guarded(runner, profile, [&] {
    if (problem.ranks)
      throw WorkerFailure(model::Status::not_run, "the profile pass runs one process; this target has several ranks");
    Pass(problem, contestant, layout, inputs, runner, key, profile).run(options);
  });
}

void device_profile_pass(const Problem& problem, const Contestant& contestant, const Layout& layout,
                         const RoundInputs& inputs, const RunnerOptions& runner, const ProfileOptions&, verify::Key key,
                         model::VariantProfile& profile) {
  guarded(runner, profile, [&] {
    std::string absent;
    const auto recording = record_activities(problem, contestant, profile.threads, layout, inputs, runner, key, absent);
    if (absent.empty()) return fill_device_profile(recording, profile);
    profile.status = model::Status::not_run;
    profile.message = "no timeline: " + absent;
  });
}

}  // namespace aisp::judge
