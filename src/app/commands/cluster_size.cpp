// aisp utils cluster-size: GPUs for an inference service whose latency percentiles hold.
#include "tools/cluster_size.hpp"
#include "app/commands/utils.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/quantities.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace aisp::app {
namespace {

constexpr int kMaxGrowth = 20;  // replicas that the simulation may add to what the formulas say

struct Options {
  tools::ClusterInput in;
  double prompt = 0, prompt_cv = 1, output = 0, output_cv = 1, percentile = 95;
  std::vector<std::string> decode;
  std::int64_t requests = 20'000;
  std::uint64_t seed = 1;
};

// "BATCH:SECONDS", measured; "" or what is wrong with it.
std::string parse_point(const std::string& text, tools::DecodeStep::Point& point) {
  const auto colon = text.find(':');
  auto batch = text.substr(0, colon), seconds = colon == std::string::npos ? "" : text.substr(colon + 1);
  auto wrong = whole_number(1, 1'000'000, "requests")(batch);
  if (wrong.empty()) wrong = positive("s", 1e6)(seconds);
  if (!wrong.empty())
    return fmt::format("'{}' must be BATCH:SECONDS, as 32:0.021: {}", one_line(text.substr(0, 40)), wrong);
  point = {std::stoll(batch), std::stod(seconds)};
  return "";
}

tools::ClusterInput input_of(const Options& o) {
  auto in = o.in;
  in.prompt_tokens = tools::lognormal(o.prompt, o.prompt_cv);
  in.output_tokens = tools::lognormal(o.output, o.output_cv);
  in.percentile = o.percentile / 100;
  for (const auto& text : o.decode) {
    tools::DecodeStep::Point point;
    parse_point(text, point);
    in.step.points.push_back(point);
  }
  auto& points = in.step.points;
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.batch < b.batch; });
  for (std::size_t i = 1; i < points.size(); ++i) {
    if (points[i].batch == points[i - 1].batch)
      throw UsageError(fmt::format("--decode-step has batch {} twice", points[i].batch));
    if (points[i].seconds < points[i - 1].seconds)
      throw UsageError(fmt::format("--decode-step: a batch of {} takes less time than one of {}; measure again",
                                   points[i].batch, points[i - 1].batch));
    if (points[i].seconds / static_cast<double>(points[i].batch) >
        points[i - 1].seconds / static_cast<double>(points[i - 1].batch))
      throw UsageError(
          fmt::format("--decode-step: a batch of {} yields fewer tokens a second than one of {}; larger batches "
                      "do not help, so end there",
                      points[i].batch, points[i - 1].batch));
  }
  if (in.slots == 0) in.slots = points.back().batch;
  if (in.slots > points.back().batch)
    throw UsageError(
        fmt::format("--max-batch {} is beyond the largest measured batch, {}", in.slots, points.back().batch));
  if (const auto why = tools::why_impossible(in); !why.empty())
    throw UsageError("no number of GPUs meets this: " + why);
  return in;
}

Json latencies_json(const tools::Latencies& l) {
  const auto seconds = [](double s) -> Json { return std::isfinite(s) ? Json(s) : Json(nullptr); };
  return {{"ttft_seconds", seconds(l.ttft)},
          {"tpot_seconds", seconds(l.tpot)},
          {"all_slots_taken", l.full_slots},
          {"mean_batch", l.mean_batch}};
}

int cluster_size(const Context& context, const Options& o) {
  const auto in = input_of(o);
  const auto size = tools::cluster_size(in);
  // The simulation has the last word: pools grow until it meets the objectives too.
  auto prefill = size.prefill_replicas, decode = size.decode_replicas;
  const auto play = [&] { return tools::simulate_cluster(in, prefill, decode, o.requests, o.seed); };
  auto simulated = play();
  for (int i = 0; i < kMaxGrowth && !tools::meets(in, simulated); ++i) {
    (simulated.ttft > in.ttft_seconds ? prefill : decode) += 1;
    simulated = play();
  }
  const bool met = tools::meets(in, simulated);
  const auto gpus = (prefill + decode) * in.gpus_per_replica;
  if (context.json) {
    print_json({{"gpus", gpus},
                {"prefill_replicas", prefill},
                {"decode_replicas", decode},
                {"gpus_per_replica", in.gpus_per_replica},
                {"percentile", o.percentile},
                {"objectives", {{"ttft_seconds", in.ttft_seconds}, {"tpot_seconds", in.tpot_seconds}}},
                {"formula",
                 {{"gpus", size.gpus(in.gpus_per_replica)},
                  {"prefill_replicas", size.prefill_replicas},
                  {"decode_replicas", size.decode_replicas},
                  {"prefill_utilisation", size.prefill_utilisation},
                  {"decode_utilisation", size.decode_utilisation},
                  {"latencies", latencies_json(size.predicted)}}},
                {"simulated", {{"requests", o.requests}, {"meets", met}, {"latencies", latencies_json(simulated)}}}});
    return met ? kOk : kClaimNotMet;
  }
  const auto share = [](double s) { return fmt::format("{:.3g} %", 100 * s); };
  const auto p = fmt::format("p{:g}", o.percentile);
  print_out("{} GPUs: {} replicas for prefill, {} for decoding, {} GPU{} each\n\n", gpus, prefill, decode,
            in.gpus_per_replica, in.gpus_per_replica == 1 ? "" : "s");
  print_out("{}", aligned({{"", "objective", "formula", "simulated"},
                           {"replicas", "", fmt::format("{} + {}", size.prefill_replicas, size.decode_replicas),
                            fmt::format("{} + {}", prefill, decode)},
                           {"utilisation", "",
                            fmt::format("{}, {}", share(size.prefill_utilisation), share(size.decode_utilisation)), ""},
                           {"first token, " + p, human_seconds(in.ttft_seconds), human_seconds(size.predicted.ttft),
                            human_seconds(simulated.ttft)},
                           {"token gap, " + p, human_seconds(in.tpot_seconds), human_seconds(size.predicted.tpot),
                            human_seconds(simulated.tpot)},
                           {"all slots taken", share(1 - in.percentile), share(size.predicted.full_slots),
                            share(simulated.full_slots)},
                           {"batch of a token", "", fmt::format("{:.3g}", size.predicted.mean_batch),
                            fmt::format("{:.3g}", simulated.mean_batch)}}));
  print_out("\nsimulated: {} requests; {}\n", o.requests,
            met ? "objectives met" : "objectives NOT met: they are at the edge of what a replica can do");
  return met ? kOk : kClaimNotMet;
}

