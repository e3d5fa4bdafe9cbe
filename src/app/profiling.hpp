// The profiling pass of a command: which level, which targets, and the files it leaves.
#pragma once

#include "app/catalogue.hpp"
#include "app/session.hpp"
#include "app/suite.hpp"
#include "model/profile.hpp"
#include "record/run_data.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aisp::app {

// minimal: counters and the timeline; deep_dive: more calls, and samples for a flame graph, on CUDA more counters and
// the report of Nsight Systems; roofline: minimal, on CUDA with the traffic of the L2 cache, and the roofline of the
// result, which belongs to the command.
inline const std::vector<std::string> kProfileLevels{"minimal", "deep_dive", "roofline"};

// On CUDA the kernels are recorded under CUPTI, and measured under ncu where it is installed. Says on stderr what takes
// its time.
model::TargetProfile profile_entry(const Context&, Session&, const Entry&, const judge::Settings&,
                                   const std::string& level);

// What `bench run --profile` left beside a run's evidence of a target, else what `profile` last saved of it. Throws
// std::runtime_error with one line for a file that cannot be read.
std::optional<model::TargetProfile> stored_profile(const Context&, const record::RunData&, const std::string& target);

// NAME.profile.json, NAME.trace.json, NAME.VARIANT.flame.svg and, as ncu wrote it in this session, NAME.VARIANT.ncu.csv
// below `folder`; returns the files, in that order.
std::vector<std::filesystem::path> save_profile(const model::TargetProfile&, const Session&,
                                                const std::filesystem::path& folder);

// Whether anything was seen of any variant: counters or samples. Where the system gives neither, why.
bool saw_something(const model::TargetProfile&, std::string& why);

// CUDA, where nsys is installed: its reports, NAME.VARIANT.nsys-rep below `folder`, which begin at the second call of
// each variant. What fails is said on stderr and costs its file alone.
std::vector<std::filesystem::path> save_nsys_reports(const Context&, Session&, const Entry&, const judge::Settings&,
                                                     const std::filesystem::path& folder);

}  // namespace aisp::app
