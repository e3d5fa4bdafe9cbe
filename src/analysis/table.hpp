// The result table of the terminal, and how quantities are spelt everywhere.
#pragma once

#include "model/evidence.hpp"
#include "model/verdict.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

// Three significant digits and the unit that fits: "870 ns", "1.23 µs", "45.6 ms", "2.00 s"; "–" for 0 and non-numbers.
std::string format_seconds(double seconds);
std::string format_speedup(double ratio);             // "1.92×"; "–" for 0 and non-numbers
std::string format_interval(const model::Interval&);  // "1.82–2.01×"; "–" when empty
std::string format_share(double share);               // 0.43 as "43 %"
std::string format_bytes(double bytes);               // "1.50 GiB"
// Three digits with a decimal prefix: "4.83 MB", "184 GFLOP/s"; without a unit "136 k", "4".
std::string format_scaled(double value, std::string_view unit = "");

// One line of the table: a variant's result as text. "–" stands for what does not apply.
struct Row {
  std::string target, variant, median, speedup, interval, verdict, sol, verified;
};

// One row per variant, or one for a target that could not be run. `verdict` may be null: not judged (yet).
std::vector<Row> rows_of(const model::TargetEvidence&, const model::TargetVerdict* verdict);

// Aligned columns with a header, at most `width` columns wide as long as that is possible at all: a narrow terminal
// loses first the interval, then the verified calls, %SOL and the median; then targets move to lines of their own, and
// at last names are cut. Variant, speedup and verdict always stay. A target is named once. Ends with a newline.
std::string render_table(std::span<const Row>, int width, bool colour = false);

// Columns that text takes on a terminal: UTF-8, wide East Asian and combining characters counted as such.
int display_width(std::string_view utf8);

}  // namespace aisp::analysis
