// What is read from device code against what ptxas -v said of the same kernels, and files that lie.
#include "device/gpu/cubin.hpp"

#include "analysis/compiled_kernels.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace {

using namespace aisp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::vector<std::byte> fixture() {
  return device::content_of(AISP_SOURCE_DIR "/tests/fixtures/cubin/kernels.elf");  // see kernels.cu beside it
}

const model::CompiledKernel* find(const device::DeviceCode& unit, const std::string& name) {
  for (const auto& k : unit.kernels)
    if (k.name == name) return &k;
  return nullptr;
}

TEST(DeviceCode, SaysOfKernelsWhatPtxasSaid) {
  const auto units = device::device_code(fixture());
  ASSERT_THAT(units, SizeIs(2));
  const char* const arch[] = {"sm_90a", "sm_100a"};
  for (std::size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(arch[i]);
    ASSERT_THAT(units[i].kernels, SizeIs(4));
    for (const auto& k : units[i].kernels) EXPECT_EQ(k.arch, arch[i]);
    const auto *plain = find(units[i], "plain"), *spilling = find(units[i], "(anonymous namespace)::spilling"),
               *array = find(units[i], "local_array"), *shared = find(units[i], "shared_tile<512>");
    ASSERT_TRUE(plain && spilling && array && shared);
    EXPECT_EQ(plain->registers, 10);
    EXPECT_EQ(plain->stack_bytes + plain->spill_store_bytes + plain->local_load_bytes + plain->shared_bytes, 0);
    EXPECT_GT(plain->constant_bytes, 16) << "two pointers at least";
    EXPECT_EQ(array->constant_bytes, plain->constant_bytes + 8) << "and a third one";
    EXPECT_EQ(spilling->registers, 32);
    EXPECT_EQ(spilling->stack_bytes, 64);
    EXPECT_EQ(spilling->spill_store_bytes, 76);
    EXPECT_EQ(spilling->spill_load_bytes, 76);
    EXPECT_EQ(spilling->local_store_bytes + spilling->local_load_bytes, 0);
    EXPECT_EQ(array->registers, 32);
    EXPECT_EQ(array->stack_bytes, 128);
    EXPECT_EQ(array->spill_store_bytes + array->spill_load_bytes, 0) << "an array is no spill";
    EXPECT_EQ(array->local_store_bytes, 128);
    EXPECT_EQ(array->local_load_bytes, 8);
    EXPECT_EQ(shared->registers, 14);
    EXPECT_EQ(shared->shared_bytes, 2048);
  }
}

TEST(FunctionName, IsWhatTheSourceCallsIt) {
  EXPECT_EQ(device::function_name("_Z5scaleIfEvPKT_PS0_l"), "scale<float>");
  EXPECT_EQ(device::function_name("_ZN12_GLOBAL__N_15scaleEPf"), "(anonymous namespace)::scale");
  EXPECT_EQ(device::function_name("__nv_static_41__99721671_14_tail_launch_cu_179da950_5702__ZN4ch124jumpEPVilS1_"),
            "ch12::jump");
  EXPECT_EQ(device::function_name("plain"), "plain");
  EXPECT_EQ(device::function_name("__nv_static_1"), "__nv_static_1");
}

device::DeviceCode unit(const std::string& source, const std::string& kernel) {
  model::CompiledKernel k;
  k.name = kernel;
  return {source, {k}, ""};
}

TEST(CompiledKernels, AreThoseOfTheSource) {
  const std::vector<device::DeviceCode> units{unit("../chapters/ch06/ilp/baseline.cu", "a"),
                                              unit("../chapters/ch06/add/baseline.cu", "b"),
                                              {"../chapters/ch06/add/peer.cu", {}, ""}};
  std::string why;
  const auto of = [&](const std::string& source) {
    std::vector<std::string> names;
    for (const auto& k : device::compiled_kernels(units, source, why)) names.push_back(k.name);
    return names;
  };
  EXPECT_THAT(of("chapters/ch06/add/baseline.cu"), ElementsAre("b"));
  EXPECT_EQ(why, "");
  EXPECT_THAT(of("chapters/ch06/add/peer.cu"), ElementsAre());
  EXPECT_EQ(why, "") << "a library's kernels are not its own";
  EXPECT_THAT(of("dd/baseline.cu"), ElementsAre());
  EXPECT_THAT(why, HasSubstr("names no device code after dd/baseline.cu"));
  EXPECT_THAT(of("plugin.so"), ElementsAre("a", "b"));
}

