#include "tools/known_models.hpp"

#include <algorithm>
#include <cctype>

namespace aisp::tools {
namespace {

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

// Each figure stands under its own name in the config.json of the repository beside it; where a second source is named,
// it was compared with that one.
const std::vector<KnownModel>& known_models() {
  static const std::vector<KnownModel> all{
      // And the class GptOssConfig of transformers, whose defaults are this model: every second layer has the window.
      {"gpt-oss-120b", "openai/gpt-oss-120b",
       R"({"model_type": "gpt_oss", "num_hidden_layers": 36, "num_attention_heads": 64, "num_key_value_heads": 8,
           "head_dim": 64, "sliding_window": 128, "max_position_embeddings": 131072, "dtype": "bfloat16"})"},
      {"gpt-oss-20b", "openai/gpt-oss-20b",
       R"({"model_type": "gpt_oss", "num_hidden_layers": 24, "num_attention_heads": 64, "num_key_value_heads": 8,
           "head_dim": 64, "sliding_window": 128, "max_position_embeddings": 131072, "dtype": "bfloat16"})"},
      // And Zhao et al., Insights into DeepSeek-V3, ISCA 2025, table 1: 70,272 bytes of a token.
      {"deepseek-v3", "deepseek-ai/DeepSeek-V3",
       R"({"model_type": "deepseek_v3", "num_hidden_layers": 61, "num_attention_heads": 128, "kv_lora_rank": 512,
           "qk_rope_head_dim": 64, "max_position_embeddings": 163840, "dtype": "bfloat16"})"},
      {"deepseek-r1", "deepseek-ai/DeepSeek-R1",
       R"({"model_type": "deepseek_v3", "num_hidden_layers": 61, "num_attention_heads": 128, "kv_lora_rank": 512,
           "qk_rope_head_dim": 64, "max_position_embeddings": 163840, "dtype": "bfloat16"})"},
      {"deepseek-v3.1", "deepseek-ai/DeepSeek-V3.1",
       R"({"model_type": "deepseek_v3", "num_hidden_layers": 61, "num_attention_heads": 128, "kv_lora_rank": 512,
           "qk_rope_head_dim": 64, "max_position_embeddings": 163840, "dtype": "bfloat16"})"},
      {"deepseek-v3.2", "deepseek-ai/DeepSeek-V3.2",
       R"({"model_type": "deepseek_v32", "num_hidden_layers": 61, "num_attention_heads": 128, "kv_lora_rank": 512,
           "qk_rope_head_dim": 64, "index_topk": 2048, "index_head_dim": 128, "max_position_embeddings": 163840,
           "dtype": "bfloat16"})"},
      {"kimi-k2", "moonshotai/Kimi-K2-Instruct",
       R"({"model_type": "kimi_k2", "num_hidden_layers": 61, "num_attention_heads": 64, "kv_lora_rank": 512,
           "qk_rope_head_dim": 64, "max_position_embeddings": 131072, "dtype": "bfloat16"})"},
      {"llama-3.1-8b", "meta-llama/Llama-3.1-8B",
       R"({"model_type": "llama", "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
           "hidden_size": 4096, "max_position_embeddings": 131072, "dtype": "bfloat16"})"},
      {"llama-3.1-70b", "meta-llama/Llama-3.1-70B",
       R"({"model_type": "llama", "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
           "hidden_size": 8192, "max_position_embeddings": 131072, "dtype": "bfloat16"})"},
      {"llama-3.3-70b", "meta-llama/Llama-3.3-70B-Instruct",
       R"({"model_type": "llama", "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
           "hidden_size": 8192, "max_position_embeddings": 131072, "dtype": "bfloat16"})"},
      // And Zhao et al., table 1: 516,096 bytes of a token.
      {"llama-3.1-405b", "meta-llama/Llama-3.1-405B",
       R"({"model_type": "llama", "num_hidden_layers": 126, "num_attention_heads": 128, "num_key_value_heads": 8,
           "hidden_size": 16384, "max_position_embeddings": 131072, "dtype": "bfloat16"})"},
      // And Zhao et al., table 1: 327,680 bytes of a token.
      {"qwen2.5-72b", "Qwen/Qwen2.5-72B-Instruct",
       R"({"model_type": "qwen2", "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
           "hidden_size": 8192, "max_position_embeddings": 32768, "dtype": "bfloat16"})"},
      {"qwen3-8b", "Qwen/Qwen3-8B",
       R"({"model_type": "qwen3", "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8,
           "head_dim": 128, "max_position_embeddings": 40960, "dtype": "bfloat16"})"},
      {"qwen3-32b", "Qwen/Qwen3-32B",
       R"({"model_type": "qwen3", "num_hidden_layers": 64, "num_attention_heads": 64, "num_key_value_heads": 8,
           "head_dim": 128, "max_position_embeddings": 40960, "dtype": "bfloat16"})"},
      {"qwen3-30b-a3b", "Qwen/Qwen3-30B-A3B",
       R"({"model_type": "qwen3_moe", "num_hidden_layers": 48, "num_attention_heads": 32, "num_key_value_heads": 4,
           "head_dim": 128, "max_position_embeddings": 40960, "dtype": "bfloat16"})"},
      {"qwen3-235b-a22b", "Qwen/Qwen3-235B-A22B",
       R"({"model_type": "qwen3_moe", "num_hidden_layers": 94, "num_attention_heads": 64, "num_key_value_heads": 4,
           "head_dim": 128, "max_position_embeddings": 40960, "dtype": "bfloat16"})"},
      // And the class Qwen3NextConfig of transformers, whose defaults are this model: every fourth layer is attention.
      {"qwen3-next-80b-a3b", "Qwen/Qwen3-Next-80B-A3B-Instruct",
       R"({"model_type": "qwen3_next", "num_hidden_layers": 48, "num_attention_heads": 16, "num_key_value_heads": 2,
           "head_dim": 256, "full_attention_interval": 4, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
           "linear_key_head_dim": 128, "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4,
           "max_position_embeddings": 262144, "dtype": "bfloat16"})"},
      {"mistral-7b-v0.1", "mistralai/Mistral-7B-v0.1",
       R"({"model_type": "mistral", "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
           "hidden_size": 4096, "sliding_window": 4096, "max_position_embeddings": 32768, "dtype": "bfloat16"})"},
      {"mixtral-8x7b", "mistralai/Mixtral-8x7B-v0.1",
       R"({"model_type": "mixtral", "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
           "hidden_size": 4096, "sliding_window": null, "max_position_embeddings": 32768, "dtype": "bfloat16"})"},
      {"gemma-3-27b", "google/gemma-3-27b-it",
       R"({"model_type": "gemma3_text", "num_hidden_layers": 62, "num_attention_heads": 32, "num_key_value_heads": 16,
           "head_dim": 128, "sliding_window": 1024, "sliding_window_pattern": 6, "max_position_embeddings": 131072,
           "dtype": "bfloat16"})"},
      // And the class Gemma3nTextConfig of transformers: of 35 layers the last 15 use the keys of earlier ones.
      {"gemma-3n-e4b", "google/gemma-3n-E4B-it",
       R"({"model_type": "gemma3n_text", "num_hidden_layers": 35, "num_attention_heads": 8, "num_key_value_heads": 2,
           "head_dim": 256, "sliding_window": 512, "num_kv_shared_layers": 15, "max_position_embeddings": 32768,
           "dtype": "bfloat16"})"},
      // And the class JambaConfig of transformers: every eighth layer, from the fifth on, is attention.
      {"jamba-1.5-mini", "ai21labs/AI21-Jamba-1.5-Mini",
       R"({"model_type": "jamba", "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
           "hidden_size": 4096, "attn_layer_period": 8, "attn_layer_offset": 4, "mamba_d_state": 16,
           "mamba_d_conv": 4, "mamba_expand": 2, "max_position_embeddings": 262144, "dtype": "bfloat16"})"},
      {"nemotron-3-nano-30b-a3b", "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16",
       R"({"model_type": "nemotron_h",
           "hybrid_override_pattern": "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
           "num_attention_heads": 32, "num_key_value_heads": 2, "head_dim": 128, "hidden_size": 2688,
           "mamba_num_heads": 64, "mamba_head_dim": 64, "ssm_state_size": 128, "n_groups": 8, "conv_kernel": 4,
           "mamba_ssm_cache_dtype": "float32", "max_position_embeddings": 262144, "dtype": "bfloat16"})"},
  };
  return all;
}

const KnownModel* find_known_model(std::string_view name) {
  for (const auto& model : known_models())
    if (same(model.name, name) || same(model.source, name)) return &model;
  return nullptr;
}

}  // namespace aisp::tools
