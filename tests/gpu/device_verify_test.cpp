// Drawing, poisoning and comparing on the device against the same on the host: the same bits, the same counts. Every
// reference.cu, and every declared product, against the reference of the host.
#include <aisp/workload.hpp>

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>

#include "device/gpu/facts.hpp"
#include "judge/space.hpp"
#include "verify/cases.hpp"
#include "verify/compare.hpp"
#include "verify/convert.hpp"

namespace aisp {
namespace {

using judge::MemorySpace;
using verify::Family;
using verify::Key;
using Bytes = std::vector<std::byte>;

constexpr DType kAll[] = {f64, f32, f16, bf16, f8e4m3, f8e5m2, i64, i32, i8, u8};

TensorSpec tensor(DType t, std::int64_t n, Distribution d, Role role = Role::fresh) {
  return {.name = "x", .role = role, .dtype = t, .shape = {n}, .distribution = std::move(d)};
}

Key key_with(const TensorSpec& spec, Family family) {
  for (std::uint64_t k = 1;; ++k)
    if (verify::family_of(spec, Key{k}) == family) return Key{k};
}

class DeviceVerify : public testing::Test {
 protected:
  void SetUp() override {
    const auto list = device::gpu_facts();
    if (list.gpus.empty()) GTEST_SKIP() << list.why_absent;
    try {
      space_ = &judge::memory_space(kDLCUDA);
    } catch (const std::exception& e) {
      GTEST_SKIP() << e.what();
    }
  }
  MemorySpace& space() { return *space_; }
  MemorySpace& host() { return judge::memory_space(kDLCPU); }

  struct Held {
    MemorySpace::Block block;
    std::size_t size = 0;
    std::span<std::byte> bytes() const { return {block.get(), size}; }
  };
  Held hold(std::size_t size) { return {space().allocate(size), size}; }
  Held hold(const Bytes& bytes) {
    auto held = hold(bytes.size());
    space().copy(held.bytes(), bytes);
    return held;
  }
  Bytes fetched(const Held& held) {
    Bytes bytes(held.size);
    space().copy(bytes, held.bytes());
    return bytes;
  }

