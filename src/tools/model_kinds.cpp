// What every layer of a model is: by a list of names where the config has one, else by the fields of its family.
#include "tools/model_fields.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

namespace aisp::tools::config {
namespace {

struct KindName {
  std::string_view name;
  Kind kind;
};
// layer_types, layers_block_type and block_types of the configuration classes.
constexpr KindName kKindNames[] = {
    {"full_attention", Kind::full},
    {"attention", Kind::full},
    {"deepseek_sparse_attention", Kind::full},
    {"sliding_attention", Kind::sliding},
    {"chunked_attention", Kind::chunked},
    {"linear_attention", Kind::recurrent},
    {"mamba", Kind::recurrent},
    {"mamba2", Kind::recurrent},
    {"recurrent", Kind::recurrent},
    {"hybrid", Kind::hybrid},
    {"hybrid_sliding", Kind::hybrid_sliding},
    {"conv", Kind::convolution},
    {"moe", Kind::none},
    {"mlp", Kind::none},
};

struct Windows {  // a model type whose class says which layers have the window where the file does not
  std::string_view model_type;
  std::int64_t every;  // each so manieth layer is a full one; 0 = none is
};
constexpr Windows kWindows[] = {{"gpt_oss", 2},      {"gemma2", 2},      {"gemma3", 6},    {"gemma3_text", 6},
                                {"gemma3n_text", 5}, {"gemma4_text", 6}, {"cohere2", 4},   {"olmo3", 4},
                                {"mistral", 0},      {"mixtral", 0},     {"ministral", 0}, {"phi3", 0},
                                {"phimoe", 0},       {"starcoder2", 0}};

class Layers {
 public:
  explicit Layers(const Fields& config) : config_(config), type_(config.word({"model_type"})) {}

  std::vector<Kind> kinds() {
    if (const auto* pattern = config_.find({"hybrid_override_pattern"})) return of_letters(*pattern);
    for (const auto name : {"layer_types", "layers_block_type"})
      if (const auto* list = config_.list(name)) return of_names(*list, name);
    const auto layers = static_cast<std::size_t>(
        config_.need({"num_hidden_layers", "n_layer", "n_layers", "num_layers", "num_transformer_layers"}, kMaxLayers));
    kinds_.assign(layers, Kind::full);
    if (!of_hybrids()) of_windows();
    if (const auto* cross = config_.list("cross_attention_layers"))  // of images: none of the sequence's tokens
      at_indices(*cross, "cross_attention_layers", 0, Kind::none);
    return kinds_;
  }

 private:
  static Kind kind_of(const JsonValue& v, std::string_view field) {
    const auto* found = std::find_if(std::begin(kKindNames), std::end(kKindNames),
                                     [&](const auto& k) { return v.is(Type::string) && k.name == v.text; });
    if (found == std::end(kKindNames))
      Fields::bad(v, fmt::format("{} has {}, a kind of layer whose cache is not known here", field, v.describe()));
    return found->kind;
  }
  std::vector<Kind> of_names(const JsonValue& list, std::string_view field) {
    if (list.items.empty()) Fields::bad(list, fmt::format("{} is empty", field));
    const auto layers = config_.count({"num_hidden_layers"}, kMaxLayers);
    if (layers && std::cmp_not_equal(*layers, list.items.size()))
      Fields::bad(list,
                  fmt::format("{} has {} entries and num_hidden_layers is {}", field, list.items.size(), *layers));
    for (const auto& v : list.items) kinds_.push_back(kind_of(v, field));
    return kinds_;
  }
  std::vector<Kind> of_letters(const JsonValue& pattern) {  // Nemotron-H
    if (!pattern.is(Type::string) || pattern.text.empty() || pattern.text.size() > kMaxLayers)
      Fields::bad(pattern, "hybrid_override_pattern must be a word of one letter a layer");
    for (const char c : pattern.text) {
      constexpr std::string_view kLetters = "M*-E";
      constexpr Kind kMeant[] = {Kind::recurrent, Kind::full, Kind::none, Kind::none};
      const auto i = kLetters.find(c);
      if (i == std::string_view::npos)
        Fields::bad(pattern, "hybrid_override_pattern has a letter that is none of M, *, - and E");
      kinds_.push_back(kMeant[i]);
    }
    return kinds_;
  }
  void set_each(const std::function<Kind(std::int64_t)>& kind) {
    for (std::size_t i = 0; i < kinds_.size(); ++i) kinds_[i] = kind(static_cast<std::int64_t>(i));
  }
  void at_indices(const JsonValue& list, std::string_view field, std::int64_t first, Kind kind) {
    const auto last = static_cast<std::int64_t>(kinds_.size()) - 1 + first;
    for (const auto& v : list.items)
      kinds_[static_cast<std::size_t>(Fields::count_of(v, field, last, first) - first)] = kind;
  }
  // 0 or 1 a layer.
  bool of_digits(const char* field, Kind zero, Kind one) {
    const auto* list = config_.list(field, kinds_.size());
    if (!list) return false;
    set_each([&](std::int64_t i) {
      return Fields::count_of(list->items[static_cast<std::size_t>(i)], field, 1, 0) ? one : zero;
    });
    return true;
  }

