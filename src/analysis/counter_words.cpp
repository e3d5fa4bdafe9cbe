#include "analysis/counter_words.hpp"

#include "analysis/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace aisp::analysis {
namespace {

constexpr double kSame = 0.05;       // smaller differences are called "about as many"
constexpr double kLeastCount = 0.5;  // a call; less than one in two calls is noise
constexpr double kIdleTensors = 3;   // %: what the counter shows where no kernel uses them; BF16 conversions do so too
constexpr double kRare = 1e-3;       // a warp instruction: bank conflicts that are fewer cost nothing that is measured

enum class Kind : std::uint8_t { count, bytes, nanoseconds, share };

struct Words {
  std::string_view counter;
  Kind kind = Kind::count;
  std::string_view what;  // behind the amount: "kernel launches", "read from device memory", "of the SMs' peak rate"
  std::string_view one = {};  // of a count
  double noise = 0;           // of a share, in %: below it in baseline and variant it says nothing
  double rare = 0;            // of a count: below so many a warp instruction it is none
};

// In the order in which they are read: what is done, how long, what it moves, how busy that keeps the device.
constexpr std::array kWords{
    Words{"cycles", Kind::count, "cycles", "cycle"}, Words{"instructions", Kind::count, "instructions", "instruction"},
    Words{"cache-misses", Kind::count, "misses of the last-level cache", "miss of the last-level cache"},
    Words{"branch-misses", Kind::count, "mispredicted branches", "mispredicted branch"},
    Words{"page-faults", Kind::count, "page faults", "page fault"},
    Words{"context-switches", Kind::count, "context switches", "context switch"},
    // the device, under CUPTI
    Words{"kernels", Kind::count, "kernel launches", "kernel launch"},
    Words{"graph-launches", Kind::count, "graph launches", "graph launch"},
    Words{"copies", Kind::count, "copies", "copy"}, Words{"copied-bytes", Kind::bytes, "copied"},
    Words{"memsets", Kind::count, "memsets", "memset"}, Words{"device-ns", Kind::nanoseconds, "work on the device"},
    // kernels, under Nsight Compute
    Words{"dram__bytes_read.sum", Kind::bytes, "read from device memory"},
    Words{"dram__bytes_write.sum", Kind::bytes, "written to device memory"},
    Words{"lts__t_bytes.sum", Kind::bytes, "through L2"},
    Words{"lts__t_sector_hit_rate.pct", Kind::share, "of sectors are found in L2"},
    Words{"gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed", Kind::share,
          "of the memory system's peak rate"},
    Words{"sm__throughput.avg.pct_of_peak_sustained_elapsed", Kind::share, "of the SMs' peak rate"},
    Words{"sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active",
          Kind::share,
          "of cycles keep the tensor cores busy",
          {},
          kIdleTensors},
    Words{"smsp__inst_executed.sum", Kind::count, "warp instructions", "warp instruction"},
    Words{"smsp__issue_active.avg.pct_of_peak_sustained_active", Kind::share, "of cycles issue an instruction"},
    Words{"sm__warps_active.avg.pct_of_peak_sustained_active", Kind::share, "of the warps that fit are active"},
    Words{"l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum", Kind::count, "bank conflicts in shared memory",
          "bank conflict in shared memory", 0, kRare}};

Words words_of(const std::string& counter) {
  for (const auto& w : kWords)
    if (w.counter == counter) return w;
  return {counter, Kind::count, counter, counter};
}

// The counters in the order of their words; those without come last.
std::vector<model::Counter> in_order(std::vector<model::Counter> counters) {
  const auto place = [](const model::Counter& c) {
    return std::find_if(kWords.begin(), kWords.end(), [&](const Words& w) { return w.counter == c.name; });
  };
  std::stable_sort(counters.begin(), counters.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  return counters;
}

const double* value_of(const model::VariantProfile& p, const std::string& counter) {
  for (const auto& c : p.counters)
    if (c.name == counter) return &c.value;
  return nullptr;
}

// The counter of a call; none where it is too rare to mean anything.
double counted(const model::VariantProfile& p, const Words& w, double value) {
  const auto* instructions = value_of(p, "smsp__inst_executed.sum");
  return value >= std::max(kLeastCount, instructions ? w.rare * *instructions : 0) ? value : 0;
}

std::string amount_text(double value, Amount amount) {
  if (value == 0) return "0";
  if (amount == Amount::seconds) return format_seconds(value);
  return format_scaled(value, amount == Amount::bytes ? "B" : "");
}

std::string share_text(double percent) { return fmt::format("{:.3g} %", percent); }

}  // namespace

std::string compared(const std::string& what, double before, double after, Amount amount) {
  const auto both = fmt::format("({} → {} a call)", amount_text(before, amount), amount_text(after, amount));
  if (before == after) return fmt::format("as many {} ({} a call)", what, amount_text(after, amount));
  if (before == 0) return fmt::format("{} where the baseline has none {}", what, both);
  if (after == 0) return fmt::format("no {} {}", what, both);
  const bool time = amount == Amount::seconds;
  const double ratio = after / before;
  if (std::fabs(ratio - 1) < kSame) return fmt::format("about as {} {} {}", time ? "much" : "many", what, both);
  return ratio < 1 ? fmt::format("{} times {} {} {}", format_scaled(1 / ratio), time ? "less" : "fewer", what, both)
                   : fmt::format("{} times more {} {}", format_scaled(ratio), what, both);
}

std::vector<std::string> in_words(const model::VariantProfile& v) {
  std::vector<std::string> said;
  for (const auto& c : in_order(v.counters)) {
    const auto w = words_of(c.name);
    if (w.kind == Kind::share) {
      if (c.value >= w.noise) said.push_back(fmt::format("{} {}", share_text(c.value), w.what));
      continue;
    }
    if (counted(v, w, c.value) == 0) continue;
    switch (w.kind) {
      case Kind::count:
        said.push_back(fmt::format("{} {} a call", format_scaled(c.value), c.value == 1 ? w.one : w.what));
        break;
      case Kind::bytes: said.push_back(fmt::format("{} {} a call", format_scaled(c.value, "B"), w.what)); break;
      case Kind::nanoseconds:
        said.push_back(fmt::format("{} of {} a call", format_seconds(c.value * 1e-9), w.what));
        break;
      case Kind::share: break;
    }
  }
  return said;
}

std::vector<std::string> in_plain_words(const model::VariantProfile& baseline, const model::VariantProfile& variant) {
  std::vector<std::string> said;
  for (const auto& c : in_order(variant.counters)) {
    const auto* before = value_of(baseline, c.name);
    if (!before) continue;
    const auto w = words_of(c.name);
    if (w.kind == Kind::share) {
      if (std::max(c.value, *before) >= w.noise)
        said.push_back(fmt::format("{} {}, the baseline {}", share_text(c.value), w.what, share_text(*before)));
      continue;
    }
    const double from = counted(baseline, w, *before), to = counted(variant, w, c.value);
    if (from == 0 && to == 0) continue;
    const auto what = std::string(w.what);
    switch (w.kind) {
      case Kind::count: said.push_back(compared(what, from, to)); break;
      case Kind::bytes: said.push_back(compared("bytes " + what, from, to, Amount::bytes)); break;
      case Kind::nanoseconds: said.push_back(compared(what, from * 1e-9, to * 1e-9, Amount::seconds)); break;
      case Kind::share: break;
    }
  }
  const auto ipc = [](const model::VariantProfile& p) {
    const auto *cycles = value_of(p, "cycles"), *instructions = value_of(p, "instructions");
    return cycles && instructions && *cycles > 0 ? *instructions / *cycles : 0;
  };
  if (const double before = ipc(baseline), after = ipc(variant); before > 0 && after > 0)
    said.push_back(fmt::format("{:.2f} instructions a cycle, the baseline {:.2f}", after, before));
  return said;
}

}  // namespace aisp::analysis
