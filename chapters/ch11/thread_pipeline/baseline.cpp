// Baseline: a record is decoded, then filtered, then comes the next. What binds it: decoding waits for itself in every
// byte and leaves the arithmetic units idle; filtering leaves everything else idle.
#include <aisp/variant.hpp>

#include <vector>

#include "decode.hpp"
#include "filter.hpp"

namespace {

class InTurns {
 public:
  explicit InTurns(const aisp::Setup& setup) : x_(static_cast<std::size_t>(setup.shape("w")[0])) {}
  void operator()(aisp::Matrix<const std::uint8_t> packed, aisp::Matrix<const float> w, aisp::Matrix<float> y) {
    for (std::int64_t r = 0; r < packed.dim(0); ++r) {
      ch11::decode(&packed(r, 0), packed.dim(1), x_.data(), w.dim(0));
      ch11::filter(x_.data(), w, &y(r, 0));
    }
  }

 private:
  std::vector<float> x_;
};

}  // namespace

AISP_VARIANT(InTurns, .about = "decode, filter, next record");
