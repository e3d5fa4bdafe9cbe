// What tests that are kernels themselves share: a fixture that skips with a reason, and vectors that go to the device
// and back.
#pragma once

#include <aisp/cuda.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace aisp::test {

// Of tests built for sm_<major>0a.
template <int major> class BuiltFor : public testing::Test {
 protected:
  void SetUp() override {
    int count = 0, has_major = 0, has_minor = 0;
    if (const auto error = cudaGetDeviceCount(&count); error != cudaSuccess || count == 0)
      GTEST_SKIP() << "no GPU: " << cudaGetErrorString(error);
    AISP_CUDA(cudaDeviceGetAttribute(&has_major, cudaDevAttrComputeCapabilityMajor, 0));
    AISP_CUDA(cudaDeviceGetAttribute(&has_minor, cudaDevAttrComputeCapabilityMinor, 0));
    if (has_major != major || has_minor != 0)
      GTEST_SKIP() << "built for sm_" << major << "0a, the GPU is sm_" << has_major << has_minor;
  }
};

template <class T> DeviceBuffer<T> on_device(const std::vector<T>& values) {
  DeviceBuffer<T> buffer(static_cast<std::int64_t>(values.size()));
  AISP_CUDA(cudaMemcpy(buffer.get(), values.data(), values.size() * sizeof(T), cudaMemcpyHostToDevice));
  return buffer;
}
template <class T> std::vector<T> on_host(const DeviceBuffer<T>& buffer) {
  std::vector<T> values(static_cast<std::size_t>(buffer.size()));
  AISP_CUDA(cudaDeviceSynchronize());
  AISP_CUDA(cudaMemcpy(values.data(), buffer.get(), values.size() * sizeof(T), cudaMemcpyDeviceToHost));
  return values;
}
// 0, 1, … 250, 0, 1, …: exact in every type.
template <class T> std::vector<T> counting(std::size_t n) {
  std::vector<T> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<T>(static_cast<float>(i % 251));
  return values;
}

}  // namespace aisp::test
