// The results of calculators: named numbers with units, the same in the table and in JSON.
#pragma once

#include "app/options.hpp"
#include "app/output.hpp"

#include <string>
#include <vector>

namespace aisp::app {

struct Quantity {
  std::string key, label;
  double value = 0;
  std::string unit;  // "B" and "B/s" get decimal prefixes, "B" binary ones beside, "$" leads; "" = a plain number
  std::string note{};
};

std::string quantity_text(double value, const std::string& unit);  // "42.9 GB = 40.00 GiB", "$0.0356", "1184 tokens"
// {"bytes": {"value": 42949672960, "unit": "B"}, …}
Json quantities_json(const std::vector<Quantity>&);
// Rows: label, value, note.
std::string quantities_table(const std::vector<Quantity>&);
void print_quantities(const Context&, const std::vector<Quantity>&);

// A CLI11 check: one finite number from `lo` to `hi` (`above`: but not `lo` itself).
enum class Bound : bool { included, above };
CLI::Validator number(double lo, double hi, const std::string& unit, Bound bound = Bound::included);
CLI::Validator positive(const std::string& unit, double hi = 1e18);  // above 0
CLI::Validator whole_number(std::int64_t lo, std::int64_t hi, const std::string& unit);

}  // namespace aisp::app
