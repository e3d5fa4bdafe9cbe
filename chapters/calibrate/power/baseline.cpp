#include <aisp/variant.hpp>

#include "horner.hpp"

namespace {

void once(aisp::Vector<const float> x, aisp::Vector<float> y) { horner(x.data, y.data, x.size()); }

}  // namespace

AISP_VARIANT(once, .about = "Horner's rule");
