// aisp utils compare-precision: what number formats cost in accuracy, on an operation or on a tensor from a file.
#include "analysis/plot.hpp"
#include "app/commands/utils.hpp"
#include "app/gnuplot.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/quantities.hpp"
#include "app/terminal.hpp"
#include "record/file.hpp"
#include "tools/draws.hpp"
#include "tools/npy.hpp"
#include "tools/precision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace aisp::app {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 30;

struct Options {
  std::string operation = "gemm", file, fp8, array, plot, values = "normal";
  std::vector<std::string> formats;
  std::int64_t m = 128, n = 128, k = 1024, rows = 64, columns = 1024, sequence = 256, head_dim = 64;
  double magnitude = 1;
  bool tensor_scale = false;
  std::uint64_t seed = 1;
  std::vector<std::pair<const CLI::Option*, std::string>> sizes;  // and the operation whose sizes they are
};

std::vector<double> drawn(tools::Draws& draws, const Options& o, std::int64_t count) {
  std::vector<double> x;
  x.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    double v = o.values == "uniform" ? 2 * draws.uniform() - 1 : draws.normal();
    if (o.values == "lognormal") v = std::exp(v);
    if (o.values == "outliers" && draws.uniform() < 0.001) v *= 100;
    x.push_back(v * o.magnitude);
  }
  return x;
}

struct Comparison {
  std::string about;
  std::vector<tools::PrecisionResult> results;
};

std::vector<const tools::NumberFormat*> formats_of(const Options& o) {
  std::vector<const tools::NumberFormat*> formats;
  for (const auto& f : tools::number_formats())
    if (o.formats.empty() || std::find(o.formats.begin(), o.formats.end(), f.name) != o.formats.end())
      formats.push_back(&f);
  return formats;
}

template <class Input> Comparison compare(const Options& o, std::string about, const Input& input) {
  const auto exact = tools::exact(input);
  Comparison c{std::move(about), {}};
  for (const auto* f : formats_of(o)) c.results.push_back(tools::compare(*f, input, exact, o.tensor_scale));
  return c;
}

Comparison compare_file(const Options& o) {
  tools::NpyArray array;
  try {
    const auto fp8 = o.fp8.empty() ? tools::Fp8::unsaid : o.fp8 == "e4m3" ? tools::Fp8::e4m3 : tools::Fp8::e5m2;
    array = tools::parse_numpy(record::read_whole(o.file, kMaxFile), {fp8, o.array});
  } catch (const std::runtime_error& error) {
    std::string what = error.what();
    if (what.find("E4M3 or E5M2?") != std::string::npos) what += " say --fp8 e4m3 or --fp8 e5m2";
    if (what.find("none is named") != std::string::npos) what += "; say --array NAME";
    throw UsageError(what.find(o.file) == std::string::npos ? one_line(o.file + ": " + what) : what);
  }
  if (array.values.empty()) throw UsageError(one_line(o.file + " holds no elements"));
  Comparison c{fmt::format("{}: {} elements of {}, shape ({})", one_line(o.file), array.values.size(), array.descr,
                           fmt::join(array.shape, ", ")),
               {}};
  const auto row = array.shape.empty() ? 1 : array.shape.back();
  for (const auto* f : formats_of(o)) c.results.push_back(tools::compare_tensor(*f, array.values, row, o.tensor_scale));
  return c;
}

Comparison run(const Options& o) {
  if (!o.file.empty()) return compare_file(o);
  tools::Draws draws(o.seed);
  const auto of = [&](std::int64_t count) { return drawn(draws, o, count); };
  const auto inputs = fmt::format("{} values × {:g}", o.values, o.magnitude);
  if (o.operation == "gemm") {
    tools::GemmInput in{o.m, o.n, o.k, of(o.m * o.k), of(o.n * o.k)};
    return compare(o, fmt::format("GEMM {} × {} × {}, {}, sums in fp32", o.m, o.n, o.k, inputs), in);
  }
  if (o.operation == "softmax") {
    tools::SoftmaxInput in{o.rows, o.columns, of(o.rows * o.columns)};
    return compare(o, fmt::format("softmax of {} rows of {}, {}", o.rows, o.columns, inputs), in);
  }
  const auto size = o.sequence * o.head_dim;
  tools::AttentionInput in{o.sequence, o.head_dim, of(size), of(size), of(size)};
  return compare(o, fmt::format("attention, {} tokens, head of {}, {}, sums in fp32", o.sequence, o.head_dim, inputs),
                 in);
}

Json finite(double v) { return std::isfinite(v) ? Json(v) : Json(v > 0 ? "inf" : v < 0 ? "-inf" : "nan"); }