  // Layers that are no attention, by the fields of each family.
  bool of_hybrids() {
    const auto attention_at = [&](const JsonValue& list, const char* field, Kind others) {
      kinds_.assign(kinds_.size(), others);
      at_indices(list, field, 0, Kind::full);
      return true;
    };
    if (const auto* list = config_.list("attn_layer_indices"))  // Bamba
      return attention_at(*list, "attn_layer_indices", Kind::recurrent);
    if (const auto* list = config_.list("full_attn_idxs"))  // LFM2
      return attention_at(*list, "full_attn_idxs", Kind::convolution);
    if (const auto period = config_.count({"attn_layer_period"}, kMaxLayers)) {  // Jamba
      const auto offset = config_.count({"attn_layer_offset"}, *period - 1, 0).value_or(0);
      set_each([&](std::int64_t i) { return i % *period == offset ? Kind::full : Kind::recurrent; });
      return true;
    }
    if (const auto* linear = config_.find({"linear_attn_config"})) {  // Kimi Linear counts its layers from 1
      const Fields of(*linear);
      const auto* list = of.list("kda_layers");
      if (!list) of.lacks("linear_attn_config lacks kda_layers");
      at_indices(*list, "kda_layers", 1, Kind::recurrent);
      return true;
    }
    if (const auto interval = config_.count({"full_attention_interval"}, kMaxLayers)) {  // Qwen3-Next
      set_each([&](std::int64_t i) { return (i + 1) % *interval ? Kind::recurrent : Kind::full; });
      return true;
    }
    if (const auto* blocks = config_.find({"block_types", "_block_types"})) {  // RecurrentGemma, repeated
      if (!blocks->is(Type::array) || blocks->items.empty()) Fields::bad(*blocks, "block_types must be a list");
      set_each([&](std::int64_t i) {
        const auto kind = kind_of(blocks->items[static_cast<std::size_t>(i) % blocks->items.size()], "block_types");
        return kind == Kind::full ? Kind::sliding : kind;
      });
      return true;
    }
    if (of_digits("attn_type_list", Kind::recurrent, Kind::full)) return true;      // MiniMax
    if (of_digits("hybrid_layer_pattern", Kind::full, Kind::sliding)) return true;  // MiMo
    const auto all = [&](Kind kind) { return kinds_.assign(kinds_.size(), kind), true; };
    if (type_ == "falcon_h1") return all(Kind::hybrid);
    if (type_ == "mamba" || type_ == "mamba2" || type_ == "falcon_mamba") return all(Kind::recurrent);
    return false;
  }

  void of_windows() {
    if (const auto* rope = config_.list("no_rope_layers"); config_.has({"attention_chunk_size"})) {  // Llama 4
      const auto interval = config_.count({"no_rope_layer_interval"}, kMaxLayers).value_or(4);
      if (rope && !rope->items.empty()) {
        of_digits("no_rope_layers", Kind::full, Kind::chunked);
        return;
      }
      return set_each([&](std::int64_t i) { return (i + 1) % interval ? Kind::chunked : Kind::full; });
    }
    const auto* window = config_.find({"sliding_window"});
    if (!window || type_.starts_with("qwen") || config_.has({"use_sliding_window"})) {
      if (!window || !config_.flag("use_sliding_window")) return;
      const auto from = config_.count({"max_window_layers"}, kMaxLayers, 0).value_or(0);
      return set_each([&](std::int64_t i) { return i >= from ? Kind::sliding : Kind::full; });
    }
    const auto every = [&](std::int64_t n) {
      set_each([&](std::int64_t i) { return n && (i + 1) % n == 0 ? Kind::full : Kind::sliding; });
    };
    if (const auto* pattern = config_.find({"sliding_window_pattern", "_sliding_window_pattern"})) {
      if (!pattern->is(Type::string)) return every(Fields::count_of(*pattern, "sliding_window_pattern", kMaxLayers));
      if (pattern->text.empty() || pattern->text.find_first_not_of("LG") != std::string::npos)
        Fields::bad(*pattern, "sliding_window_pattern must be a number or a word of L and G");
      return set_each([&](std::int64_t i) {  // EXAONE 4
        return pattern->text[static_cast<std::size_t>(i) % pattern->text.size()] == 'G' ? Kind::full : Kind::sliding;
      });
    }
    const auto* known =
        std::find_if(std::begin(kWindows), std::end(kWindows), [&](const auto& w) { return w.model_type == type_; });
    if (known == std::end(kWindows))
      Fields::bad(
          *window,
          "sliding_window is set, and neither layer_types nor a rule for this model_type says for which layers");
    every(known->every);
    if (type_ == "gemma4_text") kinds_.back() = Kind::full;
  }

  const Fields& config_;
  std::string type_;
  std::vector<Kind> kinds_;
};

}  // namespace

std::vector<Kind> kinds_of(const Fields& config) { return Layers(config).kinds(); }

}  // namespace aisp::tools::config
