#include "verify/golden.hpp"

#include "verify/cases.hpp"
#include "verify/oracle.hpp"
#include "verify/random.hpp"

#include <cmath>
#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace aisp::verify {
namespace {

constexpr int kProjections = 3;

double projection(const std::vector<double>& values, const Key& key) {
  Stream sign(key);
  double sum = 0;
  for (const double v : values) sum += sign() & 1 ? v : -v;
  return sum;
}

}  // namespace

std::vector<Golden> golden_of(const WorkloadEntry& entry) {
  const Key key = derive(derive({}, "golden"), entry.target);
  const Problem light = light_case(entry);
  const Problem problem = light.no_held_out.empty() ? held_out_case(entry, key) : light;
  if (!problem.reference) return {};
  std::vector<std::vector<std::uint64_t>> storage;  // aligned for every dtype
  std::vector<std::span<const std::byte>> tensors;
  for (const auto& t : problem.tensors) {
    auto& words = storage.emplace_back((t.bytes() + 7) / 8);
    const std::span<std::byte> bytes(reinterpret_cast<std::byte*>(words.data()), t.bytes());
    if (t.readable()) draw(t, derive(key, t.name), bytes);
    tensors.push_back(bytes);
  }
  Case c = widen_inputs(problem, tensors);
  size_outputs(c, 0);
  problem.reference(c);
  std::vector<Golden> all;
  for (const auto& e : c.entries) {
    if (!e.spec->writable()) continue;
    Golden g{entry.target, e.spec->name, 0, {}};
    for (const double v : e.output) g.norm += v * v;
    g.norm = std::sqrt(g.norm);
    for (int p = 0; p < kProjections; ++p)
      g.projections[p] = projection(e.output, derive(key, "direction", static_cast<std::uint64_t>(p)));
    all.push_back(g);
  }
  return all;
}

std::string golden_difference(const Golden& kept, const Golden& now) {
  const double limit = kGoldenTolerance * std::abs(kept.norm);
  const auto differs = [&](double a, double b) {
    return !(std::abs(a - b) <= limit) && !(std::isnan(a) && std::isnan(b));
  };
  bool changed = differs(kept.norm, now.norm);
  // A projection of n elements adds up what n of them differ by.
  for (int p = 0; p < kProjections; ++p) changed |= differs(kept.projections[p], now.projections[p]);
  if (!changed) return "";
  char text[200];
  std::snprintf(text, sizeof text,
                "output '%.60s': the reference says otherwise than its golden digest (norm %.9g, was %.9g)",
                now.output.c_str(), now.norm, kept.norm);
  return text;
}

std::string to_text(const std::vector<Golden>& all) {
  std::string text;
  for (const auto& g : all) {
    char line[256];
    std::snprintf(line, sizeof line, "%s %s %.15g %.15g %.15g %.15g\n", g.target.c_str(), g.output.c_str(), g.norm,
                  g.projections[0], g.projections[1], g.projections[2]);
    text += line;
  }
  return text;
}

std::vector<Golden> parse_golden(const std::string& text) {
  std::vector<Golden> all;
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    Golden g;
    std::string norm, p[kProjections], rest;
    words >> g.target >> g.output >> norm >> p[0] >> p[1] >> p[2];
    const auto value = [&](const std::string& word) {
      std::size_t used = 0;
      double v = 0;
      try {
        v = std::stod(word, &used);
      } catch (const std::exception&) {
        used = 0;
      }
      if (used == 0 || used != word.size())
        throw std::runtime_error("line " + std::to_string(number) + " is no golden digest");
      return v;
    };
    g.norm = value(norm);
    for (int i = 0; i < kProjections; ++i) g.projections[i] = value(p[i]);
    if (words >> rest) throw std::runtime_error("line " + std::to_string(number) + " is no golden digest");
    all.push_back(g);
  }
  return all;
}

}  // namespace aisp::verify
