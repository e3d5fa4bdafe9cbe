#include "validity/checks.hpp"

#include <cmath>

namespace aisp::validity {

void check_output(const model::Verification& v, Findings& found) {
  if (v.guard_violations)
    found.add("output.shape_mismatch", fmt::format("{} bytes outside the outputs were changed", v.guard_violations),
              "writes only within the outputs", "check the bounds of the last tile");
  if (v.input_violations)
    found.add("memory.input_output_alias", fmt::format("{} inputs changed", v.input_violations),
              "inputs as the judge wrote them", "write to the outputs, use scratch memory of your own for the rest");
  if (!v.first_failure) return;
  const auto& f = *v.first_failure;
  const auto where = fmt::format("of {} elements of '{}' ({})", f.elements, f.tensor, v.failed_case);
  if (f.untouched > 0)
    found.add("output.uninitialized_memory", fmt::format("{} {} were never written", f.untouched, where),
              "every element written by every call", "check the bounds of the last tile and early returns");
  if (f.nonfinite > 0) {
    // The first wrong element tells which; when it is finite, only "not finite" is known.
    const bool inf = std::isinf(f.got);
    found.add(inf ? "output.inf" : "output.nan",
              fmt::format("{} {} are {}", f.nonfinite, where,
                          inf                 ? "infinite"
                          : std::isnan(f.got) ? "NaN"
                                              : "NaN or infinite"),
              "finite values as in the reference", "look for overflow and division by zero");
  }
}

}  // namespace aisp::validity
