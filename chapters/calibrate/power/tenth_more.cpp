#include <aisp/variant.hpp>

#include "horner.hpp"

namespace {

void tenth_more(aisp::Vector<const float> x, aisp::Vector<float> y) {
  horner(x.data, y.data, x.size() / 10);
  asm volatile("" ::: "memory");  // the first tenth is not dead
  horner(x.data, y.data, x.size());
}

}  // namespace

AISP_VARIANT(tenth_more, .about = "Horner's rule, a tenth of the elements twice");
