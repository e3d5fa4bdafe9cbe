#include "analysis/ncu.hpp"

#include "analysis/csv.hpp"
#include "analysis/written_number.hpp"
#include "record/text.hpp"
#include "stats/stats.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <stdexcept>

namespace aisp::analysis {
namespace {

using Record = std::vector<std::string>;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr double kImpossible = 1.05;  // of a roof; measured roofs are a few per cent uncertain

[[noreturn]] void bad(const std::string& what) { throw std::runtime_error(what); }

std::size_t column(const Record& header, std::string_view name) {
  const auto it = std::find(header.begin(), header.end(), name);
  return it == header.end() ? kNone : static_cast<std::size_t>(it - header.begin());
}

// ncu's units as factors to seconds, bytes and plain counts; nothing for one that is no unit of time or size.
std::optional<double> factor(const std::string& unit) {
  static const std::map<std::string, double> kFactors{
      {"s", 1},          {"second", 1},  {"ms", 1e-3},      {"msecond", 1e-3}, {"us", 1e-6},
      {"usecond", 1e-6}, {"ns", 1e-9},   {"nsecond", 1e-9}, {"byte", 1},       {"Kbyte", 1e3},
      {"Mbyte", 1e6},    {"Gbyte", 1e9}, {"Tbyte", 1e12}};
  const auto it = kFactors.find(unit);
  return it == kFactors.end() ? std::nullopt : std::optional(it->second);
}

// Times and sizes, which rooflines are made of: of those nothing is guessed.
bool matters(std::string_view metric) {
  constexpr std::string_view kParts[] = {"time_duration", "bytes.sum", "bytes_read.sum", "bytes_write.sum"};
  return std::any_of(std::begin(kParts), std::end(kParts), [&](auto part) { return metric.find(part) != metric.npos; });
}

// To base units. Times and sizes in a unit that is not known are refused, because they would be wrong by powers of ten.
double in_base_units(const std::string& metric, double value, const std::string& unit) {
  const auto slash = unit.find('/');
  const auto above = factor(unit.substr(0, slash));
  if (!above && matters(metric) && !unit.empty() && slash == std::string::npos)
    bad(fmt::format("has {} in '{}', which is no unit of it that is known; ncu --print-units base avoids that",
                    record::shown(metric, 60), record::shown(unit, 20)));
  return value * above.value_or(1) / (slash == std::string::npos ? 1 : factor(unit.substr(slash + 1)).value_or(1));
}

std::string without_ending(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  return std::string(line);
}

// ncu says why it failed in lines of its own.
[[noreturn]] void complain(const std::vector<std::string>& said) {
  for (const auto& line : said)
    if (line.find("ERR_NVGPUCTRPERM") != std::string::npos)
      bad("holds no counters: this user may not read them (ERR_NVGPUCTRPERM); run as root, or load the driver with "
          "NVreg_RestrictProfilingToAdminUsers=0");
  for (const auto& line : said)
    if (line.find("No kernels were profiled") != std::string::npos)
      bad("holds no kernel: ncu captured none; is its --kernel-name filter right, and did the program launch one?");
  for (const auto& line : said)
    if (line.starts_with("==ERROR==")) bad("says " + record::shown(line.substr(9), 200));
  bad("has no line that names the columns, with 'Kernel Name' and metrics among them; make it with ncu --csv, and with "
      "--log-file where the program prints to the same place");
}

// A line that names ncu's columns. A program may print lines that hold the words.
bool is_header(std::string_view line) {
  if (line.find("Kernel Name") == std::string_view::npos) return false;
  try {
    const auto records = parse_csv(line);
    if (records.size() != 1 || column(records[0], "Kernel Name") == kNone) return false;
    return std::any_of(records[0].begin(), records[0].end(),
                       [](const auto& name) { return name == "Metric Name" || name.find("__") != std::string::npos; });
  } catch (const std::runtime_error&) {
    return false;
  }
}

// The text from ncu's header on, without what ncu says beside it. No field begins a line with "==". A header that comes
// again, as of a second process, is left out.
std::string from_header(std::string_view text) {
  std::string table;
  std::string_view header;
  std::vector<std::string> said;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("=="))
      said.push_back(without_ending(line));
    else if (table.empty() ? is_header(line) : line != header) {
      if (table.empty()) header = line;
      table += std::string(line) + "\n";
    }
  }
  if (table.empty()) complain(said);
  for (const auto& line : said)
    if (line.find("ERR_NVGPUCTRPERM") != std::string::npos) complain(said);
  return table;
}

