// What a user is told about each way in which a GPU fails: one line, with CUDA's name for it and what to do.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#ifdef AISP_HAVE_CUDA
#include "device/cuda/runtime.hpp"

#include <string>

namespace aisp::device::cuda {
namespace {

using testing::HasSubstr;

std::string line_of(cudaError_t error) {
  try {
    check(error, "cudaMalloc(&p, 16)");
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}

TEST(CudaErrors, AreOneLineWithCallCodePlaceAndAdvice) {
  const std::pair<cudaError_t, const char*> expected[] = {
      {cudaErrorNoDevice, "no GPU is visible"},
      {cudaErrorInsufficientDriver, "update the NVIDIA driver"},
      {cudaErrorDevicesUnavailable, "the GPU is busy"},
      {cudaErrorMemoryAllocation, "device memory is full"},
      {cudaErrorECCUncorrectable, "hardware error"},
      {cudaErrorIllegalAddress, "a kernel faulted"},
      {cudaErrorNoKernelImageForDevice, "built for another GPU"},
  };
  for (const auto& [error, advice] : expected) {
    const auto line = line_of(error);
    EXPECT_THAT(line, HasSubstr("cudaMalloc(&p, 16) failed with "));
    EXPECT_THAT(line, HasSubstr(cudaGetErrorName(error)));
    EXPECT_THAT(line, HasSubstr("cuda_errors_test.cpp:"));
    EXPECT_THAT(line, HasSubstr(advice));
    EXPECT_EQ(line.find('\n'), std::string::npos);
  }
  EXPECT_EQ(line_of(cudaSuccess), "");
  EXPECT_STREQ(advice_on(cudaErrorInvalidValue), "") << "the driver's words say it all";
}

TEST(CudaErrors, DriverCodesAreTheRuntimes) {
  EXPECT_EQ(static_cast<int>(CUDA_ERROR_OUT_OF_MEMORY), static_cast<int>(cudaErrorMemoryAllocation));
  EXPECT_EQ(static_cast<int>(CUDA_ERROR_NO_DEVICE), static_cast<int>(cudaErrorNoDevice));
  EXPECT_EQ(static_cast<int>(CUDA_ERROR_ECC_UNCORRECTABLE), static_cast<int>(cudaErrorECCUncorrectable));
  EXPECT_EQ(static_cast<int>(CUDA_ERROR_ILLEGAL_ADDRESS), static_cast<int>(cudaErrorIllegalAddress));
  EXPECT_EQ(static_cast<int>(CUDA_ERROR_NO_BINARY_FOR_GPU), static_cast<int>(cudaErrorNoKernelImageForDevice));
}

}  // namespace
}  // namespace aisp::device::cuda
#else
TEST(CudaErrors, NeedABuildWithCuda) { GTEST_SKIP() << "built without CUDA"; }
#endif
