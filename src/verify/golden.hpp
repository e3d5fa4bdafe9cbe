// Golden digests: what a reference said when somebody last looked at it, so that a changed reference is noticed.
#pragma once

#include <aisp/workload.hpp>

#include <map>
#include <string>
#include <vector>

namespace aisp::verify {

// One output of one reference: its norm and its projections on three directions drawn at random, of a case whose shape
// and inputs are always the same.
struct Golden {
  std::string target, output;
  double norm = 0;
  double projections[3] = {};
};

// Of each output that the reference writes; empty where there is no reference but a declared product, which is checked
// against its definition anyway.
std::vector<Golden> golden_of(const WorkloadEntry&);

// Relative to the norm: libraries differ in the last digits of a function, references in all.
inline constexpr double kGoldenTolerance = 1e-9;
// "output 'y': …", or "" when they agree.
std::string golden_difference(const Golden& kept, const Golden& now);

// A line an output: "ch09:softmax y 1.25e+01 …". Lines that make no sense throw std::runtime_error with their number.
std::string to_text(const std::vector<Golden>&);
std::vector<Golden> parse_golden(const std::string& text);

}  // namespace aisp::verify
