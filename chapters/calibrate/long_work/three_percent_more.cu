// The same, and three steps in a hundred more that lead nowhere: what the judge must be able to see.
#include "lehmer.cuh"

namespace {

struct More : Walk {
  explicit More(const aisp::Setup& setup) : Walk(setup, 3) {}
  using Walk::operator();
};

}  // namespace

AISP_VARIANT(More, .about = "three steps in a hundred more");
