// What `aisp explain` says: the lesson out of a README, the diff of two sources, what changed according to evidence.
#include "analysis/explain.hpp"
#include "analysis/diff.hpp"
#include "analysis/lesson.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

namespace aisp::analysis {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// ------------------------------------------------------------------------------------------------------------- diff

TEST(UnifiedDiff, ShowsWhatChangedWithItsContext) {
  EXPECT_THAT(unified_diff("a\nb\nc\nd\ne\nf\ng\nh\n", "a\nb\nc\nd\nE\nf\ng\nh\n", "x", "y"),
              ElementsAre("--- x", "+++ y", "@@ -2,7 +2,7 @@", " b", " c", " d", "-e", "+E", " f", " g", " h"));
  EXPECT_THAT(unified_diff("", "one\n", "x", "y"), ElementsAre("--- x", "+++ y", "@@ -0,0 +1,1 @@", "+one"));
  EXPECT_THAT(unified_diff("one\ntwo\n", "two\n", "x", "y", 0),
              ElementsAre("--- x", "+++ y", "@@ -1,1 +0,0 @@", "-one"));
  EXPECT_THAT(unified_diff("same\n", "same\n", "x", "y"), IsEmpty());
  EXPECT_THAT(unified_diff("same\n", "same", "x", "y"), IsEmpty());
}

TEST(UnifiedDiff, ChangesFarApartAreHunksOfTheirOwn) {
  const auto lines = unified_diff("a\n1\n2\n3\n4\nb\n", "A\n1\n2\n3\n4\nB\n", "x", "y", 1);
  EXPECT_THAT(lines,
              ElementsAre("--- x", "+++ y", "@@ -1,2 +1,2 @@", "-a", "+A", " 1", "@@ -5,2 +5,2 @@", " 4", "-b", "+B"));
  EXPECT_THAT(unified_diff("a\n1\n2\nb\n", "A\n1\n2\nB\n", "x", "y", 1), Contains("@@ -1,4 +1,4 @@"));
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// Applies a diff as patch(1) does, checking positions, counts and every line that it names.
std::string patched(const std::string& before, const std::vector<std::string>& diff) {
  const auto old = split(before);
  std::string out;
  std::size_t at = 0, new_line = 0;
  for (std::size_t i = 2; i < diff.size();) {
    long old_begin = 0, old_count = 0, new_begin = 0, new_count = 0;
    EXPECT_EQ(std::sscanf(diff[i].c_str(), "@@ -%ld,%ld +%ld,%ld @@", &old_begin, &old_count, &new_begin, &new_count),
              4);
    ++i;
    for (const auto end = static_cast<std::size_t>(old_count ? old_begin - 1 : old_begin); at < end; ++at, ++new_line)
      out += old.at(at) + "\n";
    EXPECT_EQ(static_cast<long>(new_line), new_count ? new_begin - 1 : new_begin);
    for (; i < diff.size() && diff[i][0] != '@'; ++i) {
      const auto line = diff[i].substr(1);
      if (diff[i][0] != '+') {
        EXPECT_EQ(old.at(at++), line);
        --old_count;
      }
      if (diff[i][0] != '-') out += line + "\n", ++new_line, --new_count;
    }
    EXPECT_EQ(old_count, 0);
    EXPECT_EQ(new_count, 0);
  }
  for (; at < old.size(); ++at) out += old[at] + "\n";
  return out;
}

TEST(UnifiedDiff, IsAPatchFromOneToTheOther) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 200; ++trial) {
    std::string a, b;
    for (auto i = random() % 30; i > 0; --i) {
      const auto line = std::string(1, static_cast<char>('a' + random() % 4)) + "\n";
      if (random() % 4) a += line;
      if (random() % 4) b += line;
    }
    const auto diff = unified_diff(a, b, "x", "y", static_cast<int>(random() % 4));
    EXPECT_EQ(patched(a, diff), b) << "from\n" << a << "to\n" << b;
  }
}

// ----------------------------------------------------------------------------------------------------------- lesson

