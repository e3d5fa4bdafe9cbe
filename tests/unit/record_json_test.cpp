// Serialising and parsing are inverse for any content, the schemas describe what is written, and hostile text ends in
// one clear line.
#include "record/fields.hpp"
#include "record/json.hpp"

#include "../json_schema.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>

namespace aisp::record {
namespace {
using nlohmann::json;
using testing::HasSubstr;

// ------------------------------------------------------------------------------------------- every field is listed

struct Anything {
  template <class T> operator T() const;
};
// How many members an aggregate has: the most initialisers that it takes.
template <class T, class... Given> constexpr std::size_t members(Given... given) {
  if constexpr (requires { T{given..., Anything{}}; })
    return members<T>(given..., Anything{});
  else
    return sizeof...(given);
}

struct Count {
  std::size_t n = 0;
  void operator()(Field, const auto&, std::int64_t = 0) { ++n; }
};

template <class T> class EveryField : public testing::Test {};
using Recorded =
    testing::Types<model::Comparison, model::Verification, model::Sample, model::Protection, model::Refusal,
                   model::Counter, model::CensusKernel, model::CensusCopy, model::CensusStream, model::CensusPhase,
                   model::Census, model::VariantEvidence, model::HostState, model::ParamValue, model::TensorFact,
                   model::Ceilings, model::TargetEvidence, model::Interval, model::Violation, model::VariantVerdict,
                   model::TargetVerdict, model::VariantInfo, model::TargetInfo, device::CacheLevel, device::LogicalCpu,
                   device::CpuFacts, device::CpuPeaks, device::CpuPeaks::Bandwidth, BuildFacts, Library, Setting,
                   RunSettings, Manifest, SpinAccuracy, CalibrationRecord, device::GpuFacts, device::GpuProcess,
                   device::GpuState, device::GpuMethod, device::GpuFigure, device::GpuPeaks, GpuCalibration,
                   ExpectedVariant, Provenance, Expectation, Expectations, model::Span, model::DeviceSpan,
                   model::MeasuredKernel, model::Stack, model::VariantProfile, model::TargetProfile>;
TYPED_TEST_SUITE(EveryField, Recorded);

TYPED_TEST(EveryField, IsListedInFieldsHpp) {
  Count listed;
  TypeParam value{};
  fields(listed, value);
  EXPECT_EQ(listed.n, members<TypeParam>())
      << "list the new member in src/record/fields.hpp, then run this test with AISP_UPDATE_SCHEMAS=1";
}

// ---------------------------------------------------------------------------------------------- random round trips

class Filler {
 public:
  explicit Filler(unsigned seed) : random_(seed) {}

  template <class T> void operator()(Field field, T& into, std::int64_t least = -1'000'000) {
    if (std::strcmp(field.name, "schema") != 0) fill(into, least);
  }

 private:
  std::uint64_t below(std::uint64_t n) { return std::uniform_int_distribution<std::uint64_t>(0, n - 1)(random_); }

  template <class T> void fill(T& into, std::int64_t least = 0) {
    if constexpr (std::same_as<T, bool>) {
      into = below(2) == 1;
    } else if constexpr (std::integral<T>) {
      const auto lowest = std::is_unsigned_v<T> ? T{0} : static_cast<T>(least);
      into = std::uniform_int_distribution<T>(lowest, std::numeric_limits<T>::max())(random_);
      if (below(8) == 0) into = std::numeric_limits<T>::max();
      if (below(8) == 0) into = lowest;
    } else if constexpr (std::same_as<T, double>) {
      const double special[] = {0.0,
                                -0.0,
                                1.0,
                                0.1,
                                1e-310,
                                5e-324,
                                1.7976931348623157e308,
                                std::nan(""),
                                INFINITY,
                                -INFINITY,
                                9007199254740993.0};
      const auto bits = random_();
      std::memcpy(&into, &bits, sizeof into);
      if (below(3) == 0 || std::isnan(into)) into = special[below(std::size(special))];
    } else if constexpr (std::same_as<T, std::string>) {
      const std::vector<std::string> pieces = {"a",    "ß", "\"", "\\",        "\n",  "\x01",
                                               "‖x‖₂", "😀", "/",  "</script>", "\x7f"};
      into.clear();
      for (auto n = below(6); n > 0; --n) into += pieces[below(pieces.size())];
    } else if constexpr (std::same_as<T, model::Status>) {
      into = static_cast<model::Status>(below(8));
    } else if constexpr (std::same_as<T, model::Word>) {
      into = static_cast<model::Word>(below(4));
    } else if constexpr (requires { into.emplace_back(); }) {
      into.resize(below(4));
      for (auto& element : into) fill(element);
    } else if constexpr (requires { into.emplace(); }) {
      if (below(2)) fill(into.emplace());
    } else {
      fields(*this, into);
    }
  }

