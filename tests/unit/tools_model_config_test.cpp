// config.json of Hugging Face checkpoints: what each layer keeps, and files that lie. Expected values are worked out by
// hand from the fields, or are those that a publication gives.
#include "tools/json_tree.hpp"
#include "tools/known_models.hpp"
#include "tools/kv_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

namespace aisp::tools {
namespace {
using ::testing::HasSubstr;

std::string fixture(const std::string& name) {
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/model_configs/" + name + ".json");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_FALSE(text.empty()) << name;
  return text;
}

KvCacheInput input(const ModelCache& model, std::int64_t tokens) {
  KvCacheInput in;
  in.groups = grouped(model.layers);
  in.tokens = tokens;
  in.storage = *find_kv_storage("bf16");
  return in;
}
KvCacheResult cache(const std::string& config, std::int64_t tokens = 1) {
  return kv_cache(input(parse_model_config(config), tokens));
}

std::vector<std::string> kinds(const std::string& config) {
  std::vector<std::string> all;
  for (const auto& layer : parse_model_config(config).layers) all.push_back(layer.kind);
  return all;
}

// ------------------------------------------------------------------------------------------------------------- models

TEST(ModelConfig, GptOss120b) {
  for (const auto& config : {fixture("gpt-oss-120b"), std::string(find_known_model("gpt-oss-120b")->config)}) {
    const auto r = cache(config, 131'072);
    EXPECT_EQ(r.bytes_per_token, 73'728);    // 36 · 2 · 8 · 64 · 2
    EXPECT_EQ(r.growth_per_token, 36'864);   // half of the layers
    EXPECT_EQ(r.windowed_bytes, 4'718'592);  // 18 · 2048 · 128
    EXPECT_EQ(r.bytes, 131'072.0 * 36'864 + 4'718'592);
    EXPECT_EQ(cache(config, 100).bytes, 100.0 * 73'728);  // within the window every layer keeps all
  }
}

TEST(ModelConfig, DeepSeekV31AtItsPublishedSetting) {
  for (const auto& config : {fixture("deepseek-v3.1"), std::string(find_known_model("deepseek-v3.1")->config)}) {
    const auto model = parse_model_config(config);
    EXPECT_EQ(model.context, 163'840);
    const auto r = kv_cache(input(model, model.context));
    EXPECT_EQ(r.bytes_per_token, 70'272);  // 61 · (512 + 64) · 2
    EXPECT_NEAR(r.bytes / std::pow(2.0, 30), 10.72, 0.005);
  }
}

TEST(ModelConfig, ATextModelWithinAMultimodalOne) {
  const auto model = parse_model_config(fixture("gemma-3-27b"));
  EXPECT_EQ(model.model_type, "gemma3_text");
  EXPECT_EQ(model.dtype, "bf16");  // of the whole
  const auto r = kv_cache(input(model, 131'072));
  EXPECT_EQ(r.growth_per_token, 10 * 8192);  // layers 6, 12, … 60 of 62; 2 · 16 · 128 · 2 bytes
  EXPECT_EQ(r.windowed_bytes, 52.0 * 8192 * 1024);
}

TEST(ModelConfig, LinearAttentionKeepsAState) {
  const auto model = parse_model_config(fixture("qwen3-next-80b-a3b"));
  const auto r = kv_cache(input(model, 1000));
  EXPECT_EQ(r.bytes_per_token, 12 * 2 * 2 * 256 * 2);
  // 36 layers: 32 heads of 128 by 128 in fp32, and three inputs of a convolution over 2·16·128 + 32·128 channels.
  EXPECT_EQ(r.state_bytes, 36.0 * (32 * 128 * 128 * 4 + 3 * 8192 * 2));
  EXPECT_EQ(r.bytes, 1000 * r.bytes_per_token + r.state_bytes);
  EXPECT_EQ(kv_cache(input(model, 2000)).state_bytes, r.state_bytes);
}

TEST(ModelConfig, AttentionAndMambaInOneLayer) {
  const auto model = parse_model_config(fixture("falcon-h1"));  // and a number that is Infinity
  ASSERT_EQ(model.layers.size(), 36u);
  EXPECT_EQ(model.layers[0].kind, "full attention + Mamba-2");
  EXPECT_EQ(model.layers[0].width(), 2 * 2 * 64);
  EXPECT_EQ(model.layers[0].state, 24 * 64 * 128);
  EXPECT_EQ(model.layers[0].convolution, 3 * (1536 + 2 * 128));
  EXPECT_EQ(model.layers[0].state_heads, 24);
}

TEST(ModelConfig, EveryKnownModelIsRead) {
  std::set<std::string_view> names;
  for (const auto& known : known_models()) {
    EXPECT_TRUE(names.insert(known.name).second) << known.name;
    const auto model = parse_model_config(known.config);
    EXPECT_GT(model.context, 0) << known.name;
    EXPECT_GT(kv_cache(input(model, 1)).bytes_per_token, 0) << known.name;
    EXPECT_EQ(find_known_model(known.source), &known);
  }
  EXPECT_EQ(find_known_model("GPT-OSS-120B")->source, "openai/gpt-oss-120b");
  EXPECT_EQ(find_known_model("gpt-5"), nullptr);
  const auto of = [](const char* name) { return cache(std::string(find_known_model(name)->config)); };
  EXPECT_EQ(of("llama-3.1-405b").bytes_per_token, 516'096);  // Zhao et al., ISCA 2025, table 1
  EXPECT_EQ(of("qwen2.5-72b").bytes_per_token, 327'680);
  EXPECT_EQ(of("gemma-3n-e4b").bytes_per_token, 20 * 2 * 2 * 256 * 2);  // 15 of 35 layers share
  EXPECT_EQ(of("jamba-1.5-mini").bytes_per_token, 4 * 2 * 8 * 128 * 2);
  EXPECT_EQ(of("jamba-1.5-mini").state_bytes, 28.0 * (8192 * 16 * 4 + 8192 * 3 * 2));
  EXPECT_EQ(of("nemotron-3-nano-30b-a3b").bytes_per_token, 6 * 2 * 2 * 128 * 2);
  EXPECT_EQ(of("deepseek-v3.2").bytes_per_token, 61 * (576 * 2 + 132));  // and 128 FP8 keys with an fp32 scale
  EXPECT_EQ(of("mistral-7b-v0.1").growth_per_token, 0);
}

// ------------------------------------------------------------------------------------------------------------- fields

TEST(ModelConfig, HeadsOfEachLayer) {
  const auto lists = parse_model_config(
      R"({"num_transformer_layers": 3, "head_dim": 64, "num_query_heads": [8, 8, 16], "num_kv_heads": [2, 2, 4]})");
  EXPECT_EQ(lists.layers[2].width(), 2 * 4 * 64);
  EXPECT_EQ(grouped(lists.layers).size(), 2u);
  const auto blocks = parse_model_config(R"({"num_hidden_layers": 3, "num_attention_heads": 64, "hidden_size": 8192,
    "block_configs": [{"attention": {"n_heads_in_group": 8, "no_op": false}}, {"attention": {"no_op": true}},
                      {"attention": {"n_heads_in_group": 16, "window_length": 512}}]})");
  EXPECT_EQ(blocks.layers[0].kv_heads, 8);
  EXPECT_EQ(blocks.layers[1].width(), 0);
  EXPECT_EQ(blocks.layers[2].kv_heads, 4);
  EXPECT_EQ(blocks.layers[2].window, 512);
  const auto own = parse_model_config(R"({"num_hidden_layers": 2, "num_attention_heads": 8, "head_dim": 64,
    "num_key_value_heads": 4, "per_layer_config": {"1": {"num_key_value_heads": 1, "head_dim": 128}}})");
  EXPECT_EQ(own.layers[0].width(), 2 * 4 * 64);
  EXPECT_EQ(own.layers[1].width(), 2 * 128);
}

TEST(ModelConfig, KeysAndValuesOfDifferentSizes) {
  const auto mimo = parse_model_config(R"({"model_type": "mimo_v2_flash", "num_hidden_layers": 3, "head_dim": 192,
    "v_head_dim": 128, "num_attention_heads": 64, "num_key_value_heads": 4, "swa_num_key_value_heads": 8,
    "swa_head_dim": 192, "swa_v_head_dim": 128, "hybrid_layer_pattern": [0, 1, 1], "sliding_window_size": 128,
    "attention_chunk_size": 128})");
  EXPECT_EQ(mimo.layers[0].width(), 4 * (192 + 128));
  EXPECT_EQ(mimo.layers[0].window, 0);
  EXPECT_EQ(mimo.layers[1].width(), 8 * (192 + 128));
  EXPECT_EQ(mimo.layers[1].window, 128);
}

TEST(ModelConfig, KindsByTheFieldsOfEachFamily) {
  using ::testing::ElementsAre;
  const std::string heads = R"("num_attention_heads": 4, "head_dim": 64, )";
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 4, "linear_attn_config": {"kda_layers": [1, 2, 3],
    "num_heads": 2, "head_dim": 16, "short_conv_kernel_size": 4}, "kv_lora_rank": 32, "qk_rope_head_dim": 8})"),
              ElementsAre("Kimi Delta Attention", "Kimi Delta Attention", "Kimi Delta Attention", "MLA"));
  EXPECT_THAT(
      kinds("{" + heads + R"("num_hidden_layers": 2, "model_type": "MiniMaxText01", "attn_type_list": [0, 1]})"),
      ElementsAre("lightning attention", "full attention"));
  EXPECT_THAT(
      kinds("{" + heads + R"("layer_types": ["conv", "full_attention"], "hidden_size": 256, "conv_L_cache": 3})"),
      ElementsAre("convolution", "full attention"));
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 4, "attention_chunk_size": 64, "no_rope_layers": []})"),
              ElementsAre("chunked attention", "chunked attention", "chunked attention", "full attention"));
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 3, "sliding_window": 64, "sliding_window_pattern": "LG"})"),
              ElementsAre("sliding window", "full attention", "sliding window"));
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 3, "model_type": "qwen2", "sliding_window": 64,
    "use_sliding_window": false})"),
              ElementsAre("full attention", "full attention", "full attention"));
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 3, "model_type": "qwen2", "sliding_window": 64,
    "use_sliding_window": true, "max_window_layers": 2})"),
              ElementsAre("full attention", "full attention", "sliding window"));
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 3, "block_types": ["recurrent", "recurrent", "attention"],
    "lru_width": 256, "conv1d_width": 4, "attention_window_size": 2048})"),
              ElementsAre("RG-LRU", "RG-LRU", "sliding window"));
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 4, "use_cla": true, "cla_share_factor": 2})"),
              ElementsAre("full attention", "uses an earlier layer's", "full attention", "uses an earlier layer's"));
  EXPECT_THAT(kinds("{" + heads + R"("num_hidden_layers": 2, "cross_attention_layers": [1]})"),
              ElementsAre("full attention", "nothing kept"));
  EXPECT_THAT(kinds(R"({"model_type": "mamba", "num_hidden_layers": 1, "hidden_size": 64, "state_size": 16,
    "conv_kernel": 4, "intermediate_size": 128})"),
              ElementsAre("Mamba"));
}

