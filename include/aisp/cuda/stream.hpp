// Streams and events, owned: side streams are forked from the given one and joined to it by events (CUDA runtime API,
// Stream Management, Event Management).
#pragma once

#include <aisp/cuda.hpp>

namespace aisp::cuda {

// A stream of one's own, which does not wait for the default one.
class Stream {
 public:
  Stream() { AISP_CUDA(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking)); }
  // Lower numbers go first; cudaDeviceGetStreamPriorityRange gives the range.
  explicit Stream(int priority) { AISP_CUDA(cudaStreamCreateWithPriority(&stream_, cudaStreamNonBlocking, priority)); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { cudaStreamDestroy(stream_); }
  cudaStream_t get() const { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

// A point in a stream's work for other streams to wait for; takes no time stamp.
class Event {
 public:
  Event() { AISP_CUDA(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { cudaEventDestroy(event_); }

  // What `after` gets from now on waits for what `before` has got so far.
  void order(cudaStream_t before, cudaStream_t after) const {
    AISP_CUDA(cudaEventRecord(event_, before));
    AISP_CUDA(cudaStreamWaitEvent(after, event_));
  }
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace aisp::cuda