// Samples of every metric of every kernel, in order of appearance.
class Samples {
 public:
  void add(const std::string& kernel, const std::string& launch, const std::string& metric, double value) {
    if (!kernels_.contains(kernel)) order_.push_back(kernel);
    auto& k = kernels_[kernel];
    k.launches[launch] = true;
    k.metrics[metric].push_back(value);
  }
  std::vector<NcuKernel> medians() const {
    std::vector<NcuKernel> all;
    for (const auto& name : order_) {
      const auto& k = kernels_.at(name);
      NcuKernel kernel{name, static_cast<int>(k.launches.size()), {}};
      for (const auto& [metric, values] : k.metrics) kernel.metrics[metric] = stats::median(values);
      all.push_back(std::move(kernel));
    }
    return all;
  }

 private:
  struct Kernel {
    std::map<std::string, bool> launches;
    std::map<std::string, std::vector<double>> metrics;
  };
  std::vector<std::string> order_;
  std::map<std::string, Kernel> kernels_;
};

std::string field(const Record& record, std::size_t at) { return at < record.size() ? record[at] : std::string(); }

void check_width(const std::vector<Record>& records, std::size_t row, const char* advice = "") {
  if (records[row].size() != records.front().size())
    bad(fmt::format("row {} has {} fields; the header has {}{}", row, records[row].size(), records.front().size(),
                    advice));
}

constexpr const char* kApart = "; where the program's own output lies among ncu's, ncu --log-file keeps them apart";

// A metric's value; nothing for one that is no number, which times and sizes must be where something is written.
std::optional<double> metric_value(const NumberStyle& style, std::size_t row, const std::string& metric,
                                   const std::string& cell) {
  const auto value = style.read(cell);
  if (!value && matters(metric) && cell.find_first_of("0123456789") != std::string::npos)
    bad(fmt::format("row {}: {} is '{}', which is no number", row, record::shown(metric, 60), record::shown(cell, 40)));
  return value;
}

void read_long(const std::vector<Record>& records, NumberStyle style, Samples& samples) {
  const auto& header = records.front();
  const auto id = column(header, "ID"), kernel = column(header, "Kernel Name"), name = column(header, "Metric Name"),
             unit = column(header, "Metric Unit"), value = column(header, "Metric Value");
  if (value == kNone) bad("has a column 'Metric Name' but none 'Metric Value'");
  for (std::size_t r = 1; r < records.size(); ++r) {
    check_width(records, r, kApart);
    style.learn(records[r][value]);
  }
  for (std::size_t r = 1; r < records.size(); ++r) {
    const auto& record = records[r];
    if (const auto v = metric_value(style, r, record[name], record[value]))
      samples.add(record[kernel], field(record, id), record[name],
                  in_base_units(record[name], *v, field(record, unit)));
  }
}