 private:
  MemorySpace* space_ = nullptr;
};

TEST_F(DeviceVerify, DrawsTheBitsOfTheHost) {
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  const std::pair<const char*, Distribution> distributions[] = {
      {"uniform", mixed(uniform(-1, 3))},
      {"positive uniform", mixed(uniform(0.5, 2))},
      {"normal", mixed(normal(0, 3))},
      {"shifted normal", normal(2, 0.5)},
      {"integers", mixed(integers(-100, 100))},
      {"far integers", mixed(integers(-kFar, kFar))},
      {"permutation", mixed(permutation())},
      {"sparse", mixed(sparse(0.1, normal(0, 1)))},
      {"sparse uniform", sparse(0.5, uniform(1, 2))},
      {"custom", custom([](std::span<double> v, Random& random) {
         for (double& x : v) x = random.uniform();
       })},
  };
  for (const auto& [name, d] : distributions)
    for (const DType t : kAll)
      for (const std::int64_t n : {1, 63, 257, 1025, 300007}) {
        const auto spec = tensor(t, n, d);
        for (int f = 0; f <= (d.mixed ? 5 : 0); ++f) {
          const Key key = key_with(spec, static_cast<Family>(f));
          Bytes want(spec.bytes());
          try {
            verify::draw(spec, key, want);
          } catch (const std::invalid_argument&) {  // a permutation that the dtype cannot hold
            EXPECT_THROW(space().draw(spec, key, {}), std::invalid_argument);
            continue;
          }
          const auto held = hold(spec.bytes());
          space().draw(spec, key, held.bytes());
          ASSERT_EQ(fetched(held), want) << name << " as " << info(t).name << ", n = " << n << ", family " << f;
        }
      }
}

TEST_F(DeviceVerify, PoisonsWithTheBitsOfTheHost) {
  for (const DType t : kAll)
    for (const std::size_t n : {1, 3, 255, 4097, 1000003}) {
      Bytes want(n * info(t).size);
      verify::poison(t, Key{9}, want);
      const auto held = hold(want.size());
      space().poison(t, Key{9}, held.bytes());
      ASSERT_EQ(fetched(held), want) << info(t).name << ", n = " << n;
    }
}

TEST_F(DeviceVerify, GuardsCountEveryDamagedByte) {
  auto held = hold(3 * 256);
  std::vector<std::span<std::byte>> zones{held.bytes().first(256), held.bytes().last(256)};
  for (const auto zone : zones) space().fill_guard(Key{3}, zone);
  Bytes want(256);
  verify::fill_guard(Key{3}, want);
  auto now = fetched(held);
  EXPECT_TRUE(std::equal(want.begin(), want.end(), now.begin()));
  EXPECT_EQ(space().damaged_guard_bytes(Key{3}, zones), 0u);
  for (const std::size_t at : {0u, 255u, 300u, 767u}) now[at] ^= std::byte{1};  // 300 is in no zone
  space().copy(held.bytes(), now);
  EXPECT_EQ(space().damaged_guard_bytes(Key{3}, zones), 3u);
}

TEST_F(DeviceVerify, EqualSeesEveryByte) {
  for (const std::size_t size : {1, 15, 16, 17, 100003}) {
    Bytes bytes(size, std::byte{5});
    const auto a = hold(bytes), b = hold(bytes);
    EXPECT_TRUE(space().equal(a.bytes(), b.bytes()));
    for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      auto changed = bytes;
      changed[at] = std::byte{6};
      space().copy(b.bytes(), changed);
      EXPECT_FALSE(space().equal(a.bytes(), b.bytes())) << size << " at " << at;
    }
  }
}

// A workload of one output whose reference is what the input says, and one whose output was there before.
Problem copy_problem(DType t, std::int64_t n, Role role, bool with_scale) {
  Problem p;
  p.target = "test:copy";
  p.tensors.push_back({.name = "x", .role = Role::fresh, .dtype = f64, .shape = {n}, .distribution = {}});
  p.tensors.push_back({.name = "y", .role = role, .dtype = t, .shape = {n}, .distribution = {}});
  p.arithmetic = is_float(t) ? t : i32;
  p.depth = 4;
  p.reference = [=](Case& c) {
    const auto x = c.in<1>("x");
    const auto y = c.out<1>("y");
    std::copy(x.begin(), x.end(), y.begin());
    if (with_scale) {
      const auto scale = c.scale<1>("y");
      for (std::int64_t i = 0; i < n; ++i) scale[i] = 1 + std::fabs(x[i]);
    }
  };
  return p;
}

void expect_same(const model::Comparison& device, const model::Comparison& host, const std::string& what) {
  EXPECT_EQ(device.elements, host.elements) << what;
  EXPECT_DOUBLE_EQ(device.max_error, host.max_error) << what;  // the host divides only where a ratio may be the largest
  EXPECT_EQ(device.wrong, host.wrong) << what;
  EXPECT_EQ(device.untouched, host.untouched) << what;
  EXPECT_EQ(device.nonfinite, host.nonfinite) << what;
  EXPECT_EQ(device.first_wrong, host.first_wrong) << what;
  EXPECT_TRUE(device.got == host.got || (std::isnan(device.got) && std::isnan(host.got))) << what;
  EXPECT_TRUE(device.expected == host.expected || (std::isnan(device.expected) && std::isnan(host.expected))) << what;
  if (std::isfinite(host.norm_error))
    EXPECT_NEAR(device.norm_error, host.norm_error, 1e-9 * host.norm_error) << what;
  else
    EXPECT_EQ(device.norm_error, host.norm_error) << what;
}

TEST_F(DeviceVerify, ComparesLikeTheHost) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const DType t : kAll)
    for (const auto role : {Role::output, Role::inout})
      for (const std::int64_t n : {1, 37, 70001}) {
        const auto p = copy_problem(t, n, role, n == 37);
        Bytes x(p.tensors[0].bytes()), before(p.tensors[1].bytes()), held(before.size());
        auto drawn = tensor(f64, n, is_float(t) ? normal(0, 1) : integers(-90, 90));
        verify::draw(drawn, Key{5}, x);
        auto* wanted = reinterpret_cast<double*>(x.data());
        verify::draw(tensor(t, n, is_float(t) ? normal(0, 1) : integers(0, 50)), Key{6}, before);
        verify::poison(t, Key{8}, held);
        if (n > 100 && is_float(t)) {  // what the expectation may hold, too
          wanted[50] = kInfinity;
          wanted[51] = std::nan("");
          wanted[52] = 1e300;
          wanted[53] = 0;
        }
        const std::size_t size = info(t).size;
        Bytes right(before.size());
        std::vector<double> clean(wanted, wanted + n);
        for (auto& v : clean)
          if (std::isnan(v)) v = 0;
        verify::round_to(t, clean.data(), n, right.data());
        const auto& old = role == Role::inout ? before : held;
        const auto put = [&](Bytes& bytes, std::int64_t i, double value) {
          verify::round_to(t, &value, 1, bytes.data() + static_cast<std::size_t>(i) * size);
        };
        std::map<std::string, Bytes> outputs{{"right", right}, {"old", old}};
        for (const std::int64_t at : {std::int64_t{0}, n / 2, n - 1}) {
          auto one = right;
          put(one, at, wanted[at] + 3);
          outputs["wrong at " + std::to_string(at)] = one;
          one = right;
          std::memcpy(&one[static_cast<std::size_t>(at) * size], &old[static_cast<std::size_t>(at) * size], size);
          outputs["untouched at " + std::to_string(at)] = one;
        }
        if (t == f32 || t == f64 || t == bf16)
          for (const unsigned top : {0x7f, 0xff}) {  // NaN and −NaN; an infinity below
            auto one = right;
            std::fill_n(&one[static_cast<std::size_t>(n / 2) * size], size, std::byte{0xff});
            one[static_cast<std::size_t>(n / 2 + 1) * size - 1] = static_cast<std::byte>(top);
            outputs["NaN " + std::to_string(top)] = one;
          }
        if (t == f32) {
          auto one = right;
          const float infinity = std::numeric_limits<float>::infinity();
          std::memcpy(&one[static_cast<std::size_t>(n - 1) * size], &infinity, size);
          outputs["infinity"] = one;
        }
        const auto on_device_x = hold(x), on_device_before = hold(before);
        const std::vector<std::span<const std::byte>> there{
            on_device_x.bytes(), role == Role::inout ? on_device_before.bytes() : std::span<std::byte>{}};
        const std::vector<std::span<const std::byte>> here{
            x, role == Role::inout ? std::span<const std::byte>(before) : std::span<const std::byte>{}};
        const auto device = space().expect(p, there, Key{1});
        const auto reference = host().expect(p, here, Key{1});
        for (auto& [name, bytes] : outputs) {
          const auto got = hold(bytes);
          const std::string what = std::string(info(t).name) + (role == Role::inout ? " inout" : "") +
                                   " n = " + std::to_string(n) + ": " + name;
          const auto mine = device->check({{}, got.bytes()}, {Key{}, Key{8}});
          const auto theirs = reference->check({{}, bytes}, {Key{}, Key{8}});
          ASSERT_EQ(mine.size(), 1u);
          expect_same(mine[0], theirs.at(0), what);
        }
      }
}