Json result_json(const tools::PrecisionResult& r) {
  const auto& e = r.error;
  return {{"format", r.format->name},
          {"bits", r.format->bits()},
          {"source", r.format->source},
          {"rounded", r.rounded},
          {"overflows", r.rounding.overflows},
          {"underflows", r.rounding.underflows},
          {"elements", e.elements},
          {"nonfinite", e.nonfinite},
          {"max_absolute_error", finite(e.max_absolute)},
          {"relative_frobenius_error", finite(e.relative_frobenius)},
          {"snr_db", finite(e.snr_db)},
          {"max_ulps", finite(e.max_ulps)},
          {"mean_ulps", finite(e.mean_ulps)},
          {"histogram", {{"exact", e.histogram.exact}, {"counts", e.histogram.counts}}}};
}

std::string norms_table(const Comparison& c) {
  std::vector<std::vector<std::string>> rows{
      {"format", "bits", "max error", "rel. error", "SNR dB", "ULPs max", "mean", "over", "under"}};
  for (const auto& r : c.results) {
    const auto& e = r.error;
    rows.push_back(
        {std::string(r.format->name), fmt::format("{:g}", r.format->bits()), fmt::format("{:.2e}", e.max_absolute),
         fmt::format("{:.2e}", e.relative_frobenius),
         std::isfinite(e.snr_db) ? fmt::format("{:.1f}", e.snr_db) : "exact", fmt::format("{:.3g}", e.max_ulps),
         fmt::format("{:.2g}", e.mean_ulps),
         r.rounding.overflows || e.nonfinite ? fmt::format("{}{}", r.rounding.overflows, e.nonfinite ? "!" : "") : "0",
         fmt::format("{}", r.rounding.underflows)});
  }
  return aligned(rows);
}

// One line a format: where its relative errors lie, by decades.
std::string histogram_table(const Comparison& c) {
  constexpr const char* kLevels[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  using Histogram = tools::ErrorHistogram;
  std::vector<std::vector<std::string>> rows;
  std::string axis;
  for (int b = 0; b < Histogram::kBins; b += 3 * Histogram::kBinsPerDecade)
    axis += fmt::format("{:<{}}", fmt::format("1e{}", Histogram::kFirstDecade + b / Histogram::kBinsPerDecade),
                        3 * Histogram::kBinsPerDecade);
  rows.push_back({"relative error", axis, "exact"});
  for (const auto& r : c.results) {
    const auto& h = r.error.histogram;
    const auto most = std::max<std::int64_t>(1, *std::max_element(h.counts.begin(), h.counts.end()));
    std::string bars;
    for (const auto count : h.counts) bars += kLevels[(8 * count + most - 1) / most];
    rows.push_back({std::string(r.format->name), bars,
                    fmt::format("{:.3g} %", 100 * static_cast<double>(h.exact) /
                                                static_cast<double>(std::max<std::int64_t>(1, r.error.elements)))});
  }
  return aligned(rows);
}

analysis::Plot plot_of(const Comparison& c) {
  using Histogram = tools::ErrorHistogram;
  analysis::Plot plot{c.about, "relative error", "share of elements", true, false, {}};
  for (const auto& r : c.results) {
    analysis::Series line{std::string(r.format->name), {}};
    for (int b = 0; b < Histogram::kBins; ++b)
      line.points.push_back({std::pow(10, Histogram::kFirstDecade + (b + 0.5) / Histogram::kBinsPerDecade),
                             static_cast<double>(r.error.histogram.counts[static_cast<std::size_t>(b)]) /
                                 static_cast<double>(std::max<std::int64_t>(1, r.error.elements))});
    plot.series.push_back(std::move(line));
  }
  return plot;
}

int compare_precision(const Context& context, const Options& o) {
  constexpr std::int64_t kMostWork = std::int64_t{1} << 32, kMostElements = std::int64_t{1} << 26;
  const auto check = [](double work, double elements) {
    if (work > static_cast<double>(kMostWork) || elements > static_cast<double>(kMostElements))
      throw UsageError("the problem is too large: at most 2^32 multiplications and 2^26 elements");
  };
  for (const auto& [size, operation] : o.sizes)
    if (size->count() && operation != o.operation)
      throw UsageError(fmt::format("{} is a size of {}, not of {}", size->get_name(), operation, o.operation));
  const auto d = [](std::int64_t v) { return static_cast<double>(v); };
  if (o.file.empty() && o.operation == "gemm") check(d(o.m) * d(o.n) * d(o.k), d(o.k) * std::max(d(o.m), d(o.n)));
  if (o.file.empty() && o.operation == "softmax") check(0, d(o.rows) * d(o.columns));
  if (o.file.empty() && o.operation == "attention")
    check(2 * d(o.sequence) * d(o.sequence) * d(o.head_dim), d(o.sequence) * d(o.sequence));
  const auto c = run(o);
  save_plot(plot_of(c), o.plot);
  if (context.json) {
    using Histogram = tools::ErrorHistogram;
    Json document{{"about", c.about},
                  {"histogram_first_decade", Histogram::kFirstDecade},
                  {"histogram_bins_per_decade", Histogram::kBinsPerDecade},
                  {"formats", Json::array()}};
    for (const auto& r : c.results) document["formats"].push_back(result_json(r));
    print_json(document);
    return kOk;
  }
  print_out("{}\n\n{}\n{}", c.about, norms_table(c), histogram_table(c));
  if (std::any_of(c.results.begin(), c.results.end(), [](const auto& r) { return r.error.nonfinite > 0; }))
    print_out("\n! some results are infinite or NaN; the norms leave them out\n");
  if (!o.plot.empty()) print_out("plot: {}\n", o.plot);
  return kOk;
}

// What the help ends with.
constexpr const char* kMethod =
    R"(Method: inputs are rounded to the format (to nearest even; 8 bits and fewer saturate), the operation runs with fp32 sums,
and the result is held against fp64 on the inputs as they are. Errors: largest absolute, ‖got − exact‖ / ‖exact‖
(Frobenius), SNR = −20 log10 of that, ULPs = |got − exact| over the format's spacing at the exact value. over, under:
inputs beyond the largest value, and rounded to zero. Blocks run along the summed dimension, or along a file's last.
Sources: IEEE 754; OCP FP8 1.0; OCP MX 1.0 (MXFP8, MXFP6, MXFP4); NVFP4 as in NVIDIA's Transformer Engine.)";

}  // namespace

