// aisp roofline: how near results come to what the hardware allows, and which limit binds.
#include "analysis/roofline.hpp"
#include "analysis/ncu.hpp"
#include "app/commands/commands.hpp"
#include "app/fresh_run.hpp"
#include "app/gnuplot.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/placed.hpp"
#include "app/print.hpp"
#include "app/quantities.hpp"
#include "app/terminal.hpp"
#include "device/gpu/facts.hpp"
#include "record/file.hpp"
#include "record/gpu_calibration.hpp"
#include "record/json.hpp"
#include "record/run_store.hpp"

#include <fmt/format.h>

#include <cmath>
#include <memory>

namespace aisp::app {
namespace {

struct Options {
  TimingOptions timing;
  std::vector<std::string> targets, roofs;
  std::string run, ncu, kernels, gpu, peaks, plot;
  bool fresh = false;
};

// ------------------------------------------------------------------------------------------------------ from a run

void add_from(analysis::Roofline& r, const Context& context, const record::RunData& run, const std::string& target) {
  if (!run.evidence_of(target) || !run.verdict_of(target))
    throw UsageError(fmt::format("run {} has no result of {}", run.manifest.run, one_line(target)));
  place_results(r, context, run, target);
}

analysis::Roofline of_targets(const Context& context, const Options& o) {
  const Catalogue catalogue(context.paths);
  const auto targets = catalogue.select(o.targets);
  analysis::Roofline r;
  std::vector<model::TargetInfo> missing;
  std::string source;
  for (const auto& target : targets) {
    if (o.fresh) {
      missing.push_back(target);
    } else if (!o.run.empty()) {
      const auto run = record::RunStore(context.artifacts).load(o.run);
      add_from(r, context, run, target.target), source = run.manifest.run;
    } else if (const auto run = newest_run_with(context, target.target, o.timing)) {
      add_from(r, context, *run, target.target), source = run->manifest.run;
    } else {
      missing.push_back(target);
    }
  }
  if (!missing.empty()) {
    const auto run = fresh_run(context, catalogue, missing, o.timing);
    for (const auto& target : missing) add_from(r, context, run, target.target);
    source = run.manifest.run;
  }
  r.title = "Roofline, run " + source;
  return r;
}

// ---------------------------------------------------------------------------------------------------- from ncu's CSV

template <class Parse> auto parsed(const std::string& file, const Parse& parse) {
  const auto text = record::read_whole(file);
  try {
    return parse(text);
  } catch (const std::runtime_error& error) {
    throw UsageError(one_line(file + " " + error.what()));
  }
}

// "tmem=1.6e13"
void add_roof(analysis::DevicePeaks& peaks, const std::string& text) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  auto rate = equals == std::string::npos ? std::string() : text.substr(equals + 1);
  if (const auto wrong = positive("", 1e18)(rate); !wrong.empty())
    throw UsageError(
        fmt::format("--roof '{}' must be NAME=RATE, as tmem=1.6e13: {}", one_line(text.substr(0, 40)), wrong));
  const analysis::Roof roof{"", false, std::stod(rate), "--roof"};
  const auto named = [&](const char* shown) {
    auto r = roof;
    r.name = shown;
    return r;
  };
  if (name == "hbm")
    peaks.hbm = named("HBM");
  else if (name == "l2")
    peaks.l2 = named("L2");
  else if (name == "tmem")
    peaks.tmem = named("TMEM");
  else if (peaks.compute.contains(name))
    peaks.compute[name].rate = roof.rate, peaks.compute[name].source = "--roof";
  else {
    std::vector<std::string> known{"hbm", "l2", "tmem"};
    for (const auto& [arithmetic, unused] : peaks.compute) known.push_back(arithmetic);
    throw UsageError("--roof: " + unknown("roof", name, known));
  }
}

analysis::DevicePeaks peaks_of(const Context& context, const Options& o) {
  std::optional<record::GpuCalibration> measured;
  const analysis::GpuSpec* spec = nullptr;
  if (!o.peaks.empty())
    measured = parsed(o.peaks, [](const std::string& text) { return record::parse_gpu_calibration(text); });
  if (!o.gpu.empty()) {
    spec = analysis::find_gpu(o.gpu);
    if (!spec) throw UsageError(unknown("GPU", o.gpu, analysis::gpu_names()));
  } else if (measured) {
    spec = analysis::find_gpu(measured->facts.name, static_cast<double>(measured->facts.memory_bytes));
  } else if (const auto list = device::gpu_facts(); !list.gpus.empty()) {
    const auto& gpu = list.gpus.front();
    spec = analysis::find_gpu(gpu.name, static_cast<double>(gpu.memory_bytes));
    measured = record::load_gpu_calibration(context.artifacts, device::gpu_key(gpu));
  } else {
    throw UsageError(
        "which GPU were these kernels measured on? --gpu H200, or --peaks with what bench peak saved there");
  }
  auto peaks = analysis::device_peaks(spec, measured ? &measured->peaks : nullptr);
  for (const auto& roof : o.roofs) add_roof(peaks, roof);
  return peaks;
}

analysis::Roofline of_ncu(const Context& context, const Options& o) {
  const auto kernels = parsed(o.ncu, [](std::string_view text) { return analysis::parse_ncu_csv(text); });
  const auto work = parsed(o.kernels, analysis::parse_kernel_work);
  auto r = analysis::ncu_roofline(kernels, work, peaks_of(context, o));
  if (r.points.empty()) throw UsageError("no kernel of " + o.ncu + " can be placed: " + r.left_out.front());
  return r;
}

// ----------------------------------------------------------------------------------------------------------- output

Json limits_json(const analysis::RooflinePoint& p, const std::vector<analysis::Limit>& all) {
  Json limits = Json::array();
  for (const auto& l : all)
    limits.push_back({{"roof", l.roof->name},
                      {"work", l.work},
                      {"unit", l.roof->compute ? "FLOP" : "B"},
                      {"least_seconds", l.seconds},
                      {"share", l.share},
                      {"intensity", !l.roof->compute && p.flops > 0 ? Json(p.flops / l.work) : Json(nullptr)}});
  return limits;
}

Json binding(const std::vector<analysis::Limit>& all) {
  return !all.empty() && all.front().share >= analysis::kNear ? Json(all.front().roof->name) : Json(nullptr);
}

// By the traffic that a profile counted; null without one.
Json measured_json(const analysis::Roofline& r, const analysis::RooflinePoint& p) {
  if (!p.measured) return nullptr;
  const auto all = analysis::measured_limits(r, p);
  const auto& m = *p.measured;
  return {{"profiled", m.profiled},       {"device_seconds", m.device_seconds},
          {"hbm_bytes", m.hbm_bytes},     {"l2_bytes", m.l2_bytes},
          {"binds", binding(all)},        {"verdict", analysis::binding_text(all)},
          {"limits", limits_json(p, all)}};
}

Json roofline_json(const analysis::Roofline& r) {
  Json document{{"title", r.title}, {"roofs", Json::array()}, {"points", Json::array()}, {"left_out", r.left_out}};
  for (const auto& roof : r.roofs)
    document["roofs"].push_back(
        {{"name", roof.name}, {"rate", roof.rate}, {"unit", roof.compute ? "FLOP/s" : "B/s"}, {"source", roof.source}});
  for (const auto& p : r.points) {
    const auto all = analysis::limits(r, p);
    document["points"].push_back({{"label", p.label},
                                  {"seconds", p.seconds},
                                  {"flops", p.flops},
                                  {"binds", binding(all)},
                                  {"verdict", analysis::binding_text(all)},
                                  {"note", p.note},
                                  {"limits", limits_json(p, all)},
                                  {"measured", measured_json(r, p)}});
  }
  return document;
}

int roofline(const Context& context, const Options& o) {
  const bool ncu = !o.ncu.empty() || !o.kernels.empty();
  if (ncu && (o.ncu.empty() || o.kernels.empty()))
    throw UsageError("--ncu and --kernels go together: ncu's CSV, and a CSV of name,flops,bytes for its kernels");
  if (ncu && (!o.targets.empty() || !o.run.empty() || o.fresh))
    throw UsageError("targets and runs have no place beside --ncu");
  if (!ncu && (!o.gpu.empty() || !o.peaks.empty() || !o.roofs.empty()))
    throw UsageError("--gpu, --peaks and --roof belong to --ncu; a run knows its own ceilings");
  if (!ncu && o.targets.empty())
    throw UsageError("name targets, as aisp roofline ch07:transpose, or files with --ncu and --kernels");
  if (o.fresh && !o.run.empty()) throw UsageError("--fresh and --run exclude each other");
  const auto r = ncu ? of_ncu(context, o) : of_targets(context, o);
  save_plot(analysis::roofline_plot(r), o.plot);
  if (context.json) {
    print_json(roofline_json(r));
    return kOk;
  }
  const int width = stdout_columns();
  print_out("{}\n\n{}\n{}", r.title, analysis::roofline_table(r, width),
            analysis::text_plot(analysis::roofline_plot(r), std::min(100, width)));
  if (!o.plot.empty()) print_out("plot: {}\n", o.plot);
  return kOk;
}

}  // namespace

