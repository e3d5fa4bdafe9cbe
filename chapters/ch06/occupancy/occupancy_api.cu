// Occupancy API: the runtime knows the kernel's registers and shared memory and the multiprocessor's limits, and gives
// the block size that fills it: 512 threads or more share a book, and 2048 run. The kernel is the baseline's.
// Expected: two to three times the baseline. What binds it: memory latency over 2048 loads, near bandwidth.
#include "decode.hpp"

namespace {

class Occupied {
 public:
  explicit Occupied(const aisp::Setup& setup) : shared_(decode::shared_bytes(setup.param("entries"))) {
    AISP_CUDA(
        cudaOccupancyMaxPotentialBlockSize(&blocks_, &threads_, decode::decode, static_cast<std::size_t>(shared_)));
  }
  void operator()(aisp::Slot slot, aisp::Vector<const float> book, aisp::Vector<const std::int32_t> code,
                  aisp::Vector<float> y) const {
    decode::decode<<<blocks_, threads_, shared_, aisp::stream(slot)>>>(book.data, book.size(), code.data, y.data,
                                                                       y.size());
  }

 private:
  int shared_ = 0, blocks_ = 0, threads_ = 0;
};

}  // namespace

AISP_VARIANT(Occupied, .about = "block size from cudaOccupancyMaxPotentialBlockSize");
