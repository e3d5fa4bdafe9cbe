// cuDNN's graph interface as a peer: opened at run time, so that nothing links against it. A CudnnGraph is described
// operation by operation, then made into a plan by the first engine that takes it whole (cuDNN documentation, "Graph
// API"; only its C functions are used).
#pragma once

#include <aisp/cuda.hpp>

#include <cudnn_graph.h>
#include <dlfcn.h>

#include <array>
#include <deque>
#include <memory>
#include <vector>

namespace aisp::cuda {

// The functions used here. Throws where the library is not installed.
class Cudnn {
 public:
  Cudnn() {
    library_ = dlopen("libcudnn.so.9", RTLD_NOW | RTLD_LOCAL);
    if (!library_) throw std::runtime_error("cuDNN is not installed (libcudnn.so.9)");
    load(create_descriptor, "cudnnBackendCreateDescriptor");
    load(destroy_descriptor, "cudnnBackendDestroyDescriptor");
    load(set_attribute, "cudnnBackendSetAttribute");
    load(get_attribute, "cudnnBackendGetAttribute");
    load(finalize, "cudnnBackendFinalize");
    load(execute, "cudnnBackendExecute");
    load(set_stream, "cudnnSetStream");
    load(last_error, "cudnnGetLastErrorString");
    decltype(&cudnnCreate) create = nullptr;
    load(create, "cudnnCreate");
    check(create(&handle), "cudnnCreate");
  }
  static void check(cudnnStatus_t status, const char* call) {
    if (status != CUDNN_STATUS_SUCCESS)
      throw std::runtime_error(std::string(call) + ": cudnnStatus_t " + std::to_string(status));
  }
  std::string reason() const {  // of the last refusal, in the library's words
    char text[256] = {};
    last_error(text, sizeof text);
    return text;
  }

  decltype(&cudnnBackendCreateDescriptor) create_descriptor = nullptr;
  decltype(&cudnnBackendDestroyDescriptor) destroy_descriptor = nullptr;
  decltype(&cudnnBackendSetAttribute) set_attribute = nullptr;
  decltype(&cudnnBackendGetAttribute) get_attribute = nullptr;
  decltype(&cudnnBackendFinalize) finalize = nullptr;
  decltype(&cudnnBackendExecute) execute = nullptr;
  decltype(&cudnnSetStream) set_stream = nullptr;
  decltype(&cudnnGetLastErrorString) last_error = nullptr;
  cudnnHandle_t handle = nullptr;

 private:
  template <class Function> void load(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));
    if (!function) throw std::runtime_error(std::string("this cuDNN has no ") + name);
  }
  void* library_ = nullptr;  // stays open, and with it what was made here: once a worker
};

// A backend descriptor, owned.
class CudnnDescriptor {
 public:
  CudnnDescriptor(const Cudnn& cudnn, cudnnBackendDescriptorType_t type) : cudnn_(&cudnn) {
    Cudnn::check(cudnn.create_descriptor(type, &descriptor_), "cudnnBackendCreateDescriptor");
  }
  CudnnDescriptor(CudnnDescriptor&& other) noexcept
      : cudnn_(other.cudnn_), descriptor_(std::exchange(other.descriptor_, nullptr)) {}
  ~CudnnDescriptor() {
    if (descriptor_) cudnn_->destroy_descriptor(descriptor_);
  }

  template <class T>
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count,
                       const T* values) {
    Cudnn::check(cudnn_->set_attribute(descriptor_, name, type, count, values), "cudnnBackendSetAttribute");
    return *this;
  }
  template <class T>
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T& value) {
    return set(name, type, 1, &value);
  }
  CudnnDescriptor& set(cudnnBackendAttributeName_t name, const CudnnDescriptor& other) {
    return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &other.descriptor_);
  }
  // False where the library does not take what was described.
  bool try_finalize() { return cudnn_->finalize(descriptor_) == CUDNN_STATUS_SUCCESS; }
  CudnnDescriptor& finalize() {
    Cudnn::check(cudnn_->finalize(descriptor_), "cudnnBackendFinalize");
    return *this;
  }
  cudnnBackendDescriptor_t get() const { return descriptor_; }

 private:
  const Cudnn* cudnn_;
  cudnnBackendDescriptor_t descriptor_ = nullptr;
};

