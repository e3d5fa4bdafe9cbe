// config.json, read in three steps: what kind every layer is (model_kinds.cpp), how wide its attention is, how large
// its state is.
#include "tools/model_config.hpp"

#include "tools/model_fields.hpp"

#include <algorithm>
#include <cctype>

namespace aisp::tools {
namespace {
using namespace config;

// ------------------------------------------------------------------------------------------------------- attention

struct Heads {
  std::int64_t kv = 0, key_size = 0, value_size = 0;
};

// Sizes that the class of a model type fills in where the file leaves them out.
struct Defaults {
  std::string_view model_type;
  std::int64_t heads, kv_heads, head_dim, window;
};
constexpr Defaults kDefaults[] = {{"gemma3_text", 8, 4, 256, 4096},
                                  {"gemma3n_text", 8, 2, 256, 512},
                                  {"gemma4_text", 8, 4, 256, 512},
                                  {"qwen3_next", 16, 2, 256, 0}};

class Attention {
 public:
  Attention(const Fields& config, std::size_t layers) : config_(config), type_(config.word({"model_type"})) {
    for (const auto& d : kDefaults)
      if (d.model_type == type_) defaults_ = d;
    const Fields nested(config.find({"attn_config"}) ? *config.find({"attn_config"}) : config.object());  // DBRX
    heads_ = config_.list("num_query_heads") ? 0 : count({"num_attention_heads", "n_head", "n_heads"}, defaults_.heads);
    kv_list_ = per_layer_heads(layers);
    kv_heads_ = kv_list_ ? 0 : uniform_kv_heads(nested);
    sizes();
    window_ = config_.count({"sliding_window", "sliding_window_size", "attention_window_size"}, kMaxTokens)
                  .value_or(defaults_.window);
    blocks_ = config_.list("block_configs", layers);
    indexers_ = config_.list("indexer_types", layers);
  }

  std::int64_t heads() const { return heads_; }
  std::int64_t head_dim() const { return key_size_; }

  // Of layer i; what a sliding or chunked layer keeps is bounded.
  void add(Kind kind, std::size_t i, CacheLayer& layer) const {
    if (blocks_ && !block(blocks_->items[i], layer)) return;
    if (const auto rank = config_.count({"kv_lora_rank"}, kMaxWidth)) {  // DeepSeek-V2, 2024, §2.1
      layer.key_width = static_cast<double>(*rank + config_.need({"qk_rope_head_dim"}, kMaxWidth));
      layer.kv_heads = 1;
      name(layer, "MLA");
      add_index(i, layer);
      return;
    }
    const bool local = kind == Kind::sliding || kind == Kind::chunked || kind == Kind::hybrid_sliding;
    auto h = local ? sliding_heads(i) : full_heads(i);
    override(i, h);
    if (layer.kv_heads) h.kv = layer.kv_heads;  // of block_configs
    layer.kv_heads = h.kv;
    layer.key_width = static_cast<double>(h.kv * h.key_size);
    layer.value_width = static_cast<double>(h.kv * h.value_size);
    if (kind == Kind::chunked) layer.window = config_.need({"attention_chunk_size"}, kMaxTokens);
    if (kind == Kind::sliding || kind == Kind::hybrid_sliding) {
      if (!window_) config_.lacks("layers have a sliding window and sliding_window is missing");
      layer.window = window_;
    }
    name(layer, kind == Kind::chunked ? "chunked attention" : layer.window ? "sliding window" : "full attention");
  }

