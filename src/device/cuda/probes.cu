// One small kernel for each ability of device and driver. NVLink multicast is left out on purpose: a failed attempt can
// put the GPUs of a shared host out of service.
#include "device/cuda/probes.hpp"

#include "device/cuda/bulk_copy.cuh"
#include "device/cuda/cublaslt.hpp"
#include "device/cuda/peak_runner.hpp"

#include <cooperative_groups.h>
#include <sys/mman.h>
#include <unistd.h>

namespace aisp::device::cuda {
namespace {
namespace cg = cooperative_groups;

constexpr unsigned kMark = 0x600d600du;

void expect_that(bool right, const std::string& otherwise) {
  if (!right) throw Error(otherwise);
}

cudaDeviceProp use(int device) {
  AISP_CUDA_CHECK(cudaSetDevice(device));
  cudaDeviceProp p{};
  AISP_CUDA_CHECK(cudaGetDeviceProperties(&p, device));
  return p;
}

void expect_hopper(int device) {
  const auto p = use(device);
  expect_that(p.major >= 9,
              "needs compute capability 9.0; this is " + std::to_string(p.major) + "." + std::to_string(p.minor));
}

unsigned word_at(const void* device_address) {
  unsigned word = 0;
  AISP_CUDA_CHECK(cudaDeviceSynchronize());
  AISP_CUDA_CHECK(cudaMemcpy(&word, device_address, sizeof word, cudaMemcpyDefault));
  return word;
}

__global__ void mark_kernel(unsigned* out) { *out = kMark; }
__global__ void copy_word_kernel(const unsigned* in, unsigned* out) { *out = *in; }
__global__ void add_kernel(unsigned* out) { atomicAdd(out, 1u); }

void mark(unsigned* out) {
  mark_kernel<<<1, 1>>>(out);
  AISP_CUDA_CHECK(cudaGetLastError());
}
void copy_word(const unsigned* in, unsigned* out) {
  copy_word_kernel<<<1, 1>>>(in, out);
  AISP_CUDA_CHECK(cudaGetLastError());
}

// A zeroed word of device memory.
struct Word : DeviceBuffer {
  Word() : DeviceBuffer(256) { AISP_CUDA_CHECK(cudaMemset(as(), 0, 256)); }
  unsigned* get() const { return as<unsigned>(); }
};

std::string plain_kernel(int device) {
  if (const auto why = why_absent()) throw Error(*why);
  const auto p = use(device);
  const Word word;
  mark(word.get());
  expect_that(word_at(word.get()) == kMark, "a kernel ran and its result is wrong");
  return "compute capability " + std::to_string(p.major) + "." + std::to_string(p.minor) + ", " +
         std::to_string(p.multiProcessorCount) + " multiprocessors";
}

__global__ void grid_sync_kernel(unsigned* counter, unsigned* ok) {
  if (threadIdx.x == 0) atomicAdd(counter, 1u);
  cg::this_grid().sync();
  if (threadIdx.x == 0 && *static_cast<volatile unsigned*>(counter) == gridDim.x) atomicAdd(ok, 1u);
}

std::string cooperative(int device) {
  const auto p = use(device);
  const Word counter, ok;
  unsigned *a = counter.get(), *b = ok.get();
  void* arguments[] = {&a, &b};
  const unsigned blocks = unsigned(p.multiProcessorCount);
  AISP_CUDA_CHECK(cudaLaunchCooperativeKernel(reinterpret_cast<const void*>(grid_sync_kernel), dim3(blocks), dim3(32),
                                              arguments, 0, nullptr));
  expect_that(word_at(ok.get()) == blocks, "blocks passed the grid barrier before all had arrived");
  return "a grid barrier over " + std::to_string(blocks) + " blocks";
}

__global__ void cluster_kernel(unsigned* ok) {
  const auto cluster = cg::this_cluster();
  cluster.sync();
  if (cluster.block_rank() == 0 && threadIdx.x == 0) atomicAdd(ok, cluster.num_blocks());
}

// Each block writes into its neighbour's shared memory and reads what its other neighbour wrote.
__global__ void neighbour_kernel(unsigned* ok) {
  __shared__ unsigned inbox;
  const auto cluster = cg::this_cluster();
  cluster.sync();
  const unsigned n = cluster.num_blocks(), rank = cluster.block_rank();
  if (threadIdx.x == 0) *cluster.map_shared_rank(&inbox, (rank + 1) % n) = kMark + rank;
  cluster.sync();
  if (threadIdx.x == 0 && inbox == kMark + (rank + n - 1) % n) atomicAdd(ok, 1u);
}

template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), unsigned blocks, cudaLaunchAttribute attribute,
                   Arguments... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(blocks), config.blockDim = dim3(32);
  config.attrs = &attribute, config.numAttrs = 1;
  return cudaLaunchKernelEx(&config, kernel, arguments...);
}

