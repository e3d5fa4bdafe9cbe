#include "tools/token_cost.hpp"

namespace aisp::tools {

TokenCost token_cost(const TokenCostInput& in) {
  constexpr double kHour = 3600, kDay = 86400, kHoursPerYear = 8760, kMillion = 1e6, kKwh = 3.6e6;
  TokenCost c;
  const double idle = in.idle_watts * (1 - in.utilisation) / in.utilisation;  // for each watt-second of serving
  c.joules_per_token = (in.watts + idle) * in.pue / in.tokens_per_second;
  c.kwh_per_million = c.joules_per_token * kMillion / kKwh;
  c.energy_per_million = c.kwh_per_million * in.dollars_per_kwh;
  const double bought = in.years > 0 ? in.hardware_dollars / (in.years * kHoursPerYear) : 0;
  const double per_hour = bought + in.dollars_per_gpu_hour * in.gpus;
  c.hardware_per_million = per_hour / in.utilisation / (in.tokens_per_second * kHour) * kMillion;
  c.total_per_million = c.energy_per_million + c.hardware_per_million;
  c.tokens_per_day = in.tokens_per_second * kDay * in.utilisation;
  c.energy_per_day = c.energy_per_million * c.tokens_per_day / kMillion;
  c.hardware_per_day = c.hardware_per_million * c.tokens_per_day / kMillion;
  return c;
}

}  // namespace aisp::tools
