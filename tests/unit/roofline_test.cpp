// Rooflines: which limit binds, worked out by hand; ncu's CSV in its layouts; the RFC 4180 reader.
#include "analysis/roofline.hpp"
#include "analysis/csv.hpp"
#include "analysis/ncu.hpp"
#include "analysis/table.hpp"
#include "analysis/verdict.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>

namespace aisp::analysis {
namespace {
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Records = std::vector<std::vector<std::string>>;

// ----------------------------------------------------------------------------------------------------------------- csv

TEST(Csv, FieldsQuotesAndLines) {
  EXPECT_EQ(parse_csv("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n"), (Records{{"a", "b"}, {"1", "x, \"y\"\nz"}}));
  EXPECT_EQ(parse_csv("a,\n"), (Records{{"a", ""}}));
  EXPECT_EQ(parse_csv("a,"), (Records{{"a", ""}}));
  EXPECT_EQ(parse_csv("\n\na\n\n"), (Records{{"a"}}));
  EXPECT_EQ(parse_csv("\"\"\n"), (Records{{""}}));
  EXPECT_EQ(parse_csv("\xef\xbb\xbfname\n"), (Records{{"name"}}));
  EXPECT_THAT(parse_csv(""), IsEmpty());
}

TEST(Csv, MalformedTextIsRefusedWithItsLine) {
  const auto why = [](const char* text) -> std::string {
    try {
      parse_csv(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(why("a\n\"b"), "line 2: a quoted field has no end");
  EXPECT_EQ(why("\"a\"b\n"), "line 1: there is text behind a quoted field");
  EXPECT_EQ(why("a\rb"), "line 1: a carriage return stands alone");
  EXPECT_NE(why(std::string(1'000'001, ',').c_str()), "");
}

// ------------------------------------------------------------------------------------------------------------ roofline

// A machine of 100 GFLOP/s and 10 GB/s: its ridge is at 10 FLOP/B.
Roofline machine() {
  Roofline r;
  r.title = "t";
  r.roofs = {{"compute f32", true, 100e9, "s"}, {"HBM", false, 10e9, "s"}, {"L2", false, 40e9, "s"}};
  return r;
}

TEST(Roofline, TheLongestLimitBinds) {
  auto r = machine();
  // 1 GFLOP takes 10 ms of compute, 1 GB 100 ms of HBM, 2 GB 50 ms of L2.
  r.points.push_back({"memory", 0.125, 1e9, {{0, 1e9}, {1, 1e9}, {2, 2e9}}});
  const auto all = limits(r, r.points[0]);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].roof->name, "HBM");
  EXPECT_DOUBLE_EQ(all[0].seconds, 0.1);
  EXPECT_DOUBLE_EQ(all[0].share, 0.8);
  EXPECT_EQ(all[1].roof->name, "L2");
  EXPECT_EQ(binding_text(all), "HBM binds");
  r.points.push_back({"latency", 10, 1e9, {{0, 1e9}, {1, 1e9}}});
  EXPECT_EQ(binding_text(limits(r, r.points[1])), "none binds; nearest is HBM");
  r.points.push_back({"compute", 0.02, 1e9, {{0, 1e9}, {1, 1e6}}});
  EXPECT_EQ(binding_text(limits(r, r.points[2])), "compute f32 binds");
  EXPECT_EQ(binding_text({}), "no work declared");
}

TEST(Roofline, PointsLieOncePerMemoryLevel) {
  auto r = machine();
  r.points.push_back({"k", 0.125, 1e9, {{0, 1e9}, {1, 1e9}, {2, 2e9}}});
  const auto plot = roofline_plot(r);
  ASSERT_EQ(plot.series.size(), 4u);  // three roofs, one kernel
  const auto& points = plot.series[3].points;
  ASSERT_EQ(points.size(), 2u);
  EXPECT_DOUBLE_EQ(points[0].x, 1);    // FLOP per byte of HBM
  EXPECT_DOUBLE_EQ(points[1].x, 0.5);  // of L2
  EXPECT_DOUBLE_EQ(points[0].y, 8e9);
  EXPECT_DOUBLE_EQ(plot.series[1].points[1].x, 10);  // HBM's roof ends at the ridge
  EXPECT_DOUBLE_EQ(plot.series[1].points[1].y, 100e9);
}

TEST(Roofline, TheTableFitsTheTerminal) {
  auto r = machine();
  r.points.push_back({"labs/a_long_chapter_name:a_long_target_name:variant", 0.125, 1e9, {{0, 1e9}, {1, 1e9}}});
  for (const int width : {60, 80, 120}) {
    std::istringstream lines(roofline_table(r, width));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
  }
  EXPECT_THAT(roofline_table(r, 80), HasSubstr("HBM binds"));
}

model::TargetEvidence evidence(double seconds) {
  model::TargetEvidence e;
  e.target = "ch07:copy", e.scale = "light", e.arithmetic = "f32";
  e.flops = 1e9, e.bytes = 1e9;
  e.ceilings = {50e9, 10e9, "test"};
  model::VariantEvidence v;
  v.name = "baseline", v.status = model::Status::ok, v.threads = 2;
  v.timed_calls = v.verified_timed_calls = 8;
  v.verification.calls = 8;
  for (int i = 0; i < 8; ++i) {
    model::Sample s;
    s.round = i, s.calls = 1, s.seconds = seconds;
    v.samples.push_back(s);
  }
  e.variants.push_back(v);
  return e;
}

TEST(Roofline, CeilingsOfEvidenceAreOfOneThread) {
  const auto e = evidence(0.1);
  Roofline r;
  add_target(r, e, verdict(e));
  ASSERT_EQ(r.points.size(), 1u);
  const auto all = limits(r, r.points[0]);
  EXPECT_EQ(all[0].roof->name, "memory, 2 threads");
  EXPECT_DOUBLE_EQ(all[0].roof->rate, 20e9);
  EXPECT_DOUBLE_EQ(all[0].share, 0.5);
  EXPECT_DOUBLE_EQ(all[1].share, 0.1);
}

TEST(Roofline, WrongAndUnboundedResultsAreLeftOut) {
  auto wrong = evidence(0.1);
  wrong.variants[0].verification.wrong_calls = 1;
  auto unknown = evidence(0.1);
  unknown.ceilings = {};
  Roofline r;
  add_target(r, wrong, verdict(wrong));
  add_target(r, unknown, verdict(unknown));
  EXPECT_THAT(r.points, IsEmpty());
  ASSERT_EQ(r.left_out.size(), 2u);
  EXPECT_THAT(r.left_out[0], HasSubstr("correct"));
  EXPECT_THAT(r.left_out[1], HasSubstr("ceiling"));
}

// ----------------------------------------------------------------------------------------------------------------- ncu

constexpr const char* kLong =
    "==PROF== Connected to process 4711 (/tmp/app)\n==PROF== Profiling \"gemm\" - 0: 0%....100% - 5 passes\n"
    "\"ID\",\"Process ID\",\"Kernel Name\",\"Section Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n"
    "\"0\",\"4711\",\"void gemm<float>(float *, float *)\",\"\",\"gpu__time_duration.sum\",\"usecond\",\"1,000.00\"\n"
    "\"0\",\"4711\",\"void gemm<float>(float *, float *)\",\"\",\"dram__bytes_read.sum\",\"Mbyte\",\"30\"\n"
    "\"0\",\"4711\",\"void gemm<float>(float *, float *)\",\"\",\"dram__bytes_write.sum\",\"Kbyte\",\"2,000\"\n"
    "\"1\",\"4711\",\"void gemm<float>(float *, float *)\",\"\",\"gpu__time_duration.sum\",\"usecond\",\"3,000.00\"\n"
    "\"2\",\"4711\",\"copy\",\"\",\"gpu__time_duration.sum\",\"nsecond\",\"500\"\n"
    "\"2\",\"4711\",\"copy\",\"\",\"lts__t_sectors.sum\",\"sector\",\"1,000\"\n"
    "\"2\",\"4711\",\"copy\",\"\",\"sm__cycles\",\"cycle\",\"n/a\"\n";

TEST(Ncu, OneLineAMetric) {
  const auto kernels = parse_ncu_csv(kLong);
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels[0].name, "void gemm<float>(float *, float *)");
  EXPECT_EQ(kernels[0].launches, 2);
  EXPECT_DOUBLE_EQ(ncu_seconds(kernels[0]), 2e-3);  // median of 1 and 3 ms
  EXPECT_DOUBLE_EQ(ncu_dram_bytes(kernels[0]), 32e6);
  EXPECT_DOUBLE_EQ(ncu_seconds(kernels[1]), 500e-9);
  EXPECT_DOUBLE_EQ(ncu_l2_bytes(kernels[1]), 32'000);
  EXPECT_EQ(kernels[1].metrics.count("sm__cycles"), 0u);
}

TEST(Ncu, OneLineALaunch) {
  const auto kernels = parse_ncu_csv(
      "\"ID\",\"Kernel Name\",\"Grid Size\",\"gpu__time_duration.sum\",\"dram__bytes.sum\"\n"
      "\"\",\"\",\"\",\"us\",\"Gbyte\"\n"
      "\"0\",\"gemm\",\"(64, 1, 1)\",\"250.5\",\"1.5\"\n");
  ASSERT_EQ(kernels.size(), 1u);
  EXPECT_DOUBLE_EQ(ncu_seconds(kernels[0]), 250.5e-6);
  EXPECT_DOUBLE_EQ(ncu_dram_bytes(kernels[0]), 1.5e9);
}

// What ncu 2025.3 wrote of two calls of cuDNN's RMSNorm on an H200: two kernels of two launches each, base units,
// grouped thousands.
TEST(Ncu, WhatAnH200Wrote) {
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/h200/ncu-ch09-rmsnorm-cudnn.csv");
  const auto kernels = parse_ncu_csv(std::string{std::istreambuf_iterator<char>(in), {}});
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_THAT(kernels[0].name, testing::StartsWith("cudnn_generated_pointwise_cutlass_sm80"));
  EXPECT_EQ(kernels[0].launches, 2);
  EXPECT_DOUBLE_EQ(ncu_seconds(kernels[0]), 3.872e-6);
  EXPECT_DOUBLE_EQ(ncu_dram_bytes(kernels[0]), 489'216);
  EXPECT_DOUBLE_EQ(ncu_l2_bytes(kernels[0]), 8'794'736);
  EXPECT_EQ(kernels[1].name, "ln_tma_fwd_kernel");
  EXPECT_DOUBLE_EQ(ncu_seconds(kernels[1]), 4.24e-6);
  EXPECT_DOUBLE_EQ(ncu_dram_bytes(kernels[1]), 346'368);
  const auto work = parse_kernel_work("name,flops,bytes\nln_tma_fwd_kernel,2621440,8396800\n");
  const auto r = ncu_roofline(kernels, work, device_peaks(find_gpu("H200"), nullptr));
  ASSERT_EQ(r.points.size(), 1u);
  EXPECT_NEAR(limits(r, r.points[0]).front().share, 346'368 / 4.24e-6 / 4.8e12, 1e-6);
  EXPECT_THAT(r.points[0].note, HasSubstr("no rate of L2 is known")) << "6.8 MB went through it";
  EXPECT_THAT(r.left_out, ElementsAre(HasSubstr("no row of the metadata names it")));
}

std::string complaint(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "nothing was wrong";
}

TEST(Ncu, TimesAndSizesInUnknownUnitsAreRefused) {
  for (const char* metric : {"gpu__time_duration.sum", "dram__bytes_read.sum"}) {
    const auto head = std::string("Kernel Name,Metric Name,Metric Unit,Metric Value\nk,") + metric;
    EXPECT_THAT(complaint([&] { parse_ncu_csv(head + ",furlong,130\n"); }),
                testing::AllOf(HasSubstr(metric), HasSubstr("furlong")));
    EXPECT_THAT(complaint([&] { parse_ncu_csv(std::string("Kernel Name,") + metric + "\n,furlong\nk,130\n"); }),
                HasSubstr("furlong"));
  }
  // Counts have many units, all of them plain.
  const auto kernels = parse_ncu_csv("Kernel Name,Metric Name,Metric Unit,Metric Value\nk,smsp__x.sum,inst,130\n");
  EXPECT_EQ(kernels.at(0).metric("smsp__x.sum"), 130);
}

std::string long_file(std::vector<std::array<std::string, 3>> rows) {
  std::string text = "ID,Kernel Name,Metric Name,Metric Unit,Metric Value\n";
  for (const auto& [metric, unit, value] : rows) text += fmt::format("0,k,{},{},\"{}\"\n", metric, unit, value);
  return text;
}

TEST(Ncu, NumbersOfOtherLanguagesAreRead) {
  const auto k = parse_ncu_csv(long_file({{"gpu__time_duration.sum", "msecond", "1,23"},
                                          {"dram__bytes_read.sum", "Kbyte", "1.234,57"},
                                          {"dram__bytes_write.sum", "byte", "1.234"}}));
  EXPECT_DOUBLE_EQ(ncu_seconds(k[0]), 1.23e-3);
  EXPECT_DOUBLE_EQ(ncu_dram_bytes(k[0]), 1'234'570 + 1'234);
  const auto wide =
      parse_ncu_csv("ID,Kernel Name,gpu__time_duration.sum,dram__bytes.sum\n,,ns,byte\n0,k,\"1.234,5\",7\n");
  EXPECT_DOUBLE_EQ(ncu_seconds(wide[0]), 1234.5e-9);
}

TEST(Ncu, NumbersThatCanBeReadInTwoWaysAreRefused) {
  const auto complains = [](const std::string& file) { return complaint([&] { parse_ncu_csv(file); }); };
  EXPECT_THAT(complains(long_file({{"gpu__time_duration.sum", "ns", "1,234"}})),
              AllOf(HasSubstr("1234 or 1.234"), HasSubstr("LC_ALL=C")));
  EXPECT_THAT(complains(long_file({{"gpu__time_duration.sum", "ns", "1,5"}, {"dram__bytes.sum", "byte", "2.5"}})),
              AllOf(HasSubstr("'1,5'"), HasSubstr("'2.5'")));
  for (const char* wrong : {"1 234,5", "1'234", "12,34,567", "1..2", "0x10", "1,2,3", "12 (3; 9)"})
    EXPECT_THAT(complains(long_file({{"gpu__time_duration.sum", "ns", wrong}})),
                AllOf(HasSubstr("row 1"), HasSubstr("no number")))
        << wrong;
  // Of other metrics nothing depends on it: some are words.
  EXPECT_EQ(parse_ncu_csv(long_file({{"launch__x", "", "sm_90a 1"}, {"smsp__x.sum", "inst", "2"}}))[0].metrics.size(),
            1u);
}

TEST(Ncu, ReadsAloneAreNoTraffic) {
  const auto k =
      parse_ncu_csv(long_file({{"gpu__time_duration.sum", "s", "1"}, {"dram__bytes_read.sum", "Gbyte", "4"}}));
  EXPECT_EQ(ncu_dram_bytes(k[0]), 0);
  EXPECT_EQ(ncu_dram_gap(k[0]), "dram__bytes_write.sum");
  const auto r =
      ncu_roofline(k, parse_kernel_work("name,flops,bytes\nk,0,1e9\n"), device_peaks(find_gpu("H200"), nullptr));
  ASSERT_EQ(r.points.size(), 1u);
  EXPECT_DOUBLE_EQ(r.points[0].loads.at(0).work, 1e9);
  EXPECT_THAT(r.points[0].note, HasSubstr("dram__bytes_write.sum is missing"));
}

TEST(Ncu, TheProgramsOwnOutputIsPassedOverOrRefused) {
  const auto table = long_file({{"gpu__time_duration.sum", "ns", "7"}});
  const auto k = parse_ncu_csv("start\nKernel Name, fastest first\n\"Kernel Name\",x\n" + table + table);
  ASSERT_EQ(k.size(), 1u);
  EXPECT_DOUBLE_EQ(ncu_seconds(k[0]), 7e-9);
  EXPECT_THAT(complaint([&] { parse_ncu_csv(table + "result, 42\n"); }),
              AllOf(HasSubstr("row 2 has 2 fields"), HasSubstr("--log-file")));
  EXPECT_THAT(complaint([] { parse_ncu_csv("Kernel Name, fastest first\n"); }), HasSubstr("--log-file"));
}

TEST(Ncu, NoKernelIsAnError) {
  EXPECT_THAT(
      complaint([] { parse_ncu_csv("\"ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n"); }),
      HasSubstr("no kernel"));
  EXPECT_THAT(complaint([] { parse_ncu_csv("==PROF== Connected\r\n==WARNING== No kernels were profiled.\r\n"); }),
              HasSubstr("captured none"));
  EXPECT_THAT(complaint([] { parse_ncu_csv(""); }), HasSubstr("Kernel Name"));
  EXPECT_THAT(complaint([] { parse_ncu_csv("Kernel Name,Metric Name,Metric Value\nk,m\n"); }),
              HasSubstr("row 1 has 2 fields"));
}

// As `ncu --csv --page raw --print-units base` prints it, what ncu says itself before, between and behind.
constexpr const char* kRaw =
    "==PROF== Connected to process 4711 (/usr/libexec/aisp/aisp-replay)\n"
    "==PROF== Profiling \"copy\": 0%....50%....100% - 9 passes\n"
    "ch07:copy vectorized ran\n"
    "==PROF== Disconnected from process 4711\n"
    "\"ID\",\"Process ID\",\"Process Name\",\"Host Name\",\"Kernel Name\",\"Context\",\"Stream\",\"Block Size\",\"Grid "
    "Size\","
    "\"Device\",\"CC\",\"dram__bytes_read.sum\",\"dram__bytes_write.sum\",\"gpu__time_duration.sum\","
    "\"sm__throughput.avg.pct_of_peak_sustained_elapsed\"\n"
    "\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"byte\",\"byte\",\"ns\",\"%\"\n"
    "\"0\",\"4711\",\"aisp-replay\",\"127.0.0.1\",\"copy(const float4 *, float4 *, long)\",\"1\",\"13\",\"(256, 1, "
    "1)\","
    "\"(1056, 1, 1)\",\"0\",\"9.0\",\"134,217,728\",\"100,000,000\",\"40,000\",\"20\"\n"
    "==WARNING== Launching the workload is taking more time than expected.\n"
    "\"1\",\"4711\",\"aisp-replay\",\"127.0.0.1\",\"sum\",\"1\",\"13\",\"(256, 1, 1)\",\"(1, 1, "
    "1)\",\"0\",\"9.0\",\"1,000\","
    "\"0\",\"10,000\",\"60\"\n"
    "\"2\",\"4711\",\"aisp-replay\",\"127.0.0.1\",\"sum\",\"1\",\"13\",\"(256, 1, 1)\",\"(1, 1, "
    "1)\",\"0\",\"9.0\",\"3,000\","
    "\"0\",\"10,000\",\"60\"\n";

TEST(Ncu, WhatItSaysBesideItsTableIsPassedOver) {
  const auto kernels = parse_ncu_csv(kRaw);
  ASSERT_EQ(kernels.size(), 2u);
  EXPECT_EQ(kernels[0].name, "copy(const float4 *, float4 *, long)");
  EXPECT_DOUBLE_EQ(ncu_seconds(kernels[0]), 40e-6);
  EXPECT_DOUBLE_EQ(ncu_dram_bytes(kernels[0]), 234'217'728);
  EXPECT_EQ(kernels[1].launches, 2);
}

TEST(Ncu, WhyThereAreNoCountersIsSaid) {
  constexpr const char* kDenied =
      "==PROF== Connected to process 1\n==ERROR== ERR_NVGPUCTRPERM - The user does not have permission to access "
      "NVIDIA "
      "GPU Performance Counters on the target device 0.\n";
  for (const std::string table : {"", "\"ID\",\"Kernel Name\",\"gpu__time_duration.sum\"\n"})
    EXPECT_THAT(complaint([&] { parse_ncu_csv(kDenied + table); }), HasSubstr("NVreg_RestrictProfilingToAdminUsers=0"));
  EXPECT_THAT(complaint([] { parse_ncu_csv("==ERROR== Failed to find metric x__y.sum\n"); }),
              HasSubstr("Failed to find metric x__y.sum"));
}

TEST(Ncu, KernelsAddUpToOneCall) {
  model::VariantProfile p;
  add_measured(parse_ncu_csv(kRaw), 2, p);
  ASSERT_EQ(p.measured.size(), 2u);
  EXPECT_EQ(p.measured[1].launches, 2);
  std::map<std::string, double> counters;
  for (const auto& c : p.counters) counters[c.name] = c.value;
  EXPECT_DOUBLE_EQ(counters["dram__bytes_read.sum"],
                   (134'217'728 + 2 * 2'000) / 2.0);  // of one call; median of 1000, 3000
  EXPECT_DOUBLE_EQ(counters["sm__throughput.avg.pct_of_peak_sustained_elapsed"], (40 * 20 + 20 * 60) / 60.0);
  EXPECT_EQ(counters.count("gpu__time_duration.sum"), 0u);
}

TEST(Ncu, LevelsAskForConsistentSets) {
  const auto& minimal = ncu_metrics("minimal");
  for (const char* level : {"roofline", "deep_dive"})
    for (const auto& metric : minimal) EXPECT_THAT(ncu_metrics(level), testing::Contains(metric)) << level;
  EXPECT_THAT(ncu_metrics("roofline"), testing::Contains("lts__t_bytes.sum"));
  EXPECT_GT(ncu_metrics("deep_dive").size(), ncu_metrics("roofline").size());
}

TEST(Ncu, MetadataIsChecked) {
  const auto work = parse_kernel_work("name,flops,bytes,arithmetic,tmem_bytes\ngemm,2e9,\"32,000,000\",bf16,1e9\n");
  ASSERT_EQ(work.size(), 1u);
  EXPECT_EQ(work[0].bytes, 32e6);
  EXPECT_EQ(work[0].arithmetic, "bf16");
  EXPECT_EQ(work[0].tmem_bytes, 1e9);
  EXPECT_THAT(complaint([] { parse_kernel_work(""); }), HasSubstr("name,flops,bytes"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops\n"); }), HasSubstr("'bytes'"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops,bytes\n"); }), HasSubstr("no kernel"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops,bytes\nk,-1,2\n"); }), HasSubstr("row 1: flops is '-1'"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops,bytes\nk,nan,2\n"); }), HasSubstr("'nan'"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops,bytes\nk,0,0\n"); }), HasSubstr("neither"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops,bytes\nk,1,1\nk,1,1\n"); }), HasSubstr("twice"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops,bytes\n,1,1\n"); }), HasSubstr("no kernel"));
  EXPECT_THAT(complaint([] { parse_kernel_work("name,flops,bytes,flops\nk,1,1,2\n"); }), HasSubstr("'flops' twice"));
}

TEST(Ncu, RoofsOfTheTableAndOfMeasurement) {
  const auto* h200 = find_gpu("H200");
  const auto vendor = device_peaks(h200, nullptr);
  EXPECT_DOUBLE_EQ(vendor.hbm->rate, 4.8e12);
  EXPECT_NEAR(vendor.compute.at("bf16").rate, 989.45e12, 1e9);
  EXPECT_FALSE(vendor.l2);  // no vendor tells
  device::GpuPeaks measured;
  measured.when = "2026-11-21";
  const auto figure = [&](const char* name, const char* unit, double value) {
    device::GpuFigure f;
    f.name = name, f.unit = unit, f.value = value;
    measured.figures.push_back(f);
  };
  figure("copy", "B/s", 4.2e12), figure("read", "B/s", 4.7e12), figure("l2_read", "B/s", 9.2e12),
      figure("bf16", "op/s", 700e12);
  const auto both = device_peaks(h200, &measured);
  EXPECT_DOUBLE_EQ(both.hbm->rate, 4.7e12);
  EXPECT_DOUBLE_EQ(both.l2->rate, 9.2e12);
  EXPECT_DOUBLE_EQ(both.compute.at("bf16").rate, 700e12);
  EXPECT_EQ(both.compute.at("bf16").source, "bench peak 2026-11-21");
  EXPECT_EQ(both.compute.at("f8").source, vendor.compute.at("f8").source);
}

// Of the four roofs the one that would take longest binds.
TEST(Ncu, SmHbmL2AndTmemRoofs) {
  DevicePeaks peaks;
  peaks.device = "test";
  peaks.compute["bf16"] = {"compute bf16", true, 1e12, ""};
  peaks.hbm = Roof{"HBM", false, 1e9, ""}, peaks.l2 = Roof{"L2", false, 2e9, ""},
  peaks.tmem = Roof{"TMEM", false, 4e9, ""};
  const auto kernel = [](const char* name, double seconds, double dram, double l2) {
    return NcuKernel{
        name, 1, {{"gpu__time_duration.sum", seconds}, {"dram__bytes.sum", dram}, {"lts__t_bytes.sum", l2}}};
  };
  const std::vector<NcuKernel> kernels{kernel("void gemm_tmem(int)", 1, 1e8, 2e8),
                                       kernel("void gemm_hbm(int)", 1, 9e8, 2e8), kernel("l2bound", 1, 1e8, 1.9e9),
                                       kernel("other", 1, 1, 1)};
  const auto work = parse_kernel_work(
      "name,flops,bytes,tmem_bytes,arithmetic\ngemm_tmem,1e11,1e8,3.6e9,bf16\ngemm_hbm,1e11,3e8,0,bf16\nl2bound,1e11,"
      "1e8,0,bf16\ngone,1,1,0,\n");
  const auto r = ncu_roofline(kernels, work, peaks);
  ASSERT_EQ(r.points.size(), 3u);
  EXPECT_EQ(binding_text(limits(r, r.points[0])), "TMEM binds");
  EXPECT_EQ(binding_text(limits(r, r.points[1])), "HBM binds");
  EXPECT_EQ(r.points[1].note, "moved 3.00 times the bytes that it declares");
  EXPECT_EQ(binding_text(limits(r, r.points[2])), "L2 binds");
  EXPECT_THAT(r.left_out, ElementsAre(HasSubstr("other"), HasSubstr("gone")));
}

TEST(Ncu, WhatCannotBeIsNoted) {
  DevicePeaks peaks;
  peaks.compute["bf16"] = {"compute bf16", true, 1e12, ""};
  peaks.hbm = Roof{"HBM", false, 1e9, ""};
  const auto noted = [&](const char* work) {
    const auto r = ncu_roofline({{"k", 1, {{"gpu__time_duration.sum", 1}, {"dram__bytes.sum", 5e8}}}},
                                parse_kernel_work(std::string("name,flops,bytes,arithmetic\n") + work), peaks);
    return r.points.at(0).note;
  };
  EXPECT_EQ(noted("k,1e11,5e8,bf16\n"), "");
  EXPECT_EQ(noted("k,2e12,5e8,bf16\n"),
            "takes less time than compute bf16 allows: its work, its time or the roof is wrong");
  EXPECT_EQ(noted("k,1e11,1e8,f7\n"),
            "no rate of 'f7' is known for this GPU; there is bf16; moved 5.00 times the bytes that it declares");
}

TEST(Ncu, NamesMatchAsWords) {
  DevicePeaks peaks;
  peaks.hbm = Roof{"HBM", false, 1, ""};
  const std::vector<NcuKernel> kernels{{"void my_gemm_2(int)", 1, {{"gpu__time_duration.sum", 1}}},
                                       {"void ns::gemm<64>(int)", 1, {{"gpu__time_duration.sum", 1}}}};
  const auto r = ncu_roofline(
      kernels, {{.name = "gemm", .flops = 1, .bytes = 5}, {.name = "gemm<64>", .flops = 1, .bytes = 7}}, peaks);
  ASSERT_EQ(r.points.size(), 1u);
  EXPECT_EQ(r.points[0].label, "void ns::gemm<64>(int)");
  EXPECT_EQ(r.points[0].loads[0].work, 7);  // the longer name is the closer one
}

}  // namespace
}  // namespace aisp::analysis
