// Expected products on the device. They only feed expectations and bounds, so these may contract to fma.
#include <aisp/cuda/double_product.hpp>

#include "verify/cuda/device.hpp"
#include "verify/cuda/launch.hpp"

namespace aisp::verify::cuda {

void product(const ProductShape& s, const double* a, const double* b, double* c, double* scale, cudaStream_t stream) {
  constexpr std::int64_t most = 65535;  // products of a launch
  for (std::int64_t z = 0; z < s.batch; z += most) {
    DoubleProduct<double, double> p{.m = s.m, .n = s.n, .k = s.k};
    p.a_batch = s.m * s.k;
    p.b_batch = s.k * s.n;
    p.c_batch = s.m * s.n;
    p.a = a + z * p.a_batch;
    p.b = b + z * p.b_batch;
    p.b_row = s.b_transposed ? 1 : s.n;
    p.b_column = s.b_transposed ? s.k : 1;
    p.c = c + z * p.c_batch;
    p.scale = scale + z * p.c_batch;
    multiply_in_double(p, std::min(most, s.batch - z), stream);
    launched();
  }
}

}  // namespace aisp::verify::cuda
