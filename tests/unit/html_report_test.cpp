// The HTML report: whole, small, and deaf to whatever names and messages say.
#include "analysis/document.hpp"
#include "analysis/figures.hpp"
#include "analysis/report.hpp"
#include "analysis/verdict.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace aisp::analysis {
namespace {
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

model::TargetEvidence evidence(const std::string& target, const std::vector<std::string>& names) {
  std::mt19937_64 random(7);
  model::TargetEvidence e;
  e.target = target;
  e.flops = 5e6;
  e.bytes = 8e6;
  e.arithmetic = "f32";
  e.ceilings = {1e11, 1e10, "probe"};
  double seconds = 4e-3;
  for (const auto& name : names) {
    model::VariantEvidence v;
    v.name = name;
    v.status = model::Status::ok;
    v.verification.calls = v.timed_calls = v.verified_timed_calls = 21;
    for (int round = 0; round < 21; ++round) {
      model::Sample s;
      s.round = round;
      s.calls = 1;
      s.seconds = seconds * (1 + 1e-3 * static_cast<double>(random() % 100));
      v.samples.push_back(s);
    }
    e.variants.push_back(v);
    seconds /= 2;
  }
  return e;
}

record::RunData run(int targets, const std::vector<std::string>& names) {
  record::RunData r;
  r.manifest.run = "20261121T054500Z-1a2b";
  for (int i = 0; i < targets; ++i) {
    r.evidence.push_back(evidence("ch09:t" + std::to_string(i), names));
    r.verdicts.push_back(verdict(r.evidence.back()));
  }
  return r;
}

// Every element that is opened is closed in order; attributes are quoted. Returns the first offence.
std::string unbalanced(const std::string& html) {
  const std::set<std::string> empty = {"!DOCTYPE", "meta", "rect", "path", "circle"};
  std::vector<std::string> open;
  for (std::size_t i = 0; (i = html.find('<', i)) != std::string::npos;) {
    const auto end = html.find('>', i);
    if (end == std::string::npos) return "an element without an end";
    auto tag = html.substr(i + 1, end - i - 1);
    i = end;
    const bool closes = tag.starts_with('/'), closed = tag.ends_with('/');
    const auto name = tag.substr(closes, tag.find_first_of(" /", closes) - closes);
    if (std::count(tag.begin(), tag.end(), '"') % 2) return "a quote in " + tag;
    if (closes) {
      if (open.empty() || open.back() != name)
        return "</" + name + "> after " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else if (!closed && !empty.contains(name)) {
      open.push_back(name);
    }
  }
  return open.empty() ? "" : "open at the end: " + open.back();
}

TEST(HtmlReport, IsOneFileWithEveryPartAndNeedsNothing) {
  auto r = run(2, {"baseline", "online"});
  r.verdicts[0].violations.push_back({"timing.unfinished_work", "online", "3 µs", "none", "wait"});
  const auto html = html_report(r);
  EXPECT_THAT(html, StartsWith("<!DOCTYPE html>"));
  EXPECT_EQ(unbalanced(html), "");
  for (const char* part :
       {"aisp run 20261121T054500Z-1a2b", "class=\"bars\"", "class=\"samples\"", "class=\"roofline\"",
        "timing.unfinished_work", "Host and build", "prefers-color-scheme", "@media print", "viewport"})
    EXPECT_THAT(html, HasSubstr(part));
  for (const char* foreign : {"<script", "http://", "https://", "url(", "@import", "<img", "<link", "<iframe"})
    EXPECT_THAT(html, Not(HasSubstr(foreign)));
}

// Labels are at most 17 % of a phone's width; the first and the last of an axis lie within it.
TEST(HtmlReport, LabelsOfAnAxisLieApart) {
  int labels = 0;
  for (double stretch = 1; stretch < 10; stretch *= 1.02) {
    auto r = run(1, {"baseline", "a", "b", "c", "d", "e"});
    for (auto& v : r.evidence[0].variants)
      for (auto& s : v.samples) s.seconds *= stretch;
    std::istringstream html(html_report(r));
    for (std::string line; std::getline(html, line);) {
      if (line.find("class=\"axis\"") == std::string::npos) continue;
      const std::regex label("<span( class=\"(first|last)\")? style=\"left:([0-9.]+)%");
      double end = -100;
      for (std::sregex_iterator at(line.begin(), line.end(), label), none; at != none; ++at, ++labels) {
        const double place = std::stod((*at)[3]);
        const double begin = (*at)[2] == "first" ? place : place - ((*at)[2] == "last" ? 17 : 8.5);
        EXPECT_GE(begin, end - 0.01) << line;
        end = begin + 17;
      }
    }
  }
  EXPECT_GT(labels, 100);
}

TEST(HtmlReport, HostileTextStaysText) {
  const std::string hostile = "\"><script>alert(1)</script><svg onload='x'>&lt;\x01\xe2\x80\xae";
  auto r = run(1, {"baseline", hostile});
  r.manifest.run = r.manifest.host.model = r.manifest.calibration = hostile;
  r.manifest.settings.command_line = {hostile};
  r.manifest.libraries = {{hostile, hostile}};
  r.manifest.system_settings = {{hostile, hostile}};
  r.manifest.unpublishable_reasons = {hostile};
  auto& e = r.evidence[0];
  e.about = e.teaching = e.scale = e.cache = e.ceilings.source = e.aa_source = hostile;
  e.params = {{hostile, 1}};
  e.tensors = {{hostile, hostile, hostile, {1}}};
  e.variants[0].message = e.variants[0].source = e.variants[0].census_absent = hostile;
  e.variants[0].sandbox = {{hostile, false, hostile}};
  r.verdicts[0].violations = {{hostile, "baseline", hostile, hostile, hostile}};
  r.verdicts[0].variants[1].why = hostile;
  r.verdicts[0].variants[1].notes = {hostile};
  const auto html = html_report(r);
  EXPECT_EQ(unbalanced(html), "");
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<svg onload")));
  EXPECT_THAT(html, Not(HasSubstr("\x01")));
}

TEST(HtmlReport, OfALargeRunStaysBelowTwoMegabytes) {
  std::vector<std::string> names{"baseline"};
  for (int i = 0; i < 5; ++i) names.push_back("a_variant_with_a_name_" + std::to_string(i));
  const auto html = html_report(run(150, names));
  EXPECT_LT(html.size(), 2'000'000u);
  std::printf("150 targets of 6 variants: %zu bytes\n", html.size());
}

TEST(HtmlReport, IsThinnedOutWhereItWouldBeTooLarge) {
  std::vector<std::string> names{"baseline"};
  for (int i = 0; i < 5; ++i) names.push_back("a_variant_with_a_name_" + std::to_string(i));
  auto large = run(500, names);
  std::mt19937_64 random(11);
  for (auto& e : large.evidence)
    for (auto& v : e.variants)
      for (auto& s : v.samples) s.seconds = 1e-3 * static_cast<double>(1000 + random() % 2000);  // in every bin
  const std::vector<std::pair<std::size_t, const char*>> expected{
      {158, "drawn coarsely"}, {200, "are left out. The evidence"}, {500, "It ends before the last"}};
  for (const auto& [targets, note] : expected) {
    auto r = large;
    r.evidence.resize(targets), r.verdicts.resize(targets);
    const auto html = html_report(r);
    std::printf("%zu targets: %zu bytes\n", targets, html.size());
    EXPECT_LE(html.size(), 2'000'000u);
    EXPECT_EQ(unbalanced(html), "");
    EXPECT_THAT(html, HasSubstr(note));
    EXPECT_THAT(html, HasSubstr("ch09:t0"));
  }
}

TEST(HtmlReport, OnePartThatIsTooLargeIsLeftOutAlone) {
  auto r = run(2, {"baseline", "online"});
  r.manifest.settings.command_line = {std::string(1'500'000, '<')};
  const auto html = html_report(r);
  EXPECT_LE(html.size(), 2'000'000u);
  EXPECT_EQ(unbalanced(html), "");
  EXPECT_THAT(html, HasSubstr("One part is too large"));
  EXPECT_THAT(html, HasSubstr("ch09:t1"));
  r.manifest.run = std::string(3'000'000, 'r');
  EXPECT_LE(html_report(r).size(), 2'000'000u);
}

TEST(HtmlReport, FiguresOfOddEvidenceAreLeftOutOrWhole) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double x : {0.0, -1.0, 1e-300, 1e300, std::nan(""), infinity, -infinity}) {
    auto r = run(1, {"baseline", "online"});
    for (auto* place : {&r.evidence[0].flops, &r.evidence[0].bytes, &r.evidence[0].ceilings.flops,
                        &r.evidence[0].ceilings.bytes, &r.evidence[0].variants[1].samples[0].seconds,
                        &r.verdicts[0].variants[1].speedup, &r.verdicts[0].variants[1].speedup_interval.lo,
                        &r.verdicts[0].variants[1].speedup_interval.hi, &r.verdicts[0].variants[1].median_seconds}) {
      const double before = *place;
      *place = x;
      const auto figures =
          speedup_figure(r) + samples_figure(r.evidence[0], 72) + roofline_figure(r.evidence[0], &r.verdicts[0]);
      EXPECT_EQ(unbalanced(figures), "");
      EXPECT_THAT(figures, Not(HasSubstr("nan")));
      EXPECT_LT(figures.size(), 100'000u);
      *place = before;
    }
  }
  auto none = run(1, {"baseline"});
  EXPECT_EQ(speedup_figure(none), "");
  none.evidence[0].variants[0].samples.clear();
  EXPECT_EQ(samples_figure(none.evidence[0], 72), "");
  none.evidence[0].flops = 0;
  EXPECT_EQ(roofline_figure(none.evidence[0], &none.verdicts[0]), "");
}

}  // namespace
}  // namespace aisp::analysis