  std::mt19937_64 random_;
};

template <class T> T random_filled(unsigned seed) {
  T value{};
  Filler filler(seed);
  fields(filler, value);
  return value;
}

// Members equal one by one; NaN equals NaN, and the zeros differ.
struct Equal {
  template <class T> static bool same(const T& a, const T& b) {
    if constexpr (std::same_as<T, double>) {
      return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
    } else if constexpr (std::equality_comparable<T> && !requires { a.begin(); }) {
      return a == b;
    } else if constexpr (std::same_as<T, std::string>) {
      return a == b;
    } else if constexpr (requires { a.begin(); }) {
      return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                        [](const auto& x, const auto& y) { return same(x, y); });
    } else if constexpr (requires { a.has_value(); }) {
      return a.has_value() == b.has_value() && (!a || same(*a, *b));
    } else {
      bool all = true;
      std::vector<const void*> members_of_b;
      auto gather = [&](Field, const auto& member, std::int64_t = 0) { members_of_b.push_back(&member); };
      fields(gather, b);
      std::size_t i = 0;
      auto check = [&](Field, const auto& member, std::int64_t = 0) {
        all &= same(member, *static_cast<const std::remove_cvref_t<decltype(member)>*>(members_of_b[i++]));
      };
      fields(check, a);
      return all;
    }
  }
};

TEST(Json, RandomEvidenceComesBackEqual) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const auto evidence = random_filled<model::TargetEvidence>(seed);
    const auto text = to_json(evidence);
    const auto back = parse_evidence(text);
    ASSERT_TRUE(Equal::same(evidence, back)) << text;
    ASSERT_EQ(to_json(back), text);
  }
}

TEST(Json, RandomVerdictsManifestsCalibrationsAndTargetsComeBackEqual) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    const auto verdict = random_filled<model::TargetVerdict>(seed);
    ASSERT_TRUE(Equal::same(verdict, parse_verdict(to_json(verdict))));
    const auto manifest = random_filled<Manifest>(seed);
    ASSERT_TRUE(Equal::same(manifest, parse_manifest(to_json(manifest))));
    const auto calibration = random_filled<CalibrationRecord>(seed);
    ASSERT_TRUE(Equal::same(calibration, parse_calibration(to_json(calibration))));
    const auto gpu = random_filled<GpuCalibration>(seed);
    ASSERT_TRUE(Equal::same(gpu, parse_gpu_calibration(to_json(gpu))));
    const auto expectations = random_filled<Expectations>(seed);
    ASSERT_TRUE(Equal::same(expectations, parse_expectations(to_json(expectations))));
    const auto profile = random_filled<model::TargetProfile>(seed);
    ASSERT_TRUE(Equal::same(profile, parse_profile(to_json(profile))));
    const std::vector<model::TargetInfo> targets(seed % 3, random_filled<model::TargetInfo>(seed));
    ASSERT_TRUE(Equal::same(targets, parse_targets(to_json(targets))));
  }
}

TEST(Json, EqualSeesADifferenceInAnyMember) {
  auto a = random_filled<model::TargetEvidence>(1), b = a;
  b.after.governor += "x";
  EXPECT_FALSE(Equal::same(a, b));
}

TEST(Json, BytesThatAreNotUtf8AreReplaced) {
  model::TargetEvidence e;
  e.error = "bad \xff byte";
  EXPECT_EQ(parse_evidence(to_json(e)).error, "bad \xEF\xBF\xBD byte");
}

TEST(Json, ASampleStandsOnOneLine) {
  model::TargetEvidence e;
  e.variants.resize(1);
  e.variants[0].samples.resize(2);
  EXPECT_THAT(to_json(e), HasSubstr("\n    {\"restart\":0,"));
}

// ---------------------------------------------------------------------------------------------------------- schemas

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string document(const std::string& kind, unsigned seed) {
  if (kind == "evidence") return to_json(random_filled<model::TargetEvidence>(seed));
  if (kind == "verdict") return to_json(random_filled<model::TargetVerdict>(seed));
  if (kind == "manifest") return to_json(random_filled<Manifest>(seed));
  if (kind == "calibration") return to_json(random_filled<CalibrationRecord>(seed));
  if (kind == "gpu_calibration") return to_json(random_filled<GpuCalibration>(seed));
  if (kind == "expectations") return to_json(random_filled<Expectations>(seed));
  if (kind == "profile") return to_json(random_filled<model::TargetProfile>(seed));
  return to_json(std::vector{random_filled<model::TargetInfo>(seed)});
}

