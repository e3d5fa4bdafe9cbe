// Who comes into the quarantine, who stays, who leaves; and the other small stores of this family.
#include "record/quarantine.hpp"

#include "record/store_error.hpp"
#include "verify/cases.hpp"
#include "verify/golden.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

using namespace aisp;
using namespace aisp::record;

namespace {

model::TargetVerdict verdict(bool violated, bool correct = true) {
  model::TargetVerdict v;
  v.target = "ch09:softmax";
  v.variants.resize(2);
  v.variants[0].name = "baseline";
  v.variants[1].name = "online";
  v.variants[0].correct = true;
  v.variants[1].correct = correct;
  if (violated) v.violations.push_back({"output.nan", "online", "1 of 3", "none", "look"});
  return v;
}

}  // namespace

TEST(Quarantine, ComesStaysAndLeaves) {
  Quarantine q;
  EXPECT_TRUE(update(q, verdict(false), "cpu", "r0", "t0").came.empty());
  EXPECT_EQ(update(q, verdict(true), "cpu", "r1", "t1").came.size(), 1u);
  EXPECT_EQ(update(q, verdict(true), "cpu", "r2", "t2").came.size(), 0u);
  ASSERT_EQ(q.variants.size(), 1u);
  EXPECT_EQ(q.variants[0].since, "t1");
  EXPECT_EQ(q.variants[0].run, "r1");
  EXPECT_EQ(q.variants[0].last_run, "r2");
  EXPECT_EQ(q.variants[0].runs, 2);
  EXPECT_TRUE(update(q, verdict(false, false), "cpu", "r3", "t3").left.empty()) << "wrong output lets nobody go";
  EXPECT_TRUE(update(q, verdict(false), "cuda", "r4", "t4").left.empty()) << "another device";
  EXPECT_EQ(update(q, verdict(false), "cpu", "r5", "t5").left.size(), 1u);
  EXPECT_TRUE(q.variants.empty());
}

TEST(Quarantine, IsStoredAndDamageIsOneLine) {
  const auto folder = std::filesystem::temp_directory_path() / ("aisp-quarantine-" + std::to_string(getpid()));
  EXPECT_TRUE(load_quarantine(folder).variants.empty());
  Quarantine q;
  update(q, verdict(true), "cpu", "r1", "t1");
  save_quarantine(folder, q);
  const auto again = load_quarantine(folder);
  EXPECT_EQ(to_json(again), to_json(q));
  for (const char* text : {"", "[]", "{}", R"({"schema":2,"variants":[]})", R"({"schema":1,"variants":[{}]})",
                           R"({"schema":1,"variants":[{"runs":0}]})"}) {
    std::ofstream(folder / "quarantine.json") << text;
    EXPECT_THROW(load_quarantine(folder), StoreError) << text;
  }
  std::filesystem::remove_all(folder);
}

namespace {

double factor = 2;

void declare(Workload& w) {
  w.about("y = 2x");
  const auto n = w.param("n", {.light = 100, .full = 100, .held_out = {50, 90}});
  w.input("x", f32, {n}, normal(3, 1));
  w.output("y", f32, {n});
  w.reference([=](Case& c) {
    for (std::int64_t i = 0; i < n; ++i) c.out<1>("y")[i] = factor * c.in<1>("x")[i];
  });
}

}  // namespace

TEST(Golden, NoticesAChangedReference) {
  const WorkloadEntry entry{"test:golden", &declare};
  const auto kept = verify::parse_golden("# kept\n" + verify::to_text(verify::golden_of(entry)));
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_GT(kept[0].norm, 0);
  EXPECT_EQ(verify::golden_difference(kept[0], verify::golden_of(entry)[0]), "");
  factor = 2.00001;
  const auto changed = verify::golden_difference(kept[0], verify::golden_of(entry)[0]);
  factor = 2;
  EXPECT_THAT(changed, testing::HasSubstr("output 'y'"));
  for (const char* text : {"a", "a b 1 2 3", "a b 1 2 3 x", "a b 1 2 3 4 5", "a b 1e 2 3 4"})
    EXPECT_THROW(verify::parse_golden(text), std::runtime_error) << text;
}