constexpr auto kReadme = R"(# Chapter
## The pairs

| target | baseline | technique |
| --- | --- | --- |
| `ch09:softmax` | three passes | `online`: one pass |
| `ch09:softmax_long` | the same | `cluster` |

On CUDA:

| target | baseline | technique | what binds |
| --- | --- | --- | --- |
| `ch09:softmax` | a warp per row | `in_registers`: one read | memory → memory |

| target | variant | median |
| --- | --- | ---: |
| ch09:softmax | online | 1 ms |

Item outside:
- `softmax` here is no advice

## What to look at

- `softmax`, `l2norm`: bytes read
  per call.
- `softmax_long`: other.
- `rmsnorm` follows `softmax`.

On CUDA other things count:

- `softmax`: bytes read from memory.

Not an item.

## Exercises

- `softmax` as an exercise
)";

TEST(Lesson, IsTheTargetsRowAndWhatNamesIt) {
  const auto cpu = lesson_of(kReadme, "ch09:softmax", "online", "cpu");
  EXPECT_THAT(cpu.pair, ElementsAre(Pair("baseline", "three passes"), Pair("technique", "`online`: one pass")));
  EXPECT_THAT(cpu.look_at, ElementsAre("`softmax`, `l2norm`: bytes read per call.", "`rmsnorm` follows `softmax`."));
  const auto cuda = lesson_of(kReadme, "ch09:softmax", "in_registers", "cuda");
  EXPECT_THAT(cuda.pair, ElementsAre(Pair("baseline", "a warp per row"), Pair("technique", "`in_registers`: one read"),
                                     Pair("what binds", "memory → memory")));
  EXPECT_THAT(cuda.look_at, ElementsAre("`softmax`: bytes read from memory."));
  EXPECT_THAT(lesson_of(kReadme, "ch09:l2norm", "x", "cuda").look_at,
              ElementsAre("`softmax`, `l2norm`: bytes read per call."))
      << "nothing of CUDA's own";
  EXPECT_EQ(lesson_of(kReadme, "ch09:softmax", "baseline", "cpu").pair.size(), 2u)
      << "the first row when none is named";
  EXPECT_TRUE(lesson_of(kReadme, "ch09:gemm", "x", "cpu").empty());
  EXPECT_TRUE(lesson_of("", "", "", "").empty());
}

// Every optimized variant in the chapters' folders: the row of its target names it, and there is something to look at.
TEST(Lesson, IsThereForEveryVariantOfTheChapters) {
  namespace fs = std::filesystem;
  const fs::path chapters = AISP_SOURCE_DIR "/chapters";
  int variants = 0;
  for (const auto& file : fs::recursive_directory_iterator(chapters)) {
    const auto extension = file.path().extension(), name = file.path().stem();
    const auto folder = file.path().parent_path(), chapter = folder.parent_path();
    if ((extension != ".cpp" && extension != ".cu") || !fs::exists(folder / "workload.cpp")) continue;
    if (!fs::exists(chapter / "README.md")) continue;  // calibrate
    if (name == "workload" || name == "reference" || name == "baseline" || name.string().starts_with("peer_")) continue;
    std::ifstream in(chapter / "README.md");
    const std::string readme{std::istreambuf_iterator<char>(in), {}};
    const auto target = chapter.filename().string() + ':' + folder.filename().string();
    const auto lesson = lesson_of(readme, target, name.string(), extension == ".cu" ? "cuda" : "cpu");
    ++variants;
    EXPECT_FALSE(lesson.look_at.empty()) << file.path();
    const bool named = std::any_of(lesson.pair.begin(), lesson.pair.end(), [&](const auto& cell) {
      return cell.first == "technique" && cell.second.find('`' + name.string() + '`') != std::string::npos;
    });
    EXPECT_TRUE(named) << file.path();
  }
  EXPECT_GT(variants, 100);
}

// ------------------------------------------------------------------------------------------------------ explanation

