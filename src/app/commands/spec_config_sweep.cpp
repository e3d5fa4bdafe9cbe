// aisp utils spec-config-sweep: speculative decoding over acceptance rates, draft lengths and costs.
#include "analysis/plot.hpp"
#include "app/commands/utils.hpp"
#include "app/gnuplot.hpp"
#include "app/print.hpp"
#include "app/quantities.hpp"
#include "app/terminal.hpp"
#include "tools/speculation.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>

namespace aisp::app {
namespace {

struct Options {
  std::vector<double> acceptance{0.5, 0.6, 0.7, 0.8, 0.9}, draft_cost{0.05};
  std::vector<std::int64_t> lengths{1, 2, 3, 4, 5, 6, 8, 10};
  tools::SpeculationCost cost;
  std::int64_t simulate = 0;
  std::uint64_t seed = 1;
  std::string plot;
};

struct Cell {
  double draft_cost = 0, acceptance = 0;
  std::int64_t length = 0;
  double tokens = 0, speedup = 0;
  tools::SimulatedSpeedup simulated;
  double deviation() const {  // in standard errors
    const double d = std::fabs(simulated.tokens_per_round - tokens);
    return simulated.tokens_error > 0 ? d / simulated.tokens_error : d > 1e-12 ? INFINITY : 0;
  }
};

std::vector<Cell> sweep(const Options& o) {
  std::vector<Cell> cells;
  for (const double c : o.draft_cost)
    for (const double a : o.acceptance)
      for (const auto n : o.lengths) {
        auto cost = o.cost;
        cost.draft = c;
        Cell cell{c, a, n, tools::expected_tokens(a, n), tools::speculation_speedup(a, n, cost), {}};
        if (o.simulate > 0) cell.simulated = tools::simulate_speculation(a, n, cost, o.simulate, o.seed + cells.size());
        cells.push_back(cell);
      }
  return cells;
}

Json cell_json(const Cell& c, bool simulated) {
  Json j{{"draft_cost", c.draft_cost},
         {"acceptance", c.acceptance},
         {"draft_length", c.length},
         {"tokens_per_round", c.tokens},
         {"speedup", c.speedup}};
  if (simulated)
    j["simulated"] = {{"tokens_per_round", c.simulated.tokens_per_round},
                      {"tokens_error", c.simulated.tokens_error},
                      {"speedup", c.simulated.speedup},
                      {"speedup_error", c.simulated.speedup_error}};
  return j;
}

// One table for a cost: a row an acceptance rate, a column a draft length; the best of each row is marked.
std::string table(const Options& o, const std::vector<Cell>& cells, double draft_cost) {
  std::vector<std::vector<std::string>> rows{{"accepted"}};
  for (const auto n : o.lengths) rows[0].push_back(fmt::format("{}", n));
  rows[0].emplace_back("best");
  for (const double a : o.acceptance) {
    std::vector<std::string> row{fmt::format("{:g} %", 100 * a)};
    const Cell* best = nullptr;
    for (const auto& c : cells) {
      if (c.draft_cost != draft_cost || c.acceptance != a) continue;
      row.push_back(fmt::format("{:.2f}×", c.speedup));
      if (!best || c.speedup > best->speedup) best = &c;
    }
    row.push_back(best->speedup > 1 ? fmt::format("{} tokens: {:.2f}×", best->length, best->speedup) : "none: slower");
    rows.push_back(std::move(row));
  }
  return aligned(rows);
}

analysis::Plot plot_of(const Options& o, const std::vector<Cell>& cells, double draft_cost) {
  analysis::Plot plot{fmt::format("Speculative decoding, draft step {:g} of a model step", draft_cost),
                      "drafted tokens",
                      "speedup",
                      false,
                      false,
                      {}};
  for (const double a : o.acceptance) {
    analysis::Series line{fmt::format("{:g} % accepted", 100 * a), {}};
    for (const auto& c : cells)
      if (c.draft_cost == draft_cost && c.acceptance == a)
        line.points.push_back({static_cast<double>(c.length), c.speedup});
    plot.series.push_back(std::move(line));
  }
  return plot;
}

int spec_config_sweep(const Context& context, Options o) {
  std::sort(o.lengths.begin(), o.lengths.end());
  if (o.lengths.size() * o.acceptance.size() * o.draft_cost.size() > 100'000)
    throw UsageError("that is more than 100000 configurations; give fewer values");
  const auto cells = sweep(o);
  double worst = 0;
  for (const auto& c : cells) worst = std::max(worst, c.deviation());
  save_plot(plot_of(o, cells, o.draft_cost.front()), o.plot);
  if (context.json) {
    Json document{{"unit", "speedup: times plain decoding; costs: steps of the model"},
                  {"verify_cost", o.cost.verify},
                  {"round_cost", o.cost.round},
                  {"cells", Json::array()}};
    for (const auto& c : cells) document["cells"].push_back(cell_json(c, o.simulate > 0));
    if (o.simulate > 0) document["worst_deviation_standard_errors"] = worst;
    print_json(document);
    return kOk;
  }
  for (const double c : o.draft_cost)
    print_out("Speedup by drafted tokens; a draft step costs {:g} of a model step\n\n{}\n", c, table(o, cells, c));
  print_out("{}", analysis::text_plot(plot_of(o, cells, o.draft_cost.front()), std::min(80, stdout_columns())));
  if (o.simulate > 0)
    print_out("\nsimulated: {} rounds each; tokens per round differ by at most {:.1f} standard errors\n", o.simulate,
              worst);
  if (!o.plot.empty()) print_out("plot: {}\n", o.plot);
  return kOk;
}

// What the help ends with.
constexpr const char* kMethod =
    R"(Formula: speedup = (1 − a^(n+1)) / (1 − a) / (1 + n (c + v) + o), for a drafted token accepted with probability a, n
drafted tokens, a draft step costing c, each further verified token v, and a round o, in steps of the model. n-gram
lookup: c near 0; a draft model: the ratio of step times; v grows when batches make the model compute-bound.
Source: Leviathan, Kalman, Matias, ICML 2023, equation 1 and theorem 3.8 (v = o = 0).)";

}  // namespace

void add_spec_config_sweep(CLI::App& utils, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c = add_tool(
      utils, context, "spec-config-sweep", "Speculative decoding: speedup by acceptance, draft length and cost",
      kMethod,
      "aisp utils spec-config-sweep --acceptance 0.6,0.8 --draft-length 2,5 --draft-cost 0,0.05 --simulate 100000",
      [&context, o] { return spec_config_sweep(context, *o); });
  c->add_option("--acceptance", o->acceptance, "Probabilities that a drafted token is accepted (default: 0.5 … 0.9)")
      ->delimiter(',')
      ->check(number(0, 1, ""))
      ->type_name("SHARE");
  c->add_option("--draft-length", o->lengths, "Numbers of drafted tokens (default: 1 … 10)")
      ->delimiter(',')
      ->check(whole_number(0, 1000, "tokens"))
      ->type_name("N");
  c->add_option("--draft-cost", o->draft_cost, "Costs of a draft step (default: 0.05)")
      ->delimiter(',')
      ->check(number(0, 100, ""))
      ->type_name("STEPS");
  c->add_option("--verify-cost", o->cost.verify, "Cost of each further token verified in one step (default: 0)")
      ->check(number(0, 100, ""))
      ->type_name("STEPS");
  c->add_option("--round-cost", o->cost.round, "Further cost of a round (default: 0)")
      ->check(number(0, 100, ""))
      ->type_name("STEPS");
  c->add_option("--simulate", o->simulate, "Also draw so many rounds of each configuration")
      ->check(whole_number(1, 10'000'000, "rounds"))
      ->type_name("ROUNDS");
  c->add_option("--seed", o->seed, "Of the simulation (default: 1)")
      ->check(whole_number(0, 1'000'000'000, ""))
      ->type_name("N");
  add_plot_option(*c, o->plot);
}

}  // namespace aisp::app
