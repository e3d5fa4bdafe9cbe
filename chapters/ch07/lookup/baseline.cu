// Baseline: random gathers from the array of records, one lookup a thread. Of a record's 64 bytes a lookup uses two
// floats, which lie in different sectors of 32 bytes, so it moves the whole record. What binds it: two random sectors a
// lookup, from a table of 64 MiB that the second cache level does not quite hold.
#include <aisp/cuda.hpp>

namespace {

constexpr int threads = 256, scale = 3, offset = 11;  // fields of a record

__global__ void gather(const float* __restrict__ table, const std::int32_t* __restrict__ group,
                       const float* __restrict__ x, float* __restrict__ y, std::int64_t n) {
  const auto i = std::int64_t{blockIdx.x} * threads + threadIdx.x;
  if (i >= n) return;
  const float* record = table + std::int64_t{group[i]} * 16;
  y[i] = x[i] * record[scale] + record[offset];
}

void run(aisp::Slot slot, aisp::Matrix<const float> table, aisp::Vector<const std::int32_t> group,
         aisp::Vector<const float> x, aisp::Vector<float> y) {
  gather<<<aisp::blocks(y.size(), threads), threads, 0, aisp::stream(slot)>>>(table.data, group.data, x.data, y.data,
                                                                              y.size());
}

}  // namespace

AISP_VARIANT(run, .about = "random gathers from records");
