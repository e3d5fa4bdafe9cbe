// Recorded structures as JSON text (RFC 8259, UTF-8) and back. Schemas: docs/schema/.
//
// Doubles are written with as many digits as bring the same double back; NaN and the infinities, which JSON lacks, are
// the strings "nan", "inf" and "-inf". Bytes that are not UTF-8 are replaced by U+FFFD. Fields keep their order.
//
// Text from a file is hostile until parsed: every parse_ function throws std::runtime_error with one line that names
// the place as a JSON path ("evidence: $.variants[1].samples[0].seconds is a boolean; it must be a number"). Missing,
// duplicate and unknown fields, wrong types, numbers out of range, unknown schema versions, more than 64 MiB of text,
// 32 levels of nesting or 1,000,000 elements in an array are errors. A document of an older schema version is read as
// one of today's: fields that it could not have take their defaults.
#pragma once

#include "model/evidence.hpp"
#include "model/profile.hpp"
#include "model/target.hpp"
#include "model/verdict.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace aisp::device {
struct CpuFacts;
struct GpuFacts;
struct GpuPeaks;
}  // namespace aisp::device

namespace aisp::record {

struct Manifest;
struct CalibrationRecord;
struct GpuCalibration;
struct Expectations;
struct ExpectedVariant;
struct Provenance;

std::string to_json(const model::TargetEvidence&);
std::string to_json(const model::TargetVerdict&);
std::string to_json(const std::vector<model::TargetInfo>&);
std::string to_json(const model::TargetProfile&);
std::string to_json(const Manifest&);
std::string to_json(const CalibrationRecord&);
std::string to_json(const GpuCalibration&);
std::string to_json(const Expectations&);
std::string to_json(const ExpectedVariant&);
std::string to_json(const Provenance&);
std::string to_json(const model::CompiledKernel&);
std::string to_json(const device::CpuFacts&);
std::string to_json(const device::GpuFacts&);
std::string to_json(const model::GpuState&);
std::string to_json(const device::GpuPeaks&);

model::TargetEvidence parse_evidence(std::string_view);
model::TargetVerdict parse_verdict(std::string_view);
std::vector<model::TargetInfo> parse_targets(std::string_view);
model::TargetProfile parse_profile(std::string_view);
Manifest parse_manifest(std::string_view);
CalibrationRecord parse_calibration(std::string_view);
GpuCalibration parse_gpu_calibration(std::string_view);
Expectations parse_expectations(std::string_view);
device::GpuPeaks parse_gpu_peaks(std::string_view);

// The JSON Schema (2020-12) of a kind of document: "evidence", "verdict", "manifest", "calibration", "gpu_calibration",
// "expectations", "profile", "targets".
std::string schema_text(const std::string& kind);

}  // namespace aisp::record