cudaLaunchAttribute cluster_of(unsigned size) {
  cudaLaunchAttribute a{};
  a.id = cudaLaunchAttributeClusterDimension;
  a.val.clusterDim = {size, 1, 1};
  return a;
}

std::string clusters(int device) {
  expect_hopper(device);
  AISP_CUDA_CHECK(cudaFuncSetAttribute(cluster_kernel, cudaFuncAttributeNonPortableClusterSizeAllowed, 1));
  unsigned largest = 0;
  for (const unsigned size : {2u, 4u, 8u, 16u}) {
    const Word ok;
    const auto error = launch(cluster_kernel, size, cluster_of(size), ok.get());
    if (error != cudaSuccess) {
      cudaGetLastError();
      if (largest == 0) check(error, "cudaLaunchKernelEx");
      break;
    }
    expect_that(word_at(ok.get()) == size, "a cluster of " + std::to_string(size) + " ran with another size");
    largest = size;
  }
  return "up to " + std::to_string(largest) + " blocks a cluster";
}

std::string distributed_shared_memory(int device) {
  expect_hopper(device);
  const Word ok;
  AISP_CUDA_CHECK(launch(neighbour_kernel, 8, cluster_of(8), ok.get()));
  expect_that(word_at(ok.get()) == 8, "a block did not see what its neighbour wrote into its shared memory");
  return "remote writes within a cluster of 8";
}

__global__ void bulk_probe_kernel(const unsigned* in, unsigned* out) {
  __shared__ __align__(128) unsigned words[256];
  __shared__ std::uint64_t full;
  if (threadIdx.x != 0) return;
  bulk::init(&full, 1);
  bulk::fence_init();
  bulk::expect(&full, sizeof words);
  bulk::load(words, in, sizeof words, &full);
  bulk::wait(&full, 0);
  bulk::store(out, words, sizeof words);
  bulk::commit_stores();
  bulk::wait_stores<0>();
}

std::string bulk_copy(int device) {
  expect_hopper(device);
  const DeviceBuffer in(1024), out(1024);
  AISP_CUDA_CHECK(cudaMemset(in.as(), 0x5a, 1024));
  AISP_CUDA_CHECK(cudaMemset(out.as(), 0, 1024));
  bulk_probe_kernel<<<1, 32>>>(in.as<unsigned>(), out.as<unsigned>());
  AISP_CUDA_CHECK(cudaGetLastError());
  expect_that(word_at(out.as<unsigned>() + 255) == 0x5a5a5a5au, "the bytes did not arrive");
  return "1 KiB to shared memory and back";
}

__global__ void tensor_map_kernel(const __grid_constant__ CUtensorMap map, unsigned* out) {
  __shared__ __align__(128) unsigned tile[16 * 16];
  __shared__ std::uint64_t full;
  if (threadIdx.x != 0) return;
  bulk::init(&full, 1);
  bulk::fence_init();
  bulk::expect(&full, sizeof tile);
  AISP_BULK_ASM(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%3, %4}], [%2];" ::
          "r"(bulk::shared_address(tile)),
      "l"(&map), "r"(bulk::shared_address(&full)), "r"(16), "r"(8)
      : "memory");
  bulk::wait(&full, 0);
  *out = tile[5 * 16 + 3];
}

