// Switches of the compiler that a source sets for itself, where the command line does not show them.
#pragma once

#include "model/evidence.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::validity {

enum class Language : std::uint8_t { c, cpp };  // C11 has neither raw strings nor quotes within numbers

// Reads what the compiler's preprocessor wrote (-E): comments are gone and macros expanded. Found are
//   optimize attributes, #pragma GCC optimize        which change how code is made, as other flags would
//   #pragma clang fp, float_control, STDC FP_CONTRACT and CX_LIMITED_RANGE       the same for arithmetic
//   target attributes and pragmas                    which choose a processor: a note, dispatch needs them
//   optnone, #pragma clang optimize                  which only slow down: a note
// `vouched` says whether the file that a line marker names is the system's or the project's: their targets are not
// named, since every header of intrinsics sets some. Each switch is listed once; at most 64 are.
std::vector<model::SourceSwitch> source_switches(std::string_view preprocessed, Language,
                                                 const std::function<bool(const std::string& file)>& vouched);

// Whether a text, before the preprocessor, holds line directives: with them it can pass for any other file.
bool renames_lines(std::string_view source);

}  // namespace aisp::validity
