// Output of nccl-tests, nvbandwidth, nvbench and Google Benchmark: what is read, what is refused, how two are compared.
#include "import/compare_results.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace aisp::import {
namespace {
using analysis::ChangeKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string fixture(const std::string& name) {
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/results/" + name);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

const Result& find(const Results& all, const std::string& name, const std::string& quantity) {
  for (const auto& r : all.results)
    if (r.name == name && r.quantity == quantity) return r;
  std::string names;
  for (const auto& r : all.results) names += "\n" + r.name + ": " + r.quantity;
  throw std::runtime_error("no " + name + ": " + quantity + " among" + names);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

void refused(const std::string& text, const std::string& why, int line) {
  try {
    parse_results(text);
    ADD_FAILURE() << "was read: " << why;
  } catch (const tools::LineError& error) {
    EXPECT_THAT(error.what(), HasSubstr(why));
    EXPECT_EQ(error.line, line) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

// --------------------------------------------------------------------------------------------------------- nccl-tests

TEST(NcclTests, TheTableThatItPrints) {
  const auto all = parse_results(fixture("nccl_all_reduce.txt"));
  EXPECT_EQ(all.program, "nccl-tests");
  EXPECT_EQ(all.results.size(), 3u * 2 * 3);
  const auto& time = find(all, "all_reduce_perf 1048576 B float sum out of place", "time");
  EXPECT_THAT(time.values, ElementsAre(testing::DoubleEq(22.41e-6)));
  EXPECT_EQ(time.line, 12);
  const auto& bus = find(all, "all_reduce_perf 4194304 B float sum in place", "bus bandwidth");
  EXPECT_DOUBLE_EQ(bus.values[0], 114.76e9);
  EXPECT_TRUE(bus.derived);
  EXPECT_FALSE(bus.lower_is_better);
}

TEST(NcclTests, ATableOfAnOldVersionWithoutOperationAndRoot) {
  const auto all = parse_results(fixture("nccl_all_gather_2021.txt"));
  EXPECT_DOUBLE_EQ(find(all, "1024 B float in place", "time").values[0], 12.10e-6);
}

TEST(NcclTests, CyclesAndSeveralOutputsAreRepetitions) {
  const auto text = fixture("nccl_all_reduce.txt");
  const auto all = parse_results(text + text + text);
  EXPECT_EQ(find(all, "all_reduce_perf 1048576 B float sum out of place", "time").values.size(), 3u);
}

TEST(NcclTests, ItsJsonWithTimesOfIterations) {
  const auto all = parse_results(fixture("nccl.json"));
  const auto& time = find(all, "all_reduce_perf 1048576 B float sum out of place", "time");
  EXPECT_EQ(time.values.size(), 7u);  // the first of eight was skipped
  EXPECT_DOUBLE_EQ(time.values[0], 22.1e-6);
  EXPECT_EQ(find(all, "all_reduce_perf 1048576 B float sum in place", "time").values.size(), 1u);
  EXPECT_EQ(find(all, "all_reduce_perf 2097152 B float sum out of place", "time").failed, "12 wrong elements");
}

TEST(NcclTests, WrongElementsAndUncheckedOnes) {
  const auto text = fixture("nccl_all_reduce.txt");
  const auto wrong = parse_results(replaced(text, "46.79       0", "46.79       3"));
  EXPECT_EQ(find(wrong, "all_reduce_perf 1048576 B float sum out of place", "time").failed, "3 wrong elements");
  const auto unchecked = parse_results(replaced(text, "46.79       0", "46.79     N/A"));
  EXPECT_EQ(find(unchecked, "all_reduce_perf 1048576 B float sum out of place", "time").failed, "");
  EXPECT_THAT(parse_results(replaced(text, "values : 0 OK", "values : 3 FAILED")).notes, testing::SizeIs(1));
}

TEST(NcclTests, RefusesWhatIsAmbiguous) {
  const auto text = fixture("nccl_all_reduce.txt");
  refused(replaced(text, "   22.41", "   22,41"), "'22,41'", 12);
  refused(replaced(text, "   22.41", "        "), "12 columns where the header has 13", 12);
  refused(replaced(text, "   22.41", "    0.00"), "a time is 0", 12);
  refused(replaced(text, "   22.41", "     nan"), "'nan'", 12);
  refused(replaced(text, "  busbw  #wrong ", "  newbw  #wrong "), "not the same columns", 10);
  refused(replaced(replaced(text, "busbw", "newbw"), "busbw", "newbw"), "'newbw' is not known", 10);
  refused(replaced(text, "#       size         count", "#      bytes         count"), "without a header", 12);
  refused("# nThread 1\n", "without a result", 1);
}

// -------------------------------------------------------------------------------------------------------- nvbandwidth

TEST(NvBandwidth, MatricesOfTheText) {
  const auto all = parse_results(fixture("nvbandwidth.txt"));
  EXPECT_DOUBLE_EQ(find(all, "host_to_device_memcpy_ce [0, 1]", "bandwidth").values[0], 55.61e9);
  EXPECT_DOUBLE_EQ(find(all, "device_to_device_memcpy_read_ce [1, 0]", "bandwidth").values[0], 390.40e9);
  const std::string both = "device_to_device_bidirectional_memcpy_read_ce ";
  EXPECT_DOUBLE_EQ(find(all, both + "first direction [0, 1]", "bandwidth").values[0], 381.01e9);
  EXPECT_DOUBLE_EQ(find(all, both + "Total [1, 0]", "bandwidth").values[0], 762.30e9);
  const auto& latency = find(all, "host_device_latency_sm [0, 0]", "latency");
  EXPECT_DOUBLE_EQ(latency.values[0], 772.58e-9);
  EXPECT_TRUE(latency.lower_is_better);
  EXPECT_THAT(all.notes, ElementsAre("multicast_all_to_all: Waived:"));
  EXPECT_EQ(all.results.size(), 2u + 2 + 6 + 2);
}

TEST(NvBandwidth, ItsJsonSaysTheSame) {
  const auto all = parse_results(fixture("nvbandwidth.json"));
  EXPECT_DOUBLE_EQ(find(all, "host_to_device_memcpy_ce [0, 0]", "bandwidth").values[0], 55.6312e9);
  const std::string both = "device_to_device_bidirectional_memcpy_read_ce ";
  EXPECT_DOUBLE_EQ(find(all, both + "second direction [1, 0]", "bandwidth").values[0], 381.1e9);
  EXPECT_DOUBLE_EQ(find(all, both + "Total [0, 1]", "bandwidth").values[0], 761.91e9);
  const auto change = compare_results(all, parse_results(fixture("nvbandwidth.txt")));
  EXPECT_EQ(change.count(ChangeKind::gone), 0);
  EXPECT_EQ(change.count(ChangeKind::added), 4);
}

TEST(NvBandwidth, RefusesWhatIsAmbiguous) {
  const auto text = fixture("nvbandwidth.txt");
  refused(replaced(text, "     55.61", "     55,61"), "'55,61'", 18);
  refused(replaced(text, "     55.61", ""), "1 cells where the matrix has 2 columns", 18);
  refused(replaced(text, "Running host_to_device_memcpy_ce.", "host_to_device_memcpy_ce."), "without a line", 16);
  refused(replaced(text, "Running device_to_device_memcpy_read_ce.", "Running host_to_device_memcpy_ce."),
          "there twice", 25);
  EXPECT_EQ(find(parse_results(text + text), "host_to_device_memcpy_ce [0, 1]", "bandwidth").values.size(), 2u);
  refused(replaced(fixture("nvbandwidth.json"), "\"55.6312\"", "55.6312"), "must be a string", 19);
  refused(replaced(fixture("nvbandwidth.json"), "[\"N/A\", \"381.01\"], ", ""), "divide by three", 30);
}

// ------------------------------------------------------------------------------------------------------------ nvbench

TEST(NvBench, JsonCsvAndMarkdownSayTheSame) {
  const auto json = parse_results(fixture("nvbench.json"));
  const std::string name = "copy_sweep T=F32 Elements=16777216";
  for (const char* form : {"nvbench.json", "nvbench.csv", "nvbench.md"}) {
    const auto all = parse_results(fixture(form));
    EXPECT_EQ(all.program, "nvbench");
    const auto& gpu = find(all, name, "GPU time");
    EXPECT_DOUBLE_EQ(gpu.values[0], 262.392e-6) << form;
    EXPECT_NEAR(gpu.noise, 0.011, 1e-9) << form;
    EXPECT_EQ(gpu.statistic, "mean of 1264 calls") << form;
    EXPECT_NEAR(find(all, name, "batch GPU time").values[0], 259.768e-6, 1e-9) << form;
    EXPECT_NEAR(find(all, name, "memory bandwidth").values[0], 511.516e9, 1e6) << form;
    const auto change = compare_results(json, all);
    EXPECT_EQ(change.count(ChangeKind::added), 0) << form;
  }
  EXPECT_EQ(find(json, "copy_sweep T=F64 Elements=16777216", "GPU time").failed, "skipped: too large");
}

TEST(NvBench, RefusesWhatIsAmbiguous) {
  const auto csv = fixture("nvbench.csv");
  refused(replaced(csv, "BWUtil", "Threads"), "'Threads' behind Skipped", 1);
  refused(replaced(csv, "1.25e-05,0.011", "1,25e-05,0.011"), "18 cells where the header has 17", 2);
  refused(replaced(csv, "0.000262392", "fast"), "'fast'", 3);
  refused(csv + csv.substr(csv.find('\n') + 1), "there twice", 5);
  const auto md = fixture("nvbench.md");
  refused(replaced(md, "262.392 us", "262.392 µs"), "a number and its unit", 23);
  refused(replaced(md, "262.392 us", "262,392 us"), "'262,392'", 23);
  refused(replaced(md, "| 1.10% |", "|"), "11 cells", 22);
  refused(replaced(md, "# Benchmark Results", "# Benchmark Results\n\x1b[1m"), "colour", 15);
  refused(replaced(fixture("nvbench.json"), "\"major\": 1", "\"major\": 2"), "version 2", 9);
}

// --------------------------------------------------------------------------------------------------- Google Benchmark

TEST(GoogleBenchmark, RepetitionsAreValues) {
  const auto all = parse_results(fixture("google_benchmark_reps.json"));
  const auto& r = find(all, "BM_copy/1024", "time");
  EXPECT_EQ(r.values.size(), 8u);
  EXPECT_GT(center(r)->interval.confidence, 0.95);
  EXPECT_EQ(find(all, "BM_skip", "time").failed, "error: no such device");
  EXPECT_THAT(all.notes, ElementsAre(HasSubstr("debug")));
}

TEST(GoogleBenchmark, WithoutRepetitionsThereIsNoInterval) {
  const auto all = parse_results(fixture("google_benchmark_single.json"));
  const auto& r = find(all, "BM_copy/65536", "time");
  EXPECT_EQ(r.values.size(), 1u);
  EXPECT_EQ(center(r)->interval.confidence, 0);
  EXPECT_THAT(repetitions_text(r), HasSubstr("no repetitions, no interval"));
  const auto aggregates = parse_results(fixture("google_benchmark_agg.json"));
  EXPECT_THAT(find(aggregates, "BM_copy/1024", "time").statistic, "median of 8 repetitions that were not saved");
  EXPECT_EQ(find(aggregates, "BM_copy/1024", "CPU time").values.size(), 1u);
}

std::string google(const std::vector<std::pair<std::string, std::vector<double>>>& benchmarks) {
  std::string text = R"({"context": {"num_cpus": 2}, "benchmarks": [)";
  bool first = true;
  for (const auto& [name, times] : benchmarks)
    for (std::size_t i = 0; i < times.size(); ++i) {
      text += fmt::format(R"({}{{"name": "{}", "run_name": "{}", "run_type": "iteration", "repetitions": {},
        "repetition_index": {}, "threads": 1, "iterations": 10, "real_time": {}, "cpu_time": {}, "time_unit": "us"}})",
                          first ? "" : ",\n", name, name, times.size(), i, times[i], times[i]);
      first = false;
    }
  return text + "]}";
}

TEST(GoogleBenchmark, RefusesWhatIsAmbiguous) {
  refused(google({{"a", {1}}, {"a", {2}}}), "there twice", 3);
  refused(replaced(google({{"a", {1}}}), "\"us\"", "\"fortnights\""), "ns, us, ms or s", 2);
  refused(replaced(google({{"a", {1}}}), "\"real_time\": 1", "\"real_time\": NaN"), "finite", 2);
  refused(replaced(google({{"a", {1}}}), "\"real_time\": 1", "\"real_time\": \"1\""), "must be a number", 2);
  refused(google({}), "without a result", 1);
  refused("{\"context\": {}}", "not of nccl-tests", 1);
}

// --------------------------------------------------------------------------------------------------------- comparison

TEST(CompareResults, ChangesNeedRepetitions) {
  const std::vector<double> slow{110, 111, 112, 113, 114, 115, 116}, fast{100, 101, 102, 103, 104, 105, 106},
      like{100.1, 101, 102.2, 103, 104.1, 105, 106}, wide{90, 98, 103, 104, 108, 117, 120};
  const auto before =
      parse_results(google({{"a", fast}, {"b", fast}, {"c", fast}, {"d", {100}}, {"e", fast}, {"g", fast}}));
  const auto after =
      parse_results(google({{"a", slow}, {"b", like}, {"c", wide}, {"d", {200}}, {"e", {150, 151}}, {"f", fast}}));
  const auto all = compare_results(before, after);
  const auto of = [&](const std::string& name) {
    for (const auto& c : all.changes)
      if (c.name == name && c.quantity == "time") return c;
    throw std::runtime_error("no " + name);
  };
  EXPECT_EQ(of("a").kind, ChangeKind::regressed);
  EXPECT_NEAR(of("a").ratio, 1.097, 0.005);
  EXPECT_GT(of("a").interval.lo, 1.02);
  EXPECT_EQ(of("c").kind, ChangeKind::unresolved);
  EXPECT_THAT(of("c").why, HasSubstr("2 %"));
  EXPECT_EQ(of("d").kind, ChangeKind::unresolved);
  EXPECT_EQ(of("d").why, "no repetitions, no interval");
  EXPECT_EQ(of("d").ratio, 2);
  EXPECT_THAT(of("e").why, HasSubstr("7 and 2 repetitions; an interval needs 6"));
  EXPECT_EQ(of("f").kind, ChangeKind::added);
  EXPECT_EQ(of("g").kind, ChangeKind::gone);
  EXPECT_EQ(compare_results(after, before).count(ChangeKind::improved), 2);  // time and CPU time of a
  EXPECT_EQ(of("b").kind, ChangeKind::unresolved);  // single values apart by 6 % do not say "within 2 %"
  const std::vector<double> tight{100, 100.1, 100.2, 100.3, 100.4, 100.5, 100.6};
  const auto quiet = parse_results(google({{"a", tight}}));
  EXPECT_EQ(compare_results(quiet, quiet).count(ChangeKind::unchanged), 2);
}

TEST(CompareResults, AHigherBandwidthIsAnImprovementAndAWrongResultNone) {
  const auto text = fixture("nvbandwidth.txt");
  std::string six, more;
  for (int i = 0; i < 6; ++i) six += text, more += replaced(text, "55.63", "70.63");
  const auto all = compare_results(parse_results(six), parse_results(more));
  EXPECT_EQ(all.count(ChangeKind::improved), 1);
  EXPECT_EQ(all.count(ChangeKind::unchanged), 11);
  const auto good = fixture("nccl_all_reduce.txt");
  const auto wrong =
      compare_results(parse_results(good), parse_results(replaced(good, "46.79       0", "46.79       3")));
  EXPECT_EQ(wrong.count(ChangeKind::regressed), 1);
  EXPECT_THROW(compare_results(parse_results(good), parse_results(text)), std::runtime_error);
}

}  // namespace
}  // namespace aisp::import
