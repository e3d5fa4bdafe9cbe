// How one figure is measured: ways compete in interleaved rounds, then the best one runs for the time asked, watched by
// device clock and NVML.
#pragma once

#include "device/cuda/peaks.hpp"
#include "device/cuda/runtime.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace aisp::device::cuda {

// One way to do the work. `run` queues one call on the stream and throws Error where the call is refused.
struct Way {
  std::string name;
  double work = 0;  // bytes, operations or launches of one call
  std::function<void(cudaStream_t)> run;
};

class PeakRunner {
 public:
  explicit PeakRunner(const PeakOptions&);
  ~PeakRunner();
  PeakRunner(const PeakRunner&) = delete;
  PeakRunner& operator=(const PeakRunner&) = delete;

  const PeakOptions& options() const { return options_; }
  int multiprocessors() const { return multiprocessors_; }
  int capability() const { return capability_; }  // 90 for 9.0
  std::size_t free_bytes() const;

  // A rate (work per second), or with unit "s" the time of one unit of work.
  GpuFigure measure(const std::string& name, const std::string& unit, std::vector<Way> ways);

 private:
  struct Contest;  // a way and its samples so far
  double sample(Contest&, double least_seconds);
  void screen(std::vector<Contest>&);
  void sustain(Contest&, GpuFigure&);
  double sm_mhz();

  PeakOptions options_;
  int multiprocessors_ = 0, capability_ = 0;
  int nvml_index_ = -1;
  Stream stream_;
  Event start_, stop_;
  std::function<void()> while_running_;  // called while a sample runs on the device
  struct Ticks;
  Ticks* ticks_ = nullptr;  // host memory that the clock kernel writes
};

// Device memory that frees itself.
class DeviceBuffer {
 public:
  explicit DeviceBuffer(std::size_t bytes);
  DeviceBuffer(DeviceBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  ~DeviceBuffer();
  template <class T = std::byte> T* as() const { return static_cast<T*>(data_); }
  std::size_t size() const { return size_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;
};

// Two clocks over about `nanoseconds`: SM cycles and the global timer.
void launch_clock_kernel(cudaStream_t, unsigned long long nanoseconds, unsigned long long* cycles_and_nanoseconds);

void measure_memory(PeakRunner&, std::vector<GpuFigure>&);    // copy, read, write
void measure_on_chip(PeakRunner&, std::vector<GpuFigure>&);   // l2_read, shared_read
void measure_vector(PeakRunner&, std::vector<GpuFigure>&);    // f64, f32
void measure_matrix(PeakRunner&, std::vector<GpuFigure>&);    // f64_matrix … f4
void measure_launch(PeakRunner&, std::vector<GpuFigure>&);    // launch, launch_and_wait, graph_node
void measure_transfer(PeakRunner&, std::vector<GpuFigure>&);  // h2d, d2h, p2p
std::string cublas_version();                                 // or why there is none

}  // namespace aisp::device::cuda