 private:
  static void name(CacheLayer& layer, const char* kind) {
    layer.kind = kind + (layer.kind.empty() ? "" : " + " + layer.kind);
  }
  std::int64_t count(Names names, std::int64_t otherwise) const {
    return config_.count(names, kMaxHeads).value_or(otherwise);
  }
  const JsonValue* per_layer_heads(std::size_t layers) const {
    for (const auto* field : {"num_key_value_heads", "num_kv_heads", "num_key_value_heads_per_layer"})
      if (const auto* v = config_.find({field}); v && v->is(Type::array)) return config_.list(field, layers);
    return nullptr;
  }
  std::int64_t uniform_kv_heads(const Fields& nested) const {
    if (config_.find({"num_kv_heads"}) && !config_.flag("new_decoder_architecture", true))
      return config_.flag("multi_query", true) ? 1 : heads_;  // Falcon's first models
    if (config_.flag("multi_query_attention"))                // ChatGLM
      if (const auto groups = config_.count({"multi_query_group_num"}, kMaxHeads)) return *groups;
    if (const auto n = config_.count({"num_key_value_heads", "num_kv_heads", "n_head_kv"}, kMaxHeads)) return *n;
    if (const auto n = nested.count({"kv_n_heads"}, kMaxHeads)) return *n;
    if (config_.flag("multi_query")) return 1;  // GPT-BigCode
    return defaults_.kv_heads ? defaults_.kv_heads : heads_;
  }
  void sizes() {
    const auto given = config_.count({"head_dim", "attention_head_dim", "kv_channels"}, kMaxWidth);
    key_size_ = given.value_or(defaults_.head_dim);
    if (!key_size_ && heads_) {
      const auto hidden = config_.count({"hidden_size", "n_embd", "d_model"}, kMaxWidth);
      if (hidden && *hidden % heads_ == 0) key_size_ = *hidden / heads_;
    }
    value_size_ = config_.count({"v_head_dim"}, kMaxWidth).value_or(key_size_);
  }
  Heads full_heads(std::size_t i) const {
    Heads h{kv_list_ ? Fields::count_of(kv_list_->items[i], "a number of KV heads", kMaxHeads) : kv_heads_, key_size_,
            value_size_};
    if (type_ == "gemma4_text") {  // its full layers have heads of their own
      h.key_size = h.value_size = config_.count({"global_head_dim"}, kMaxWidth).value_or(512);
      if (config_.flag("attention_k_eq_v"))
        h.kv = config_.count({"num_global_key_value_heads"}, kMaxHeads).value_or(h.kv);
    }
    return checked(h);
  }
  Heads sliding_heads(std::size_t i) const {
    if (type_ == "gemma4_text") return checked({kv_heads_, key_size_, value_size_});
    auto h = full_heads(i);
    h.kv = config_.count({"swa_num_key_value_heads"}, kMaxHeads).value_or(h.kv);  // MiMo
    h.key_size = config_.count({"swa_head_dim"}, kMaxWidth).value_or(h.key_size);
    h.value_size = config_.count({"swa_v_head_dim"}, kMaxWidth).value_or(h.value_size);
    return h;
  }
  Heads checked(const Heads& h) const {
    if (!h.kv) config_.lacks("the number of KV heads is missing: num_key_value_heads, or num_attention_heads");
    if (!h.key_size)
      config_.lacks("the size of a head is missing: head_dim, or hidden_size as a multiple of num_attention_heads");
    return h;
  }
  void override(std::size_t i, Heads& h) const {  // of transformers, for layers that differ
    const auto* all = config_.find({"per_layer_config"});
    const auto* own = all ? all->find(std::to_string(i)) : nullptr;
    if (!own) return;
    const Fields of(*own);
    h.kv = of.count({"num_key_value_heads"}, kMaxHeads).value_or(h.kv);
    if (const auto size = of.count({"head_dim"}, kMaxWidth)) h.key_size = h.value_size = *size;
    h.value_size = of.count({"v_head_dim"}, kMaxWidth).value_or(h.value_size);
  }
  // DeciLM and Nemotron from a search: false where the layer has no attention.
  bool block(const JsonValue& block, CacheLayer& layer) const {
    const auto* attention = block.find("attention");
    if (!attention || !attention->is(Type::object)) Fields::bad(block, "an entry of block_configs lacks attention");
    const Fields of(*attention);
    if (of.flag("no_op") || of.flag("replace_with_linear")) return false;
    layer.window = of.count({"window_length"}, kMaxTokens).value_or(0);
    const auto group = of.count({"n_heads_in_group"}, kMaxHeads);
    if (group && (!heads_ || heads_ % *group))
      Fields::bad(*attention, fmt::format("n_heads_in_group {} does not divide num_attention_heads", *group));
    layer.kv_heads = of.count({"num_key_value_heads"}, kMaxHeads).value_or(group ? heads_ / *group : 0);
    return true;
  }
  // The index of DeepSeek's sparse attention: FP8 keys, and an fp32 scale for 128 of them (DeepSeek-V3.2, 2025).
  void add_index(std::size_t i, CacheLayer& layer) const {
    if (!config_.has({"index_topk"})) return;
    if (indexers_ && indexers_->items[i].text == "shared") return;  // uses an earlier layer's
    const auto size = static_cast<double>(config_.need({"index_head_dim"}, kMaxWidth));
    layer.index_bytes = size + 4 * size / 128;
    layer.kind += " with an index";
  }

