// How much memory the keys and values of a transformer's attention take, and what fits a GPU.
//
// Bytes of one token in one layer: 2 · kv_heads · head_dim elements for keys and values (multi-head, grouped-query and
// multi-query attention: Ainslie et al., "GQA", EMNLP 2023), or kv_rank + rope_dim for multi-head latent attention,
// which keeps one compressed vector and the rotary part of the keys (DeepSeek-V2, 2024, §2.1). Pages as in
// PagedAttention (Kwon et al., SOSP 2023): a sequence holds whole pages. A layer with a sliding window keeps its last
// tokens only, and lets go of a page when every token of it is outside (so that a page more than the window may be
// held); a recurrent layer keeps a state whose size does not depend on the tokens.
#pragma once

#include "tools/model_config.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace aisp::tools {

// How an element is stored: a group of elements may share a scale.
struct KvStorage {
  std::string_view name;
  double element_bits = 0;
  double scale_bits = 0;  // of one group's scale; 0 = no scales
  std::int64_t group = 0;
  std::string_view source;
  double bits() const { return element_bits + (group > 0 ? scale_bits / static_cast<double>(group) : 0); }
};
const std::vector<KvStorage>& kv_storages();
const KvStorage* find_kv_storage(std::string_view name);

struct CacheGroup {
  CacheLayer layer;  // all of them alike
  std::int64_t layers = 0;
};
// Layers that are alike counted together, in the order of the first of each; those that keep nothing are there too.
std::vector<CacheGroup> grouped(const std::vector<CacheLayer>&);

struct KvCacheInput {
  std::vector<CacheGroup> groups;
  KvStorage storage;
  double state_bits = 32;        // of an element of a recurrent state
  double convolution_bits = 16;  // of a convolution's inputs, which have the precision of activations
  std::int64_t tokens = 0;       // of one sequence
  std::int64_t batch = 1;        // sequences
  std::int64_t page_size = 1;    // tokens of a page
  double overhead = 0;           // share on top: allocator, block tables
  std::int64_t tensor_parallel = 1;
  double gpu_bytes = 0;      // memory of one GPU; 0 = do not ask what fits
  double reserve_bytes = 0;  // of it, for activations and the runtime
  double weight_bytes = 0;   // of the whole model; divided by the tensor-parallel degree
};

inline double kv_width(std::int64_t kv_heads, std::int64_t head_dim) {
  return 2.0 * static_cast<double>(kv_heads) * static_cast<double>(head_dim);
}
inline double mla_width(std::int64_t kv_rank, std::int64_t rope_dim) {
  return static_cast<double>(kv_rank) + static_cast<double>(rope_dim);
}

struct KvCacheResult {
  double bits_per_element = 0;     // scales included
  double bytes_per_token = 0;      // all layers that keep it, all GPUs, before overhead
  double growth_per_token = 0;     // of a token beyond every window: what full attention alone keeps
  double windowed_bytes = 0;       // of one sequence: what layers with a window keep of it
  double state_bytes = 0;          // of one sequence: recurrent states, whatever its length
  double bytes = 0;                // of tokens and states alone, before pages and overhead
  double page_bytes = 0;           // one page, all layers, all GPUs
  double fragmentation_bytes = 0;  // the unused ends of pages
  double overhead_bytes = 0;
  double total_bytes = 0;
  double copies = 1;         // how often tensor parallelism keeps the same heads, on average
  double bytes_per_gpu = 0;  // with everything
  // Where the memory of a GPU is known:
  double available_bytes = 0;  // of one GPU for the cache; negative when reserve and weights alone do not fit
  bool fits = false;
  std::int64_t max_tokens = 0;  // of each sequence at this batch; whole pages; kUnlimited where no layer grows
  std::int64_t max_batch = 0;   // at this length
};
inline constexpr std::int64_t kUnlimited = std::int64_t{1} << 60;

KvCacheResult kv_cache(const KvCacheInput&);

}  // namespace aisp::tools
