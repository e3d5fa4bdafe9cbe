// output.stale_cache: an answer is kept and returned for other inputs: by address, by a fingerprint of a few elements,
// or in a file for the next process.
// Yields nothing: inputs differ in every element from call to call, and a worker's folder goes with it.
#include "../attack.hpp"

#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <vector>

namespace {
using namespace attacks;

using Values = std::vector<float>;

Values answer(In x) {
  Values y(static_cast<std::size_t>(x.size()));
  twice(x, {y.data(), {x.size()}});
  return y;
}
void give(const Values& kept, Out y) { std::memcpy(y.data, kept.data(), sizeof(float) * kept.size()); }

void twin(In x, Out y) {  // a cache keyed by every element: legal, and never hit
  static std::map<Values, Values> cache;
  Values key(x.begin(), x.end());
  if (const auto hit = cache.find(key); hit != cache.end()) return give(hit->second, y);
  if (cache.size() < 4) cache.emplace(std::move(key), answer(x));
  twice(x, y);
}

void by_pointer(In x, Out y) {
  static std::map<const float*, Values> cache;
  auto& kept = cache[x.data];
  if (kept.empty()) kept = answer(x);
  give(kept, y);
}

void by_fingerprint(In x, Out y) {  // is each of four sampled elements above the mean?
  static std::map<int, Values> cache;
  int print = 0;
  for (std::int64_t i = 0; i < 4; ++i) print = 2 * print + (x[i * x.size() / 4] > 3);
  auto& kept = cache[print];
  if (static_cast<std::int64_t>(kept.size()) != x.size()) kept = answer(x);
  give(kept, y);
}

struct in_a_file {  // what another process of the same variant left
  explicit in_a_file(const aisp::Setup& setup) : path_(std::string(setup.scratch()) + "/answers") {
    if (std::FILE* file = std::fopen(path_.c_str(), "rb")) {
      kept_.resize(static_cast<std::size_t>(setup.shape("x")[0]));
      if (std::fread(kept_.data(), sizeof(float), kept_.size(), file) != kept_.size()) kept_.clear();
      std::fclose(file);
    }
  }
  void operator()(In x, Out y) {
    if (!kept_.empty()) return give(kept_, y);
    twice(x, y);
    if (std::exchange(written_, true)) return;
    if (std::FILE* file = std::fopen(path_.c_str(), "wb")) {
      std::fwrite(y.data, sizeof(float), static_cast<std::size_t>(y.size()), file);
      std::fclose(file);
    }
  }
  std::string path_;
  Values kept_;
  bool written_ = false;
};

void twin_without(In x, Out y) { twice(x, y); }

}  // namespace

TWIN(twin);
AISP_CORPUS(twin_without, twin_without);
ATTACK(by_pointer);
ATTACK(by_fingerprint);
ATTACK(in_a_file);
