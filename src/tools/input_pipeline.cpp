#include "tools/input_pipeline.hpp"

#include "tools/draws.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace aisp::tools {
namespace {
using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class InputFile {
 public:
  explicit InputFile(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error("cannot read " + path.string() + ": " + std::strerror(errno));
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { ::close(fd_); }

  void read(std::int64_t offset, std::vector<unsigned char>& into) const {
    for (std::size_t done = 0; done < into.size();) {
      const auto n = ::pread(fd_, into.data() + done, into.size() - done, offset + static_cast<std::int64_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) throw std::runtime_error("the input file is shorter than it was");
      done += static_cast<std::size_t>(n);
    }
  }

 private:
  int fd_;
};

struct Buffer {
  std::int64_t batch = -1;  // what lies in it
  bool ready = false;
  std::vector<float> values;
};

// Bytes to floats around zero, then smoothed pass by pass: a decode with neighbours.
void transform(const std::vector<unsigned char>& raw, int passes, std::vector<float>& out) {
  for (std::size_t i = 0; i < raw.size(); ++i) out[i] = (static_cast<float>(raw[i]) - 127.5f) * (1 / 127.5f);
  for (int pass = 1; pass < passes; ++pass)
    for (std::size_t i = 0; i + 1 < out.size(); ++i) out[i] = 0.75f * out[i] + 0.25f * out[i + 1];
}

// A weighted sum, again and again with other weights; independent sums keep it vectorised and in one order.
double compute(const std::vector<float>& values, int passes) {
  double result = 0;
  for (int pass = 0; pass < passes; ++pass) {
    std::array<float, 16> sums{};
    const float weight = 1 + static_cast<float>(pass) * 0.001f;
    for (std::size_t i = 0; i + sums.size() <= values.size(); i += sums.size())
      for (std::size_t lane = 0; lane < sums.size(); ++lane) sums[lane] += weight * values[i + lane] * values[i + lane];
    for (const float s : sums) result += static_cast<double>(s);
  }
  return result;
}

class Pipeline {
 public:
  Pipeline(const std::filesystem::path& path, const PipelineWork& work, const PipelineShape& shape,
           const std::atomic<bool>* interrupted)
      : file_(path),
        work_(work),
        shape_(shape),
        interrupted_(interrupted),
        buffers_(static_cast<std::size_t>(shape.buffers)) {
    for (auto& b : buffers_) b.values.resize(static_cast<std::size_t>(work.elements));
  }

  PipelineTimes run() {
    std::vector<PipelineTimes> produced(static_cast<std::size_t>(shape_.workers));
    PipelineTimes total;
    const auto start = Clock::now();
    {
      std::vector<std::jthread> workers;
      for (auto& times : produced) workers.emplace_back([&, this] { produce_all(times); });
      consume_all(total);
    }
    total.seconds = since(start);
    if (failure_) std::rethrow_exception(failure_);
    for (const auto& p : produced) total.read += p.read, total.transform += p.transform;
    return total;
  }

 private:
  void produce(std::int64_t batch, std::vector<unsigned char>& raw, Buffer& buffer, PipelineTimes& times) {
    auto start = Clock::now();
    if (work_.read_delay_seconds > 0)
      std::this_thread::sleep_for(std::chrono::duration<double>(work_.read_delay_seconds));
    file_.read(batch * work_.elements, raw);
    times.read += since(start);
    start = Clock::now();
    transform(raw, work_.transform_passes, buffer.values);
    times.transform += since(start);
  }

  // A worker takes a free buffer first and then the next batch, so that the batch which the consumer waits for always
  // has a buffer.
  void produce_all(PipelineTimes& times) {
    std::vector<unsigned char> raw(static_cast<std::size_t>(work_.elements));
    try {
      for (;;) {
        Buffer* buffer = nullptr;
        {
          std::unique_lock lock(mutex_);
          changed_.wait(lock,
                        [&] { return next_ == work_.batches || failure_ || (buffer = free_buffer()) != nullptr; });
          if (next_ == work_.batches || failure_) return;
          buffer->batch = next_++;
        }
        produce(buffer->batch, raw, *buffer, times);
        const std::lock_guard lock(mutex_);
        buffer->ready = true;
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      changed_.notify_all();
    }
  }

  void consume_all(PipelineTimes& times) {
    std::vector<unsigned char> raw(static_cast<std::size_t>(work_.elements));
    for (std::int64_t batch = 0; batch < work_.batches; ++batch) {
      if (interrupted_ && *interrupted_) {
        const std::lock_guard lock(mutex_);
        failure_ = std::make_exception_ptr(std::runtime_error("interrupted"));
        changed_.notify_all();
        return;
      }
      Buffer* buffer = &buffers_.front();
      if (shape_.workers == 0) {
        produce(batch, raw, *buffer, times);
      } else {
        const auto start = Clock::now();
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return failure_ || (buffer = ready_buffer(batch)) != nullptr; });
        times.waited += since(start);
        if (failure_) return;
      }
      const auto start = Clock::now();
      times.result += compute(buffer->values, work_.compute_passes);
      times.compute += since(start);
      const std::lock_guard lock(mutex_);
      buffer->batch = -1, buffer->ready = false;
      changed_.notify_all();
    }
  }

  Buffer* free_buffer() {
    for (auto& b : buffers_)
      if (b.batch < 0) return &b;
    return nullptr;
  }
  Buffer* ready_buffer(std::int64_t batch) {
    for (auto& b : buffers_)
      if (b.batch == batch && b.ready) return &b;
    return nullptr;
  }

  const InputFile file_;
  const PipelineWork& work_;
  const PipelineShape& shape_;
  const std::atomic<bool>* interrupted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Buffer> buffers_;
  std::int64_t next_ = 0;
  std::exception_ptr failure_;
};

}  // namespace

void write_pipeline_input(const std::filesystem::path& path, const PipelineWork& work) {
  std::ofstream out(path, std::ios::binary);
  std::string chunk;
  verify::Stream random(verify::Key{7});
  for (std::uint64_t at = 0; at < work.bytes(); at += chunk.size()) {
    chunk.resize(std::min<std::uint64_t>(1 << 20, work.bytes() - at));
    for (std::size_t i = 0; i < chunk.size(); i += sizeof(std::uint64_t)) {
      const std::uint64_t word = random();
      std::memcpy(chunk.data() + i, &word, std::min(sizeof word, chunk.size() - i));
    }
    out.write(chunk.data(), static_cast<std::streamsize>(chunk.size()));
  }
  if (!out.flush()) throw std::runtime_error("cannot write " + path.string() + "; is there room?");
}

PipelineTimes run_pipeline(const std::filesystem::path& path, const PipelineWork& work, const PipelineShape& shape,
                           const std::atomic<bool>* interrupted) {
  return Pipeline(path, work, shape, interrupted).run();
}

double pipeline_bound(const PipelineWork& work, const PipelineShape& shape, const PipelineTimes& s, int cores) {
  const double produce = s.read + s.transform,
               busy = produce - work.read_delay_seconds * static_cast<double>(work.batches);
  if (shape.workers == 0) return produce + s.compute;
  const double held =
      (produce + s.compute) / shape.buffers;  // a buffer is taken from the read to the end of the computation
  return std::max({s.compute, produce / shape.workers, held, (busy + s.compute) / cores});
}

}  // namespace aisp::tools
