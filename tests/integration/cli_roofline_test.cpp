// aisp roofline of stored and fresh runs, and of ncu's CSV.
#include "../json_schema.hpp"
#include "cli_process.hpp"

namespace aisp::test {
namespace {

using ::testing::HasSubstr;

class CliRoofline : public CliTest {
 protected:
  void write_ncu() const {
    write("metrics.csv",
          "==PROF== Connected to process 1\n\"ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n"
          "\"0\",\"void gemm<bf16>(const void *)\",\"gpu__time_duration.sum\",\"msecond\",\"1\"\n"
          "\"0\",\"void gemm<bf16>(const void *)\",\"dram__bytes.sum\",\"Gbyte\",\"1\"\n"
          "\"1\",\"copy\",\"gpu__time_duration.sum\",\"msecond\",\"1\"\n");
    write("work.csv", "name,flops,bytes,tmem_bytes,arithmetic\ngemm<bf16>,8e11,1e9,1e10,bf16\ncopy,0,4.5e9,,\n");
  }

  static nlohmann::json fixture(const std::string& name) {
    std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/" + name);
    return nlohmann::json::parse(in);
  }
  // A run of ch07:reduction on a GPU, made of documents of another one. Its times are of that one.
  void place_run(const std::string& folder = "r") const {
    auto manifest = fixture("record/manifest.2.json"), evidence = fixture("record/evidence.4.json"),
         verdict = fixture("record/verdict.1.json");
    manifest["gpus"] = nlohmann::json::array({fixture("h200/gpu_calibration.json").at("facts")});
    manifest["settings"]["targets"] = nlohmann::json::array({"ch07:reduction"});
    evidence["target"] = verdict["target"] = "ch07:reduction";
    evidence["device"] = "cuda", evidence["scale"] = "light";
    evidence["flops"] = 1'048'576, evidence["bytes"] = 4'194'560;
    evidence["ceilings"] = {{"flops", 60e12}, {"bytes", 9.2e12}, {"source", "test"}};
    evidence["variants"][1]["name"] = verdict["variants"][1]["name"] = "shuffle";
    std::filesystem::create_directories(folder_ / folder / "targets");
    write(folder + "/manifest.json", manifest.dump());
    write(folder + "/targets/ch07_reduction.evidence.json", evidence.dump());
    write(folder + "/targets/ch07_reduction.verdict.json", verdict.dump());
  }
  void place_profile(const std::string& folder) const {
    std::filesystem::create_directories(folder_ / folder);
    write(folder + "/ch07_reduction.profile.json", fixture("h200/profile-ch07-reduction.json").dump());
  }
};

// What aisp profile saved of the target, with the roofs that bench peak saved of that GPU.
TEST_F(CliRoofline, MeasuredTrafficOfAStoredProfile) {
  place_run();
  const std::vector<std::string> command{"roofline", "ch07:reduction", "--run", "r/", "--json"};
  const auto declared = aisp(command);
  ASSERT_EQ(declared.exit_code, 0) << declared.err;
  EXPECT_TRUE(declared.json().at("points").at(0).at("measured").is_null());

  place_profile("artifacts/profiles");
  std::filesystem::create_directories(folder_ / "artifacts/calibration");
  write("artifacts/calibration/gpu-nvidia-h200-151gb.json", fixture("h200/gpu_calibration.json").dump());
  const auto j = aisp(command).json();
  const auto& measured = j.at("points").at(0).at("measured");
  EXPECT_EQ(measured.at("hbm_bytes"), 80'000);
  EXPECT_EQ(measured.at("l2_bytes"), 4'831'952);
  EXPECT_EQ(measured.at("limits").at(0).at("roof"), "L2");
  EXPECT_EQ(j.at("points").at(0).at("limits"), declared.json().at("points").at(0).at("limits"));
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/docs/schema/roofline.schema.json");
  EXPECT_EQ(schema_violation(nlohmann::json::parse(in), j), "");
  EXPECT_THAT(aisp({"roofline", "ch07:reduction", "--run", "r/"}).out,
              HasSubstr("as ncu counted it, 2026-11-21T20:35:37Z"));

  // The run's own profile comes first; a damaged one is said, and costs its part alone.
  std::filesystem::create_directories(folder_ / "r/profiles");
  write("r/profiles/ch07_reduction.profile.json", "{\"schema\": 1,");
  const auto damaged = aisp(command);
  EXPECT_EQ(damaged.exit_code, 0) << damaged.err;
  EXPECT_TRUE(damaged.json().at("points").at(0).at("measured").is_null());
  EXPECT_THAT(damaged.json().at("left_out").dump(), HasSubstr("measured traffic of ch07:reduction"));
}

TEST_F(CliRoofline, OfARun) {
  const auto fresh = aisp({"roofline", "ch09:softmax", "--pairs", "6", "--restarts", "1", "--json"});
  ASSERT_EQ(fresh.exit_code, 0) << fresh.err;
  const auto stored = aisp({"roofline", "ch09:softmax", "--json"});
  EXPECT_EQ(stored.out, fresh.out);  // the second takes what the first stored
  EXPECT_EQ(aisp({"roofline", "ch09:softmax", "--run", "latest", "--json"}).out, fresh.out);
  const auto j = fresh.json();
  ASSERT_GE(j.at("points").size() + j.at("left_out").size(), 2u);
  for (const auto& point : j.at("points"))
    for (const auto& limit : point.at("limits")) {
      EXPECT_GT(limit.at("share").get<double>(), 0);
      EXPECT_GT(limit.at("least_seconds").get<double>(), 0);
    }
  expect_refused({"roofline", "ch07:transpose", "--run", "latest"}, {"no result of ch07:transpose"});
}

// Two runs of a target, the newer one on the processor: --device chooses.
TEST_F(CliRoofline, AFreshRunThatIsInterruptedSaysSo) {
  Process process({{"roofline", "ch09:softmax", "--fresh", "--device", "cpu", "--pairs", "100000"}}, folder_);
  ASSERT_TRUE(process.wait_for("[1/1]"));
  process.send(SIGINT);
  EXPECT_THAT(process.wait().err, HasSubstr("interrupted"));
  const auto runs = aisp({"bench", "summary", "--json"}).json();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_TRUE(runs.at(0).at("interrupted").get<bool>());
  EXPECT_EQ(aisp({"bench", "run", "--resume", "latest"}).exit_code, 2) << "its manifest does not say what it was for";
}

TEST_F(CliRoofline, TheNewestRunOfTheDeviceAskedFor) {
  place_run("artifacts/20261121T140058Z-0cce");
  const auto cuda = aisp({"roofline", "ch07:reduction", "--json"});
  ASSERT_EQ(cuda.exit_code, 0) << cuda.err;
  EXPECT_EQ(cuda.json().at("title"), "Roofline, run 20261121T140058Z-0cce");
  const auto cpu = aisp({"roofline", "ch07:reduction", "--device", "cpu", "--pairs", "6", "--restarts", "1", "--json"});
  ASSERT_EQ(cpu.exit_code, 0) << cpu.err;
  EXPECT_NE(cpu.json().at("title"), cuda.json().at("title"));
  EXPECT_EQ(aisp({"roofline", "ch07:reduction", "--device", "cpu", "--json"}).out, cpu.out);
  EXPECT_EQ(aisp({"roofline", "ch07:reduction", "--device", "cuda", "--json"}).out, cuda.out);
  EXPECT_EQ(aisp({"roofline", "ch07:reduction", "--device", "cuda", "--scale", "light", "--json"}).out, cuda.out);
}

TEST_F(CliRoofline, OfNcuAndMetadata) {
  write_ncu();
  const auto result = aisp({"roofline", "--ncu", "metrics.csv", "--kernels", "work.csv", "--gpu", "H200", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto j = result.json();
  ASSERT_EQ(j.at("points").size(), 2u);
  const auto& gemm = j.at("points").at(0);
  EXPECT_EQ(gemm.at("binds"), "compute bf16");  // 8e11 FLOP in 1 ms of 989.45e12 FLOP/s
  EXPECT_NEAR(gemm.at("limits").at(0).at("share").get<double>(), 800 / 989.45, 1e-4);
  EXPECT_THAT(gemm.at("note").get<std::string>(), HasSubstr("--roof tmem"));
  EXPECT_EQ(j.at("points").at(1).at("binds"), "HBM");
  EXPECT_NEAR(j.at("points").at(1).at("limits").at(0).at("share").get<double>(), 4.5 / 4.8, 1e-4);
  const auto tmem = aisp({"roofline", "--ncu", "metrics.csv", "--kernels", "work.csv", "--gpu", "B200", "--roof",
                          "tmem=1.1e13", "--json"})
                        .json();
  EXPECT_EQ(tmem.at("points").at(0).at("binds"), "TMEM");
  EXPECT_THAT(aisp({"roofline", "--ncu", "metrics.csv", "--kernels", "work.csv", "--gpu", "H200"}).out,
              HasSubstr("compute bf16 binds"));
}

TEST_F(CliRoofline, MeasuredRoofsAreThoseOfBenchPeak) {
  write_ncu();
  const auto file = std::string(AISP_SOURCE_DIR) + "/tests/fixtures/h200/gpu_calibration.json";
  const auto j = aisp({"roofline", "--ncu", "metrics.csv", "--kernels", "work.csv", "--peaks", file, "--json"}).json();
  EXPECT_THAT(j.at("roofs").at(0).at("source").get<std::string>(), HasSubstr("bench peak"));
}

TEST_F(CliRoofline, BadInputIsRefused) {
  write_ncu();
  const auto ncu = [](std::vector<std::string> more) {
    std::vector<std::string> words{"roofline", "--ncu", "metrics.csv", "--kernels", "work.csv"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  expect_refused({"roofline"}, {"ch07:transpose"});
  expect_refused({"roofline", "ch07:transpoze"}, {"ch07:transpose"});
  expect_refused({"roofline", "--ncu", "metrics.csv"}, {"--kernels"});
  expect_refused({"roofline", "ch07:transpose", "--gpu", "H200"}, {"--ncu"});
  expect_refused(ncu({"--gpu", "H201"}), {"H201", "H200"});
  expect_refused(ncu({"ch07:transpose"}), {"--ncu"});
  expect_refused(ncu({"--gpu", "H200", "--roof", "tmem"}), {"NAME=RATE"});
  expect_refused(ncu({"--gpu", "H200", "--roof", "tmem=-1"}), {"NAME=RATE"});
  expect_refused(ncu({"--gpu", "H200", "--roof", "tnem=1e12"}), {"tnem", "tmem"});
  expect_refused(ncu({"--peaks", "work.csv"}), {"work.csv"});
  write("empty.csv", "==WARNING== No kernels were profiled.\n");
  expect_refused({"roofline", "--ncu", "empty.csv", "--kernels", "work.csv", "--gpu", "H200"},
                 {"empty.csv", "captured none"});
  write("none.csv", "\"ID\",\"Kernel Name\",\"Metric Name\",\"Metric Unit\",\"Metric Value\"\n");
  expect_refused({"roofline", "--ncu", "none.csv", "--kernels", "work.csv", "--gpu", "H200"},
                 {"none.csv", "no kernel"});
  write("bad.csv", "name,flops,bytes\ngemm,many,1\n");
  expect_refused({"roofline", "--ncu", "metrics.csv", "--kernels", "bad.csv", "--gpu", "H200"},
                 {"bad.csv", "row 1", "many"});
  expect_refused({"roofline", "--ncu", "absent.csv", "--kernels", "work.csv", "--gpu", "H200"}, {"absent.csv"});
}

}  // namespace
}  // namespace aisp::test