  const Fields& config_;
  std::string type_;
  Defaults defaults_{};
  const JsonValue* kv_list_ = nullptr;
  const JsonValue* blocks_ = nullptr;
  const JsonValue* indexers_ = nullptr;
  std::int64_t heads_ = 0, kv_heads_ = 0, key_size_ = 0, value_size_ = 0, window_ = 0;
};

// ---------------------------------------------------------------------------------------------------------- states

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

double d(std::int64_t n) { return static_cast<double>(n); }

// A causal convolution of width k needs the k − 1 inputs before the next.
double convolution(std::int64_t channels, std::int64_t width) { return d(channels) * d(width - 1); }

void add_mamba(const Fields& c, CacheLayer& layer) {
  const auto hidden = c.need({"hidden_size", "d_model"}, kMaxWidth);
  const auto size = c.need({"mamba_d_state", "ssm_state_size", "state_size"}, kMaxWidth);
  const auto width = c.need({"mamba_d_conv", "conv_kernel", "conv_kernel_size"}, kMaxWidth);
  const auto heads = c.count({"mamba_n_heads", "mamba_num_heads", "n_mamba_heads"}, kMaxHeads);
  const bool second = heads || c.word({"model_type"}) == "mamba2";
  auto inner = c.count({"mamba_d_ssm", "mamba_intermediate_size"}, kMaxWidth);
  if (!inner && !second)
    inner = c.word({"model_type"}).ends_with("mamba") ? c.count({"intermediate_size"}, kMaxWidth) : inner;
  const auto* head_size = c.find({"mamba_d_head", "mamba_head_dim", "mamba_headdim"});
  if (!inner && heads && head_size && head_size->is(Type::number))
    inner = *heads * Fields::count_of(*head_size, "mamba_head_dim", kMaxWidth);
  if (!inner) inner = hidden * c.need({"mamba_expand", "expand"}, 1024);
  layer.state = d(*inner) * d(size);
  layer.state_heads = second ? heads.value_or(c.count({"num_heads"}, kMaxHeads).value_or(0)) : 0;
  auto channels = *inner;
  if (second) channels += 2 * size * c.need({"mamba_n_groups", "n_groups", "mamba_ngroups"}, kMaxHeads);
  layer.convolution = convolution(channels, width);
  layer.kind = second ? "Mamba-2" : "Mamba";
}

void add_recurrent(const Fields& c, const Attention& attention, CacheLayer& layer) {
  if (c.has({"linear_num_value_heads"})) {  // Qwen3-Next: the state of a head is key by value
    const auto keys = c.need({"linear_num_key_heads"}, kMaxHeads),
               values = c.need({"linear_num_value_heads"}, kMaxHeads);
    const auto key = c.need({"linear_key_head_dim"}, kMaxWidth), value = c.need({"linear_value_head_dim"}, kMaxWidth);
    layer.state = d(values) * d(key) * d(value);
    layer.state_heads = values;
    layer.convolution = convolution(2 * keys * key + values * value, c.need({"linear_conv_kernel_dim"}, kMaxWidth));
    layer.kind = "Gated DeltaNet";
  } else if (const auto* linear = c.find({"linear_attn_config"})) {
    const Fields of(*linear);
    const auto heads = of.need({"num_heads"}, kMaxHeads), size = of.need({"head_dim"}, kMaxWidth);
    layer.state = d(heads) * d(size) * d(size);
    layer.state_heads = heads;
    layer.convolution = convolution(3 * heads * size, of.need({"short_conv_kernel_size"}, kMaxWidth));
    layer.kind = "Kimi Delta Attention";
  } else if (c.has({"lru_width"})) {  // RecurrentGemma
    const auto width = c.need({"lru_width"}, kMaxWidth);
    layer.state = d(width);
    layer.convolution = convolution(width, c.need({"conv1d_width"}, kMaxWidth));
    layer.kind = "RG-LRU";
  } else if (c.has({"mamba_d_state", "ssm_state_size", "state_size"})) {
    add_mamba(c, layer);
  } else if (lower(c.word({"model_type"})).starts_with("minimax")) {  // lightning attention: head by head
    if (!attention.heads() || !attention.head_dim()) c.lacks("num_attention_heads and head_dim are missing");
    layer.state = d(attention.heads()) * d(attention.head_dim()) * d(attention.head_dim());
    layer.state_heads = attention.heads();
    layer.kind = "lightning attention";
  } else {
    c.lacks("layers are recurrent, and no field that is known here says how large their state is");
  }
}

// -------------------------------------------------------------------------------------------------- sharing, dtypes

// Layers that use the keys and values of an earlier one keep none of their own.
void share(const Fields& c, std::vector<CacheLayer>& layers) {
  const auto empty = [&](std::size_t i) {
    if (layers[i].width() > 0) layers[i] = {}, layers[i].kind = "uses an earlier layer's";
  };
  const auto last = static_cast<std::int64_t>(layers.size());
  if (const auto n = c.count({"num_kv_shared_layers"}, last - 1, 0))  // Gemma 3n
    for (auto i = last - *n; i < last; ++i) empty(static_cast<std::size_t>(i));
  if (const auto n = c.count({"num_key_value_layers"}, last))  // SwiftKV
    for (auto i = *n; i < last; ++i) empty(static_cast<std::size_t>(i));
  if (c.flag("use_cla")) {  // Hunyuan: the first layer of each group keeps them
    const auto factor = c.need({"cla_share_factor"}, last);
    for (std::int64_t i = 0; i < last; ++i)
      if (i % factor) empty(static_cast<std::size_t>(i));
  }
}

std::string storage_of(const std::string& torch) {
  return torch == "bfloat16" ? "bf16" : torch == "float16" ? "fp16" : torch == "float32" ? "fp32" : "";
}

CacheLayer layer_of(const Fields& c, const Attention& attention, Kind kind, std::size_t i) {
  CacheLayer layer;
  if (kind == Kind::none) return layer;
  if (kind == Kind::convolution) {
    layer.convolution =
        convolution(c.need({"conv_dim", "hidden_size"}, kMaxWidth), c.need({"conv_L_cache"}, kMaxWidth));
    layer.kind = "convolution";
    return layer;
  }
  if (kind == Kind::recurrent || kind == Kind::hybrid || kind == Kind::hybrid_sliding)
    add_recurrent(c, attention, layer);
  if (kind != Kind::recurrent) attention.add(kind, i, layer);
  return layer;
}

const JsonValue& language_model(const JsonValue& root) {
  for (const auto* name : {"text_config", "llm_config", "language_config"})
    if (const auto* v = root.find(name); v && v->is(Type::object)) return *v;
  return root;
}

}  // namespace

ModelCache parse_model_config(std::string_view text) {
  const auto root = parse_json(text);
  if (!root.is(Type::object)) Fields::bad(root, "a config.json is an object; this is " + root.describe());
  const Fields whole(root), c(language_model(root));
  if (whole.flag("is_encoder_decoder"))
    whole.lacks("an encoder-decoder model; its decoder keeps keys of the encoder too, which is not modelled here");
  for (const auto* field : {"compress_ratios", "index_kpool", "sparse_attention_config"})
    if (c.has({field}))
      c.lacks(fmt::format("{}: attention to compressed or pooled tokens is not modelled here", field));
  ModelCache model;
  model.model_type = c.word({"model_type"});
  model.context = c.count({"max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "max_sequence_length",
                           "model_max_length"},
                          kMaxTokens)
                      .value_or(0);
  model.dtype = storage_of(c.has({"dtype", "torch_dtype"}) ? c.word({"dtype", "torch_dtype"})
                                                           : whole.word({"dtype", "torch_dtype"}));
  model.state_dtype = storage_of(c.word({"mamba_ssm_cache_dtype", "mamba_ssm_dtype"}));
  const auto kinds = kinds_of(c);
  const Attention attention(c, kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    model.layers.push_back(layer_of(c, attention, kinds[i], i));
    if (model.layers.back().kind.empty()) model.layers.back().kind = "nothing kept";
  }
  share(c, model.layers);
  return model;
}

}  // namespace aisp::tools
