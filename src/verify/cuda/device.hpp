// The judge's work on tensors in device memory: the same draws, patterns and comparisons as on the host, with the same
// bits. Everything is queued on `stream`; errors of a launch throw device::cuda::Error.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "verify/drawing.hpp"
#include "verify/product.hpp"
#include "verify/tally.hpp"

namespace aisp::verify::cuda {

// Draws all elements of a tensor, as verify::draw does. Values::custom is for the host alone.
void draw(const Drawing&, std::byte* to, cudaStream_t stream);

// As verify::poison and verify::fill_guard.
void poison(DType, Key, std::span<std::byte> bytes, cudaStream_t stream);
void fill_guard(Key, std::span<std::byte> zone, cudaStream_t stream);
// Adds the number of damaged bytes to *count, device memory.
void count_damaged(Key, std::span<const std::byte> zone, unsigned long long* count, cudaStream_t stream);

// Sets *found, device memory, to 1 when the two differ.
void find_different(std::span<const std::byte> a, std::span<const std::byte> b, unsigned long long* found,
                    cudaStream_t stream);

// Elements as doubles.
void widen(DType, const std::byte* from, std::int64_t count, double* to, cudaStream_t stream);

// One output against its expectation; all pointers are of device memory.
struct Compared {
  DType dtype = f32;
  std::int64_t elements = 0;
  ElementBound bound;
  const std::byte* got = nullptr;
  const double* expected = nullptr;
  const double* scale = nullptr;      // null: |expected|
  const std::byte* before = nullptr;  // what the output held before the call; null: the poison of `poison_key`
  Key poison_key;
};
struct Outcome {
  Tally tally;                   // its `untouched` is 0: see count_untouched()
  double got = 0, expected = 0;  // of the first wrong element
};
// Tallies of parts, which compare() needs as workspace.
inline constexpr int kCompareBlocks = 2048;
void compare(const Compared&, Tally* workspace, Outcome* result, cudaStream_t stream);
// Adds the number of wrong elements that still hold what they held before the call to *count, device memory. Apart from
// compare(), which would need the registers of the generator for what most calls have none of.
void count_untouched(const Compared&, unsigned long long* count, cudaStream_t stream);

// C and Σ|terms| as verify::full_product makes them, from matrices of doubles. Sums are rounded in another order.
void product(const ProductShape&, const double* a, const double* b, double* c, double* scale, cudaStream_t stream);

// Writes, then reads `bytes` of `buffer`: what the caches held before is gone, and what they hold now is clean, so that
// a timed call does not pay for writing it back.
void sweep(std::byte* buffer, std::size_t bytes, cudaStream_t stream);

}  // namespace aisp::verify::cuda