void read_wide(const std::vector<Record>& records, NumberStyle style, Samples& samples) {
  const auto& header = records.front();
  const auto id = column(header, "ID"), kernel = column(header, "Kernel Name");
  if (records.size() < 2) return;
  const bool units = field(records[1], kernel).empty();
  std::vector<std::size_t> metrics;  // not a launch's size
  for (std::size_t c = kernel + 1; c < header.size(); ++c)
    if (header[c].find("__") != std::string::npos) metrics.push_back(c);
  for (std::size_t r = units ? 2 : 1; r < records.size(); ++r) {
    check_width(records, r, kApart);
    for (const auto c : metrics) style.learn(records[r][c]);
  }
  for (std::size_t r = units ? 2 : 1; r < records.size(); ++r) {
    const auto& record = records[r];
    for (const auto c : metrics)
      if (const auto v = metric_value(style, r, header[c], record[c]))
        samples.add(record[kernel], id == kNone ? std::to_string(r) : record[id], header[c],
                    in_base_units(header[c], *v, units ? field(records[1], c) : ""));
  }
}

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// `part` stands in `name` as a word of its own: "gemm" in "void gemm<float>(…)", not in "my_gemm_2".
bool names_part(std::string_view name, std::string_view part) {
  for (auto at = name.find(part); at != std::string_view::npos; at = name.find(part, at + 1)) {
    const bool before = at == 0 || !is_name(name[at - 1]) || !is_name(part.front());
    const auto end = at + part.size();
    if (before && (end == name.size() || !is_name(name[end]) || !is_name(part.back()))) return true;
  }
  return false;
}

const KernelWork* work_of(const std::vector<KernelWork>& work, const std::string& kernel) {
  const KernelWork* best = nullptr;
  for (const auto& w : work) {
    if (w.name == kernel) return &w;
    if (names_part(kernel, w.name) && (!best || w.name.size() > best->name.size())) best = &w;
  }
  return best;
}

double first_of(const NcuKernel& k, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const double v = k.metric(name); v > 0) return v;
  return 0;
}

}  // namespace

std::vector<NcuKernel> parse_ncu_csv(std::string_view text, bool c_locale) {
  const auto records = parse_csv(from_header(text));
  Samples samples;
  NumberStyle style;
  if (c_locale) style.learn("1.5");
  if (column(records.front(), "Kernel Name") == kNone) bad("has no column 'Kernel Name'");
  if (column(records.front(), "Metric Name") != kNone)
    read_long(records, style, samples);
  else
    read_wide(records, style, samples);
  auto kernels = samples.medians();
  if (kernels.empty())
    bad("holds no kernel: ncu captured none; is its --kernel-name filter right, and did the program launch one?");
  return kernels;
}

double ncu_seconds(const NcuKernel& k) {
  return first_of(k, {"gpu__time_duration.sum", "gpu__time_duration.avg", "gpu__time_duration.max", "Duration"});
}

double ncu_dram_bytes(const NcuKernel& k) {
  const double both = first_of(k, {"dram__bytes.sum"});
  if (both > 0 || !ncu_dram_gap(k).empty()) return both;
  return k.metric("dram__bytes_read.sum") + k.metric("dram__bytes_write.sum");
}

std::string ncu_dram_gap(const NcuKernel& k) {
  const bool read = k.metrics.contains("dram__bytes_read.sum"), write = k.metrics.contains("dram__bytes_write.sum");
  if (read == write || k.metrics.contains("dram__bytes.sum")) return {};
  return read ? "dram__bytes_write.sum" : "dram__bytes_read.sum";
}

double ncu_l2_bytes(const NcuKernel& k) {
  const double bytes = first_of(k, {"lts__t_bytes.sum"});
  return bytes > 0 ? bytes : 32 * k.metric("lts__t_sectors.sum");  // a sector is 32 bytes
}

