#include "app/timing_options.hpp"

#include "app/names.hpp"
#include "app/print.hpp"
#include "record/run_store.hpp"
#include "stats/stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace aisp::app {
namespace {

// A CLI11 check: "" when the text is a seed, else what is wrong.
std::string seed_complaint(const std::string& hex) {
  const bool digits = hex.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!hex.empty() && hex.size() <= 64 && digits) return "";
  return fmt::format("'{}' is not a seed; it must be 1 to 64 hexadecimal digits", one_line(hex.substr(0, 80)));
}

// What a run holds of its rounds on one target.
judge::Replay rounds_of(const record::RunData& run, const std::string& target) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError(fmt::format("--replay {}: {}", run.manifest.run, why));
  };
  const auto* evidence = run.evidence_of(target);
  if (!evidence) refuse(fmt::format("it holds nothing on {}", target));
  judge::Replay replay{evidence->scale, evidence->restarts, evidence->rounds, 0, evidence->round_keys};
  for (const auto& variant : evidence->variants)
    for (const auto& s : variant.samples)
      replay.calls = std::max(replay.calls, static_cast<int>(std::clamp<std::int64_t>(s.calls, 0, 1 << 20)));
  if (replay.keys.empty() && replay.calls > 0) refuse("it was made by an aisp that did not record the keys of rounds");
  const auto timed = std::count_if(replay.keys.begin(), replay.keys.end(), [](const auto& k) { return !k.pilot; });
  if (evidence->interrupted || replay.calls < 1 || timed < 1 || timed != std::int64_t{replay.restarts} * replay.rounds)
    refuse(fmt::format("it did not measure {} to the end", target));
  for (const auto& k : replay.keys)
    if (k.key.size() != 64 || !seed_complaint(k.key).empty()) refuse(fmt::format("a key of {} is damaged", target));
  return replay;
}

}  // namespace

void add_timing_options(CLI::App& command, TimingOptions& o, bool timed) {
  command
      .add_option("--scale", o.scale,
                  "light: seconds on any laptop; full: fills the machine (environment: AISP_FAST_BENCH)")
      ->check(one_of("scale", {"light", "full"}));
  command.add_option("--device", o.device, "Where to run; auto: on the GPU what can run there")
      ->check(one_of("device", {"auto", "cpu", "cuda"}));
  command.add_option("--seed", o.seed, "Replay the inputs of a seed: 1 to 64 hexadecimal digits")
      ->check(seed_complaint)
      ->type_name("HEX");
  command.add_option("--timeout", o.timeout, "Seconds that one command to a worker may take")
      ->check(number_between(0.1, 86400.0))
      ->type_name("S");
  if (!timed) return;
  command
      .add_option("--pairs", o.pairs,
                  fmt::format("Paired rounds per restart; an interval needs {} (default: planned from a pilot)",
                              stats::kMinPairs))
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  command
      .add_option("--restarts", o.restarts,
                  fmt::format("Times that the workers are started afresh (default: {})", judge::Settings{}.restarts))
      ->check(CLI::Range(1, 100))
      ->type_name("N");
}

CLI::Option* add_replay_option(CLI::App& command, TimingOptions& o) {
  auto* option =
      command
          .add_option("--replay", o.replay,
                      "Play the rounds of a finished run again, with their inputs: its id, or latest")
          ->check([](const std::string& name) { return std::string(name.empty() ? "name the run to replay" : ""); })
          ->type_name("RUN");
  for (const char* other : {"--scale", "--seed", "--pairs", "--restarts"}) option->excludes(other);
  return option;
}

std::optional<record::RunData> replayed_run(const Context& context, TimingOptions& o) {
  if (o.replay.empty()) return std::nullopt;
  auto run = record::RunStore(context.artifacts).load(o.replay);
  o.scale = run.manifest.settings.scale;
  return run;
}

void replay(const record::RunData& run, const std::vector<std::string>& targets, judge::Settings& settings) {
  if (!run.manifest.seed)
    throw UsageError(fmt::format("--replay {}: it is not over, so its seed is still secret", run.manifest.run));
  settings.seed = judge::seed_from_hex(*run.manifest.seed);
  settings.seed_given = true;
  for (const auto& target : targets) settings.replay[target] = rounds_of(run, target);
}

judge::Settings judge_settings(const TimingOptions& o) {
  judge::Settings settings;
  settings.scale = o.scale.empty() ? default_scale() : o.scale;
  settings.pairs = o.pairs;
  if (o.restarts > 0) settings.restarts = o.restarts;
  settings.timeout = o.timeout;
  settings.seed_given = !o.seed.empty();
  settings.seed =
      o.seed.empty() ? judge::fresh_seed() : judge::seed_from_hex(std::string(64 - o.seed.size(), '0') + o.seed);
  if (o.pairs > 0 && o.pairs < stats::kMinPairs)
    print_err("note: {} pairs give no interval, so every speedup stays UNRESOLVED; use --pairs {} or more\n", o.pairs,
              stats::kMinPairs);
  return settings;
}

}  // namespace aisp::app
