// Peer of ch12:work_queue: the same tasks through oneTBB's parallel_for, which splits ranges on demand and steals. It
// is built here and not beside the pair, as it needs the library's headers.
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <aisp/variant.hpp>

#include "../../chapters/ch12/work_queue/smooth.hpp"

namespace {

class OneTbb {
 public:
  explicit OneTbb(const aisp::Setup&) {}
  void operator()(aisp::Vector<const float> values, aisp::Vector<const std::int32_t> offsets, aisp::Vector<float> y) {
    arena_.execute([&] {
      tbb::parallel_for(tbb::blocked_range<std::int64_t>(0, y.size()), [&](const auto& tasks) {
        for (auto t = tasks.begin(); t != tasks.end(); ++t) y[t] = ch12::smooth(values, offsets, t);
      });
    });
  }

 private:
  tbb::task_arena arena_{2};
};

}  // namespace

AISP_VARIANT(OneTbb, .about = "tbb::parallel_for", .threads = 2);
