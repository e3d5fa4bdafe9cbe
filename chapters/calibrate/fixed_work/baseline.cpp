// Horner's rule, element by element; the compiler vectorises it.
#include <aisp/variant.hpp>

namespace {

void horner(aisp::Vector<const float> x, aisp::Vector<float> y) {
  for (std::int64_t i = 0; i < x.size(); ++i) {
    float value = 1;
    for (int k = 0; k < 15; ++k) value = value * x[i] + 1;
    y[i] = value;
  }
}

}  // namespace

AISP_VARIANT(horner, .about = "Horner's rule");
