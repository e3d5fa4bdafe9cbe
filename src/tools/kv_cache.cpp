#include "tools/kv_cache.hpp"

#include <algorithm>
#include <cmath>

namespace aisp::tools {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 60;  // "as many as you like", and safe from overflow

std::int64_t whole(double x) { return x >= static_cast<double>(kMost) ? kMost : static_cast<std::int64_t>(x); }

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

KvCacheResult kv_cache(const KvCacheInput& in) {
  const auto tokens = static_cast<double>(in.tokens), batch = static_cast<double>(in.batch),
             page = static_cast<double>(in.page_size), gpus = static_cast<double>(in.tensor_parallel);
  KvCacheResult r;
  r.bits_per_element = in.storage.bits();
  r.bytes_per_token = static_cast<double>(in.layers) * in.width * r.bits_per_element / 8;
  r.bytes = r.bytes_per_token * tokens * batch;
  r.page_bytes = r.bytes_per_token * page;
  const double pages = std::ceil(tokens / page);
  r.fragmentation_bytes = (pages * page - tokens) * r.bytes_per_token * batch;
  r.overhead_bytes = in.overhead * (r.bytes + r.fragmentation_bytes);
  r.total_bytes = r.bytes + r.fragmentation_bytes + r.overhead_bytes;
  // A GPU keeps whole heads: with more GPUs than heads, or heads that do not divide, some are kept more than once.
  const auto heads = static_cast<double>(in.kv_heads);
  const double share = in.kv_heads > 0 ? std::ceil(heads / gpus) / heads : 1 / gpus;
  r.copies = share * gpus;
  r.bytes_per_gpu = r.total_bytes * share;
  if (!(in.gpu_bytes > 0)) return r;

  r.available_bytes = in.gpu_bytes - in.reserve_bytes - in.weight_bytes / gpus;
  r.fits = r.bytes_per_gpu <= r.available_bytes;
  const double page_here = r.page_bytes * share * (1 + in.overhead);
  const double room = std::floor(std::max(0.0, r.available_bytes) / page_here);  // pages
  r.max_tokens = whole(std::floor(room / batch) * page);
  r.max_batch = whole(std::floor(room / pages));
  return r;
}

}  // namespace aisp::tools
