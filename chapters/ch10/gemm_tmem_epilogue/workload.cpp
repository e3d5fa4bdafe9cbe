// The problem of ch09:gemm_epilogue, for accumulators that wait in tensor memory.
#include "../../ch09/gemm_epilogue/workload.cpp"
