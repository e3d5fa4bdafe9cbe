// The function that timing_agreement times in three ways: a polynomial of each of some numbers.
#include <aisp/variant.hpp>

namespace {

class Polynomial {
 public:
  explicit Polynomial(const aisp::Setup& setup) : degree_(setup.param("degree")) {}

  void operator()(aisp::Vector<const float> x, aisp::Vector<float> y) const {
    for (std::int64_t i = 0; i < x.size(); ++i) {
      float value = 1;
      for (std::int64_t k = 0; k < degree_; ++k) value = value * x[i] + 1;
      y[i] = value;
    }
  }

 private:
  std::int64_t degree_;
};

}  // namespace

AISP_VARIANT(Polynomial, .about = "Horner's rule");
