// cuDNN as a peer: softmax(q·kᵀ / √dim)·v as a graph of operations, which its engines fuse into one kernel. The
// operations and their order are those that its documentation gives for attention ("Scaled Dot Product Attention"):
// other orders are not recognised.
#pragma once

#include <aisp/cuda.hpp>

#if __has_include(<cudnn_graph.h>)
#include <aisp/cuda/cudnn.hpp>
#endif

#include <cmath>
#include <limits>
#include <memory>
#include <vector>

namespace attention {

#if __has_include(<cudnn_graph.h>)

template <bool causal> class CudnnAttention {
 public:
  using Input = aisp::Tensor<const __nv_bfloat16, 3>;
  using Output = aisp::Tensor<__nv_bfloat16, 3>;
  using Graph = aisp::cuda::CudnnGraph;

  explicit CudnnAttention(const aisp::Setup& setup)
      : graph_(cudnn_), packs_(static_cast<std::size_t>(setup.max_slots())) {
    const auto shape = setup.shape("q");
    const std::int64_t heads = shape[0], tokens = shape[1], dim = shape[2];
    scale_value_ = 1 / std::sqrt(static_cast<float>(dim));
    const Graph::Four rows{heads * tokens * dim, tokens * dim, dim, 1},
        across{heads * tokens * dim, tokens * dim, 1, dim};
    const Graph::Four pairs{1, heads, tokens, tokens}, of_row{1, heads, tokens, 1};
    const auto between = [&] { return graph_.between(CUDNN_DATA_FLOAT, pairs); };
    q_ = graph_.tensor(CUDNN_DATA_BFLOAT16, {1, heads, tokens, dim}, rows);
    k_ = graph_.tensor(CUDNN_DATA_BFLOAT16, {1, heads, dim, tokens}, across);
    v_ = graph_.tensor(CUDNN_DATA_BFLOAT16, {1, heads, tokens, dim}, rows);
    o_ = graph_.tensor(CUDNN_DATA_BFLOAT16, {1, heads, tokens, dim}, rows);
    scale_ = graph_.number();
    auto scores = between();
    graph_.multiply(q_, k_, scores);
    const auto scaled = between();
    graph_.pointwise(CUDNN_POINTWISE_MUL, scores, &scale_, scaled);
    scores = scaled;
    if constexpr (causal) {
      hidden_ = graph_.number();
      const auto row = graph_.between(CUDNN_DATA_INT32, pairs), column = graph_.between(CUDNN_DATA_INT32, pairs);
      const auto seen = graph_.between(CUDNN_DATA_BOOLEAN, pairs), masked = between();
      graph_.pointwise(CUDNN_POINTWISE_GEN_INDEX, scores, nullptr, row, nullptr, 2, CUDNN_DATA_INT32);
      graph_.pointwise(CUDNN_POINTWISE_GEN_INDEX, scores, nullptr, column, nullptr, 3, CUDNN_DATA_INT32);
      graph_.pointwise(CUDNN_POINTWISE_CMP_GE, row, &column, seen, nullptr, -1, CUDNN_DATA_BOOLEAN);
      graph_.pointwise(CUDNN_POINTWISE_BINARY_SELECT, scores, &hidden_, masked, &seen);
      scores = masked;
    }
    const auto top = graph_.between(CUDNN_DATA_FLOAT, of_row), sum = graph_.between(CUDNN_DATA_FLOAT, of_row);
    const auto below = between(), weights = between(), shares = graph_.between(CUDNN_DATA_BFLOAT16, pairs);
    graph_.reduce(CUDNN_REDUCE_TENSOR_MAX, scores, top);
    graph_.pointwise(CUDNN_POINTWISE_SUB, scores, &top, below);
    graph_.pointwise(CUDNN_POINTWISE_EXP, below, nullptr, weights);
    graph_.reduce(CUDNN_REDUCE_TENSOR_ADD, weights, sum);
    // Only with the statistics for a backward pass does an engine take the scaled or masked graph (cuDNN 9.19).
    const auto log = graph_.between(CUDNN_DATA_FLOAT, of_row);
    statistics_ = graph_.tensor(CUDNN_DATA_FLOAT, of_row, {heads * tokens, tokens, 1, 1});
    statistics_value_ = aisp::DeviceBuffer<float>(heads * tokens);
    graph_.pointwise(CUDNN_POINTWISE_LOG, sum, nullptr, log);
    graph_.pointwise(CUDNN_POINTWISE_ADD, top, &log, statistics_);
    graph_.pointwise(CUDNN_POINTWISE_DIV, weights, &sum, shares);
    graph_.multiply(shares, v_, o_);
    graph_.build();
  }
  void bind(aisp::Slot slot, Input q, Input k, Input v, Output o) {
    const auto pointer = [](auto& t) { return const_cast<__nv_bfloat16*>(t.data); };
    std::vector<std::pair<Graph::Tensor, void*>> where{{q_, pointer(q)},        {k_, pointer(k)},
                                                       {v_, pointer(v)},        {o_, pointer(o)},
                                                       {scale_, &scale_value_}, {statistics_, statistics_value_.get()}};
    if constexpr (causal) where.emplace_back(hidden_, &hidden_value_);
    packs_[static_cast<std::size_t>(slot.index)] = std::make_unique<Graph::Pack>(graph_.pack(where));
  }
  void operator()(aisp::Slot slot, Input, Input, Input, Output) const {
    graph_.run(*packs_[static_cast<std::size_t>(slot.index)], aisp::stream(slot));
  }

 private:
  aisp::cuda::Cudnn cudnn_;
  Graph graph_;
  Graph::Tensor q_{}, k_{}, v_{}, o_{}, scale_{}, hidden_{}, statistics_{};
  float scale_value_ = 0, hidden_value_ = std::numeric_limits<float>::lowest();
  aisp::DeviceBuffer<float> statistics_value_;
  std::vector<std::unique_ptr<Graph::Pack>> packs_;  // one for each slot
};

#else

template <bool> class CudnnAttention {
 public:
  using Input = aisp::Tensor<const __nv_bfloat16, 3>;
  explicit CudnnAttention(const aisp::Setup&) { throw std::runtime_error("built without the headers of cuDNN 9"); }
  void operator()(Input, Input, Input, aisp::Tensor<__nv_bfloat16, 3>) const {}
};

#endif

}  // namespace attention