const std::vector<std::string>& ncu_metrics(const std::string& level) {
  static const std::vector<std::string> minimal{"gpu__time_duration.sum", "dram__bytes_read.sum",
                                                "dram__bytes_write.sum",
                                                "sm__throughput.avg.pct_of_peak_sustained_elapsed",
                                                "gpu__compute_memory_throughput.avg.pct_of_peak_sustained_elapsed"};
  static const auto with = [](std::vector<std::string> all, std::initializer_list<const char*> more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  static const auto roofline = with(minimal, {"lts__t_bytes.sum"});
  static const auto deep_dive =
      with(roofline, {"smsp__inst_executed.sum", "smsp__issue_active.avg.pct_of_peak_sustained_active",
                      "sm__warps_active.avg.pct_of_peak_sustained_active",
                      "sm__pipe_tensor_cycles_active.avg.pct_of_peak_sustained_active", "lts__t_sector_hit_rate.pct",
                      "l1tex__data_bank_conflicts_pipe_lsu_mem_shared.sum"});
  return level == "minimal" ? minimal : level == "roofline" ? roofline : deep_dive;
}

void add_measured(const std::vector<NcuKernel>& kernels, int calls, model::VariantProfile& profile) {
  double time = 0;
  std::map<std::string, double> sums, shares;
  for (const auto& k : kernels) {
    auto& kept = profile.measured.emplace_back();
    kept.name = k.name, kept.launches = k.launches;
    for (const auto& [name, value] : k.metrics) kept.metrics.push_back({name, value});
    const double weight = k.launches * ncu_seconds(k);
    time += weight;
    for (const auto& [name, value] : k.metrics) {
      if (name.find("pct") != std::string::npos)
        shares[name] += weight * value;
      else if (name.ends_with(".sum") && name != "gpu__time_duration.sum")
        sums[name] += k.launches * value / calls;
    }
  }
  // In the order of the metrics, so that counts stand before shares of the same kind in every profile.
  for (const auto& name : ncu_metrics("deep_dive")) {
    if (const auto it = sums.find(name); it != sums.end()) profile.counters.push_back({name, it->second});
    if (const auto it = shares.find(name); it != shares.end() && time > 0)
      profile.counters.push_back({name, it->second / time});
  }
}

std::vector<KernelWork> parse_kernel_work(std::string_view csv) {
  const auto records = parse_csv(csv);
  if (records.empty()) bad("is empty; its first line must name columns: name,flops,bytes");
  NumberStyle style;
  style.learn("1.5");  // the file is written by hand: a decimal point, commas only between groups of three
  const auto& header = records.front();
  for (const char* needed : {"name", "flops", "bytes"})
    if (column(header, needed) == kNone)
      bad(fmt::format("has no column '{}'; its first line must name columns: name,flops,bytes", needed));
  for (const auto& name : header)
    if (std::count(header.begin(), header.end(), name) > 1)
      bad(fmt::format("has the column '{}' twice", record::shown(name, 40)));
  std::vector<KernelWork> all;
  for (std::size_t r = 1; r < records.size(); ++r) {
    check_width(records, r);
    const auto& record = records[r];
    const auto amount = [&](const char* name) {
      const auto c = column(header, name);
      if (c == kNone || record[c].empty()) return 0.0;
      const auto v = style.read(record[c]);
      if (!v || *v < 0)
        bad(fmt::format("row {}: {} is '{}'; it must be a number from 0", r, name, record::shown(record[c], 40)));
      return *v;
    };
    KernelWork w{record[column(header, "name")],
                 amount("flops"),
                 amount("bytes"),
                 amount("l2_bytes"),
                 amount("tmem_bytes"),
                 amount("seconds"),
                 field(record, column(header, "arithmetic"))};
    if (w.name.empty()) bad(fmt::format("row {} names no kernel", r));
    if (!(w.flops > 0) && !(w.bytes > 0))
      bad(fmt::format("row {}: '{}' has neither flops nor bytes", r, record::shown(w.name, 40)));
    for (const auto& other : all)
      if (other.name == w.name) bad(fmt::format("row {}: '{}' is there twice", r, record::shown(w.name, 40)));
    all.push_back(std::move(w));
  }
  if (all.empty()) bad("holds no kernel");
  return all;
}

DevicePeaks device_peaks(const GpuSpec* spec, const device::GpuPeaks* measured) {
  DevicePeaks peaks;
  if (spec) {
    peaks.device = spec->name;
    for (const auto& n : numbers(*spec)) {
      if (n.unit == "op/s" && n.number)
        peaks.compute[std::string(n.key)] = {"compute " + std::string(n.key), true, n.number.value,
                                             std::string(n.number.source)};
      if (n.key == "bandwidth" && n.number)
        peaks.hbm = Roof{"HBM", false, n.number.value, std::string(n.number.source)};
    }
  }
  if (!measured) return peaks;
  if (peaks.device.empty()) peaks.device = measured->device;
  const auto source = "bench peak " + measured->when;
  for (const auto& f : measured->figures) {
    if (!(f.value > 0)) continue;
    if (f.unit == "op/s") peaks.compute[f.name] = {"compute " + f.name, true, f.value, source};
    if (f.name == "l2_read") peaks.l2 = Roof{"L2", false, f.value, source};
    if (f.name == "tmem_read") peaks.tmem = Roof{"TMEM", false, f.value, source};
  }
  double best = 0;  // the best way to move data bounds every kernel
  for (const char* name : {"copy", "read", "write"})
    if (const auto* f = measured->find(name)) best = std::max(best, f->value);
  if (best > 0) peaks.hbm = Roof{"HBM", false, best, source};
  return peaks;
}

Roofline ncu_roofline(const std::vector<NcuKernel>& kernels, const std::vector<KernelWork>& work,
                      const DevicePeaks& peaks) {
  Roofline r;
  r.title = "Roofline of " + peaks.device;
  std::vector<std::string> known;
  for (const auto& [arithmetic, roof] : peaks.compute) known.push_back(arithmetic);
  std::vector<const KernelWork*> used;
  for (const auto& k : kernels) {
    const auto name = record::shown(k.name, 60);
    const auto* w = work_of(work, k.name);
    if (!w) {
      r.left_out.push_back(name + ": no row of the metadata names it");
      continue;
    }
    used.push_back(w);
    RooflinePoint p{name, ncu_seconds(k), w->flops, {}};
    if (!(p.seconds > 0)) p.seconds = w->seconds;
    if (!(p.seconds > 0)) {
      r.left_out.push_back(name + ": its time is missing; ncu measures it as gpu__time_duration.sum");
      continue;
    }
    const auto arithmetic = w->arithmetic.empty() ? std::string("f32") : w->arithmetic;
    const auto note = [&](const std::string& text) { p.note += (p.note.empty() ? "" : "; ") + text; };
    const auto put = [&](const std::optional<Roof>& roof, double amount) {
      if (roof && amount > 0) p.loads.push_back({r.roof(*roof), amount});
    };
    if (const auto it = peaks.compute.find(arithmetic); it != peaks.compute.end())
      put(it->second, w->flops);
    else if (w->flops > 0)
      note(fmt::format("no rate of '{}' is known for this GPU; there is {}", record::shown(arithmetic, 20),
                       fmt::join(known, ", ")));
    const double dram = ncu_dram_bytes(k), l2 = ncu_l2_bytes(k);
    put(peaks.hbm, dram > 0 ? dram : w->bytes);
    if (const auto gap = ncu_dram_gap(k); !gap.empty())
      note(fmt::format("HBM traffic is the declared one, since {} is missing", gap));
    put(peaks.l2, l2 > 0 ? l2 : w->l2_bytes);
    put(peaks.tmem, w->tmem_bytes);
    if (dram > 1.1 * w->bytes && w->bytes > 0)
      note(fmt::format("moved {:#.3g} times the bytes that it declares", dram / w->bytes));
    if (l2 > 0 && !peaks.l2)
      note("no rate of L2 is known, so its traffic binds nothing: --peaks of bench peak, or --roof l2=B/S");
    if (w->tmem_bytes > 0 && !peaks.tmem) note("TMEM traffic declared, but no TMEM rate given: --roof tmem=B/S");
    if (const auto all = limits(r, p); !all.empty() && all.front().share > kImpossible)
      note(fmt::format("takes less time than {} allows: its work, its time or the roof is wrong",
                       all.front().roof->name));
    r.points.push_back(std::move(p));
  }
  for (const auto& w : work)
    if (std::find(used.begin(), used.end(), &w) == used.end())
      r.left_out.push_back(record::shown(w.name, 60) + ": not among the captured kernels");
  return r;
}

}  // namespace aisp::analysis
