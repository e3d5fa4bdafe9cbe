#include "tools/kv_cache.hpp"

#include <algorithm>
#include <cmath>

namespace aisp::tools {
namespace {

double d(std::int64_t n) { return static_cast<double>(n); }

// "As many as you like" is safe from overflow.
std::int64_t whole(double x) { return x < d(kUnlimited) ? static_cast<std::int64_t>(x) : kUnlimited; }

// A GPU keeps whole heads: with more GPUs than heads, or heads that do not divide, some are kept more than once.
double share(std::int64_t heads, std::int64_t gpus) {
  return heads > 0 ? std::ceil(d(heads) / d(gpus)) / d(heads) : 1 / d(gpus);
}

struct SequenceBytes {
  double tokens = 0, windowed = 0, states = 0, unused = 0;  // of all GPUs; tokens include the windowed
  double per_gpu = 0;                                       // of all four
};

// What one sequence of that many tokens holds.
SequenceBytes sequence(const KvCacheInput& in, double tokens) {
  SequenceBytes s;
  const double page = d(in.page_size);
  for (const auto& [layer, layers] : in.groups) {
    const double token = d(layers) * (layer.width() * in.storage.bits() / 8 + layer.index_bytes);
    const bool cut = layer.window > 0 && tokens > d(layer.window);
    const double kept = cut ? d(layer.window) : tokens;
    double pages = std::ceil(tokens / page);
    if (cut) pages = std::min(pages, 1 + std::ceil((d(layer.window) - 1) / page));
    const double held = token * pages * page;
    const double state = d(layers) * (layer.state * in.state_bits + layer.convolution * in.convolution_bits) / 8;
    s.tokens += token * kept;
    if (layer.window > 0) s.windowed += token * kept;
    s.unused += held - token * kept;
    s.states += state;
    s.per_gpu +=
        held * share(layer.kv_heads, in.tensor_parallel) + state * share(layer.state_heads, in.tensor_parallel);
  }
  return s;
}

// The most whole pages of tokens that each of `batch` sequences can have.
std::int64_t most_tokens(const KvCacheInput& in, double available) {
  const auto fits = [&](std::int64_t pages) {
    return d(in.batch) * sequence(in, d(pages) * d(in.page_size)).per_gpu * (1 + in.overhead) <= available;
  };
  const std::int64_t most = kUnlimited / in.page_size;
  if (fits(most)) return kUnlimited;
  std::int64_t lo = 0, hi = most;  // hi does not fit
  while (hi - lo > 1) {
    const auto middle = lo + (hi - lo) / 2;
    (fits(middle) ? lo : hi) = middle;
  }
  return lo * in.page_size;
}

}  // namespace

const std::vector<KvStorage>& kv_storages() {
  constexpr std::string_view kMx = "OCP Microscaling Formats (MX) 1.0, 2023";
  static const std::vector<KvStorage> all{
      {"fp32", 32, 0, 0, "IEEE 754"},
      {"fp16", 16, 0, 0, "IEEE 754"},
      {"bf16", 16, 0, 0, "upper half of an IEEE binary32"},
      {"fp8", 8, 0, 0, "OCP 8-bit Floating Point 1.0, 2023; one scale a tensor is not counted"},
      {"mxfp8", 8, 8, 32, kMx},
      {"mxfp6", 6, 8, 32, kMx},
      {"mxfp4", 4, 8, 32, kMx},
      {"nvfp4", 4, 8, 16, "NVIDIA Blackwell: an FP8 scale for 16 elements"},
      {"fp4", 4, 0, 0, "FP4 E2M1 without scales"},
      {"int8", 8, 16, 128, "a 16-bit scale for 128 elements, unless told otherwise"},
      {"int4", 4, 16, 128, "a 16-bit scale for 128 elements, unless told otherwise"},
  };
  return all;
}

const KvStorage* find_kv_storage(std::string_view name) {
  for (const auto& s : kv_storages())
    if (s.name == name) return &s;
  return nullptr;
}

std::vector<CacheGroup> grouped(const std::vector<CacheLayer>& layers) {
  std::vector<CacheGroup> groups;
  for (const auto& layer : layers) {
    const auto alike = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.layer == layer; });
    if (alike != groups.end())
      ++alike->layers;
    else
      groups.push_back({layer, 1});
  }
  return groups;
}

KvCacheResult kv_cache(const KvCacheInput& in) {
  KvCacheResult r;
  r.bits_per_element = in.storage.bits();
  for (const auto& [layer, layers] : in.groups) {
    const double token = d(layers) * (layer.width() * r.bits_per_element / 8 + layer.index_bytes);
    r.bytes_per_token += token;
    if (layer.window == 0) r.growth_per_token += token;
  }
  const double batch = d(in.batch);
  const auto s = sequence(in, d(in.tokens));
  r.windowed_bytes = s.windowed;
  r.state_bytes = s.states;
  r.bytes = (s.tokens + s.states) * batch;
  r.page_bytes = r.bytes_per_token * d(in.page_size);
  r.fragmentation_bytes = s.unused * batch;
  r.overhead_bytes = in.overhead * (r.bytes + r.fragmentation_bytes);
  r.total_bytes = r.bytes + r.fragmentation_bytes + r.overhead_bytes;
  r.bytes_per_gpu = s.per_gpu * batch * (1 + in.overhead);
  r.copies = r.total_bytes > 0 ? r.bytes_per_gpu * d(in.tensor_parallel) / r.total_bytes : 1;
  if (!(in.gpu_bytes > 0)) return r;

  r.available_bytes = in.gpu_bytes - in.reserve_bytes - in.weight_bytes / d(in.tensor_parallel);
  r.fits = r.bytes_per_gpu <= r.available_bytes;
  const double room = std::max(0.0, r.available_bytes);
  r.max_tokens = most_tokens(in, room);
  const double each = s.per_gpu * (1 + in.overhead);
  r.max_batch = each > 0 ? whole(std::floor(room / each)) : kUnlimited;
  return r;
}

}  // namespace aisp::tools
