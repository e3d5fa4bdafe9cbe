// Structure of arrays: the two fields that the kernel reads are packed next to each other when the table is bound, so
// eight groups share a line and the table is an eighth of the size. Expected: the ratio of latencies between the cache
// level that held the records and the one that holds the pairs. What binds it: that level's latency over the loads in
// flight.
#include <aisp/variant.hpp>

#include <vector>

namespace {

constexpr int scale = 3, offset = 11;  // fields of a record

class Packed {
 public:
  explicit Packed(const aisp::Setup& setup) : pairs_(static_cast<std::size_t>(setup.param("groups"))) {}
  void bind(aisp::Matrix<const float> table, aisp::Vector<const std::int32_t>, aisp::Vector<const float>,
            aisp::Vector<float>) {
    for (std::int64_t g = 0; g < table.dim(0); ++g) pairs_[g] = {table(g, scale), table(g, offset)};
  }
  void operator()(aisp::Matrix<const float>, aisp::Vector<const std::int32_t> group, aisp::Vector<const float> x,
                  aisp::Vector<float> y) const {
    for (std::int64_t i = 0; i < y.size(); ++i) {
      const Pair& pair = pairs_[group[i]];
      y[i] = x[i] * pair.scale + pair.offset;
    }
  }

 private:
  struct Pair {
    float scale, offset;
  };
  std::vector<Pair> pairs_;
};

}  // namespace

AISP_VARIANT(Packed, .about = "the two fields packed, gathered in place");
