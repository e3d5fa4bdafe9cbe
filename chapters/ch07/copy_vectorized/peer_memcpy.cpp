// Peer: memcpy of the C library, which chooses its method by size and processor.
#include <aisp/variant.hpp>

#include <cstring>

namespace {

void library_copy(aisp::Vector<const float> x, aisp::Vector<float> y) {
  std::memcpy(y.data, x.data, static_cast<std::size_t>(y.size()) * sizeof(float));
}

}  // namespace

AISP_VARIANT(library_copy, .about = "memcpy of the C library");
