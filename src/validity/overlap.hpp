// Do two splits of a data set share records? Exactly, or nearly: most of their shingles (runs of words) are the same.
// Broder, On the resemblance and containment of documents, 1997.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aisp::validity {

inline constexpr int kShingle = 3;             // words
inline constexpr double kNearDuplicate = 0.5;  // share of a test record's shingles found in one training record

struct Overlap {
  std::size_t training = 0, test = 0;  // records
  std::size_t exact = 0, near = 0;     // of the test records
  std::string first;                   // the first test record that is shared, cut to a line
  bool shared() const { return exact + near > 0; }
  std::string text() const;
};

// Pure. Case, punctuation and spacing do not count. Records without a word are passed over.
Overlap overlap(const std::vector<std::string>& training, const std::vector<std::string>& test);

// A record a line. Throws std::runtime_error when the file cannot be read or is larger than 256 MiB.
std::vector<std::string> read_records(const std::filesystem::path&);

}  // namespace aisp::validity