// What the help ends with.
constexpr const char* kMethod =
    R"(Method: prefill and decoding on pools of their own. Prefill: M/G/c, waiting by Lee and Longton (1959), Erlang C, tail of
the wait exponential (Tijms 2003). Decoding: continuous batching as processor sharing with batch-dependent speed, whose
stationary batch needs only the mean length (Cohen 1979). Lengths are lognormal by mean and coefficient of variation
(0: always the mean). A discrete-event simulation of both pools then plays the result and has the last word.
Rates are measured on one replica; exit 1 when the simulation never meets the objectives.)";

}  // namespace

void add_cluster_size(CLI::App& utils, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c = add_tool(
      utils, context, "cluster-size", "GPUs that serve a language model within latency percentiles", kMethod,
      "aisp utils cluster-size --qps 20 --prompt-tokens 1500 --output-tokens 250 --prefill-rate 25000 --decode-step "
      "1:0.012 "
      "--decode-step 64:0.022 --ttft 0.5 --tpot 0.03",
      [&context, o] { return cluster_size(context, *o); });
  const auto need = [&](const char* name, double& value, const char* about, const char* unit, double most) {
    c->add_option(name, value, about)->required()->check(positive(unit, most))->type_name("N");
  };
  const auto spread = [&](const char* name, double& value, const char* about) {
    c->add_option(name, value, about)->check(number(0, 10, ""))->type_name("CV");
  };
  need("--qps", o->in.requests_per_second, "Requests a second", "1/s", 1e5);
  need("--prompt-tokens", o->prompt, "Mean tokens of a prompt", "tokens", 1e8);
  spread("--prompt-cv", o->prompt_cv, "Their coefficient of variation (default: 1)");
  need("--output-tokens", o->output, "Mean tokens of an answer", "tokens", 1e6);
  spread("--output-cv", o->output_cv, "Their coefficient of variation (default: 1)");
  need("--prefill-rate", o->in.prefill_tokens_per_second, "Prompt tokens a second of one replica, measured", "tok/s",
       1e12);
  c->add_option("--prefill-overhead", o->in.prefill_overhead, "Seconds of each prompt whatever its length (default: 0)")
      ->check(number(0, 1e6, "s"))
      ->type_name("S");
  c->add_option("--decode-step", o->decode, "Seconds of a decoding step with a batch, measured; give several")
      ->required()
      ->type_name("BATCH:S")
      ->check([](const std::string& text) {
        tools::DecodeStep::Point point;
        return parse_point(text, point);
      });
  c->add_option("--max-batch", o->in.slots, "Most requests a replica decodes at a time (default: the largest measured)")
      ->check(whole_number(1, 100'000, "requests"))
      ->type_name("N");
  need("--ttft", o->in.ttft_seconds, "Objective: seconds to the first token", "s", 1e6);
  need("--tpot", o->in.tpot_seconds, "Objective: seconds between tokens", "s", 1e6);
  c->add_option("--percentile", o->percentile, "Share of requests, and of tokens, that must meet them (default: 95)")
      ->check(number(1, 99.9, "%"))
      ->type_name("%");
  c->add_option("--gpus-per-replica", o->in.gpus_per_replica, "GPUs that hold one copy of the model (default: 1)")
      ->check(whole_number(1, 1024, ""))
      ->type_name("N");
  c->add_option("--requests", o->requests, "Requests that are simulated (default: 20000)")
      ->check(whole_number(1000, 1'000'000, ""))
      ->type_name("N");
  c->add_option("--seed", o->seed, "Of the simulation (default: 1)")
      ->check(whole_number(0, 1'000'000'000, ""))
      ->type_name("N");
}

}  // namespace aisp::app
