// The calculators of the real binary: results, both spellings of the command line, and bad input.
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CliUtils : public CliTest {
 protected:
  using Words = std::vector<std::string>;
  static Words kv_cache(const Words& more = {}) {
    Words words{"utils",    "kv-cache", "--layers", "80", "--hidden", "8192",
                "--tokens", "4096",     "--batch",  "8",  "--dtype",  "fp8"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static Words cost(const std::string& power, const std::string& throughput) {
    return {"utils",    "cost-per-token",     "--avg-power", power,   "--throughput",
            throughput, "--electricity-cost", "0.16",        "--pue", "1.5"};
  }
  static Words cluster(const Words& more) {
    Words words{"utils",           "cluster-size", "--qps",          "20",   "--prompt-tokens", "1500",
                "--output-tokens", "250",          "--prefill-rate", "25000"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Words expect_ok(const Words& words) const {
    const auto result = aisp(words);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return {result.out, result.err};
  }
};

TEST_F(CliUtils, EveryToolHasHelpWithASourceAndAnExample) {
  for (const char* tool : {"kv-cache", "cost-per-token", "compare-precision", "spec-config-sweep", "cluster-size",
                           "detect-cutlass", "async-input-sweep"}) {
    const auto help = expect_ok({"utils", tool, "--help"}).front();
    EXPECT_THAT(help, HasSubstr(std::string("Example:\n  aisp utils ") + tool));
    EXPECT_THAT(help, testing::ContainsRegex("(Formula|Method):")) << tool;
  }
  for (const char* tool : {"dump-hw", "probe-hw"})
    EXPECT_THAT(expect_ok({"utils", tool, "--help"}).front(), HasSubstr("Example:"));
  EXPECT_THAT(expect_ok({"utils", "--help"}).front(), HasSubstr("--tool NAME -- ARGS"));
}

TEST_F(CliUtils, BothSpellingsAreOneCommand) {
  auto words = kv_cache({"--json"});
  const auto plain = aisp(words);
  words.erase(words.begin() + 1);
  words.insert(words.begin() + 1, {"--tool", "kv-cache", "--"});
  const auto old = aisp(words);
  ASSERT_EQ(old.exit_code, 0) << old.err;
  EXPECT_EQ(old.out, plain.out);
  EXPECT_DOUBLE_EQ(plain.json().at("bytes").at("value").get<double>(), 42'949'672'960);
  EXPECT_EQ(plain.json().at("bytes").at("unit"), "B");
  EXPECT_THAT(aisp({"utils", "--tool=dump-hw", "--", "--json"}).json(), testing::Contains(testing::_));
  expect_refused({"utils", "--tool", "kv-cahe", "--", "--layers", "1"}, {"kv-cahe", "kv-cache"});
  expect_refused({"utils", "--tool"}, {"--tool"});
  expect_refused({"utils"}, {"kv-cache"});
}

TEST_F(CliUtils, KvCacheSaysWhatFits) {
  const auto text =
      expect_ok(kv_cache({"--gpu-mem-gb", "192", "--kv-overhead-frac", "0.10", "--reserve-activations-gb", "40"}))
          .front();
  EXPECT_THAT(text, HasSubstr("42.9 GB"));
  EXPECT_THAT(text, HasSubstr("47.2 GB"));
  EXPECT_THAT(text, HasSubstr("25 sequences"));  // ⌊152 GB / (5.37 GB · 1.1)⌋
  EXPECT_EQ(aisp(kv_cache({"--gpu-mem-gb", "40", "--json"})).json().at("fits"), false);
}

TEST_F(CliUtils, KvCacheOfAModel) {
  const std::string fixtures = std::string(AISP_SOURCE_DIR) + "/tests/fixtures/model_configs/";
  for (const auto& model :
       {std::string("gpt-oss-120b"), std::string("OpenAI/gpt-oss-120b"), fixtures + "gpt-oss-120b.json"}) {
    const auto j = aisp({"utils", "kv-cache", model, "--json"}).json();
    EXPECT_EQ(j.at("bytes_per_token").at("value"), 73'728) << model;
    EXPECT_EQ(j.at("growth_per_token").at("value"), 36'864) << model;
    EXPECT_EQ(j.at("windowed_bytes").at("value"), 4'718'592) << model;
    EXPECT_EQ(j.at("tokens"), 131'072) << model;
  }
  for (const auto& model : {std::string("deepseek-v3.1"), fixtures + "deepseek-v3.1.json"}) {
    const auto text = expect_ok({"utils", "kv-cache", model}).front();
    EXPECT_THAT(text, HasSubstr("11.5 GB = 10.72 GiB")) << model;
    EXPECT_THAT(text, HasSubstr("1 sequence of 163840 tokens")) << model;
  }
  std::filesystem::create_directory(folder_ / "checkpoint");
  write("checkpoint/config.json",
        R"({"num_hidden_layers": 2, "num_attention_heads": 8, "head_dim": 64, "torch_dtype": "float32"})");
  const auto folder = aisp({"utils", "kv-cache", "checkpoint", "--tokens", "10", "--json"}).json();
  EXPECT_EQ(folder.at("bytes").at("value"), 10 * 2 * 2 * 8 * 64 * 4);
  EXPECT_EQ(folder.at("dtype"), "fp32");
  expect_refused({"utils", "kv-cache", "checkpoint"}, {"--tokens"});
  expect_refused({"utils", "kv-cache", "gpt-oss-120"}, {"gpt-oss-120b", "config.json"});
  expect_refused({"utils", "kv-cache", "absent.json"}, {"absent.json"});
  expect_refused({"utils", "kv-cache", "gpt-oss-120b", "--layers", "3"}, {"--layers"});
  write("bad.json", "{\n  \"num_hidden_layers\": \"many\"\n}");
  expect_refused({"utils", "kv-cache", "bad.json"}, {"bad.json:2", "num_hidden_layers", "'many'"});
  write("cut.json", "{\"num_hidden_layers\": 2");
  expect_refused({"utils", "kv-cache", "cut.json"}, {"cut.json:1"});
}

TEST_F(CliUtils, KvCacheOfWindowsAndValues) {
  const auto j = aisp({"utils", "kv-cache", "--layers", "4", "--kv-heads", "2", "--head-dim", "192", "--v-head-dim",
                       "128", "--window", "100", "--window-layers", "3", "--tokens", "1000", "--json"})
                     .json();
  EXPECT_EQ(j.at("bytes_per_token").at("value"), 4 * 2 * 320 * 2);
  EXPECT_EQ(j.at("windowed_bytes").at("value"), 3 * 2 * 320 * 2 * 100);
  expect_refused(kv_cache({"--window", "100"}), {"--window-layers"});
  expect_refused(kv_cache({"--window", "100", "--window-layers", "81"}), {"--window-layers 81"});
}

TEST_F(CliUtils, KvCacheRefuses) {
  const auto change = [](Words words, const std::string& flag, const std::string& value) {
    *(std::find(words.begin(), words.end(), flag) + 1) = value;
    return words;
  };
  for (const char* bad : {"0", "-1", "nan", "inf", "1e99", "4.5", "ten", "", "99999999999999999999", "0x10", "010"})
    expect_refused(change(kv_cache(), "--layers", bad), {"--layers"});
  expect_refused(change(kv_cache(), "--dtype", "fp9"), {"fp9", "fp8"});
  for (const char* bad : {"0", "-192", "nan", "inf"}) expect_refused(kv_cache({"--gpu-mem-gb", bad}), {"--gpu-mem-gb"});
  expect_refused(kv_cache({"--kv-overhead-frac", "-0.1"}), {"--kv-overhead-frac"});
  expect_refused(kv_cache({"--head-dim", "128"}), {"--hidden", "--head-dim"});
  expect_refused(kv_cache({"--heads", "64"}), {"--kv-heads"});
  expect_refused(kv_cache({"--heads", "60", "--kv-heads", "8"}), {"multiple"});
  expect_refused(kv_cache({"--mla-rank", "512"}), {"--mla-rank", "--hidden"});
  expect_refused(kv_cache({"--scale-bits", "8"}), {"--group"});
  expect_refused(kv_cache({"--weights-gb", "8"}), {"--gpu-mem-gb"});
  expect_refused({"utils", "kv-cache", "--layers", "2", "--tokens", "3"}, {"--hidden"});
  expect_refused({"utils", "kv-cache", "--tokens", "3"}, {"--layers"});
}

TEST_F(CliUtils, CostPerToken) {
  EXPECT_THAT(expect_ok(cost("800", "1500")).front(), HasSubstr("$0.0356/Mtok"));
  EXPECT_NEAR(aisp({"utils", "--tool", "cost-per-token", "--", "--avg-power", "800", "--throughput", "1500",
                    "--electricity-cost", "0.16", "--pue", "1.5", "--json"})
                  .json()
                  .at("energy_cost_per_million_tokens")
                  .at("value")
                  .get<double>(),
              0.0356, 0.00005);
  for (const char* bad : {"0", "-800", "nan", "-inf", "1e400", "8oo"}) {
    expect_refused(cost(bad, "1500"), {"--avg-power"});
    expect_refused(cost("800", bad), {"--throughput"});
  }
  auto both = cost("800", "1500");
  both.insert(both.end(), {"--hardware-price", "1000"});
  expect_refused(both, {"--amortization-years"});
  both.insert(both.end(), {"--amortization-years", "4", "--gpu-hour-price", "2"});
  expect_refused(both, {"--gpu-hour-price"});
  // What would have no effect is refused, and so is what is said twice.
  for (const auto& [option, value, needed] :
       {std::tuple{"--amortization-years", "3", "--hardware-price"}, std::tuple{"--gpus", "8", "--gpu-hour-price"},
        std::tuple{"--idle-power", "100", "--utilization"}, std::tuple{"--avg-power", "900", "more than once"}}) {
    auto words = cost("800", "1500");
    words.insert(words.end(), {option, value});
    expect_refused(words, {option, needed});
  }
  expect_refused(cost("800", "1e-300"), {"--throughput", "from 1e-06"});
}

TEST_F(CliUtils, AbsurdSizesStayReadable) {
  const auto text = expect_ok({"utils", "kv-cache", "--layers", "1000000", "--hidden", "1000000", "--tokens",
                               "1000000000", "--batch", "1000000000"})
                        .front();
  EXPECT_THAT(text, HasSubstr("4e+12 EB"));
}

TEST_F(CliUtils, SpecConfigSweepIsCheckedBySimulation) {
  const auto j = aisp({"utils", "spec-config-sweep", "--acceptance", "0.8,0.9", "--draft-length", "5,2", "--draft-cost",
                       "0", "--simulate", "20000", "--json"})
                     .json();
  ASSERT_EQ(j.at("cells").size(), 4u);
  EXPECT_EQ(j.at("cells").at(0).at("draft_length"), 2);
  EXPECT_NEAR(j.at("cells").at(1).at("speedup").get<double>(), 3.69, 0.005);
  EXPECT_LT(j.at("worst_deviation_standard_errors").get<double>(), 5);
  EXPECT_THAT(expect_ok({"utils", "spec-config-sweep"}).front(), HasSubstr("drafted tokens"));
  expect_refused({"utils", "spec-config-sweep", "--acceptance", "0.8,1.2"}, {"--acceptance", "1.2"});
  expect_refused({"utils", "spec-config-sweep", "--draft-length", "-1"}, {"--draft-length"});
  expect_refused({"utils", "spec-config-sweep", "--draft-cost", "nan"}, {"--draft-cost"});
}

TEST_F(CliUtils, ClusterSizeIsChecked) {
  const auto result = aisp(
      cluster({"--decode-step", "64:0.022", "--decode-step", "1:0.012", "--ttft", "0.5", "--tpot", "0.03", "--json"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto j = result.json();
  EXPECT_EQ(j.at("simulated").at("meets"), true);
  EXPECT_EQ(j.at("gpus").get<int>(), j.at("prefill_replicas").get<int>() + j.at("decode_replicas").get<int>());
  expect_refused(cluster({"--decode-step", "1:0.012", "--ttft", "0.1", "--tpot", "0.03"}),
                 {"no number of GPUs", "prefill"});
  expect_refused(cluster({"--decode-step", "1:0.05", "--ttft", "0.5", "--tpot", "0.03"}),
                 {"no number of GPUs", "step"});
  expect_refused(cluster({"--decode-step", "1", "--ttft", "0.5", "--tpot", "0.03"}), {"BATCH:SECONDS"});
  expect_refused(cluster({"--decode-step", "1:-3", "--ttft", "0.5", "--tpot", "0.03"}), {"BATCH:SECONDS"});
  expect_refused(cluster({"--decode-step", "1:0.01", "--decode-step", "1:0.02", "--ttft", "0.5", "--tpot", "0.03"}),
                 {"twice"});
  expect_refused(cluster({"--decode-step", "1:0.01", "--decode-step", "8:0.2", "--ttft", "0.5", "--tpot", "0.3"}),
                 {"fewer tokens"});
  expect_refused(cluster({"--decode-step", "8:0.01", "--max-batch", "9", "--ttft", "0.5", "--tpot", "0.3"}),
                 {"--max-batch"});
}

TEST_F(CliUtils, ComparePrecisionOfOperationsAndFiles) {
  for (const char* operation : {"gemm", "softmax", "attention"}) {
    const auto j =
        aisp({"utils", "compare-precision", "--operation", operation, "--format", "bf16,nvfp4", "--json"}).json();
    ASSERT_EQ(j.at("formats").size(), 2u) << operation;
    EXPECT_GT(j.at("formats").at(0).at("snr_db").get<double>(), j.at("formats").at(1).at("snr_db").get<double>())
        << operation;
  }
  std::string npy("\x93NUMPY\x01\x00\x36\x00", 10);
  npy += "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}";
  npy.resize(10 + 0x36, ' ');
  write("short.npy", npy + std::string("\0\0\x80\x3f", 4));
  expect_refused({"utils", "compare-precision", "--file", "short.npy"}, {"short.npy"});
  npy = std::string("\x93NUMPY\x01\x00\x38\x00", 10) + "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}\n";
  write("two.npy", npy + std::string("\0\0\x80\x3f\0\0\x80\x4f", 8));  // 1 and 2^32
  const auto j = aisp({"utils", "compare-precision", "--file", "two.npy", "--format", "fp16", "--json"}).json();
  EXPECT_EQ(j.at("formats").at(0).at("overflows"), 1);
  EXPECT_EQ(j.at("formats").at(0).at("nonfinite"), 1);
  EXPECT_THAT(expect_ok({"utils", "compare-precision", "--file", "two.npy"}).front(), HasSubstr("shape (2)"));

  const std::string archive = std::string(AISP_SOURCE_DIR) + "/tests/fixtures/numpy/deflated.npz";
  const auto of = [&](const Words& more) {
    Words words{"utils", "compare-precision", "--file", archive, "--format", "fp16"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  EXPECT_THAT(expect_ok(of({"--array", "weights"})).front(), HasSubstr("4 elements of bf16, shape (4)"));
  EXPECT_THAT(expect_ok(of({"--array", "scales", "--fp8", "e4m3"})).front(), HasSubstr("3 elements of fp8_e4m3"));
  expect_refused(of({}), {"deflated.npz", "several arrays", "'weights'", "--array NAME"});
  expect_refused(of({"--array", "scales"}), {"--fp8 e4m3"});
  expect_refused(of({"--array", "x", "--fp8", "e5m2"}), {"not FP8"});
  expect_refused({"utils", "compare-precision", "--fp8", "e4m3"}, {"--fp8", "--file"});

  write("text.npy", "hello\n");
  expect_refused({"utils", "compare-precision", "--file", "text.npy"}, {"text.npy", "magic"});
  expect_refused({"utils", "compare-precision", "--file", "absent.npy"}, {"absent.npy"});
  expect_refused({"utils", "compare-precision", "--format", "fp5"}, {"fp5"});
  expect_refused({"utils", "compare-precision", "--k", "0"}, {"--k"});
  expect_refused({"utils", "compare-precision", "--k", "67108864", "--m", "67108864"}, {"too large"});
  expect_refused({"utils", "compare-precision", "--magnitude", "nan"}, {"--magnitude"});
  expect_refused({"utils", "compare-precision", "--operation", "softmax", "--m", "4"}, {"--m", "gemm", "softmax"});
  expect_refused({"utils", "compare-precision", "--file", "x.npy", "--rows", "4"}, {"--file", "--rows"});
  expect_refused({"utils", "compare-precision", "--file", "x.npy", "--operation", "gemm"}, {"--file", "--operation"});
}

TEST_F(CliUtils, AsyncInputSweepMeasures) {
  const auto result = aisp({"utils", "async-input-sweep", "--workers", "1,2", "--buffers", "2", "--batches", "8",
                            "--batch-kib", "16", "--repeats", "1", "--device", "cpu", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto j = result.json();
  ASSERT_EQ(j.at("cpu").at("rows").size(), 3u);  // and the synchronous one
  for (const auto& row : j.at("cpu").at("rows")) EXPECT_GT(row.at("seconds").get<double>(), 0);
  EXPECT_EQ(j.at("cpu").at("rows").at(0).at("speedup"), 1);
  EXPECT_NE(j.at("cuda").at("absent"), "");
  Process long_one({{"utils", "async-input-sweep", "--device", "cpu", "--batches", "2000", "--batch-kib", "4",
                     "--read-delay-ms", "10"}},
                   folder_);
  ASSERT_TRUE(long_one.wait_for("measuring"));
  long_one.send(SIGINT);
  const auto stopped = long_one.wait();
  EXPECT_EQ(stopped.exit_code, 6);
  EXPECT_THAT(stopped.err, HasSubstr("interrupted"));
  expect_refused({"utils", "async-input-sweep", "--workers", "1,many"}, {"--workers", "many"});
  expect_refused({"utils", "async-input-sweep", "--buffers", "0"}, {"--buffers"});
  expect_refused({"utils", "async-input-sweep", "--batches", "1000000", "--batch-kib", "1048576"}, {"4 GiB"});
  expect_refused({"utils", "async-input-sweep", "--read-delay-ms", "-1"}, {"--read-delay-ms"});
}

TEST_F(CliUtils, PicturesThroughGnuplot) {
  const Words sweep{"utils", "spec-config-sweep", "--plot", "sweep.svg"};
  expect_refused({"utils", "spec-config-sweep", "--plot", "sweep.gif"}, {"--plot", ".svg"});
  expect_refused({"utils", "spec-config-sweep", "--plot", "absent/sweep.svg"}, {"--plot", "folder"});
  std::filesystem::create_directory(folder_ / "empty");
  expect_refused(sweep, {"gnuplot"}, {{"PATH", (folder_ / "empty").string()}});
  if (!std::filesystem::exists("/usr/bin/gnuplot")) GTEST_SKIP() << "no gnuplot here";
  expect_ok(sweep);
  std::ifstream in(folder_ / "sweep.svg");
  const std::string svg{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(svg, HasSubstr("<svg"));
  EXPECT_THAT(svg, HasSubstr("90 % accepted"));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n\n"));
}

TEST_F(CliUtils, DetectCutlassReadsTheVersion) {
  std::filesystem::create_directories(folder_ / "c/include/cutlass");
  write("c/include/cutlass/version.h", "#define CUTLASS_MAJOR 4\n#define CUTLASS_MINOR 2\n#define CUTLASS_PATCH 1\n");
  const auto j = aisp({"utils", "detect-cutlass", "--json"}, {{"CUTLASS_DIR", (folder_ / "c").string()}}).json();
  ASSERT_GE(j.at("found").size(), 1u);
  EXPECT_EQ(j.at("found").at(0).at("version"), "4.2.1");
  EXPECT_EQ(j.at("found").at(0).at("through"), "CUTLASS_DIR");
}

}  // namespace
}  // namespace aisp::test
