// Numbers as tools write them in the user's language: "1,234.5", "1.234,5", "1234.5".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aisp::analysis {

// Learns from all numbers of a file which character is its decimal point, then reads them. A thousands separator
// stands between groups of three digits; anything else is no number.
class NumberStyle {
 public:
  // Takes a cell into account; one that is no number says nothing. Throws std::runtime_error when it contradicts an
  // earlier one: "1,5" and "1.5".
  void learn(std::string_view cell);

  // Nothing for what is no number of this file's style. Throws std::runtime_error for "1,234" when no cell of the file
  // tells whether that is 1234 or 1.234. "1.234" is then 1.234, because only a locale writes commas.
  std::optional<double> read(std::string_view cell) const;

 private:
  char decimal_ = 0;     // 0: nothing has told yet
  std::string witness_;  // the cell that told
};

}  // namespace aisp::analysis
