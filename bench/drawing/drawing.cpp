// What drawing and poisoning cost on one core: bytes of the tensor per second.
#include "verify/random.hpp"

#include <benchmark/benchmark.h>

#include <vector>

namespace {

using namespace aisp;

constexpr std::size_t kBytes = 8 << 20;  // beyond L2

TensorSpec tensor(DType type, Distribution d) {
  const auto n = static_cast<std::int64_t>(kBytes / info(type).size);
  return {.name = "x", .role = Role::fresh, .dtype = type, .shape = {n}, .distribution = std::move(d)};
}

void drawing(benchmark::State& state, DType type, const Distribution& d) {
  const auto spec = tensor(type, d);
  std::vector<std::uint64_t> memory(kBytes / 8);
  for (auto _ : state) {
    verify::draw(spec, verify::Key{1}, std::as_writable_bytes(std::span(memory)));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(kBytes));
}

void poisoning(benchmark::State& state, DType type) {
  std::vector<std::uint64_t> memory(kBytes / 8);
  for (auto _ : state) {
    verify::poison(type, verify::Key{1}, std::as_writable_bytes(std::span(memory)));
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(kBytes));
}

BENCHMARK_CAPTURE(drawing, f32_uniform, f32, uniform(0, 1));
BENCHMARK_CAPTURE(drawing, f32_normal, f32, normal(0, 1));
BENCHMARK_CAPTURE(drawing, bf16_normal, bf16, normal(0, 1));
BENCHMARK_CAPTURE(drawing, i32_integers, i32, integers(0, 1000));
BENCHMARK_CAPTURE(drawing, f64_uniform, f64, uniform(0, 1));
BENCHMARK_CAPTURE(poisoning, f32, f32);
BENCHMARK_CAPTURE(poisoning, bf16, bf16);

}  // namespace

BENCHMARK_MAIN();
