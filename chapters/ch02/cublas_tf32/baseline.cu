// Baseline: cuBLAS in FP32, the default: the ordinary multiply-add units, 24 bits of fraction in every product.
// What binds it: the FP32 units.
#include <aisp/cuda/cublas.hpp>

AISP_VARIANT(aisp::cuda::CuBlasProduct<CUBLAS_COMPUTE_32F>, .about = "cuBLAS, FP32");
