// aisp utils cost-per-token: energy and hardware behind a million tokens.
#include "app/commands/utils.hpp"
#include "app/quantities.hpp"
#include "tools/token_cost.hpp"

#include <fmt/format.h>

#include <memory>

namespace aisp::app {
namespace {

int cost_per_token(const Context& context, const tools::TokenCostInput& in) {
  if (in.hardware_dollars > 0 && !(in.years > 0))
    throw UsageError("--hardware-price needs --amortization-years: written off over how long?");
  const auto c = tools::token_cost(in);
  std::vector<Quantity> q{{"joules_per_token", "energy of a token", c.joules_per_token, "J", "drawn by the facility"},
                          {"kwh_per_million_tokens", "energy of a million", c.kwh_per_million, "kWh"},
                          {"energy_cost_per_million_tokens", "energy cost", c.energy_per_million, "$/Mtok"}};
  const bool hardware = in.hardware_dollars > 0 || in.dollars_per_gpu_hour > 0;
  if (hardware) {
    q.push_back({"hardware_cost_per_million_tokens", "hardware cost", c.hardware_per_million, "$/Mtok",
                 in.years > 0 ? fmt::format("${:.0f} over {:g} years", in.hardware_dollars, in.years)
                              : fmt::format("{:g} GPUs at ${:g} an hour", in.gpus, in.dollars_per_gpu_hour)});
    q.push_back({"total_cost_per_million_tokens", "full cost", c.total_per_million, "$/Mtok"});
  }
  q.push_back({"tokens_per_day", "tokens of a day", c.tokens_per_day, "tok",
               fmt::format("at a utilisation of {:g} %", 100 * in.utilisation)});
  q.push_back({"energy_cost_per_day", "energy of a day", c.energy_per_day, "$"});
  if (hardware) q.push_back({"hardware_cost_per_day", "hardware of a day", c.hardware_per_day, "$"});
  print_quantities(context, q);
  return kOk;
}

// What the help ends with.
constexpr const char* kMethod =
    R"(Formula: energy $/Mtok = (P + P_idle (1 − u) / u) × PUE / 1000 × $/kWh / (tok/s × 3600) × 10⁶
         hardware $/Mtok = (price / (years × 8760) or $/GPU-hour × GPUs) / u / (tok/s × 3600) × 10⁶
u, the utilisation, is the share of time in which tokens flow at that rate; only then does a bought or rented machine
earn. Source: definitions; PUE is facility power over computer power (ISO/IEC 30134-2).)";

}  // namespace

void add_cost_per_token(CLI::App& utils, Context& context) {
  const auto in = std::make_shared<tools::TokenCostInput>();
  auto* c =
      add_tool(utils, context, "cost-per-token", "What a million tokens cost: energy alone, and with the hardware",
               kMethod, "aisp utils cost-per-token --avg-power 800 --throughput 1500 --electricity-cost 0.16 --pue 1.5",
               [&context, in] { return cost_per_token(context, *in); });
  c->add_option("--avg-power", in->watts, "Power while serving, of everything that serves")
      ->required()
      ->check(positive("W", 1e12))
      ->type_name("W");
  c->add_option("--throughput", in->tokens_per_second, "Tokens a second while serving")
      ->required()
      ->check(number(1e-6, 1e15, "tok/s"))
      ->type_name("TOK/S");
  c->add_option("--electricity-cost", in->dollars_per_kwh, "Price of electricity")
      ->required()
      ->check(number(0, 1e6, "$/kWh"))
      ->type_name("$/KWH");
  c->add_option("--pue", in->pue, "Power usage effectiveness of the facility (default: 1)")
      ->check(number(1, 100, ""))
      ->type_name("RATIO");
  auto* utilization = c->add_option("--utilization", in->utilisation, "Share of time that serves (default: 1)")
                          ->check(positive("", 1))
                          ->type_name("SHARE");
  c->add_option("--idle-power", in->idle_watts, "With --utilization: power in the rest of the time (default: 0)")
      ->check(number(0, 1e12, "W"))
      ->type_name("W")
      ->needs(utilization);
  auto* bought = c->add_option("--hardware-price", in->hardware_dollars, "Price of everything that serves, bought")
                     ->check(positive("$", 1e15))
                     ->type_name("$");
  c->add_option("--amortization-years", in->years, "With --hardware-price: written off over this time")
      ->check(positive("years", 1000))
      ->type_name("YEARS")
      ->needs(bought);
  auto* rented = c->add_option("--gpu-hour-price", in->dollars_per_gpu_hour, "Rent of one GPU, instead")
                     ->check(positive("$/h", 1e9))
                     ->type_name("$/H")
                     ->excludes(bought);
  c->add_option("--gpus", in->gpus, "With --gpu-hour-price: GPUs that are rented, on average (default: 1)")
      ->check(positive("", 1e9))
      ->type_name("N")
      ->needs(rented);
}

}  // namespace aisp::app