// Products beyond kFullProduct, so that the host samples where the device computes.
TEST_F(DeviceVerify, ProductsInAnyLayout) {
  struct Shape {
    std::vector<std::int64_t> a, b, c;
    bool transposed;
  };
  for (const auto& s :
       {Shape{{37, 65}, {65, 129}, {37, 129}, false}, Shape{{37, 65}, {129, 65}, {37, 129}, true},
        Shape{{3, 17, 33}, {3, 33, 70}, {3, 17, 70}, false}, Shape{{3, 17, 33}, {33, 70}, {3, 17, 70}, false},
        Shape{{300, 301}, {301, 302}, {300, 302}, false}}) {
    Problem p;
    p.target = "test:product";
    const auto add = [&](const char* name, Role role, const std::vector<std::int64_t>& shape) {
      p.tensors.push_back({.name = name, .role = role, .dtype = f32, .shape = shape, .distribution = normal(0, 1)});
    };
    add("a", Role::fresh, s.a), add("b", Role::fresh, s.b), add("c", Role::output, s.c);
    p.product = Product{.c = "c", .a = "a", .b = "b", .b_transposed = s.transposed};
    EXPECT_NO_THROW(space().prove(p, Key{4}));
  }
}

std::vector<WorkloadEntry> all_workloads() {
  std::vector<WorkloadEntry> all;
  const auto libraries = std::filesystem::canonical("/proc/self/exe").parent_path() / "../../lib/aisp/workloads";
  for (const auto& file : std::filesystem::directory_iterator(libraries)) {
    void* library = dlopen(file.path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) throw std::runtime_error(dlerror());
    using List = const std::vector<WorkloadEntry>* (*)();
    const auto list = reinterpret_cast<List>(dlsym(library, AISP_WORKLOADS_SYMBOL));
    all.insert(all.end(), list()->begin(), list()->end());
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return std::strcmp(a.target, b.target) < 0; });
  return all;
}

TEST_F(DeviceVerify, EveryDeviceReferenceAgreesWithTheHosts) {
  int references = 0;
  for (const auto& entry : all_workloads()) {
    references += entry.device_reference != nullptr;
    std::vector<Problem> cases{verify::light_case(entry)};
    if (!cases[0].device_reference && !cases[0].product) continue;
    if (cases[0].no_held_out.empty())
      for (std::uint64_t k = 0; k < 3; ++k) cases.push_back(verify::held_out_case(entry, Key{k}));
    for (auto& edge : verify::edge_cases(entry)) cases.push_back(std::move(edge));
    for (const auto& problem : cases) EXPECT_NO_THROW(space().prove(problem, Key{12}));
  }
  EXPECT_GE(references, 20);
}