struct Case {
  model::TargetEvidence e;
  model::TargetVerdict t;
};

model::CensusPhase run_phase(std::int64_t launches, std::vector<std::int64_t> grid) {
  model::CensusPhase p;
  p.name = "run", p.calls = p.seen_calls = 10;
  model::CensusKernel k;
  k.name = "(anonymous namespace)::scale", k.launches = launches, k.grid = std::move(grid), k.block = {256, 1, 1};
  k.registers = 32, k.shared_bytes = 65536;
  p.kernels = {k};
  p.streams.resize(1);
  p.busy_seconds = 8e-6, p.call_seconds = 1e-5;
  return p;
}

Case example() {
  Case c;
  c.e.target = c.t.target = "ch06:launch_overhead";
  c.e.device = "cuda", c.e.flops = 1e6, c.e.bytes = 4e6, c.e.ceilings = {6e13, 4e12, "calibration"};
  c.e.arithmetic = "f32";
  for (const auto& name : std::vector<std::string>{"baseline", "one_launch", "cublas"}) {
    model::VariantEvidence v;
    v.name = name, v.status = model::Status::ok, v.peer = name == "cublas";
    v.census.emplace();
    v.census->phases = {run_phase(name == "baseline" ? 640 : 10, {name == "baseline" ? 1 : 64, 1, 1})};
    model::CompiledKernel k;
    k.name = "(anonymous namespace)::scale", k.arch = "sm_90a", k.registers = 32;
    if (name == "baseline") k.spill_store_bytes = 12, k.spill_load_bytes = 16, k.stack_bytes = 16;
    if (name != "cublas") v.compiled_kernels = {k};
    c.e.variants.push_back(v);
    model::VariantVerdict judged;
    judged.name = name, judged.correct = true, judged.median_seconds = name == "baseline" ? 1e-4 : 1e-5;
    judged.speedup = name == "baseline" ? 0 : name == "cublas" ? 12 : 10;
    judged.speedup_interval = {9.5, 10.5}, judged.word = model::Word::fast, judged.sol = 1e-6 / judged.median_seconds;
    judged.floor_seconds = 1e-6, judged.bound = "memory";
    c.t.variants.push_back(judged);
  }
  return c;
}

TEST(Explain, NamesTheFastestOfOurs) {
  auto c = example();
  EXPECT_EQ(best_variant(c.e, c.t), "one_launch");
  c.t.variants[1].correct = false;
  EXPECT_EQ(best_variant(c.e, c.t), "");
}

TEST(Explain, SaysWhatChanged) {
  const auto c = example();
  const auto x = explain(c.e, c.t, "one_launch");
  EXPECT_EQ(x.result, "10.0× (9.50–10.5×), FAST: 100 µs → 10.0 µs a call");
  EXPECT_THAT(x.limits.at(0), HasSubstr("A call takes 1.00 µs at least"));
  EXPECT_THAT(x.limits.at(0), HasSubstr("4 TB/s (memory; ceilings: calibration)"));
  EXPECT_THAT(x.limits, Contains(HasSubstr("one_launch: 10.0 µs")));
  EXPECT_THAT(x.changed, Contains("64 times fewer kernel launches (64 → 1 a call)"));
  EXPECT_THAT(x.changed, Not(Contains(HasSubstr("thread blocks")))) << "64 blocks in both";
  EXPECT_THAT(x.kernels,
              Contains(HasSubstr("baseline: scale (sm_90a), 32 registers a thread, 16 B of stack, spills 12 B "
                                 "stored and 16 B loaded; launched as 1×1×1 blocks of 256×1×1 threads with 64.0 KiB")));
  EXPECT_THAT(x.kernels, Contains(HasSubstr("one_launch: scale (sm_90a), 32 registers a thread, no spills")));
  EXPECT_THAT(x.remarks, IsEmpty());
}

