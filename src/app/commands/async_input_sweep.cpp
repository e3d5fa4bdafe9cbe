// aisp utils async-input-sweep: what workers, buffers, pinned memory and streams do for an input pipeline, measured.
#include "analysis/plot.hpp"
#include "app/child.hpp"
#include "app/commands/utils.hpp"
#include "app/devices.hpp"
#include "app/gnuplot.hpp"
#include "app/names.hpp"
#include "app/print.hpp"
#include "app/quantities.hpp"
#include "app/session.hpp"
#include "app/terminal.hpp"
#include "stats/stats.hpp"
#include "tools/input_pipeline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#ifdef AISP_HAVE_CUDA
#include "device/cuda/input_overlap.hpp"
#endif

namespace aisp::app {
namespace {

struct Options {
  std::vector<std::int64_t> workers{0, 1, 2, 4}, buffers{1, 2, 4}, streams{1, 2, 4};
  std::int64_t batches = 64, batch_kib = 256, transform = 4, compute = 16, repeats = 5;
  double delay_ms = 0;
  std::string device = "auto", plot;
};

struct Measured {
  tools::PipelineShape shape;
  double seconds = 0, waited = 0, bound = 0;
};

struct HostSweep {
  tools::PipelineWork work;
  tools::PipelineTimes synchronous;  // medians of the stages
  std::vector<Measured> rows;        // the synchronous one first
};

double median_of(const std::vector<tools::PipelineTimes>& runs, double tools::PipelineTimes::*field) {
  std::vector<double> values;
  for (const auto& r : runs) values.push_back(r.*field);
  return stats::median(values);
}

HostSweep sweep_host(const Options& o, const Session& session, int cores) {
  HostSweep sweep;
  sweep.work = {o.batches, o.batch_kib * 1024, static_cast<int>(o.transform), static_cast<int>(o.compute),
                o.delay_ms * 1e-3};
  const auto file = session.scratch() / "input";
  tools::write_pipeline_input(file, sweep.work);
  std::vector<tools::PipelineShape> shapes{{0, 1}};  // what every other one is set against
  for (const auto w : o.workers)
    for (const auto b : o.buffers)
      if (w > 0) shapes.push_back({static_cast<int>(w), static_cast<int>(b)});
  if (!stderr_is_terminal()) print_err("measuring {} shapes in {} turns\n", shapes.size(), o.repeats + 1);
  std::vector<std::vector<tools::PipelineTimes>> runs(shapes.size());
  for (std::int64_t repeat = 0; repeat <= o.repeats; ++repeat)  // in turns; the first one warms up
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      if (stderr_is_terminal())
        print_err("\rturn {} of {}, shape {} of {} ", repeat + 1, o.repeats + 1, i + 1, shapes.size());
      const auto times = tools::run_pipeline(file, sweep.work, shapes[i], &session.interrupt());
      if (!runs.front().empty() && times.result != runs.front().front().result)
        throw std::runtime_error("a pipeline computed something else than the synchronous one");
      if (repeat > 0) runs[i].push_back(times);
    }
  if (stderr_is_terminal()) print_err("\r\x1b[K");
  using Times = tools::PipelineTimes;
  const auto& first = runs.front();
  sweep.synchronous = {median_of(first, &Times::seconds), 0,
                       median_of(first, &Times::read),    median_of(first, &Times::transform),
                       median_of(first, &Times::compute), first.front().result};
  for (std::size_t i = 0; i < shapes.size(); ++i)
    sweep.rows.push_back({shapes[i], median_of(runs[i], &Times::seconds), median_of(runs[i], &Times::waited),
                          tools::pipeline_bound(sweep.work, shapes[i], sweep.synchronous, cores)});
  return sweep;
}

// Copies and kernels on the GPU as a document; {"absent": why} where there is none.
Json sweep_device(const Options& o) {
  if (o.device == "cpu") return {{"absent", "--device cpu"}};
  if (const auto why = why_no_cuda(); !why.empty()) {
    if (o.device == "cuda") throw UsageError("--device cuda: " + why);
    return {{"absent", why}};
  }
#ifdef AISP_HAVE_CUDA
  const auto result = in_child(
      [&] {
        device::cuda::OverlapWork work;
        work.repeats = static_cast<int>(o.repeats);
        const auto m = device::cuda::measure_input_overlap(work, {o.streams.begin(), o.streams.end()});
        Json j{{"batches", work.batches},
               {"batch_bytes", work.batch_bytes},
               {"copy_seconds", m.copy_seconds},
               {"compute_seconds", m.compute_seconds},
               {"rows", Json::array()}};
        for (const auto& r : m.results)
          j["rows"].push_back({{"pinned", r.pinned}, {"streams", r.streams}, {"seconds", r.seconds}});
        return j.dump();
      },
      std::chrono::seconds(120));
  if (!result.ok) throw std::runtime_error("on the GPU: " + one_line(result.text));
  return Json::parse(result.text);
#else
  return {{"absent", "this aisp was built without CUDA"}};
#endif
}

analysis::Plot plot_of(const HostSweep& s) {
  analysis::Plot plot{"Input pipeline on the CPU", "workers", "batches per second", false, false, {}};
  for (const auto& row : s.rows) {
    if (row.shape.workers == 0) continue;
    const auto label = fmt::format("{} buffers", row.shape.buffers);
    auto line =
        std::find_if(plot.series.begin(), plot.series.end(), [&](const auto& series) { return series.label == label; });
    if (line == plot.series.end()) line = plot.series.insert(line, {label, {}});
    line->points.push_back({static_cast<double>(row.shape.workers), static_cast<double>(s.work.batches) / row.seconds});
  }
  return plot;
}

Json host_json(const HostSweep& s, int cores) {
  Json j{{"cores", cores},
         {"batches", s.work.batches},
         {"batch_bytes", s.work.elements},
         {"read_seconds", s.synchronous.read},
         {"transform_seconds", s.synchronous.transform},
         {"compute_seconds", s.synchronous.compute},
         {"rows", Json::array()}};
  for (const auto& r : s.rows)
    j["rows"].push_back({{"workers", r.shape.workers},
                         {"buffers", r.shape.buffers},
                         {"seconds", r.seconds},
                         {"waited_seconds", r.waited},
                         {"bound_seconds", r.bound},
                         {"speedup", s.rows.front().seconds / r.seconds}});
  return j;
}

void print_host(const HostSweep& s, int cores) {
  print_out(
      "On the CPU, {} cores: {} batches of {}; all of them take {} to read, {} to transform, {} to compute on\n\n",
      cores, s.work.batches, human_bytes(static_cast<double>(s.work.elements)), human_seconds(s.synchronous.read),
      human_seconds(s.synchronous.transform), human_seconds(s.synchronous.compute));
  std::vector<std::vector<std::string>> rows{
      {"workers", "buffers", "time", "batches/s", "speedup", "waiting", "bound"}};
  for (const auto& r : s.rows)
    rows.push_back({r.shape.workers == 0 ? "none" : fmt::format("{}", r.shape.workers),
                    fmt::format("{}", r.shape.buffers), human_seconds(r.seconds),
                    fmt::format("{:.0f}", static_cast<double>(s.work.batches) / r.seconds),
                    fmt::format("{:.2f}×", s.rows.front().seconds / r.seconds),
                    fmt::format("{:.0f} %", 100 * r.waited / r.seconds), human_seconds(r.bound)});
  print_out("{}", aligned(rows));
}

void print_device(const Json& j) {
  if (j.contains("absent")) {
    print_out("\nOn the GPU: not measured: {}\n", j.at("absent").get<std::string>());
    return;
  }
  const double copy = j.at("copy_seconds"), compute = j.at("compute_seconds");
  print_out("\nOn the GPU: {} batches of {}; alone, copies from pinned memory take {}, kernels {}\n\n",
            j.at("batches").get<int>(), human_bytes(j.at("batch_bytes").get<double>()), human_seconds(copy),
            human_seconds(compute));
  std::vector<std::vector<std::string>> rows{{"memory", "streams", "time", "of copies + kernels"}};
  for (const auto& r : j.at("rows"))
    rows.push_back({r.at("pinned").get<bool>() ? "pinned" : "pageable", fmt::format("{}", r.at("streams").get<int>()),
                    human_seconds(r.at("seconds").get<double>()),
                    fmt::format("{:.0f} %", 100 * r.at("seconds").get<double>() / (copy + compute))});
  print_out("{}", aligned(rows));
}

int async_input_sweep(const Context& context, const Options& o) {
  constexpr std::int64_t kMostBytes = std::int64_t{1} << 32;
  if (o.batches * o.batch_kib * 1024 > kMostBytes) throw UsageError("--batches × --batch-kib is more than 4 GiB");
  Session session(context);
  const int cores = device::usable_cpus(session.facts());
  const auto device = sweep_device(o);  // first: it forks, and the host's part starts threads
  session.take({"cpu"});
  const auto host = sweep_host(o, session, cores);
  save_plot(plot_of(host), o.plot);
  if (context.json) {
    print_json({{"cpu", host_json(host, cores)}, {"cuda", device}});
    return kOk;
  }
  print_host(host, cores);
  print_device(device);
  if (!o.plot.empty()) print_out("plot: {}\n", o.plot);
  return kOk;
}

// What the help ends with.
constexpr const char* kMethod =
    R"(Method: a real pipeline. Workers read batches of a file and transform them into a ring of buffers, the consumer computes
on them in order; every shape must compute the same to the last bit. Shapes take turns; times are medians. bound: the
longest of computing, producing over the workers, both over the buffers, all arithmetic over the cores.
On a GPU: copies of batches and kernels that sum them, from pageable and pinned memory, round robin over streams; sums
are checked. Source: CUDA C++ Programming Guide, overlap of data transfer and kernel execution.)";

}  // namespace

