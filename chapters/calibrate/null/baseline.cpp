// One load and one store: everything else in the measured time belongs to the judge and the worker.
#include <aisp/variant.hpp>

namespace {
void pass(aisp::Vector<const std::int64_t> x, aisp::Vector<std::int64_t> y) { y[0] = x[0]; }
}  // namespace

AISP_VARIANT(pass, .about = "one load, one store");
