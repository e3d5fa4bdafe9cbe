#include <sys/random.h>

#include "judge/judge.hpp"

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace aisp::judge {

Seed fresh_seed() {
  Seed seed;
  std::size_t have = 0;
  while (have < seed.size()) {
    const ssize_t n = getrandom(seed.data() + have, seed.size() - have, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "getrandom");
    have += static_cast<std::size_t>(n);
  }
  return seed;
}

std::string to_hex(const Seed& seed) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (auto byte : seed) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

Seed seed_from_hex(const std::string& text) {
  const auto fail = [&] {
    throw std::invalid_argument("seed '" + text.substr(0, 80) + "' must be 1 to 64 hexadecimal digits");
  };
  Seed seed{};
  if (text.empty() || text.size() > 2 * seed.size()) fail();
  std::size_t nibble = 2 * seed.size() - text.size();  // short seeds are padded on the left
  for (char c : text) {
    int value = 0;
    if (c >= '0' && c <= '9')
      value = c - '0';
    else if (c >= 'a' && c <= 'f')
      value = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
      value = c - 'A' + 10;
    else
      fail();
    seed[nibble / 2] = static_cast<std::uint8_t>(seed[nibble / 2] | (nibble % 2 ? value : value << 4));
    ++nibble;
  }
  return seed;
}

}  // namespace aisp::judge