void add_compare_precision(CLI::App& utils, Context& context) {
  const auto o = std::make_shared<Options>();
  std::vector<std::string> names;
  for (const auto& f : tools::number_formats()) names.emplace_back(f.name);
  auto* c = add_tool(utils, context, "compare-precision",
                     "What number formats cost in accuracy: fp32 to fp4, and block-scaled", kMethod,
                     "aisp utils compare-precision --operation attention --format bf16,fp8_e4m3,mxfp8_e4m3,nvfp4",
                     [&context, o] { return compare_precision(context, *o); });
  auto* operation = c->add_option("--operation", o->operation, "What is computed (default: gemm)")
                        ->check(one_of("operation", {"gemm", "softmax", "attention"}));
  auto* file = c->add_option("--file", o->file, "Instead: the values of a NumPy .npy or .npz file, rounded")
                   ->type_name("FILE")
                   ->excludes(operation);
  c->add_option("--fp8", o->fp8, "What single bytes of the file (V1) are")
      ->check(one_of("FP8 format", {"e4m3", "e5m2"}))
      ->needs(file);
  c->add_option("--array", o->array, "The array of an .npz that holds several")->type_name("NAME")->needs(file);
  c->add_option("--format", o->formats, "Formats (default: all)")
      ->delimiter(',')
      ->check(one_of("format", names))
      ->type_name("NAME");
  c->add_option("--values", o->values,
                "Distribution of the inputs (default: normal); outliers: one in 1000 a hundredfold")
      ->check(one_of("distribution", {"normal", "uniform", "lognormal", "outliers"}))
      ->excludes(file);
  c->add_option("--magnitude", o->magnitude, "Factor on them (default: 1)")
      ->check(positive("", 1e30))
      ->type_name("X")
      ->excludes(file);
  c->add_flag("--tensor-scale", o->tensor_scale, "Scale tensors to the largest value of formats without blocks");
  const auto size = [&](const char* name, std::int64_t& value, const char* of, const char* about) {
    auto* option = c->add_option(name, value, about)->check(whole_number(1, std::int64_t{1} << 26, ""))->type_name("N");
    o->sizes.emplace_back(option, of);
    option->excludes(file);
  };
  size("--m", o->m, "gemm", "GEMM: rows (default: 128)");
  size("--n", o->n, "gemm", "GEMM: columns (default: 128)");
  size("--k", o->k, "gemm", "GEMM: summed dimension (default: 1024)");
  size("--rows", o->rows, "softmax", "Softmax: rows (default: 64)");
  size("--columns", o->columns, "softmax", "Softmax: columns (default: 1024)");
  size("--sequence", o->sequence, "attention", "Attention: tokens (default: 256)");
  size("--head-dim", o->head_dim, "attention", "Attention: elements of the head (default: 64)");
  c->add_option("--seed", o->seed, "Of the inputs (default: 1)")
      ->check(whole_number(0, 1'000'000'000, ""))
      ->type_name("N")
      ->excludes(file);
  add_plot_option(*c, o->plot);
}

}  // namespace aisp::app