class Schema : public testing::TestWithParam<std::string> {
 protected:
  std::string path() const { return std::string(AISP_SOURCE_DIR) + "/docs/schema/" + GetParam() + ".schema.json"; }
};

TEST_P(Schema, FileIsUpToDate) {
  if (std::getenv("AISP_UPDATE_SCHEMAS")) std::ofstream(path()) << schema_text(GetParam());
  EXPECT_EQ(read_file(path()), schema_text(GetParam())) << "run this test with AISP_UPDATE_SCHEMAS=1";
}

TEST_P(Schema, HoldsForWhatIsWritten) {
  const auto schema = json::parse(read_file(path()));
  for (unsigned seed = 0; seed < 20; ++seed)
    EXPECT_EQ(test::schema_violation(schema, json::parse(document(GetParam(), seed))), "");
}

TEST_P(Schema, RefusesAMissingAnExtraAndAMistypedField) {
  const auto schema = json::parse(read_file(path()));
  const auto whole = json::parse(document(GetParam(), 3));
  const auto damaged = [&](auto damage) {
    auto copy = whole;
    damage(copy.is_array() ? copy[0] : copy);
    return test::schema_violation(schema, copy);
  };
  const auto first = (whole.is_array() ? whole[0] : whole).begin().key();
  EXPECT_THAT(damaged([&](json& j) { j.erase(first); }), HasSubstr("lacks"));
  EXPECT_THAT(damaged([&](json& j) { j["surplus"] = 1; }), HasSubstr("extra"));
  EXPECT_NE(damaged([&](json& j) { j[first] = json::array(); }), "");
}

INSTANTIATE_TEST_SUITE_P(Kinds, Schema,
                         testing::Values("evidence", "verdict", "manifest", "calibration", "gpu_calibration",
                                         "expectations", "profile", "targets"),
                         [](const auto& kind) { return kind.param; });

// ----------------------------------------------------------------------------------------------------- hostile text

std::string message_of(std::string_view text) {
  try {
    parse_evidence(text);
  } catch (const std::runtime_error& e) {
    return e.what();
  }
  return "(accepted)";
}

std::string with(const std::string& pointer, const json& value) {
  auto j = json::parse(to_json(random_filled<model::TargetEvidence>(0)));
  j[json::json_pointer(pointer)] = value;
  return j.dump();
}

std::string evidence_with_a_sample() {
  model::TargetEvidence e;
  e.variants.resize(2);
  e.variants[1].samples.resize(1);
  return to_json(e);
}

