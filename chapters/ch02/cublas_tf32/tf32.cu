// TF32: the same call, allowed to round the factors to 10 bits of fraction and to use the tensor cores; inputs, outputs
// and sums stay FP32. Expected: five times the baseline or more. What binds it: the tensor cores, at half their FP16
// rate.
#include <aisp/cuda/cublas.hpp>

AISP_VARIANT(aisp::cuda::CuBlasProduct<CUBLAS_COMPUTE_32F_FAST_TF32>, .about = "cuBLAS, TF32 tensor cores");
