// Peer: cuBLAS in FP32, without tensor cores: what tiles in registers, in shared memory and double buffers reach.
#include <aisp/cuda/cublas.hpp>

AISP_VARIANT(aisp::cuda::CuBlasProduct<>, .about = "cublasGemmEx, FP32");