TEST(ModelConfig, OlderNames) {
  EXPECT_EQ(parse_model_config(R"({"n_layer": 12, "n_head": 12, "n_embd": 768})").layers[11].width(),
            2 * 768);  // GPT-2
  EXPECT_EQ(parse_model_config(R"({"num_hidden_layers": 32, "num_attention_heads": 71, "hidden_size": 4544,
    "multi_query": true, "new_decoder_architecture": false, "num_kv_heads": 71})")
                .layers[0]
                .kv_heads,
            1);  // Falcon-7B
  EXPECT_EQ(parse_model_config(R"({"num_layers": 28, "num_attention_heads": 32, "kv_channels": 128,
    "multi_query_attention": true, "multi_query_group_num": 2, "seq_length": 8192})")
                .layers[0]
                .width(),
            2 * 2 * 128);  // ChatGLM
}

void refused(const std::string& text, const std::string& why, int line = 1) {
  try {
    parse_model_config(text);
    ADD_FAILURE() << "was read: " << text;
  } catch (const LineError& error) {
    EXPECT_THAT(error.what(), HasSubstr(why)) << text;
    EXPECT_EQ(error.line, line) << text;
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

TEST(ModelConfig, WhatDoesNotDetermineTheCacheIsRefused) {
  const std::string heads = R"("num_attention_heads": 4, "head_dim": 64, )";
  refused("[]", "is an object");
  refused("{}", "num_hidden_layers is missing");
  refused("{\"num_hidden_layers\":\n 0}", "num_hidden_layers is 0", 2);
  refused(R"({"num_hidden_layers": 1e9})", "whole number from 1 to 4096");
  refused(R"({"num_hidden_layers": 99999999999999999999})", "num_hidden_layers");
  refused(R"({"num_hidden_layers": "3"})", "'3'");
  refused(R"({"num_hidden_layers": 2})", "number of KV heads is missing");
  refused(R"({"num_hidden_layers": 2, "num_attention_heads": 3, "hidden_size": 64})", "size of a head");
  refused("{" + heads + R"("layer_types": ["full_attention", "warp_attention"]})", "'warp_attention'");
  refused("{" + heads + R"("layer_types": ["full_attention"], "num_hidden_layers": 2})", "1 entries");
  refused("{" + heads + R"("num_hidden_layers": 2, "sliding_window": 64, "model_type": "new"})", "for which layers");
  refused("{" + heads + R"("layer_types": ["sliding_attention"]})", "sliding_window is missing");
  refused("{" + heads + R"("layer_types": ["linear_attention"]})", "how large their state is");
  refused("{" + heads + R"("num_hidden_layers": 2, "num_key_value_heads": [1, 2, 3]})", "3 entries");
  refused("{" + heads + R"("num_hidden_layers": 2, "compress_ratios": [4, 128]})", "not modelled");
  refused("{" + heads + R"("num_hidden_layers": 2, "is_encoder_decoder": true})", "encoder-decoder");
  refused("{" + heads + R"("num_hidden_layers": 2, "num_kv_shared_layers": 2})", "num_kv_shared_layers is 2");
  refused("{" + heads + R"("num_hidden_layers": 2, "attn_layer_indices": [2]})", "attn_layer_indices is 2");
  refused(R"({"hybrid_override_pattern": "M*|"})", "letter");
}

// --------------------------------------------------------------------------------------------------------------- JSON

TEST(JsonTree, ReadsWhatTheProgramsWrite) {
  const auto j =
      parse_json("{\n \"a\": [1, -2.5e3, NaN, Infinity, -Infinity],\n \"b\": \"\\u00e9\\ud83d\\ude00\\n\"\n}");
  EXPECT_EQ(j.find("a")->line, 2);
  EXPECT_EQ(j.find("a")->items[0].whole(), 1);
  EXPECT_EQ(j.find("a")->items[1].number, -2500);
  EXPECT_FALSE(j.find("a")->items[1].whole());
  EXPECT_TRUE(std::isnan(j.find("a")->items[2].number));
  EXPECT_TRUE(std::isinf(j.find("a")->items[4].number));
  EXPECT_EQ(j.find("b")->text, "é😀\n");
  EXPECT_EQ(j.find("c"), nullptr);
}

TEST(JsonTree, RefusesWhatIsNone) {
  const auto why = [](const std::string& text) -> std::string {
    try {
      parse_json(text);
    } catch (const LineError& error) {
      return std::to_string(error.line) + " " + error.what();
    }
    return "read";
  };
  EXPECT_THAT(why(""), HasSubstr("ends too early"));
  EXPECT_THAT(why("{\"a\": 1,\n\"a\": 2}"), HasSubstr("2 the field 'a' is there twice"));
  EXPECT_THAT(why("[1,]"), HasSubstr("missing"));
  EXPECT_THAT(why("[1 2]"), HasSubstr("lacks"));
  EXPECT_THAT(why("{\"a\" 1}"), HasSubstr("':'"));
  EXPECT_THAT(why("1 1"), HasSubstr("behind"));
  for (const char* number : {"01", "1.", ".5", "1.e3", "+1", "1,5", "0x10", "--1", "1e"})
    EXPECT_NE(why(number), "read") << number;
  EXPECT_THAT(why("1e999"), HasSubstr("out of range"));
  EXPECT_THAT(why("\"\\ud800\""), HasSubstr("surrogate"));
  EXPECT_THAT(why("\"\\x\""), HasSubstr("escape"));
  EXPECT_THAT(why("\"a\nb\""), HasSubstr("control"));
  EXPECT_THAT(why(std::string(1000, '[')), HasSubstr("nested"));
}

}  // namespace
}  // namespace aisp::tools
