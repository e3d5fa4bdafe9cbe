// Block lists: for each tile of queries the tiles of 128 keys of which it sees any, and whether it sees all of them. What no query of a tile sees is never fetched, and only tiles on the border of a mask are masked element by
// element.
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

// A tile of queries of a head, from `row` on, `rows` of them, and where its steps are.
struct Item {
  int head, row, rows, first, count;
};
// A step: twice the number of a tile of keys, plus one where some pairs are hidden. From the last tile of keys to the
// first: under a causal mask every query then sees a key in its first step.
using Step = int;

// Items in the order of blocks: those of block b begin at first[b] and end before first[b + 1]. `longest`: what the block
// with the most to do has, as cost() counts.
struct Shares {
  std::vector<Item> items;
  std::vector<int> first;
  std::int64_t longest = 0;
};

// What an item costs: a tile of three warpgroups takes less than half as long again as one of two (5 to 6, as an H200
// runs tiles of dim 64), and each has a way in and out of about two steps.
inline std::int64_t cost(const Item& item) {
  const int of_step = item.rows > 128 ? 6 : 5;
  return std::int64_t{item.count + 2} * of_step;
}

// Each item, the longest first, goes to the block that has least to do (Graham, "Bounds on multiprocessing timing
// anomalies", 1969, for longest processing time first). A block works on heads in an order, `together` of them at a
// time, so that their keys and values stay in the L2.
inline Shares share_out(std::vector<Item> items, int blocks, std::int64_t together) {
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return cost(a) > cost(b); });
  Shares shares;
  std::vector<std::vector<Item>> of_block(static_cast<std::size_t>(blocks));
  using Load = std::pair<std::int64_t, std::size_t>;  // and whose
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;
  for (std::size_t b = 0; b < of_block.size(); ++b) loads.push({0, b});
  for (const Item& item : items) {
    const auto [load, block] = loads.top();
    loads.pop();
    of_block[block].push_back(item);
    loads.push({load + cost(item), block});
    shares.longest = std::max(shares.longest, load + cost(item));
  }
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
  // `tall`: queries of a tile, all warpgroups' together, 64 each. Tiles of 128 take the place of some, where that lets
  // the blocks end at more nearly the same time.
  template <class Mask>
  Plan(std::int64_t heads, std::int64_t tokens, std::int64_t dim, std::int64_t tall, const Mask& mask,
       Lists lists = Lists::sparse) {
    // As many heads side by side as have their keys and values in half of a second-level cache of 50 MB.
    const auto together = std::max<std::int64_t>(1, (25 << 20) / (tokens * dim * 4));
    std::vector<Step> steps;
    Shares shares;
    for (std::int64_t low = 0; low <= (tall > 128 ? std::min<std::int64_t>(20, tokens / 128) : 0); ++low) {
      std::vector<Step> own;
      auto cut = share_out(tiles(heads, tokens, tall, low, mask, lists, own), aisp::multiprocessors(), together);
      if (low > 0 && cut.longest >= shares.longest) continue;
      shares = std::move(cut);
      steps = std::move(own);
    }
    count_ = static_cast<int>(shares.items.size());
    items_ = to_device(shares.items);
    first_ = to_device(shares.first);
    steps_ = to_device(steps);
  }

  int count() const { return count_; }
  const Item* items() const { return items_.get(); }
  const int* first() const { return first_.get(); }
  const Step* steps() const { return steps_.get(); }

 private:
  // Of all heads, the last `low` tiles of each with 128 queries. Their steps, the same in every head, are added to
  // `steps`.
  template <class Mask>
  static std::vector<Item> tiles(std::int64_t heads, std::int64_t tokens, std::int64_t tall, std::int64_t low,
                                 const Mask& mask, Lists lists, std::vector<Step>& steps) {
    constexpr std::int64_t keys = 128;
    std::vector<Item> of_head;
    for (std::int64_t row = 0, rows = 0; row < tokens; row += rows) {
      rows = row < tokens - low * 128 ? tall : 128;
      const int first = static_cast<int>(steps.size());
      for (std::int64_t k = (tokens + keys - 1) / keys - 1; k >= 0; --k) {
        auto seen =
            mask.tile(row, std::min(row + rows, tokens), k * keys, std::min((k + 1) * keys, tokens));
        if (lists == Lists::dense || (seen == Visible::all && (k + 1) * keys > tokens)) seen = Visible::some;
        if (seen != Visible::none) steps.push_back(static_cast<Step>(2 * k + (seen == Visible::some)));
      }
      of_head.push_back(
          {0, static_cast<int>(row), static_cast<int>(rows), first, static_cast<int>(steps.size()) - first});
    }
    std::vector<Item> items;
    for (std::int64_t h = 0; h < heads; ++h)
      for (Item item : of_head) {
        item.head = static_cast<int>(h);
        items.push_back(item);
      }
    return items;
  }

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
