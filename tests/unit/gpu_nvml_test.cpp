// NVML's answers become facts and states: from a table of functions that answer as recorded from an H200, and as
// drivers that refuse, lack functions or list more processes than were asked for.
#include "device/gpu/nvml.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <cstring>
#include <limits>

#if __has_include(<nvml.h>)
#include <nvml.h>
static_assert(sizeof(nvmlProcessInfo_t) == sizeof(aisp::device::nvml::ProcessInfo));
static_assert(sizeof(nvmlMemory_t) == sizeof(aisp::device::nvml::Memory));
static_assert(sizeof(nvmlPciInfo_t) == sizeof(aisp::device::nvml::PciInfo));
static_assert(NVML_CLOCK_SM == 1 && NVML_CLOCK_MEM == 2 && NVML_ERROR_INSUFFICIENT_SIZE == 7);
#endif

namespace aisp::device::nvml {
namespace {
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Return kNotSupported = 3;
unsigned processes_there = 1;

Device device_of(unsigned index) { return reinterpret_cast<Device>(static_cast<std::uintptr_t>(index + 1)); }

template <class T> Return give(T* into, std::type_identity_t<T> value) {
  *into = value;
  return kSuccess;
}
Return give(char* into, unsigned size, const char* text) {
  std::snprintf(into, size, "%s", text);
  return kSuccess;
}

// One H200 under a matrix product, as its driver answered.
Api h200() {
  Api a{};
  a.driver_version = [](char* s, unsigned n) { return give(s, n, "580.95.05"); };
  a.cuda_version = [](int* v) { return give(v, 13000); };
  a.count = [](unsigned* n) { return give(n, 1); };
  a.handle = [](unsigned i, Device* d) { return i == 0 ? give(d, device_of(i)) : 2; };
  a.name = [](Device, char* s, unsigned n) { return give(s, n, "NVIDIA H200"); };
  a.uuid = [](Device, char* s, unsigned n) { return give(s, n, "GPU-00000000-1111-2222-3333-444444444444"); };
  a.pci_info = [](Device, PciInfo* p) {
    *p = {};
    std::strcpy(p->busId, "00000000:04:00.0");
    return kSuccess;
  };
  a.memory = [](Device, Memory* m) { return give(m, {150754820096, 150000000000, 754820096}); };
  a.compute_capability = [](Device, int* major, int* minor) { return give(major, 9), give(minor, 0); };
  a.clock = [](Device, int which, unsigned* mhz) { return give(mhz, which == kClockSm ? 1470 : 3201); };
  a.max_clock = [](Device, int which, unsigned* mhz) { return give(mhz, which == kClockSm ? 1980 : 3201); };
  a.power = [](Device, unsigned* mw) { return give(mw, 698500); };
  a.power_limit = [](Device, unsigned* mw) { return give(mw, 700000); };
  a.default_power_limit = [](Device, unsigned* mw) { return give(mw, 700000); };
  a.temperature = [](Device, int sensor, unsigned* c) { return sensor == 0 ? give(c, 61) : 2; };
  a.throttle_reasons = [](Device, unsigned long long* mask) { return give(mask, 0x4); };
  a.ecc_mode = [](Device, int* now, int* later) { return give(now, 1), give(later, 1); };
  a.ecc_errors = [](Device, int type, int, unsigned long long* n) { return give(n, type == 1 ? 0 : 2); };
  a.pcie_generation = a.max_pcie_generation = [](Device, unsigned* g) { return give(g, 5); };
  a.pcie_width = a.max_pcie_width = [](Device, unsigned* w) { return give(w, 16); };
  a.nvlink_state = [](Device, unsigned link, int* up) { return link < 18 ? give(up, 1) : 2; };
  a.mig_mode = [](Device, unsigned* now, unsigned* later) { return give(now, 0), give(later, 0); };
  a.compute_mode = [](Device, int* mode) { return give(mode, 0); };
  a.persistence = [](Device, int* on) { return give(on, 1); };
  a.utilization = [](Device, Utilization* u) { return give(u, {97, 40}); };
  a.processes = [](Device, unsigned* n, ProcessInfo* list) {
    const bool fits = *n >= processes_there;
    const unsigned room = *n;
    *n = processes_there;
    if (!fits) return kInsufficientSize;
    for (unsigned i = 0; i < processes_there && i < room; ++i)
      list[i] = {1000 + i, i == 0 ? 740000000ull : std::numeric_limits<unsigned long long>::max(), 0, 0};
    return kSuccess;
  };
  return a;
}

TEST(GpuNvml, AnH200AsRecorded) {
  const auto list = facts(h200());
  ASSERT_EQ(list.gpus.size(), 1u);
  EXPECT_EQ(list.why_absent, "");
  const auto& f = list.gpus.front();
  EXPECT_EQ(f.name, "NVIDIA H200");
  EXPECT_EQ(f.driver, "580.95.05");
  EXPECT_EQ(f.driver_cuda, "13.0");
  EXPECT_EQ(f.pci_bus_id, "00000000:04:00.0");
  EXPECT_EQ(f.compute_major * 10 + f.compute_minor, 90);
  EXPECT_EQ(f.memory_bytes, 150754820096u);
  EXPECT_EQ(f.max_sm_mhz, 1980);
  EXPECT_EQ(f.max_memory_mhz, 3201);
  EXPECT_EQ(f.default_power_limit_watts, 700);
  EXPECT_EQ(f.max_pcie_generation, 5);
  EXPECT_EQ(f.max_pcie_width, 16);
  EXPECT_EQ(f.nvlinks_active, 18);
  EXPECT_EQ(f.ecc, "on");
  EXPECT_EQ(f.mig, "off");
  EXPECT_EQ(f.persistence, "on");
  EXPECT_EQ(f.compute_mode, "default");
  EXPECT_EQ(gpu_key(f), "nvidia-h200-151gb");
  EXPECT_EQ(gpu_at(list, "0000:04:00.0"), &f);
  EXPECT_EQ(gpu_at(list, "0000:05:00.0"), nullptr);

  const auto s = state(h200(), 0);
  ASSERT_TRUE(s);
  EXPECT_EQ(s->sm_mhz, 1470);
  EXPECT_EQ(s->memory_mhz, 3201);
  EXPECT_DOUBLE_EQ(s->watts, 698.5);
  EXPECT_DOUBLE_EQ(s->power_limit_watts, 700);
  EXPECT_EQ(s->celsius, 61);
  EXPECT_THAT(s->throttle_reasons, ElementsAre("sw_power_cap"));
  EXPECT_EQ(s->ecc_uncorrected, 0);
  EXPECT_EQ(s->ecc_corrected, 2);
  EXPECT_DOUBLE_EQ(s->utilization, 0.97);
  EXPECT_EQ(s->memory_used_bytes, 754820096u);
  ASSERT_EQ(s->processes.size(), 1u);
  EXPECT_EQ(s->processes[0].pid, 1000);
  EXPECT_EQ(s->processes[0].memory_bytes, 740000000u);
}

TEST(GpuNvml, MoreProcessesThanAskedForAreAllListed) {
  processes_there = 100;
  const auto s = state(h200(), 0);
  processes_there = 1;
  ASSERT_TRUE(s);
  ASSERT_EQ(s->processes.size(), 100u);
  EXPECT_EQ(s->processes[99].memory_bytes, 0u) << "memory that the driver does not tell is 0";
}

TEST(GpuNvml, WhatADriverLacksOrRefusesIsUnknown) {
  Api a = h200();
  a.power = nullptr, a.processes = nullptr, a.ecc_mode = nullptr, a.name = nullptr, a.nvlink_state = nullptr;
  a.mig_mode = [](Device, unsigned*, unsigned*) { return kNotSupported; };
  a.ecc_errors = [](Device, int, int, unsigned long long*) { return kNotSupported; };
  a.utilization = [](Device, Utilization*) { return kNotSupported; };
  a.compute_mode = [](Device, int* mode) { return give(mode, 99); };
  a.throttle_reasons = [](Device, unsigned long long*) { return kNotSupported; };
  const auto list = facts(a);
  ASSERT_EQ(list.gpus.size(), 1u);
  EXPECT_EQ(list.gpus[0].name, "");
  EXPECT_EQ(list.gpus[0].ecc, "");
  EXPECT_EQ(list.gpus[0].mig, "");
  EXPECT_EQ(list.gpus[0].compute_mode, "");
  EXPECT_EQ(list.gpus[0].nvlinks_active, 0);
  const auto s = state(a, 0);
  ASSERT_TRUE(s);
  EXPECT_EQ(s->watts, 0);
  EXPECT_EQ(s->ecc_uncorrected, -1);
  EXPECT_EQ(s->utilization, -1);
  EXPECT_THAT(s->throttle_reasons, IsEmpty());
  EXPECT_THAT(s->processes, IsEmpty());
}

TEST(GpuNvml, NoGpuIsSaidInOneLine) {
  Api a = h200();
  a.count = [](unsigned* n) { return give(n, 0); };
  EXPECT_NE(facts(a).why_absent, "");
  a.count = [](unsigned*) { return kNotSupported; };
  EXPECT_NE(facts(a).why_absent, "");
  a = h200();
  a.handle = [](unsigned, Device*) { return 15; };  // NVML_ERROR_GPU_IS_LOST
  EXPECT_THAT(facts(a).gpus, IsEmpty());
  EXPECT_NE(facts(a).why_absent, "");
  EXPECT_FALSE(state(a, 0));
  EXPECT_FALSE(state(h200(), -1));
  EXPECT_FALSE(state(h200(), 1));
}

TEST(GpuNvml, ThrottleReasonsHaveNames) {
  EXPECT_THAT(throttle_names(0), IsEmpty());
  EXPECT_THAT(throttle_names(0x1), ElementsAre("gpu_idle"));
  EXPECT_THAT(throttle_names(0x4 | 0x20 | 0x40),
              ElementsAre("sw_power_cap", "sw_thermal_slowdown", "hw_thermal_slowdown"));
  EXPECT_THAT(throttle_names(1ull << 40), ElementsAre("reason_40"));
}

TEST(GpuFacts, KeysHoldLettersDigitsAndDashes) {
  GpuFacts f;
  EXPECT_EQ(gpu_key(f), "unknown-0gb");
  f.name = "../etc/NVIDIA  H100 80GB HBM3", f.memory_bytes = 85'520'809'984, f.mig = "on";
  EXPECT_EQ(gpu_key(f), "etc-nvidia-h100-80gb-hbm3-86gb-mig");
  f.name = "///";
  EXPECT_EQ(gpu_key(f).find('/'), std::string::npos);
}

// Whatever machine this runs on: facts or a reason, never both or neither.
TEST(GpuFacts, OfThisMachine) {
  const auto list = gpu_facts();
  EXPECT_EQ(list.gpus.empty(), !list.why_absent.empty());
  if (list.gpus.empty()) {
    EXPECT_EQ(gpu_state(0).sm_mhz, 0);
  }
}

}  // namespace
}  // namespace aisp::device::nvml
