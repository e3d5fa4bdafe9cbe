// Baseline: blocks of 128 threads, because that is often a good size. But each block brings a book of 48 KiB, of which
// a multiprocessor holds four, so 512 threads run where 2048 could. What binds it: the latency of memory over 512
// loads.
#include "decode.hpp"

namespace {

constexpr int threads = 128;

class Guessed {
 public:
  explicit Guessed(const aisp::Setup& setup) : shared_(decode::shared_bytes(setup.param("entries"))) {
    int resident = 0;
    AISP_CUDA(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, decode::decode, threads, shared_));
    blocks_ = resident * aisp::multiprocessors();
  }
  void operator()(aisp::Slot slot, aisp::Vector<const float> book, aisp::Vector<const std::int32_t> code,
                  aisp::Vector<float> y) const {
    decode::decode<<<blocks_, threads, shared_, aisp::stream(slot)>>>(book.data, book.size(), code.data, y.data,
                                                                      y.size());
  }

 private:
  int shared_ = 0, blocks_ = 0;
};

}  // namespace

AISP_VARIANT(Guessed, .about = "128 threads a block");
