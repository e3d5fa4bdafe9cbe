// Peer: cuBLAS's product in FP32, without tensor cores.
#include <aisp/cuda/cublas.hpp>

AISP_VARIANT(aisp::cuda::CuBlasProduct<>, .about = "cublasGemmEx, FP32");
