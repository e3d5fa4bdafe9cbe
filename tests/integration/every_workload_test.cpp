// Over every workload that the build knows: its baseline is right, and an output of zeros, of the mean, of an input, or
// with any one element left as it was or with another one's value, is rejected. Runs in this process: it tests the
// oracle, not the sandbox. A workload that has no baseline for the CPU is linted instead: there its reference's own
// values stand in for the baseline's. One of several ranks, which are processes, goes through the judge itself.
#include "../called.hpp"
#include "judge/judge.hpp"
#include "verify/cases.hpp"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>

namespace aisp {
namespace {

constexpr double kFar = 1.5;  // of the typical size of an element: beyond any workload's tolerance

struct Named {
  WorkloadEntry entry;
  std::string variants;  // the plugin library
};

std::vector<Named> all_workloads() {
  std::vector<Named> all;
  const std::filesystem::path libraries = AISP_BUILD_DIR "/lib/aisp/workloads";
  for (const auto& file : std::filesystem::directory_iterator(libraries)) {
    void* library = dlopen(file.path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(dlerror());
    using List = const std::vector<WorkloadEntry>* (*)();
    const auto list = reinterpret_cast<List>(dlsym(library, AISP_WORKLOADS_SYMBOL));
    for (const auto& entry : *list())
      if (std::string(entry.target).rfind("calibrate:", 0) != 0)
        all.push_back({entry, (libraries.parent_path() / "variants" / file.path().filename()).string()});
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return std::strcmp(a.entry.target, b.entry.target) < 0; });
  return all;
}

bool has_cpu_baseline(const Named& named) {
  std::string folder = named.entry.target;  // "ch09:softmax", "labs/decode:paged_gqa"
  std::replace(folder.begin(), folder.end(), ':', '/');
  const std::string root = AISP_SOURCE_DIR "/";
  return std::filesystem::exists(root + (folder.starts_with("labs/") ? "" : "chapters/") + folder + "/baseline.cpp");
}

void PrintTo(const Named& named, std::ostream* out) { *out << named.entry.target; }

// In sandboxed workers, one a rank: the baseline is right, and ranks that return at once are not.
void expect_null_ranks_rejected(const Named& named) {
  const auto scratch = std::filesystem::temp_directory_path() / ("aisp-every-workload-" + std::to_string(getpid()));
  std::filesystem::create_directories(scratch);
  judge::Settings settings;
  settings.worker = AISP_BUILD_DIR "/bin/aisp-worker";
  settings.scratch = scratch;
  settings.seed = judge::seed_from_hex("5eed");
  std::vector<judge::Contestant> contestants{{named.variants, "baseline", {}}, {"builtin:null", "null", {}}};
  for (auto& c : contestants) c.info.name = c.variant;
  const auto evidence = judge::verify_target(named.entry, contestants, settings, device::cpu_facts(), {});
  std::filesystem::remove_all(scratch);
  ASSERT_EQ(evidence.error, "");
  for (const auto& v : evidence.variants) {
    EXPECT_EQ(v.status, model::Status::ok) << v.name << ": " << v.message;
    EXPECT_GT(v.verification.calls, 0u) << v.name;
    EXPECT_EQ(v.verification.wrong_calls, v.name == "null" ? v.verification.calls : 0u) << v.name;
  }
}

class EveryWorkload : public testing::TestWithParam<Named> {};

TEST_P(EveryWorkload, AcceptsItsBaselineAndRejectsNullVariants) {
  const auto& named = GetParam();
  std::vector<Problem> cases{verify::light_case(named.entry)};
  if (cases[0].no_held_out.empty()) cases.push_back(verify::held_out_case(named.entry, verify::Key{7}));
  if (!has_cpu_baseline(named) || cases[0].ranks > 0) {
    for (const auto& problem : cases) EXPECT_THAT(verify::lint(problem, verify::Key{11}), testing::IsEmpty());
    if (has_cpu_baseline(named)) expect_null_ranks_rejected(named);
    return;
  }
  for (const auto& problem : cases) {
    const Called call(named.variants, "baseline", problem, 11);
    ASSERT_TRUE(call.accepts(call.outputs())) << "the baseline itself is rejected";
    std::mt19937_64 random(5);
    for (std::size_t t = 0; t < problem.tensors.size(); ++t) {
      const auto& spec = problem.tensors[t];
      if (!spec.writable()) continue;
      const auto rejected_with = [&](const char* what, auto change) {
        auto outputs = call.outputs();
        change(outputs[t]);
        if (outputs[t] == call.outputs()[t]) return;  // the true answer is that, at this shape
        EXPECT_FALSE(call.accepts(outputs)) << spec.name << ": " << what << " was accepted";
      };
      rejected_with("zeros", [](auto& bytes) { std::fill(bytes.begin(), bytes.end(), std::byte{0}); });
      rejected_with("the poison", [&](auto& bytes) { bytes = call.poisons()[t]; });
      rejected_with("the mean", [&](auto& bytes) {
        auto values = verify::to_doubles(spec.dtype, bytes);
        double mean = 0;
        for (double v : values) mean += v / static_cast<double>(values.size());
        std::fill(values.begin(), values.end(), mean);
        verify::round_to(spec.dtype, values.data(), spec.elements(), bytes.data());
      });
      for (std::size_t i = 0; i < problem.tensors.size(); ++i)
        if (problem.tensors[i].readable())
          rejected_with("a copy of an input", [&](auto& bytes) {
            const auto from = call.input(i);
            std::memcpy(bytes.data(), from.data(), std::min(from.size(), bytes.size()));
          });
      const auto right = verify::to_doubles(spec.dtype, call.outputs()[t]);
      double square = 0;
      for (double v : right) square += v * v;
      const double typical = std::sqrt(square / static_cast<double>(right.size()));
      const std::size_t width = info(spec.dtype).size;
      // Any single element, at the ends, at the edges of blocks, or anywhere, with the value of another one that is far
      // from it.
      std::vector<std::size_t> places{0, right.size() - 1};
      for (const std::size_t edge : {64u, 128u, 256u, 1024u, 4096u})
        if (edge < right.size()) places.insert(places.end(), {edge - 1, edge});
      for (int i = 0; i < 8; ++i) places.push_back(random() % right.size());
      for (const auto e : places) {
        std::size_t other = e;
        for (int i = 0; i < 32; ++i)
          if (const auto o = random() % right.size(); std::abs(right[o] - right[e]) > std::abs(right[other] - right[e]))
            other = o;
        if (std::abs(right[other] - right[e]) < kFar * typical) continue;
        rejected_with("the value of another element", [&](auto& bytes) {
          std::memcpy(bytes.data() + e * width, call.outputs()[t].data() + other * width, width);
        });
      }
      if (info(spec.dtype).size == 1) continue;  // a poisoned byte is right by chance once in 256
      const auto held = verify::to_doubles(spec.dtype, call.poisons()[t]);
      for (int trial = 0; trial < 8; ++trial) {
        const std::size_t e = trial == 0 ? right.size() - 1 : trial == 1 ? 0 : random() % right.size();
        if (std::abs(right[e] - held[e]) < 0.01 * typical) continue;  // by chance the poison is no wrong answer here
        rejected_with("an untouched element", [&](auto& bytes) {
          std::memcpy(bytes.data() + e * width, call.poisons()[t].data() + e * width, width);
        });
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryWorkload, testing::ValuesIn(all_workloads()), [](const auto& name) {
  std::string text = name.param.entry.target;
  std::replace_if(
      text.begin(), text.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return text;
});

}  // namespace
}  // namespace aisp
