// What the compiler made of kernels, as a table and as the rule on spills. Pure.
#pragma once

#include "analysis/document.hpp"
#include "model/evidence.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

bool spills(const model::CompiledKernel&);

// Columns: kernel, arch, registers, static shared memory, stack, spills (stored / loaded), local arrays (the same).
Cells compiled_header(const std::string& kernels);
Cells compiled_row(const model::CompiledKernel&);
Table compiled_table(const std::string& title, const std::vector<model::CompiledKernel>&);

// The reason that a source gives for its spills, in a comment line "// Spills: …" of its own; "" = none.
std::string spill_reason(std::string_view source);

// What is wrong with an optimized variant's spills: kernels that spill without a reason, or a reason without a spill.
// "" = nothing.
std::string spill_fault(const std::vector<model::CompiledKernel>&, std::string_view source);

}  // namespace aisp::analysis