std::string tensor_map(int device) {
  expect_hopper(device);
  constexpr unsigned kColumns = 64, kRows = 64;
  unsigned words[kRows * kColumns];
  for (unsigned i = 0; i < kRows * kColumns; ++i) words[i] = i;
  const DeviceBuffer in(sizeof words);
  const Word out;
  AISP_CUDA_CHECK(cudaMemcpy(in.as(), words, sizeof words, cudaMemcpyHostToDevice));
  void* entry = nullptr;
  cudaDriverEntryPointQueryResult found{};
  AISP_CUDA_CHECK(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &entry, 12000, cudaEnableDefault, &found));
  expect_that(entry != nullptr, "the driver has no cuTensorMapEncodeTiled");
  CUtensorMap map{};
  const cuuint64_t sizes[] = {kColumns, kRows}, strides[] = {kColumns * sizeof(unsigned)};
  const cuuint32_t box[] = {16, 16}, steps[] = {1, 1};
  AISP_CUDA_CHECK(reinterpret_cast<decltype(&cuTensorMapEncodeTiled)>(entry)(
      &map, CU_TENSOR_MAP_DATA_TYPE_UINT32, 2, in.as(), sizes, strides, box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE,
      CU_TENSOR_MAP_SWIZZLE_NONE, CU_TENSOR_MAP_L2_PROMOTION_NONE, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE));
  tensor_map_kernel<<<1, 32>>>(map, out.get());
  AISP_CUDA_CHECK(cudaGetLastError());
  expect_that(word_at(out.get()) == (8 + 5) * kColumns + 16 + 3, "the tile holds other elements");
  return "a 16×16 tile of a 64×64 matrix";
}

std::string matrix(int device, MatrixType type) {
  use(device);
  constexpr int kSide = 512;
  constexpr std::size_t kWorkspace = 32 << 20;
  const DeviceBuffer a(kSide * kSide * 8), b(kSide * kSide * 8), d(kSide * kSide * 8), workspace(kWorkspace),
      scales(kSide * kSide / 16);
  fill_random(type, a.as(), kSide * kSide, 1, nullptr), fill_random(type, b.as(), kSide * kSide, 2, nullptr);
  AISP_CUDA_CHECK(cudaMemset(scales.as(), 0x38, scales.size()));  // 1 in E4M3
  AISP_CUDA_CHECK(cudaMemset(d.as(), 0, d.size()));
  const MatrixProduct product(type, kSide, kSide, kSide, kWorkspace, scales.as());
  product.run(0, a.as(), b.as(), d.as(), workspace.as(), nullptr);
  expect_that(word_at(d.as()) != 0, "the product was not written");
  return std::to_string(product.algorithms()) + " algorithms of cuBLASLt " + cublaslt_version();
}
template <MatrixType T> std::string matrix_probe(int device) { return matrix(device, T); }

std::string memory_pools(int device) {
  use(device);
  const Stream stream;
  void* block = nullptr;
  AISP_CUDA_CHECK(cudaMallocAsync(&block, 1 << 20, stream.get()));
  AISP_CUDA_CHECK(cudaMemsetAsync(block, 0x5a, 1 << 20, stream.get()));
  AISP_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
  const bool right = word_at(block) == 0x5a5a5a5au;
  AISP_CUDA_CHECK(cudaFreeAsync(block, stream.get()));
  AISP_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
  expect_that(right, "memory of the pool holds other bytes than were written");
  return "allocation and release in stream order";
}

std::string exported_memory(int device) {
  use(device);
  const ExportedMemory mine(device, 4096);
  const ImportedMemory lent(device, mine.fd(), mine.size(), false);
  const Word out;
  mark(reinterpret_cast<unsigned*>(mine.data()));
  copy_word(reinterpret_cast<const unsigned*>(lent.data()), out.get());
  expect_that(word_at(out.get()) == kMark, "the second mapping shows other bytes");
  return "a file descriptor, mapped a second time read-only; granularity " + std::to_string(mine.size() >> 10) + " KiB";
}

