// The compiled-in targets: loading the index, choosing by pattern, and helping with misspelt names.
#pragma once

#include "model/target.hpp"
#include "record/paths.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace aisp::record {

// In natural order of names (ch9 before ch10); each with its baseline first and its peers last. Throws StoreError for
// an index that is missing, malformed, or names files outside their folder.
std::vector<model::TargetInfo> load_targets(const Paths&);

// "ch07:transpose", "labs/decode:paged_gqa": letters, digits, '-' and '_', one ':', '/' between parts of the chapter.
bool is_target_name(std::string_view);

// Shell-style match of the whole text: '*' any run of characters, '?' any one. Linear in time for any pattern.
bool glob_match(std::string_view pattern, std::string_view text);

// Whether a pattern chooses a target: "ch09" and "ch0*" match chapters, "ch09:soft*" and "labs/decode:*" whole names.
bool selects(std::string_view pattern, const model::TargetInfo&);

struct Selection {
  std::vector<model::TargetInfo> targets;  // in the order of the index, each once
  std::vector<std::string> unmatched;      // patterns that chose nothing
};
Selection select(const std::vector<model::TargetInfo>&, const std::vector<std::string>& patterns);

// Of the candidates, the nearest to a misspelt word, nearest first, at most `most`; empty when none is near
// (Damerau–Levenshtein distance, optimal string alignment, up to a third of the word's length, and prefixes).
std::vector<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates,
                                 std::size_t most = 3);
int edit_distance(std::string_view a, std::string_view b);

// "unknown target 'ch09:sotfmax'; did you mean ch09:softmax?" or where to look.
std::string unknown_target(std::string_view pattern, const std::vector<model::TargetInfo>&);

}  // namespace aisp::record