TEST_F(DeviceVerify, AReferenceThatDisagreesIsNamed) {
  auto p = copy_problem(f32, 1000, Role::output, false);
  p.product.reset();
  for (const auto& entry : all_workloads())  // any that has another idea of y, or no such tensors at all
    if (entry.target == std::string("ch02:zero_copy")) p.device_reference = entry.device_reference;
  if (!p.device_reference) GTEST_SKIP() << "ch02:zero_copy has no reference.cu";
  p.tensors[0].dtype = f32;
  p.tensors[0].distribution = normal(0, 1);
  try {
    space().prove(p, Key{1});
    FAIL() << "2·x passed for x";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("test:copy: reference.cu disagrees"), std::string::npos) << e.what();
  }
}

// Not a bar: figures for whoever reads the output.
TEST_F(DeviceVerify, TimesOfOneGibibyte) {
  const std::int64_t n = 1 << 28;
  const auto seconds_of = [&](const char* what, const auto& body) {
    double best = HUGE_VAL;
    for (int i = 0; i < 4; ++i) {
      space().settle();
      const auto begin = std::chrono::steady_clock::now();
      body();
      space().settle();
      best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    std::printf("%-40s %8.3f ms\n", what, 1e3 * best);
    return best;
  };
  try {
    const auto a = hold(static_cast<std::size_t>(n) * 4), b = hold(a.size);
    for (int f = 0; f <= 5; ++f) {
      const auto spec = tensor(f32, n, mixed(normal(0, 1)));
      const Key key = key_with(spec, static_cast<Family>(f));
      seconds_of(("draw normal f32, family " + std::to_string(f)).c_str(), [&] { space().draw(spec, key, a.bytes()); });
    }
    seconds_of("draw uniform f32", [&] { space().draw(tensor(f32, n, uniform(0, 1)), Key{1}, a.bytes()); });
    seconds_of("draw normal f16, 2^29 elements",
               [&] { space().draw(tensor(f16, 2 * n, normal(0, 1)), Key{1}, a.bytes()); });
    seconds_of("draw integers i32", [&] { space().draw(tensor(i32, n, integers(0, 1000)), Key{1}, a.bytes()); });
    seconds_of("draw permutation i32", [&] { space().draw(tensor(i32, n, permutation()), Key{1}, a.bytes()); });
    seconds_of("poison f32", [&] { space().poison(f32, Key{1}, b.bytes()); });
    seconds_of("copy", [&] { space().copy(b.bytes(), a.bytes()); });
    seconds_of("equal", [&] { EXPECT_TRUE(space().equal(a.bytes(), b.bytes())); });
    seconds_of("evict 128 MiB", [&] { space().evict(128 << 20); });

    for (const auto& entry : all_workloads()) {
      if (entry.target != std::string("ch07:copy_vectorized") || !entry.device_reference) continue;
      const auto p = verify::declare(entry, [&](const std::string&, const ParamSpec&) { return n; });
      const std::vector<std::span<const std::byte>> before{a.bytes(), {}};
      space().draw(p.tensors[0], Key{1}, a.bytes());
      space().copy(b.bytes(), a.bytes());
      seconds_of("reference of copy", [&] { space().expect(p, before, Key{1}); });
      const auto expectation = space().expect(p, before, Key{1});
      seconds_of("compare", [&] { EXPECT_TRUE(expectation->check({{}, b.bytes()}, {Key{}, Key{2}}).at(0).ok()); });
      space().poison(f32, Key{2}, b.bytes());
      seconds_of("compare, all untouched", [&] {
        // All of it but the few elements that happen to be right.
        const auto seen = expectation->check({{}, b.bytes()}, {Key{}, Key{2}}).at(0);
        EXPECT_EQ(seen.untouched, seen.wrong);
        EXPECT_GT(seen.untouched, n - n / 100000);
      });
    }
    Problem p;
    p.target = "test:product";
    for (const char* name : {"a", "b", "c"})
      p.tensors.push_back({.name = name,
                           .role = *name == 'c' ? Role::output : Role::fresh,
                           .dtype = f32,
                           .shape = {4096, 4096},
                           .distribution = {}});
    p.product = Product{.c = "c", .a = "a", .b = "b"};
    const std::vector<std::span<const std::byte>> before{a.bytes().first(1 << 26), b.bytes().first(1 << 26), {}};
    seconds_of("product of 4096^3", [&] { space().expect(p, before, Key{1}); });
  } catch (const std::runtime_error& e) {
    GTEST_SKIP() << e.what();  // a GPU with less memory
  }
  space().trim();
}

}  // namespace
}  // namespace aisp
