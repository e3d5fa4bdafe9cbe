// What each layer of a model keeps for a sequence, from the config.json of a Hugging Face checkpoint.
//
// Names of fields and what they mean: the configuration classes of the transformers library (configuration_*.py), and
// those that a checkpoint brings along (DeciLM, MiniMax, Kimi Linear, MiMo). A layer whose cache the fields do not
// determine is refused, with the field and its line; nothing is guessed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::tools {

// What one layer keeps. Attention keeps keys and values of tokens, a recurrent layer a state of constant size, a layer
// may do both or neither.
struct CacheLayer {
  std::string kind;           // "full attention", "sliding window", "MLA", "Gated DeltaNet", …
  double key_width = 0;       // elements of a token's keys, all heads; of MLA: all that a token keeps
  double value_width = 0;     // and of its values
  std::int64_t kv_heads = 0;  // what tensor parallelism divides; 0 = the width divides evenly; 1 = every GPU keeps all
  std::int64_t window = 0;    // only the last so many tokens are kept; 0 = all
  double index_bytes = 0;     // of a token, whatever the dtype: FP8 keys of a sparse attention's index
  double state = 0;           // elements of the recurrent state of a sequence
  double convolution = 0;     // elements of the last inputs of a causal convolution, of a sequence
  std::int64_t state_heads = 0;  // what tensor parallelism divides of these two

  double width() const { return key_width + value_width; }
  friend bool operator==(const CacheLayer&, const CacheLayer&) = default;
};

struct ModelCache {
  std::string model_type;          // of the language model where the checkpoint has several
  std::int64_t context = 0;        // the longest sequence that the config names; 0 = none
  std::string dtype, state_dtype;  // as kv_storages() names it; "" = the config does not say
  std::vector<CacheLayer> layers;  // one each, those that keep nothing included
};

// Throws LineError, one line, where the text is no such file or does not determine the cache.
ModelCache parse_model_config(std::string_view text);

}  // namespace aisp::tools
