// Peer: CUTLASS, a product put together by its collective builders as its own recipe for Hopper has it: a fetching
// warp, two cooperating warpgroups, persistent blocks, tiles of 128 × 256, clusters of two. CUTLASS is a library of
// headers, so this peer is there when the build found them: cmake/AispCutlass.cmake.
#include <aisp/cuda.hpp>

// Two groups: the headers of version 3.4 do not all include what they need.
#include <cute/tensor.hpp>
#include <cutlass/gemm/collective/collective_builder.hpp>

#include <cutlass/gemm/device/gemm_universal_adapter.h>
#include <cutlass/epilogue/collective/collective_builder.hpp>
#include <cutlass/gemm/kernel/gemm_universal.hpp>

#include <vector>

// CUTLASS 3.4 calls this function of the driver by its name. Nothing here links against the driver, which a machine
// without a GPU lacks, so it is asked for at run time.
extern "C" CUresult CUDAAPI cuTensorMapEncodeTiled(CUtensorMap* map, CUtensorMapDataType type, cuuint32_t rank,
                                                   void* address, const cuuint64_t* sizes, const cuuint64_t* pitches,
                                                   const cuuint32_t* tile, const cuuint32_t* strides,
                                                   CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
                                                   CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
  void* driver = nullptr;
  cudaDriverEntryPointQueryResult found{};
  if (cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &driver, 12000, cudaEnableDefault, &found) !=
          cudaSuccess ||
      found != cudaDriverEntryPointSuccess)
    return CUDA_ERROR_NOT_FOUND;
  return reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(driver)(map, type, rank, address, sizes, pitches, tile,
                                                                     strides, interleave, swizzle, promotion, fill);
}

namespace {

using Input = aisp::Matrix<const __nv_bfloat16>;
using Output = aisp::Matrix<__nv_bfloat16>;

using Number = cutlass::bfloat16_t;
using ByRows = cutlass::layout::RowMajor;
using ByColumns = cutlass::layout::ColumnMajor;
using Tile = cute::Shape<cute::_128, cute::_256, cute::_64>;
using Cluster = cute::Shape<cute::_2, cute::_1, cute::_1>;
constexpr int aligned = 8;  // elements: what the workload's rows begin at

using Epilogue =
    cutlass::epilogue::collective::CollectiveBuilder<cutlass::arch::Sm90, cutlass::arch::OpClassTensorOp, Tile, Cluster,
                                                     cutlass::epilogue::collective::EpilogueTileAuto, float, float,
                                                     void, ByRows, aligned, Number, ByRows, aligned,
                                                     cutlass::epilogue::TmaWarpSpecializedCooperative>::CollectiveOp;
using Mainloop = cutlass::gemm::collective::CollectiveBuilder<
    cutlass::arch::Sm90, cutlass::arch::OpClassTensorOp, Number, ByRows, aligned, Number, ByColumns, aligned, float,
    Tile, Cluster, cutlass::gemm::collective::StageCountAutoCarveout<sizeof(Epilogue::SharedStorage)>,
    cutlass::gemm::KernelTmaWarpSpecializedCooperative>::CollectiveOp;
using Kernel = cutlass::gemm::kernel::GemmUniversal<cute::Shape<int, int, int, int>, Mainloop, Epilogue,
                                                    cutlass::gemm::PersistentScheduler>;
using Gemm = cutlass::gemm::device::GemmUniversalAdapter<Kernel>;

void check(cutlass::Status status) {
  if (status != cutlass::Status::kSuccess)
    throw std::runtime_error(std::string("CUTLASS: ") + cutlass::cutlassGetStatusString(status));
}

class Cutlass {
 public:
  explicit Cutlass(const aisp::Setup& setup) : products_(static_cast<std::size_t>(setup.max_slots())) {}
  void bind(aisp::Slot slot, Input a, Input b, Output c) {
    const int m = static_cast<int>(c.dim(0)), n = static_cast<int>(c.dim(1)), k = static_cast<int>(a.dim(1));
    const auto number = [](auto* p) { return reinterpret_cast<const Number*>(p); };
    const typename Kernel::StrideD c_rows{n, cute::_1{}, 0};
    const Gemm::Arguments arguments{cutlass::gemm::GemmUniversalMode::kGemm,
                                    {m, n, k, 1},
                                    {number(a.data), {k, cute::_1{}, 0}, number(b.data), {k, cute::_1{}, 0}},
                                    {{1, 0}, nullptr, c_rows, const_cast<Number*>(number(c.data)), c_rows},
                                    {0, aisp::multiprocessors()}};
    check(Gemm::can_implement(arguments));
    check(products_[static_cast<std::size_t>(slot.index)].initialize(arguments, nullptr, aisp::stream(slot)));
  }
  void operator()(aisp::Slot slot, Input, Input, Output) {
    check(products_[static_cast<std::size_t>(slot.index)].run(aisp::stream(slot)));
  }

 private:
  std::vector<Gemm> products_;
};

}  // namespace

AISP_VARIANT(Cutlass, .about = "CUTLASS, its builders' recipe for Hopper");