TEST(Explain, KernelsAreThoseThatWereLaunched) {
  auto c = example();
  auto& ours = c.e.variants[1];
  ours.census->phases[0].kernels[0].shared_bytes = 0;
  for (const char* name : {"scale<64>", "scale<128>"}) {
    ours.compiled_kernels.push_back(ours.compiled_kernels[0]);
    ours.compiled_kernels.back().name = name;
  }
  const auto x = explain(c.e, c.t, "one_launch");
  EXPECT_THAT(x.kernels, Contains("one_launch: scale (sm_90a), 32 registers a thread, no spills; launched as 64×1×1 "
                                  "blocks of 256×1×1 threads"))
      << "no shared memory";
  EXPECT_THAT(x.kernels, Contains("one_launch: 2 more in its library, not launched at this size"));
  EXPECT_THAT(x.kernels, Not(Contains(HasSubstr("scale<64>"))));
  EXPECT_THAT(
      explain(c.e, c.t, "cublas").kernels,
      Contains("cublas: scale, 32 registers a thread; launched as 64×1×1 blocks of 256×1×1 threads with 64.0 KiB "
               "of shared memory"))
      << "a library's own kernel";
  ours.census->phases[0].other_launches = 1;  // which kernels those are is not known
  EXPECT_THAT(explain(c.e, c.t, "one_launch").kernels, Contains(HasSubstr("scale<64>")));
}

TEST(Explain, DoesNotCompareWhatTheCensusDidNotSee) {
  auto c = example();
  EXPECT_THAT(explain(c.e, c.t, "one_launch").changed, Contains(HasSubstr("the device works 8.00 µs")));
  auto& run = c.e.variants[1].census->phases[0];
  run.kernels[0].total_seconds = 100e-6;  // of ten calls, whose busy time would be 80 µs
  EXPECT_THAT(explain(c.e, c.t, "one_launch").changed, Contains(HasSubstr("the device works")));
  run.kernels[0].total_seconds = 5e-3;  // as in a graph's loop, whose body is not in the recorded calls
  EXPECT_THAT(explain(c.e, c.t, "one_launch").changed, Not(Contains(HasSubstr("the device works"))));
  run.device_launch_modules = 1;
  const auto x = explain(c.e, c.t, "one_launch");
  EXPECT_THAT(x.changed, Not(Contains(HasSubstr("kernel launches"))));
  EXPECT_THAT(x.remarks, Contains(HasSubstr("kernels of one_launch launch kernels, which no census follows")));
}

TEST(Explain, FloorOfArithmeticHasAPrefix) {
  auto c = example();
  c.e.flops = 1.0995e12;
  EXPECT_THAT(explain(c.e, c.t, "one_launch").limits.at(0), HasSubstr("1.1 TFLOP at 60 TFLOP/s"));
}

TEST(Explain, SaysWhatIsMissingAndWhatIsWrong) {
  auto c = example();
  c.e.variants[1].census.reset(), c.e.variants[1].census_absent = "no CUPTI here";
  c.e.variants[1].compiled_kernels.clear(),
      c.e.variants[1].compiled_kernels_absent = "its library holds no device code";
  c.e.ceilings = {};
  c.t.violations = {{"output.constant", "one_launch", "the same", "not", "no"}, {"x.y", "cublas", "other", "", ""}};
  c.t.variants[1].speedup = 0, c.t.variants[1].why = "withheld";
  const auto x = explain(c.e, c.t, "one_launch");
  EXPECT_EQ(x.result, "10.0 µs a call; withheld");
  EXPECT_THAT(x.limits.at(0), HasSubstr("No floor is known"));
  EXPECT_THAT(x.remarks, Contains("No census of one_launch: no CUPTI here."));
  EXPECT_THAT(x.remarks, Contains(HasSubstr("Registers and spills of one_launch are not known")));
  EXPECT_THAT(x.remarks, Contains("one_launch: output.constant: the same"));
  EXPECT_THAT(x.remarks, Not(Contains(HasSubstr("other"))));
  EXPECT_THROW(explain(c.e, c.t, "nobody"), std::invalid_argument);
}

}  // namespace
}  // namespace aisp::analysis
