// What a million generated tokens cost: energy alone, and with the hardware.
//
//   energy:   P · PUE · price / throughput            (PUE: facility power over computer power, ISO/IEC 30134-2)
//   hardware: price / (years · 8760 h · utilisation), or rent per GPU-hour / utilisation, over throughput
//
// Utilisation is the share of the time in which the hardware serves at this throughput; in the rest it draws its idle
// power, which the served tokens pay for.
#pragma once

namespace aisp::tools {

struct TokenCostInput {
  double watts = 0;              // while serving, of everything that serves
  double tokens_per_second = 0;  // while serving
  double dollars_per_kwh = 0;
  double pue = 1;
  double utilisation = 1;
  double idle_watts = 0;
  double hardware_dollars = 0;      // bought …
  double years = 0;                 // … and written off over this time
  double dollars_per_gpu_hour = 0;  // … or rented
  double gpus = 1;                  // that are rented
};

struct TokenCost {
  double joules_per_token = 0;  // drawn from the grid, idle time included
  double kwh_per_million = 0;
  double energy_per_million = 0;    // $
  double hardware_per_million = 0;  // $; 0 = neither price nor rent was given
  double total_per_million = 0;
  double tokens_per_day = 0;  // at this utilisation
  double energy_per_day = 0, hardware_per_day = 0;
};

TokenCost token_cost(const TokenCostInput&);

}  // namespace aisp::tools