void add_async_input_sweep(CLI::App& utils, Context& context) {
  const auto o = std::make_shared<Options>();
  auto* c = add_tool(utils, context, "async-input-sweep",
                     "Input pipelines, measured: workers and buffers; pinned memory and streams", kMethod,
                     "aisp utils async-input-sweep --workers 0,1,2 --buffers 1,4 --read-delay-ms 2",
                     [&context, o] { return async_input_sweep(context, *o); });
  const auto list = [&](const char* name, std::vector<std::int64_t>& values, const char* about, std::int64_t lo,
                        std::int64_t hi) {
    c->add_option(name, values, about)->delimiter(',')->check(whole_number(lo, hi, ""))->type_name("N");
  };
  const auto count = [&](const char* name, std::int64_t& value, const char* about, std::int64_t hi) {
    c->add_option(name, value, about)->check(whole_number(1, hi, ""))->type_name("N");
  };
  list("--workers", o->workers, "Threads that read and transform (default: 0,1,2,4; 0 is always measured)", 0, 256);
  list("--buffers", o->buffers, "Batches ready or in the making (default: 1,2,4)", 1, 1024);
  list("--streams", o->streams, "CUDA streams (default: 1,2,4)", 1, 32);
  count("--batches", o->batches, "Batches of a run (default: 64)", 1'000'000);
  count("--batch-kib", o->batch_kib, "Size of a batch (default: 256)", 1 << 20);
  count("--transform-passes", o->transform, "Passes of the transform over a batch (default: 4)", 100'000);
  count("--compute-passes", o->compute, "Passes of the computation (default: 16)", 100'000);
  count("--repeats", o->repeats, "Turns of every shape (default: 5)", 1000);
  c->add_option("--read-delay-ms", o->delay_ms, "Added to every read: storage that is far away (default: 0)")
      ->check(number(0, 10'000, "ms"))
      ->type_name("MS");
  c->add_option("--device", o->device, "auto: the GPU too, where there is one")
      ->check(one_of("device", {"auto", "cpu", "cuda"}));
  add_plot_option(*c, o->plot);
}

}  // namespace aisp::app
