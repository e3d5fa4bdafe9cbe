// The problem of ch09:gemm_bf16, for the tensor cores of Blackwell.
#include "../../ch09/gemm_bf16/workload.cpp"