TEST(HostileText, NamesTheFieldByItsPath) {
  auto j = json::parse(evidence_with_a_sample());
  j["variants"][1]["samples"][0]["seconds"] = true;
  EXPECT_EQ(
      message_of(j.dump()),
      "evidence: $.variants[1].samples[0].seconds is a boolean; it must be a number, \"nan\", \"inf\" or \"-inf\"");
  EXPECT_THAT(message_of(with("/schema", 8)), HasSubstr("$ has schema version 8; this aisp reads versions 1 to 7"));
  EXPECT_THAT(message_of(with("/schema", "1")), HasSubstr("$.schema is the string '1'; it must be an integer"));
  EXPECT_THAT(message_of(with("/rounds", -1)), HasSubstr("$.rounds is the number -1; it must be an integer from 0"));
  EXPECT_THAT(message_of(with("/rounds", 5'000'000'000)), HasSubstr("$.rounds"));
  EXPECT_THAT(message_of(with("/rounds", 1.5)), HasSubstr("it must be an integer"));
  EXPECT_THAT(message_of(with("/variants", 1)), HasSubstr("$.variants is the number 1; it must be an array"));
  EXPECT_THAT(message_of(with("/surplus", 1)), HasSubstr("$ has the unknown field \"surplus\""));
  EXPECT_THAT(message_of("{}"), HasSubstr("$ lacks the field 'schema'"));
  EXPECT_THAT(message_of("[]"), HasSubstr("$ is an array; it must be an object"));
}

TEST(HostileText, UnknownStatusListsTheKnownOnes) {
  auto j = json::parse(evidence_with_a_sample());
  j["variants"][0]["status"] = "splendid";
  EXPECT_THAT(message_of(j.dump()), HasSubstr("$.variants[0].status is the string 'splendid'; it must be one of ok, "));
}

TEST(HostileText, BrokenSyntaxNamesTheByte) {
  EXPECT_EQ(message_of("{\"schema\": 1,"), "evidence: not JSON at byte 14 of 13");
  EXPECT_THAT(message_of(""), HasSubstr("not JSON"));
  EXPECT_THAT(message_of("{\"schema\": 1e999}"), HasSubstr("too large for a double"));
  EXPECT_THAT(message_of("{\"a\": 1, \"a\": 2}"), HasSubstr("field twice"));
  EXPECT_THAT(message_of("{\"schema\": 1} x"), HasSubstr("not JSON"));
}

TEST(HostileText, DepthAndSizeAreBounded) {
  EXPECT_THAT(message_of(std::string(1'000'000, '[')), HasSubstr("nested deeper than 32"));
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_THAT(message_of(deep), HasSubstr("nested deeper than 32"));
  EXPECT_THAT(message_of(std::string((64u << 20) + 1, ' ')), HasSubstr("bytes of text"));
  auto j = json::parse(to_json(model::TargetEvidence()));
  j["variants"] = json(std::vector<int>(1'000'001, 0));
  EXPECT_THAT(message_of(j.dump()), HasSubstr("$.variants has 1000001 elements; at most 1000000"));
}

TEST(HostileText, MessagesStayOnOneShortLine) {
  const std::string nasty = "\n\x1b[31m" + std::string(100'000, 'x');
  for (const auto& text : {with("/rounds", nasty), with("/" + nasty.substr(0, 1000), 1), nasty}) {
    const auto message = message_of(text);
    EXPECT_LT(message.size(), 300u);
    EXPECT_EQ(message.find_first_of("\n\x1b"), std::string::npos) << message;
  }
}

// ------------------------------------------------------------------------------------------------- older documents

std::string recorded(const std::string& name) { return read_file(AISP_SOURCE_DIR "/tests/fixtures/record/" + name); }

TEST(OlderDocuments, AreReadAsTodaysWithDefaultsForWhatTheyLack) {
  const auto evidence = parse_evidence(recorded("evidence.1.json"));
  EXPECT_EQ(evidence.schema, model::TargetEvidence().schema) << "it is written as what it now is";
  EXPECT_EQ(evidence.target, "ch09:softmax");
  EXPECT_GT(evidence.variants.at(1).samples.at(0).seconds, 0);
  EXPECT_EQ(evidence.variants[1].samples[0].device_seconds, 0);
  EXPECT_EQ(evidence.variants[1].census, std::nullopt);
  EXPECT_EQ(evidence.gpu_before, std::nullopt);
  EXPECT_EQ(evidence.before.mhz_source, "");
  EXPECT_TRUE(Equal::same(parse_evidence(to_json(evidence)), evidence));

  const auto manifest = parse_manifest(recorded("manifest.1.json"));
  EXPECT_TRUE(manifest.gpus.empty());
  EXPECT_FALSE(manifest.host.model.empty());
  EXPECT_EQ(parse_verdict(recorded("verdict.1.json")).variants.size(), 2u);
}

// Fails when a field is added to a version that was already written; see the comment in fields.hpp.
TEST(OlderDocuments, OfTheNewestVersionHoldEveryField) {
  const auto version = std::to_string(model::TargetEvidence().schema);
  const auto evidence = recorded("evidence." + version + ".json");
  EXPECT_EQ(json::parse(to_json(parse_evidence(evidence))), json::parse(evidence));
  const auto manifest = recorded("manifest." + std::to_string(Manifest().schema) + ".json");
  EXPECT_EQ(json::parse(to_json(parse_manifest(manifest))), json::parse(manifest));
}

TEST(OlderDocuments, OfTodaysVersionMayLackNothing) {
  auto j = json::parse(recorded("evidence.1.json"));
  j["schema"] = 2;
  EXPECT_THAT(message_of(j.dump()), HasSubstr("lacks the field"));
  j["schema"] = 1;
  j.erase("target");
  EXPECT_EQ(message_of(j.dump()), "evidence: $ lacks the field 'target'");
  j["schema"] = 0;
  EXPECT_THAT(message_of(j.dump()), HasSubstr("$ has schema version 0; this aisp reads versions 1 to 7"));
}

// Any single changed, dropped or doubled byte is either harmless or refused by an exception: never a crash.
TEST(HostileText, DamagedDocumentsNeverCrash) {
  const auto whole = to_json(random_filled<model::TargetEvidence>(5));
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    auto text = whole;
    const auto at = random() % text.size();
    switch (random() % 4) {
      case 0: text[at] = static_cast<char>(random()); break;
      case 1: text.erase(at, 1 + random() % 40); break;
      case 2: text.insert(at, text.substr(random() % text.size(), 40)); break;
      default: text.resize(at);
    }
    const auto message = message_of(text);
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace aisp::record