TEST(CompiledKernels, OfASingleSourceNeedNoName) {
  std::string why;
  EXPECT_THAT(device::compiled_kernels({unit("", "a"), unit("", "a")}, "mine.cu", why), SizeIs(2));
  EXPECT_THAT(device::compiled_kernels({}, "mine.cu", why), SizeIs(0));
  EXPECT_EQ(why, "its library holds no device code");
}

TEST(DeviceCode, ThatIsCompressedIsSaidToBe) {
  auto file = fixture();
  const auto magic = std::string(
      "\x7f"
      "ELF\x02\x01\x01\x41");  // a cubin's, unlike the object's own
  const auto* text = reinterpret_cast<const char*>(file.data());
  auto first = std::search(text, text + file.size(), magic.begin(), magic.end());
  ASSERT_NE(first, text + file.size());
  file[static_cast<std::size_t>(first - text)] = std::byte{0};
  const auto units = device::device_code(file);
  ASSERT_THAT(units, SizeIs(2));
  EXPECT_THAT(units[0].unreadable, HasSubstr("compressed"));
  std::string why;
  EXPECT_THAT(device::compiled_kernels({units[0]}, "x.cu", why), SizeIs(0));
  EXPECT_THAT(why, HasSubstr("compressed"));
}

TEST(DeviceCode, FilesThatLieAreReadWithinTheirBounds) {
  const auto good = fixture();
  EXPECT_TRUE(device::device_code({}).empty());
  for (std::size_t size = 0; size < good.size(); size += 97) device::device_code(std::span(good).first(size));
  std::mt19937 random(7);
  for (int trial = 0; trial < 300; ++trial) {
    auto wild = good;
    for (int i = 0; i < 40; ++i) wild[random() % wild.size()] = static_cast<std::byte>(random());
    device::device_code(wild);
  }
}

// ------------------------------------------------------------------------------------------------------- the lint

model::CompiledKernel kernel(std::int64_t stored, std::int64_t loaded) {
  model::CompiledKernel k;
  k.name = "f", k.arch = "sm_90a", k.registers = 255, k.spill_store_bytes = stored, k.spill_load_bytes = loaded;
  return k;
}

TEST(Spills, NeedAReasonInTheSource) {
  constexpr auto kExplained = "// A kernel.\n// Spills: eight bytes, once a tile\n\nint main;\n";
  EXPECT_EQ(analysis::spill_reason(kExplained), "eight bytes, once a tile");
  for (const auto* text :
       {"", "// Spills:", "// Spills: ", "// Spills:  \n", "x // Spills: inside of a line\n", "/ Spills: x"})
    EXPECT_EQ(analysis::spill_reason(text), "") << text;

  EXPECT_EQ(analysis::spill_fault({kernel(0, 0)}, "// A kernel.\n"), "");
  EXPECT_EQ(analysis::spill_fault({}, ""), "");
  EXPECT_EQ(analysis::spill_fault({kernel(0, 0), kernel(8, 16)}, kExplained), "");
  EXPECT_THAT(analysis::spill_fault({kernel(0, 4), kernel(8, 16)}, "// A kernel.\n"),
              HasSubstr("f spills (8 B stored, 16 B loaded, sm_90a)"));
  EXPECT_THAT(analysis::spill_fault({kernel(0, 0)}, kExplained), HasSubstr("no kernel of it spills"));
  EXPECT_EQ(analysis::spill_fault({}, kExplained), "") << "nothing is known of its kernels";
}

TEST(CompiledTable, SaysWhatIsNotThereWithADash) {
  const auto row = analysis::compiled_row(kernel(0, 0));
  EXPECT_EQ(row.size(), analysis::compiled_header("kernel").size());
  EXPECT_THAT(row, ElementsAre("f", "sm_90a", "255", "–", "–", "–", "–"));
  EXPECT_EQ(analysis::compiled_row(kernel(8, 16))[5], "8 B / 16 B");
}

}  // namespace
