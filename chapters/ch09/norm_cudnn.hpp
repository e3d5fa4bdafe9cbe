// cuDNN as a peer for the norms: h = x + residual as one of its graphs, y = norm(h) as another.
#pragma once

#include <aisp/cuda.hpp>

#if __has_include(<cudnn_graph.h>)
#include <aisp/cuda/cudnn.hpp>
#endif

#include <memory>
#include <utility>
#include <vector>

namespace ch09 {

using In = aisp::Matrix<const float>;
using Out = aisp::Matrix<float>;
using Weights = aisp::Vector<const float>;

#if __has_include(<cudnn_graph.h>)

class CudnnNorm {
 public:
  CudnnNorm(const aisp::Setup& setup, cudnnBackendNormMode_t mode, bool with_bias)
      : add_(cudnn_), norm_(cudnn_), packs_(static_cast<std::size_t>(setup.max_slots())), with_bias_(with_bias) {
    const auto shape = setup.shape("x");
    const Graph::Four rows{shape[0], shape[1], 1, 1}, strides{shape[1], 1, shape[1], shape[1]};
    const Graph::Four row{1, shape[1], 1, 1};
    x_ = add_.tensor(CUDNN_DATA_FLOAT, rows, strides);
    residual_ = add_.tensor(CUDNN_DATA_FLOAT, rows, strides);
    sum_ = add_.tensor(CUDNN_DATA_FLOAT, rows, strides);
    add_.pointwise(CUDNN_POINTWISE_ADD, x_, &residual_, sum_);
    add_.build();
    h_ = norm_.tensor(CUDNN_DATA_FLOAT, rows, strides);
    weight_ = norm_.tensor(CUDNN_DATA_FLOAT, row, strides);
    if (with_bias) bias_ = norm_.tensor(CUDNN_DATA_FLOAT, row, strides);
    epsilon_ = norm_.number();
    y_ = norm_.tensor(CUDNN_DATA_FLOAT, rows, strides);
    norm_.normalize(mode, h_, weight_, with_bias ? &bias_ : nullptr, epsilon_, y_);
    norm_.build();
  }
  void bind(aisp::Slot slot, In x, In residual, Weights weight, Weights bias, Out h, Out y) {
    const auto pointer = [](const auto& t) { return const_cast<float*>(t.data); };
    std::vector<std::pair<Graph::Tensor, void*>> where{
        {h_, pointer(h)}, {weight_, pointer(weight)}, {epsilon_, &epsilon_value_}, {y_, pointer(y)}};
    if (with_bias_) where.emplace_back(bias_, pointer(bias));
    packs_[static_cast<std::size_t>(slot.index)] = std::make_unique<Packs>(
        Packs{add_.pack({{x_, pointer(x)}, {residual_, pointer(residual)}, {sum_, pointer(h)}}), norm_.pack(where)});
  }
  void operator()(aisp::Slot slot) const {
    const auto& packs = *packs_[static_cast<std::size_t>(slot.index)];
    add_.run(packs.add, aisp::stream(slot));
    norm_.run(packs.norm, aisp::stream(slot));
  }

 private:
  using Graph = aisp::cuda::CudnnGraph;
  struct Packs {
    Graph::Pack add, norm;
  };

  aisp::cuda::Cudnn cudnn_;
  Graph add_, norm_;
  Graph::Tensor x_{}, residual_{}, sum_{}, h_{}, weight_{}, bias_{}, epsilon_{}, y_{};
  float epsilon_value_ = 1e-5f;
  std::vector<std::unique_ptr<Packs>> packs_;  // one for each slot
  bool with_bias_;
};

class CudnnRmsNorm {
 public:
  explicit CudnnRmsNorm(const aisp::Setup& setup) : norm_(setup, CUDNN_RMS_NORM, false) {}
  void bind(aisp::Slot slot, In x, In residual, Weights weight, Out h, Out y) {
    norm_.bind(slot, x, residual, weight, {}, h, y);
  }
  void operator()(aisp::Slot slot, In, In, Weights, Out, Out) const { norm_(slot); }

 private:
  CudnnNorm norm_;
};

class CudnnLayerNorm {
 public:
  explicit CudnnLayerNorm(const aisp::Setup& setup) : norm_(setup, CUDNN_LAYER_NORM, true) {}
  void bind(aisp::Slot slot, In x, In residual, Weights weight, Weights bias, Out h, Out y) {
    norm_.bind(slot, x, residual, weight, bias, h, y);
  }
  void operator()(aisp::Slot slot, In, In, Weights, Weights, Out, Out) const { norm_(slot); }

 private:
  CudnnNorm norm_;
};

#else

[[noreturn]] inline void without_cudnn() { throw std::runtime_error("built without the headers of cuDNN 9"); }
struct CudnnRmsNorm {
  explicit CudnnRmsNorm(const aisp::Setup&) { without_cudnn(); }
  void operator()(In, In, Weights, Out, Out) const {}
};
struct CudnnLayerNorm {
  explicit CudnnLayerNorm(const aisp::Setup&) { without_cudnn(); }
  void operator()(In, In, Weights, Weights, Out, Out) const {}
};

#endif

}  // namespace ch09
