// How results are shown: units, the adaptive table, the markdown report, the summary.
#include "analysis/report.hpp"
#include "analysis/table.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <sstream>

namespace aisp::analysis {
namespace {
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(FormatSeconds, ChoosesTheUnitByMagnitude) {
  EXPECT_EQ(format_seconds(0.25e-9), "0.25 ns");
  EXPECT_EQ(format_seconds(870e-9), "870 ns");
  EXPECT_EQ(format_seconds(1.234e-6), "1.23 µs");
  EXPECT_EQ(format_seconds(45.67e-3), "45.7 ms");
  EXPECT_EQ(format_seconds(2), "2.00 s");
  EXPECT_EQ(format_seconds(1234), "1234 s");
}

TEST(FormatSeconds, RoundsIntoTheNextUnit) {
  EXPECT_EQ(format_seconds(999.4e-6), "999 µs");
  EXPECT_EQ(format_seconds(999.6e-6), "1.00 ms");
  EXPECT_EQ(format_seconds(9.996e-3), "10.0 ms");
  EXPECT_EQ(format_seconds(99.96e-3), "100 ms");
}

TEST(Format, WhatIsNoFigureIsADash) {
  for (double none : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(format_seconds(none), "–");
    EXPECT_EQ(format_speedup(none), "–");
    EXPECT_EQ(format_share(none), "–");
    EXPECT_EQ(format_bytes(none), "–");
    EXPECT_EQ(format_interval({none, 2}), "–");
  }
  EXPECT_EQ(format_speedup(12.34), "12.3×");
  EXPECT_EQ(format_interval({1.82, 2.01}), "1.82–2.01×");
  EXPECT_EQ(format_share(0.43), "43 %");
  EXPECT_EQ(format_share(0.0123), "1.2 %");
  EXPECT_EQ(format_bytes(1.5 * 0x1p30), "1.50 GiB");
  EXPECT_EQ(format_bytes(512), "512 B");
}

TEST(DisplayWidth, CountsWhatTheTerminalShows) {
  EXPECT_EQ(display_width("abc"), 3);
  EXPECT_EQ(display_width("µs ×–"), 5);
  EXPECT_EQ(display_width("漢字"), 4);
  EXPECT_EQ(display_width("e\u0301"), 1);
  EXPECT_EQ(display_width("\xff\xc3"), 2);  // broken UTF-8 stays within bounds
}

model::TargetEvidence evidence(const std::string& target = "ch09:softmax") {
  model::TargetEvidence e;
  e.target = target;
  e.about = "Softmax of each row";
  e.params = {{"rows", 512}};
  for (const char* name : {"baseline", "online"}) {
    model::VariantEvidence v;
    v.name = name;
    v.status = model::Status::ok;
    v.timed_calls = v.verified_timed_calls = 480;
    e.variants.push_back(v);
  }
  return e;
}

model::TargetVerdict verdict(const std::string& target = "ch09:softmax") {
  model::TargetVerdict v;
  v.target = target;
  v.variants.resize(2);
  v.variants[0].name = "baseline";
  v.variants[1].name = "online";
  for (auto& x : v.variants) x.correct = true;
  v.variants[0].median_seconds = 2e-3;
  v.variants[1].median_seconds = 1e-3;
  v.variants[1].speedup = 2;
  v.variants[1].speedup_interval = {1.9, 2.1};
  v.variants[1].word = model::Word::fast;
  v.variants[1].sol = 0.43;
  return v;
}

std::vector<Row> rows() {
  const auto v = verdict();
  return rows_of(evidence(), &v);
}

TEST(Rows, ShowTheSpeedupOfAnAcceptedVariant) {
  const auto r = rows();
  ASSERT_EQ(r.size(), 2u);
  EXPECT_EQ(r[0].verdict, "baseline");
  EXPECT_EQ(r[0].speedup, "–");
  EXPECT_EQ(r[1].verdict, "FAST");
  EXPECT_EQ(r[1].speedup, "2.00×");
  EXPECT_EQ(r[1].interval, "1.90–2.10×");
  EXPECT_EQ(r[1].verified, "480/480");
}

TEST(Rows, WithholdTheSpeedupOfEverythingElse) {
  auto e = evidence();
  auto v = verdict();
  v.variants[1].correct = false;
  EXPECT_EQ(rows_of(e, &v)[1].verdict, "WRONG");
  EXPECT_EQ(rows_of(e, &v)[1].speedup, "–");
  v = verdict();
  v.violations.push_back({"timing.unfinished_work", "online", "", "", ""});
  EXPECT_EQ(rows_of(e, &v)[1].verdict, "VIOLATION");
  EXPECT_EQ(rows_of(e, &v)[1].speedup, "–");
  e.variants[1].status = model::Status::timed_out;
  EXPECT_EQ(rows_of(e, &v)[1].verdict, "timed_out");
  EXPECT_EQ(rows_of(e, nullptr)[0].verdict, "not judged");
  e.error = "bad declaration";
  EXPECT_EQ(rows_of(e, &v).size(), 1u);
  EXPECT_EQ(rows_of(e, &v)[0].verdict, "error");
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

TEST(Table, AlignsItsColumnsWithUtf8) {
  const auto text = render_table(rows(), 120);
  EXPECT_EQ(text,
            "target        variant    median  speedup    interval  verdict   %SOL  verified\n"
            "ch09:softmax  baseline  2.00 ms        –           –  baseline     –   480/480\n"
            "              online    1.00 ms    2.00×  1.90–2.10×  FAST      43 %   480/480\n");
}

TEST(Table, FitsAnyTerminalAndKeepsWhatMatters) {
  for (int width = 34; width <= 120; ++width) {
    const auto text = render_table(rows(), width);
    for (const auto& line : lines(text)) EXPECT_LE(display_width(line), width) << text;
    EXPECT_THAT(text, AllOf(HasSubstr("ch09:softmax"), HasSubstr("online"), HasSubstr("2.00×"), HasSubstr("FAST")))
        << width;
  }
  for (int width : {-5, 0, 1, 10})
    EXPECT_THAT(render_table(rows(), width), HasSubstr("FAST"));  // impossible, yet no crash
}

TEST(Table, FoldsTargetsBeforeItCutsNames) {
  const auto text = render_table(rows(), 36);
  EXPECT_THAT(text, HasSubstr("\nch09:softmax\n  baseline"));
  EXPECT_THAT(text, Not(HasSubstr("…")));
  EXPECT_THAT(render_table(rows(), 26), HasSubstr("…"));
}

TEST(Table, ColoursOnlyWhenAsked) {
  EXPECT_THAT(render_table(rows(), 120), Not(HasSubstr("\x1b")));
  EXPECT_THAT(render_table(rows(), 120, true), HasSubstr("\x1b[32mFAST"));
}

TEST(Table, HostileNamesCannotDriveTheTerminal) {
  auto e = evidence();
  e.variants[1].name = "x\x1b]0;owned\x07\n" + std::string(1000, 'y');
  const auto text = render_table(rows_of(e, nullptr), 200);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(lines(text).size(), 3u);
}

record::RunData run() {
  record::RunData r;
  r.manifest.run = "20261121T054500Z-1a2b";
  r.manifest.settings.command_line = {"aisp", "bench", "run"};
  r.manifest.unpublishable_reasons = {"virtual machine (kvm)"};
  r.evidence = {evidence()};
  r.verdicts = {verdict()};
  return r;
}

TEST(Report, HoldsEveryPart) {
  auto r = run();
  r.verdicts[0].violations.push_back({"timing.unfinished_work", "", "3 µs of work", "none", "synchronise"});
  r.evidence[0].variants[1].sandbox.push_back({"landlock", false, "not in this kernel"});
  const auto text = markdown_report(r);
  EXPECT_THAT(text, StartsWith("# aisp run 20261121T054500Z-1a2b\n"));
  for (const char* part :
       {"| ch09:softmax | online | 1.00 ms | 2.00× | 1.90–2.10× | FAST | 43 % | 480/480 |", "Publishable: no.",
        "- virtual machine (kvm)", "## ch09:softmax", "rows = 512", "| timing.unfinished_work | – | 3 µs of work |",
        "Protections absent: landlock (not in this kernel)", "aisp bench run", "secret until the run is over"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(Report, SaysEachReasonAgainstPublishingOnce) {
  auto r = run();
  r.evidence.assign(4, r.evidence[0]);
  auto& reasons = r.manifest.unpublishable_reasons;
  for (const char* target : {"a:one", "a:two", "a:three", "a:four"}) {
    r.evidence[reasons.size() / 2].target = target;
    reasons.push_back(std::string(target) + ": virtual machine (kvm)");
    reasons.push_back(std::string(target) + ": one process start only: of memory");
  }
  reasons.insert(reasons.end(), {"a:one: loaded", "a:four: loaded", "a:two: hot", "b:gone: hot"});
  const auto text = markdown_report(r);
  const auto from = text.find("Publishable: no.");
  EXPECT_THAT(text.substr(from, text.find("## Host") - from),
              HasSubstr("- virtual machine (kvm)\n- every target: one process start only: of memory\n"
                        "- a:one, a:four: loaded\n- a:two: hot\n- b:gone: hot\n"));
}

// A call of copies alone has no table of kernels.
TEST(Report, CopiesAloneAreALine) {
  auto r = run();
  model::CensusPhase phase;
  phase.name = "run";
  phase.calls = phase.seen_calls = 8;
  phase.copies = {{"D2D", 1024, 1024 << 19}}, phase.graph_launches = 8;
  phase.streams = {{7, true, 8, 8, 0, 0}};
  r.evidence[0].variants[1].census = {"CUPTI 130001", {phase}, 0};
  const auto text = markdown_report(r);
  EXPECT_THAT(text, Not(HasSubstr("kernels of")));
  EXPECT_THAT(text, HasSubstr("A call of online: 128 copies D2D of 512 KiB, 1 graph launch; 1 stream"));
}

TEST(Report, ShowsWhatTheAuditPassSaw) {
  auto r = run();
  auto& v = r.evidence[0].variants[1];
  model::CensusPhase phase;
  phase.name = "run";
  phase.calls = phase.seen_calls = 8;
  phase.kernels = {{"reduce<float|4>", 16, {528, 1, 1}, {256, 1, 1}, 40, 1024, 7, 8e-3, 0.49e-3}};
  phase.copies = {{"D2H", 8, 32}};
  phase.streams = {{7, true, 24, 8, 0, 0}};
  phase.busy_seconds = 0.99e-3;
  phase.call_seconds = 1e-3;
  v.census = {"CUPTI 130001", {phase}, 0.99e-3};
  r.evidence[0].variants[0].census_absent = "CUPTI cannot be opened";
  const auto text = markdown_report(r);
  EXPECT_THAT(text, HasSubstr("| reduce\\<float\\|4\\> | 2 | 528×1×1 | 256×1×1 | 40 | 1.00 KiB | 490 µs |"));
  EXPECT_THAT(text, HasSubstr("A call of online: 1 copy D2H of 4 B; 1 stream; busy 990 µs of 1.00 ms; 99.0 % of a "
                              "timed call (CUPTI 130001)."));
  EXPECT_THAT(text, HasSubstr("No census of baseline: CUPTI cannot be opened."));
}

TEST(Report, ShowsWhatTheCompilerMadeOfKernels) {
  auto r = run();
  model::CompiledKernel k;
  k.name = "ns::transform<64>", k.arch = "sm_90a", k.registers = 168, k.shared_bytes = 2048, k.stack_bytes = 64;
  k.spill_store_bytes = 76, k.spill_load_bytes = 80;
  r.evidence[0].variants[1].compiled_kernels = {k};
  r.evidence[0].variants[0].compiled_kernels_absent = "its library holds no device code";
  const auto text = markdown_report(r);
  EXPECT_THAT(text, HasSubstr("compiled in " + r.evidence[0].variants[1].name));
  EXPECT_THAT(text, HasSubstr("| sm_90a | 168 | 2.00 KiB | 64 B | 76 B / 80 B | – |"));
  EXPECT_THAT(text, HasSubstr("Registers and spills of baseline are not known: its library holds no device code."));
}

TEST(Report, HostileTextStaysText) {
  auto r = run();
  r.evidence[0].variants[1].status = model::Status::failed;
  r.evidence[0].variants[1].message = "a | b\n# heading <script> `x` [l](u)";
  const auto text = markdown_report(r);
  EXPECT_THAT(text, HasSubstr("a \\| b \\# heading \\<script\\> \\`x\\` \\[l\\](u)"));
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
}

TEST(Report, TablesHaveTheSameCellsInEveryLine) {
  std::size_t cells = 0;
  auto r = run();
  auto& census = r.evidence[0].variants[0].census.emplace();
  census.phases.resize(1);
  census.phases[0].name = "run";
  census.phases[0].kernels.resize(2);
  for (const auto& line : lines(markdown_report(r))) {
    if (!line.starts_with('|')) {
      cells = 0;
      continue;
    }
    const auto here = static_cast<std::size_t>(std::count(line.begin(), line.end(), '|'));
    EXPECT_EQ(here, cells ? cells : here) << line;
    cells = here;
  }
}

TEST(Summary, CountsVerdictsAndCalls) {
  auto r = run();
  r.evidence.push_back(evidence("ch07:transpose"));
  r.verdicts.push_back(verdict("ch07:transpose"));
  r.verdicts[1].variants[1].speedup = 8;
  auto s = summarise(r);
  EXPECT_EQ(s.fast, 2);
  EXPECT_DOUBLE_EQ(s.mean_speedup, 4);
  EXPECT_EQ(s.timed_calls, 1920u);
  EXPECT_EQ(summary_line(s), "2 targets: 2 FAST · mean of the best speedups 4.00× · 1920 of 1920 timed calls verified");
  r.verdicts[1].variants[1].correct = false;
  r.evidence.push_back({});
  r.evidence.back().error = "no such plugin";
  s = summarise(r);
  EXPECT_EQ(s.wrong, 1);
  EXPECT_EQ(s.errors, 1);
  EXPECT_DOUBLE_EQ(s.mean_speedup, 2);
  EXPECT_THAT(summary_line(s), HasSubstr("3 targets: 1 FAST, 1 WRONG, 1 error"));
}

}  // namespace
}  // namespace aisp::analysis
