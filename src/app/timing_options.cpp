#include "app/timing_options.hpp"

#include "app/names.hpp"
#include "app/print.hpp"
#include "stats/stats.hpp"

#include <fmt/format.h>

namespace aisp::app {
namespace {

// A CLI11 check: "" when the text is a seed, else what is wrong.
std::string seed_complaint(const std::string& hex) {
  const bool digits = hex.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (!hex.empty() && hex.size() <= 64 && digits) return "";
  return fmt::format("'{}' is not a seed; it must be 1 to 64 hexadecimal digits", one_line(hex.substr(0, 80)));
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

judge::Settings judge_settings(const TimingOptions& o) {
  judge::Settings settings;
  settings.scale = o.scale.empty() ? default_scale() : o.scale;
  settings.pairs = o.pairs;
  if (o.restarts > 0) settings.restarts = o.restarts;
  settings.timeout = o.timeout;
  settings.seed =
      o.seed.empty() ? judge::fresh_seed() : judge::seed_from_hex(std::string(64 - o.seed.size(), '0') + o.seed);
  if (o.pairs > 0 && o.pairs < stats::kMinPairs)
    print_err("note: {} pairs give no interval, so every speedup stays UNRESOLVED; use --pairs {} or more\n", o.pairs,
              stats::kMinPairs);
  return settings;
}

}  // namespace aisp::app
