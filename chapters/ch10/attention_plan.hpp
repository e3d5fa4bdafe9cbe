// Block lists: for each tile of 128 queries the tiles of 128 keys of which it sees any, and whether it sees all of
// them. What no query of a tile sees is never fetched, and only tiles on the border of a mask are masked element by
// element.
#pragma once

#include <aisp/cuda.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "masks.hpp"

namespace attention {

// A tile of queries of a head, and where its steps are.
struct Item {
  int head, tile, first, count;
};
// A step: twice the number of a tile of keys, plus one where some pairs are hidden. From the last tile of keys to the
// first: under a causal mask every query then sees a key in its first step.
using Step = int;

enum class Lists { sparse, dense };  // dense: every tile of keys, each masked element by element

class Plan {
 public:
  Plan() = default;
  template <class Mask>
  Plan(std::int64_t heads, std::int64_t tokens, std::int64_t dim, const Mask& mask, Lists lists = Lists::sparse) {
    constexpr std::int64_t rows = 128;
    const auto tiles = (tokens + rows - 1) / rows;
    std::vector<Step> steps;
    std::vector<Item> of_head;
    for (std::int64_t t = 0; t < tiles; ++t) {
      const int first = static_cast<int>(steps.size());
      for (std::int64_t k = tiles - 1; k >= 0; --k) {
        auto seen = mask.tile(t * rows, std::min((t + 1) * rows, tokens), k * rows, std::min((k + 1) * rows, tokens));
        if (lists == Lists::dense || (seen == Visible::all && (k + 1) * rows > tokens)) seen = Visible::some;
        if (seen != Visible::none) steps.push_back(static_cast<Step>(2 * k + (seen == Visible::some)));
      }
      of_head.push_back({0, static_cast<int>(t), first, static_cast<int>(steps.size()) - first});
    }
    // The longest first, so that the last to end are short. As many heads side by side as have their keys and values in
    // half of a second-level cache of 50 MB.
    std::stable_sort(of_head.begin(), of_head.end(), [](const Item& a, const Item& b) { return a.count > b.count; });
    const auto together = std::max<std::int64_t>(1, (25 << 20) / (tokens * dim * 4));
    std::vector<Item> items;
    for (std::int64_t group = 0; group < heads; group += together)
      for (Item item : of_head)
        for (std::int64_t h = group; h < std::min(group + together, heads); ++h) {
          item.head = static_cast<int>(h);
          items.push_back(item);
        }
    count_ = static_cast<int>(items.size());
    steps_ = to_device(steps);
    items_ = to_device(items);
  }

  int count() const { return count_; }
  const Item* items() const { return items_.get(); }
  const Step* steps() const { return steps_.get(); }

 private:
  template <class T> static aisp::DeviceBuffer<T> to_device(const std::vector<T>& from) {
    aisp::DeviceBuffer<T> buffer(static_cast<std::int64_t>(from.size()));
    AISP_CUDA(cudaMemcpy(buffer.get(), from.data(), sizeof(T) * from.size(), cudaMemcpyHostToDevice));
    return buffer;
  }

  int count_ = 0;
  aisp::DeviceBuffer<Item> items_;
  aisp::DeviceBuffer<Step> steps_;
};

}  // namespace attention
