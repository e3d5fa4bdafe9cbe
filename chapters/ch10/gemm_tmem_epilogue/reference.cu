// The reference of workload.cpp on the device.
#include "../../ch09/gemm_epilogue/reference.cu"
