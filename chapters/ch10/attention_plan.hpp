// Block lists: for each tile of queries the tiles of 128 keys of which it sees any, and whether it sees all of them.
// What no query of a tile sees is never fetched, and only tiles on the border of a mask are masked element by element.
#pragma once

#include <aisp/cuda.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "masks.hpp"

namespace attention {

// A tile of queries of a head, from `row` on, and where its steps are.
struct Item {
  int head, row, first, count;
};
// A step: twice the number of a tile of keys, plus one where some pairs are hidden. From the last tile of keys to the
// first: under a causal mask every query then sees a key in its first step.
using Step = int;

// Items in the order of blocks: those of block b begin at first[b] and end before first[b + 1].
struct Shares {
  std::vector<Item> items;
  std::vector<int> first;
};

// Each item, the longest first, goes to the block that has least to do (Graham, "Bounds on multiprocessing timing
// anomalies", 1969, for longest processing time first). A block works on heads in an order, `together` of them at a
// time, so that their keys and values stay in the L2.
inline Shares share_out(std::vector<Item> items, int blocks, std::int64_t together) {
  constexpr int way_in_and_out = 2;  // of an item, in steps
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.count > b.count; });
  std::vector<std::vector<Item>> of_block(static_cast<std::size_t>(blocks));
  using Load = std::pair<std::int64_t, std::size_t>;  // and whose
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::size_t b = 0; b < of_block.size(); ++b) loads.push({0, b});
  for (const Item& item : items) {
    const auto [load, block] = loads.top();
    loads.pop();
    of_block[block].push_back(item);
    loads.push({load + item.count + way_in_and_out, block});
  }
  Shares shares;
  shares.items.reserve(items.size());
  for (auto& own : of_block) {
    std::stable_sort(own.begin(), own.end(),
                     [&](const Item& a, const Item& b) { return a.head / together < b.head / together; });
    shares.first.push_back(static_cast<int>(shares.items.size()));
    shares.items.insert(shares.items.end(), own.begin(), own.end());
  }
  shares.first.push_back(static_cast<int>(shares.items.size()));
  return shares;
}

enum class Lists { sparse, dense };  // dense: every tile of keys, each masked element by element

class Plan {
 public:
  Plan() = default;
  // `rows`: queries of a tile.
  template <class Mask>
  Plan(std::int64_t heads, std::int64_t tokens, std::int64_t dim, std::int64_t rows, const Mask& mask,
       Lists lists = Lists::sparse) {
    constexpr std::int64_t keys = 128;
    std::vector<Step> steps;
    std::vector<Item> of_head;
    for (std::int64_t row = 0; row < tokens; row += rows) {
      const int first = static_cast<int>(steps.size());
      for (std::int64_t k = (tokens + keys - 1) / keys - 1; k >= 0; --k) {
        auto seen = mask.tile(row, std::min(row + rows, tokens), k * keys, std::min((k + 1) * keys, tokens));
        if (lists == Lists::dense || (seen == Visible::all && (k + 1) * keys > tokens)) seen = Visible::some;
        if (seen != Visible::none) steps.push_back(static_cast<Step>(2 * k + (seen == Visible::some)));
      }
      of_head.push_back({0, static_cast<int>(row), first, static_cast<int>(steps.size()) - first});
    }
    std::vector<Item> items;
    for (std::int64_t h = 0; h < heads; ++h)
      for (Item item : of_head) {
        item.head = static_cast<int>(h);
        items.push_back(item);
      }
    // As many heads side by side as have their keys and values in half of a second-level cache of 50 MB.
    const auto shares =
        share_out(items, aisp::multiprocessors(), std::max<std::int64_t>(1, (25 << 20) / (tokens * dim * 4)));
    count_ = static_cast<int>(items.size());
    items_ = to_device(shares.items);
    first_ = to_device(shares.first);
    steps_ = to_device(steps);
  }

  int count() const { return count_; }
  const Item* items() const { return items_.get(); }
  const int* first() const { return first_.get(); }
  const Step* steps() const { return steps_.get(); }

 private:
  template <class T> static aisp::DeviceBuffer<T> to_device(const std::vector<T>& from) {
    aisp::DeviceBuffer<T> buffer(static_cast<std::int64_t>(from.size()));
    AISP_CUDA(cudaMemcpy(buffer.get(), from.data(), sizeof(T) * from.size(), cudaMemcpyHostToDevice));
    return buffer;
  }

  int count_ = 0;
  aisp::DeviceBuffer<Item> items_;
  aisp::DeviceBuffer<int> first_;
  aisp::DeviceBuffer<Step> steps_;
};

}  // namespace attention
