// Variants for a mask that is data: block lists are made in bind, where the constant `document` is real.
#pragma once

#include "../attention_ping_pong.hpp"

namespace attention {

using Ids = aisp::Vector<const std::int32_t>;

template <Lists lists> class WithinDocuments {
 public:
  explicit WithinDocuments(const aisp::Setup& setup) : attention_(setup), shape_(setup.shape("q")) {}
  void bind(aisp::Slot slot, Ids document, Input q, Input k, Input v, Output o) {
    attention_.bind(slot, q, k, v, o);
    std::vector<std::int32_t> id(static_cast<std::size_t>(document.size()));
    AISP_CUDA(cudaMemcpy(id.data(), document.data, sizeof(std::int32_t) * id.size(), cudaMemcpyDeviceToHost));
    if (id == planned_) return;
    plan_ =
        Plan(shape_[0], shape_[1], shape_[2], attention_.rows_of(shape_[2]), Documents<std::int32_t>{id.data()}, lists);
    planned_ = std::move(id);
  }
  void operator()(aisp::Slot slot, Ids document, Input q, Input, Input, Output) const {
    attention_(slot, q, plan_, Documents<std::int32_t>{document.data});
  }

 private:
  ping_pong::Attention<Documents<std::int32_t>> attention_;
  std::vector<std::int64_t> shape_;
  std::vector<std::int32_t> planned_;  // the constant is the same for all slots
  Plan plan_;
};

}  // namespace attention
