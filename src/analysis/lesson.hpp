// What a chapter's README says about one target. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aisp::analysis {

struct Lesson {
  // The target's row in the table of pairs: ("baseline", "three passes"), ("technique", "…").
  std::vector<std::pair<std::string, std::string>> pair;
  std::vector<std::string> look_at;  // items of "What to look at" that name it, see lesson_of()
  bool empty() const { return pair.empty() && look_at.empty(); }
};

// Of "ch09:softmax"; where the README has a row for each device, the one that names the variant. What to look at behind
// a paragraph that begins with "On CUDA" is for device "cuda" alone, which is given the rest only when that is silent.
Lesson lesson_of(std::string_view readme, const std::string& target, const std::string& variant,
                 std::string_view device);

}  // namespace aisp::analysis