std::string write_protection(int device) {
  use(device);
  const ExportedMemory mine(device, 4096);
  const ImportedMemory lent(device, mine.fd(), mine.size(), false);
  mark(reinterpret_cast<unsigned*>(lent.data()));
  const auto error = cudaDeviceSynchronize();
  expect_that(error != cudaSuccess, "a kernel wrote through a read-only mapping without a fault");
  return std::string("a write through a read-only mapping ends in ") + cudaGetErrorName(error);
}

// A page of a memfd, mapped shared.
struct Memfd {
  explicit Memfd(bool writable) {
    fd = memfd_create("aisp-probe", MFD_CLOEXEC);
    expect_that(fd >= 0 && ftruncate(fd, kBytes) == 0, "memfd_create failed");
    const unsigned word = kMark;
    expect_that(pwrite(fd, &word, sizeof word, 0) == sizeof word, "the memfd cannot be written");
    page = mmap(nullptr, kBytes, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    expect_that(page != MAP_FAILED, "the memfd cannot be mapped");
  }
  Memfd(const Memfd&) = delete;
  ~Memfd() {
    if (page != MAP_FAILED) munmap(page, kBytes);
    if (fd >= 0) close(fd);
  }
  static constexpr std::size_t kBytes = 64 << 10;
  int fd = -1;
  void* page = MAP_FAILED;
};

std::string registered_memfd(int device) {
  use(device);
  const Memfd memory(true);
  const RegisteredPage page(memory.page, Memfd::kBytes, true);
  add_kernel<<<1, 1>>>(static_cast<unsigned*>(page.device_address()));
  AISP_CUDA_CHECK(cudaGetLastError());
  AISP_CUDA_CHECK(cudaDeviceSynchronize());
  expect_that(*static_cast<volatile unsigned*>(memory.page) == kMark + 1, "the host does not see the kernel's write");
  return "a kernel wrote into a shared page of the host";
}

std::string registered_read_only(int device) {
  use(device);
  const Memfd memory(false);
  const RegisteredPage page(memory.page, Memfd::kBytes, false);
  const Word out;
  copy_word(static_cast<const unsigned*>(page.device_address()), out.get());
  expect_that(word_at(out.get()) == kMark, "the kernel read other bytes");
  return "a kernel read a page that this process may only read";
}

std::string peer(int device) {
  use(device);
  int devices = 0, can = 0;
  AISP_CUDA_CHECK(cudaGetDeviceCount(&devices));
  expect_that(devices > 1, "there is only one GPU");
  const int other = device == 0 ? 1 : 0;
  AISP_CUDA_CHECK(cudaDeviceCanAccessPeer(&can, device, other));
  expect_that(can != 0, "the driver offers no peer access between GPU " + std::to_string(device) + " and " +
                            std::to_string(other));
  AISP_CUDA_CHECK(cudaSetDevice(other));
  const Word word;
  AISP_CUDA_CHECK(cudaDeviceSynchronize());
  AISP_CUDA_CHECK(cudaSetDevice(device));
  AISP_CUDA_CHECK(cudaDeviceEnablePeerAccess(other, 0));
  mark(word.get());
  expect_that(word_at(word.get()) == kMark, "the peer's memory holds other bytes");
  return "a kernel on GPU " + std::to_string(device) + " wrote into memory of GPU " + std::to_string(other);
}

__global__ void loop_body_kernel(cudaGraphConditionalHandle handle, unsigned* counter) {
  cudaGraphSetConditional(handle, ++*counter < 5 ? 1 : 0);
}

std::string conditional_nodes(int device) {
  use(device);
  const Word counter;
  cudaGraph_t graph = nullptr;
  AISP_CUDA_CHECK(cudaGraphCreate(&graph, 0));
  const std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, decltype(&cudaGraphDestroy)> owner(graph, cudaGraphDestroy);
  cudaGraphConditionalHandle handle{};
  AISP_CUDA_CHECK(cudaGraphConditionalHandleCreate(&handle, graph, 1, cudaGraphCondAssignDefault));
  cudaGraphNodeParams loop{};
  loop.type = cudaGraphNodeTypeConditional;
  loop.conditional.handle = handle;
  loop.conditional.type = cudaGraphCondTypeWhile;
  loop.conditional.size = 1;
  cudaGraphNode_t node = nullptr, body_node = nullptr;
  AISP_CUDA_CHECK(cudaGraphAddNode(&node, graph, nullptr, nullptr, 0, &loop));
  unsigned* address = counter.get();
  void* arguments[] = {&handle, &address};
  cudaKernelNodeParams body{};
  body.func = reinterpret_cast<void*>(loop_body_kernel);
  body.gridDim = dim3(1), body.blockDim = dim3(1);
  body.kernelParams = arguments;
  AISP_CUDA_CHECK(cudaGraphAddKernelNode(&body_node, loop.conditional.phGraph_out[0], nullptr, 0, &body));
  cudaGraphExec_t instance = nullptr;
  AISP_CUDA_CHECK(cudaGraphInstantiate(&instance, graph, 0));
  const auto error = cudaGraphLaunch(instance, nullptr);
  const auto rounds = error == cudaSuccess ? word_at(counter.get()) : 0;
  cudaGraphExecDestroy(instance);
  check(error, "cudaGraphLaunch");
  expect_that(rounds == 5, "a loop of 5 rounds ran " + std::to_string(rounds));
  return "a while node ran 5 rounds";
}

__global__ void first_kernel(unsigned* out) {
#if __CUDA_ARCH__ >= 900
  cudaTriggerProgrammaticLaunchCompletion();
#endif
  __nanosleep(20000);
  *out = kMark;
}
__global__ void second_kernel(const unsigned* in, unsigned* out) {
#if __CUDA_ARCH__ >= 900
  cudaGridDependencySynchronize();
#endif
  *out = *in;
}

std::string dependent_launch(int device) {
  expect_hopper(device);
  const Word first, second;
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  first_kernel<<<1, 32>>>(first.get());
  AISP_CUDA_CHECK(cudaGetLastError());
  AISP_CUDA_CHECK(launch(second_kernel, 1, attribute, static_cast<const unsigned*>(first.get()), second.get()));
  expect_that(word_at(second.get()) == kMark, "the dependent kernel read before the first had written");
  return "a dependent kernel launched early and waited for its input";
}

constexpr Probe kProbes[] = {
    {"kernel", "a kernel of this build's architecture", plain_kernel},
    {"cooperative_launch", "a grid barrier", cooperative},
    {"clusters", "clusters of 2, 4, 8 and 16 blocks", clusters},
    {"dsmem", "distributed shared memory", distributed_shared_memory},
    {"bulk_copy", "cp.async.bulk with an mbarrier (TMA, one dimension)", bulk_copy},
    {"tensor_map", "cp.async.bulk.tensor with a tensor map (TMA, two dimensions)", tensor_map},
    {"pdl", "programmatic dependent launch", dependent_launch},
    {"graph_conditional", "a while node in a graph", conditional_nodes},
    {"memory_pools", "cudaMallocAsync", memory_pools},
    {"vmm_export", "cuMemCreate exported as a file descriptor", exported_memory},
    {"vmm_read_only", "a fault on writing to a read-only mapping", write_protection},
    {"registered_memfd", "a memfd registered as mapped host memory", registered_memfd},
    {"registered_read_only", "a read-only memfd mapping, registered read-only", registered_read_only},
    {"p2p", "a write into another GPU's memory", peer},
    {"matrix_bf16", "a BF16 product by cuBLASLt", matrix_probe<MatrixType::bf16>},
    {"matrix_f8", "an FP8 product by cuBLASLt", matrix_probe<MatrixType::f8>},
    {"matrix_f4", "an FP4 product with block scales by cuBLASLt", matrix_probe<MatrixType::f4>},
};

}  // namespace

std::span<const Probe> probes() { return kProbes; }

}  // namespace aisp::device::cuda