// Four-dimensional tensors and the operations between them. Sums and functions are computed in FP32.
class CudnnGraph {
 public:
  using Four = std::array<std::int64_t, 4>;
  struct Tensor {
    std::int64_t id;
    Four dims;
  };

  explicit CudnnGraph(const Cudnn& cudnn) : cudnn_(cudnn) {}

  // What a call is given a pointer to.
  Tensor tensor(cudnnDataType_t type, Four dims, Four strides) { return add(type, dims, strides, false, false); }
  // A number of FP32, given by a pointer to host memory.
  Tensor number() { return add(CUDNN_DATA_FLOAT, {1, 1, 1, 1}, {1, 1, 1, 1}, false, true); }
  // What never leaves the kernel.
  Tensor between(cudnnDataType_t type, Four dims) {
    return add(type, dims, {dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3], 1}, true, false);
  }

  void multiply(const Tensor& a, const Tensor& b, const Tensor& c) {
    CudnnDescriptor how(cudnn_, CUDNN_BACKEND_MATMUL_DESCRIPTOR);
    how.set(CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT).finalize();
    CudnnDescriptor op(cudnn_, CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_MATMUL_ADESC, of(a)).set(CUDNN_ATTR_OPERATION_MATMUL_BDESC, of(b));
    op.set(CUDNN_ATTR_OPERATION_MATMUL_CDESC, of(c)).set(CUDNN_ATTR_OPERATION_MATMUL_DESC, how);
    keep(std::move(how), std::move(op));
  }
  // y = mode(x) or mode(x, b), or with `choice`: y = choice ? x : b.
  void pointwise(cudnnPointwiseMode_t mode, const Tensor& x, const Tensor* b, const Tensor& y,
                 const Tensor* choice = nullptr, std::int64_t axis = -1, cudnnDataType_t compute = CUDNN_DATA_FLOAT) {
    CudnnDescriptor how(cudnn_, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    how.set(CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode);
    how.set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, compute);
    if (axis >= 0) how.set(CUDNN_ATTR_POINTWISE_AXIS, CUDNN_TYPE_INT64, axis);
    how.finalize();
    CudnnDescriptor op(cudnn_, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, how).set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, of(x));
    if (b) op.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, of(*b));
    if (choice) op.set(CUDNN_ATTR_OPERATION_POINTWISE_TDESC, of(*choice));
    op.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, of(y));
    keep(std::move(how), std::move(op));
  }
  // Along the last dimension.
  void reduce(cudnnReduceTensorOp_t how_to, const Tensor& x, const Tensor& y) {
    CudnnDescriptor how(cudnn_, CUDNN_BACKEND_REDUCTION_DESCRIPTOR);
    how.set(CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, how_to);
    how.set(CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT).finalize();
    CudnnDescriptor op(cudnn_, CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_REDUCTION_XDESC, of(x)).set(CUDNN_ATTR_OPERATION_REDUCTION_YDESC, of(y));
    op.set(CUDNN_ATTR_OPERATION_REDUCTION_DESC, how);
    keep(std::move(how), std::move(op));
  }

  // y = norm(x) over all but the first dimension, times `weight`, plus `bias` where there is one.
  void normalize(cudnnBackendNormMode_t mode, const Tensor& x, const Tensor& weight, const Tensor* bias,
                 const Tensor& epsilon, const Tensor& y) {
    CudnnDescriptor op(cudnn_, CUDNN_BACKEND_OPERATION_NORM_FORWARD_DESCRIPTOR);
    op.set(CUDNN_ATTR_OPERATION_NORM_FWD_MODE, CUDNN_TYPE_NORM_MODE, mode);
    op.set(CUDNN_ATTR_OPERATION_NORM_FWD_PHASE, CUDNN_TYPE_NORM_FWD_PHASE, CUDNN_NORM_FWD_INFERENCE);
    op.set(CUDNN_ATTR_OPERATION_NORM_FWD_XDESC, of(x)).set(CUDNN_ATTR_OPERATION_NORM_FWD_SCALE_DESC, of(weight));
    if (bias) op.set(CUDNN_ATTR_OPERATION_NORM_FWD_BIAS_DESC, of(*bias));
    op.set(CUDNN_ATTR_OPERATION_NORM_FWD_EPSILON_DESC, of(epsilon)).set(CUDNN_ATTR_OPERATION_NORM_FWD_YDESC, of(y));
    operations_.push_back(std::move(op));
  }

  // Asks the heuristic for engines and takes the first that can be built; throws where there is none.
  void build() {
    CudnnDescriptor graph(cudnn_, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    std::vector<cudnnBackendDescriptor_t> ops;
    for (auto& op : operations_) ops.push_back(op.finalize().get());
    graph.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<std::int64_t>(ops.size()),
              ops.data());
    graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, cudnn_.handle).finalize();
    CudnnDescriptor heuristic(cudnn_, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    heuristic.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, CUDNN_HEUR_MODE_A).finalize();
    constexpr std::int64_t most = 8;
    std::vector<CudnnDescriptor> engines;
    std::array<cudnnBackendDescriptor_t, most> found{};
    for (auto& into : found) into = engines.emplace_back(cudnn_, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR).get();
    std::int64_t count = 0;
    Cudnn::check(cudnn_.get_attribute(heuristic.get(), CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                      most, &count, found.data()),
                 "cudnnBackendGetAttribute(ENGINEHEUR_RESULTS)");
    for (std::int64_t i = 0; i < count && i < most && !plan_; ++i) {
      auto plan = std::make_unique<CudnnDescriptor>(cudnn_, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
      plan->set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, cudnn_.handle);
      plan->set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, engines[static_cast<std::size_t>(i)]);
      if (plan->try_finalize()) plan_ = std::move(plan);
    }
    if (!plan_)
      throw std::runtime_error("none of the " + std::to_string(count) +
                               " engines that cuDNN proposes takes this graph for this shape: " + cudnn_.reason());
    std::int64_t bytes = 0, one = 0;
    Cudnn::check(
        cudnn_.get_attribute(plan_->get(), CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &one, &bytes),
        "cudnnBackendGetAttribute(WORKSPACE_SIZE)");
    workspace_ = DeviceBuffer<std::uint8_t>(bytes);
  }

  // Where tensors are, for calls of run(): made once for each set of addresses.
  struct Pack {
    CudnnDescriptor descriptor;
  };
  Pack pack(const std::vector<std::pair<Tensor, void*>>& where) const {
    std::vector<std::int64_t> ids;
    std::vector<void*> pointers;
    for (const auto& [tensor, pointer] : where) ids.push_back(tensor.id), pointers.push_back(pointer);
    const auto count = static_cast<std::int64_t>(ids.size());
    CudnnDescriptor descriptor(cudnn_, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    descriptor.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, ids.data());
    descriptor.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, pointers.data());
    descriptor.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace_.get()).finalize();
    return {std::move(descriptor)};
  }
  void run(const Pack& pack, cudaStream_t stream) const {
    Cudnn::check(cudnn_.set_stream(cudnn_.handle, stream), "cudnnSetStream");
    Cudnn::check(cudnn_.execute(cudnn_.handle, plan_->get(), pack.descriptor.get()), "cudnnBackendExecute");
  }

 private:
  Tensor add(cudnnDataType_t type, Four dims, Four strides, bool is_virtual, bool by_value) {
    const auto id = static_cast<std::int64_t>(tensors_.size()) + 1;
    auto& t = tensors_.emplace_back(cudnn_, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    t.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, id)
        .set(CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, type);
    t.set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dims.data());
    t.set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides.data());
    t.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, std::int64_t{16});
    t.set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, is_virtual);
    t.set(CUDNN_ATTR_TENSOR_IS_BY_VALUE, CUDNN_TYPE_BOOLEAN, by_value).finalize();
    return {id, dims};
  }
  const CudnnDescriptor& of(const Tensor& tensor) const { return tensors_[static_cast<std::size_t>(tensor.id - 1)]; }
  void keep(CudnnDescriptor how, CudnnDescriptor operation) {
    hows_.push_back(std::move(how));
    operations_.push_back(std::move(operation));
  }

  const Cudnn& cudnn_;
  std::deque<CudnnDescriptor> tensors_, hows_, operations_;
  std::unique_ptr<CudnnDescriptor> plan_;
  DeviceBuffer<std::uint8_t> workspace_;
};

}  // namespace aisp::cuda
