// Baseline: random gathers from the array of records, in the order in which they are asked for. A record is a cache
// line, of which two floats are used. What binds it: one line per lookup from wherever the table lives; at the full
// size from memory, with a page walk.
#include <aisp/variant.hpp>

namespace {

constexpr int scale = 3, offset = 11;  // fields of a record

void gather(aisp::Matrix<const float> table, aisp::Vector<const std::int32_t> group, aisp::Vector<const float> x,
            aisp::Vector<float> y) {
  for (std::int64_t i = 0; i < y.size(); ++i) y[i] = x[i] * table(group[i], scale) + table(group[i], offset);
}

}  // namespace

AISP_VARIANT(gather, .about = "random gathers from records");
