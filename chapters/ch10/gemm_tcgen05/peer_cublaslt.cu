// Peer: cuBLASLt, as for ch09:gemm_bf16.
#include "../../ch09/gemm_bf16/peer_cublaslt.cu"
