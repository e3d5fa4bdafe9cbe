// Stands in for the CUDA parts in a build without a CUDA toolkit.
#include "judge/arena.hpp"
#include "judge/device_probe.hpp"
#include "judge/engine.hpp"

#include <stdexcept>

namespace aisp::judge {

std::unique_ptr<Arena> make_cuda_arena(Layout, verify::Key) {
  throw std::runtime_error("this aisp was built without CUDA");
}
std::unique_ptr<MemorySpace> make_cuda_space() { throw std::runtime_error("this aisp was built without CUDA"); }
std::unique_ptr<Engine> make_cuda_engine(const JudgePage&, WorkerPage&) {
  throw std::runtime_error("this aisp was built without CUDA");
}
std::unique_ptr<DeviceProbe> make_cuda_probe() { throw std::runtime_error("this aisp was built without CUDA"); }

std::string cuda_library_folders() { return {}; }

}  // namespace aisp::judge
