// The kernels that only a Hopper GPU can run, emulated on the host (tests/emulation): each of them is right at a few
// shapes that its tiles do not divide.
#include "../called.hpp"
#include "verify/cases.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace aisp {
namespace {

const std::string kPlugin = AISP_BUILD_DIR "/lib/aisp/tests/emulated.so";

struct Emulated {
  std::string target, variant;
};
void PrintTo(const Emulated& e, std::ostream* out) { *out << e.target << ' ' << e.variant; }

std::vector<Emulated> all_emulated() {
  std::vector<Emulated> all;
#if defined(AISP_HAVE_CUDA)  // whose headers the kernels include
  for (const auto* v : judge::load_plugin(kPlugin)) all.push_back({v->target, v->name});
#endif
  return all;
}

WorkloadEntry workload(const std::string& target) {
  const auto file = AISP_BUILD_DIR "/lib/aisp/workloads/" + target.substr(0, target.find(':')) + ".so";
  void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) throw std::runtime_error(dlerror());
  using List = const std::vector<WorkloadEntry>* (*)();
  for (const auto& entry : *reinterpret_cast<List>(dlsym(library, AISP_WORKLOADS_SYMBOL))())
    if (entry.target == target) return entry;
  throw std::runtime_error("no workload " + target);
}

// Held-out values near one of three sizes, which go round among the parameters.
Problem small_case(const WorkloadEntry& entry, std::size_t number) {
  static constexpr std::int64_t sizes[] = {200, 130, 330};
  return verify::declare(entry, [at = number](const std::string&, const ParamSpec& spec) mutable {
    const auto& range = spec.held_out;
    const auto most = std::min(range.hi, sizes[at++ % 3]);
    return std::max(range.lo, most / range.multiple * range.multiple);
  });
}

class EmulatedVariants : public testing::TestWithParam<Emulated> {};

TEST_P(EmulatedVariants, AreRight) {
  const auto& [target, variant] = GetParam();
  const auto entry = workload(target);
  for (std::size_t number = 0; number < 2; ++number) {
    const auto problem = small_case(entry, number);
    const Called call(kPlugin, variant, problem, number);
    EXPECT_TRUE(call.accepts(call.outputs())) << verify::describe_params(problem);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(EmulatedVariants);
INSTANTIATE_TEST_SUITE_P(All, EmulatedVariants, testing::ValuesIn(all_emulated()), [](const auto& one) {
  auto text = one.param.target + '_' + one.param.variant;
  std::replace(text.begin(), text.end(), ':', '_');
  return text;
});

}  // namespace
}  // namespace aisp
