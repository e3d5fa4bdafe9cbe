// Baseline: one launch for each sweep. The host needs some 2.7 µs to put together and hand over a launch, the device
// about one for the sweep itself, so the device waits for the host. What binds it: the rate of launches.
#include "../heat.hpp"

namespace {

class Launches {
 public:
  explicit Launches(const aisp::Setup& setup) : scratch_(2 * setup.param("n")) {}
  void operator()(aisp::Slot slot, aisp::Vector<const float> x, aisp::Vector<const float> rates,
                  aisp::Vector<float> y) const {
    ch12::launch_sweeps(aisp::stream(slot), x, rates, y, scratch_.get());
  }

 private:
  aisp::DeviceBuffer<float> scratch_;
};

}  // namespace

AISP_VARIANT(Launches, .about = "one launch for each sweep");