void add_roofline(CLI::App& root, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c =
      add_command(root, context, "roofline", "How near results come to what the hardware allows, and which limit binds",
                  "aisp roofline ch07:transpose ch01:gemm --plot roofline.svg\n  aisp roofline --ncu metrics.csv "
                  "--kernels work.csv --gpu H200",
                  [&context, o] { return roofline(context, *o); });
  c->add_option("targets", o->targets,
                "Chapters, targets or globs; the newest run that has them, else they are judged now")
      ->type_name("TARGET");
  c->add_option("--run", o->run, "Take the results of this run: its id, a prefix of it, a path, or latest")
      ->type_name("RUN");
  c->add_flag("--fresh", o->fresh, "Judge the targets now, whatever is stored");
  add_timing_options(*c, o->timing, true);
  c->add_option("--ncu", o->ncu, "Instead: kernels that Nsight Compute measured (ncu --csv)")->type_name("FILE");
  c->add_option("--kernels", o->kernels,
                "What they compute: CSV of name,flops,bytes[,l2_bytes,tmem_bytes,arithmetic,seconds]")
      ->type_name("FILE");
  c->add_option("--gpu", o->gpu, "GPU whose published peaks are the roofs (default: this machine's)")
      ->type_name("NAME");
  c->add_option("--peaks", o->peaks, "Measured roofs: the file that bench peak saved")->type_name("FILE");
  c->add_option("--roof", o->roofs, "A roof of your own, in B/s or op/s: hbm, l2, tmem, bf16, …")
      ->type_name("NAME=RATE");
  add_plot_option(*c, o->plot);
  add_artifacts_option(*c, context);
}

}  // namespace aisp::app
