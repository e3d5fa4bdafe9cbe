// cuda.driver_overhead: a module is compiled and loaded in every call.
// Caught: modules loaded in timed calls are counted. The twin loads its own in prepare.
#include "../attack_cuda.hpp"

namespace {
using namespace attacks;

constexpr const char* kModule = ".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry nothing() { ret; }\n";

void load_and_unload() {
  static const auto load = driver<decltype(&cuModuleLoadData)>("cuModuleLoadData");
  static const auto unload = driver<decltype(&cuModuleUnload)>("cuModuleUnload");
  CUmodule module = nullptr;
  if (load(&module, kModule) != CUDA_SUCCESS) throw std::runtime_error("cuModuleLoadData failed");
  unload(module);
}

struct twin {
  explicit twin(const aisp::Setup&) { load_and_unload(); }
  void operator()(aisp::Slot slot, In x, Out y) { launch(x, y, aisp::stream(slot)); }
};
void loads_a_module_each_call(aisp::Slot slot, In x, Out y) {
  load_and_unload();
  launch(x, y, aisp::stream(slot));
}

}  // namespace

TWIN(twin);
ATTACK(loads_a_module_each_call);
