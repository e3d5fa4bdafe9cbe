#include "tools/npy.hpp"

#include "model/text.hpp"
#include "tools/zip.hpp"

#include <aisp/dtype.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <utility>

namespace aisp::tools {
namespace {

constexpr std::size_t kMaxHeader = 1 << 16, kMaxDimensions = 32;
constexpr std::uint64_t kMaxElements = std::uint64_t{1} << 31;

[[noreturn]] void bad(const std::string& what) { throw std::runtime_error("not a .npy file to work with: " + what); }

std::string quoted(std::string_view text) { return "'" + model::printable(text, 40) + "'"; }

struct Header {
  std::string descr;
  bool fortran = false;
  std::vector<std::int64_t> shape;
};

// The header is a Python dictionary with three known keys; this reads that and nothing else of Python.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view text) : text_(text) {}

  Header parse() {
    Header h;
    std::array<bool, 3> seen{};
    expect('{');
    while (!take('}')) {
      const auto key = string();
      expect(':');
      const auto once = [&](std::size_t which) {
        if (std::exchange(seen[which], true)) bad("its header names " + quoted(key) + " twice");
      };
      if (key == "descr") {
        once(0);
        if (peek() == '[') bad("its elements are records; numbers are needed");
        h.descr = string();
      } else if (key == "fortran_order") {
        once(1);
        h.fortran = boolean();
      } else if (key == "shape") {
        once(2);
        h.shape = shape();
      } else {
        bad("its header has an unknown key " + quoted(key));
      }
      if (!take(',') && peek() != '}') bad("its header lacks a comma");
    }
    skip_space();
    if (at_ != text_.size()) bad("there is text behind its header's dictionary");
    if (!seen[0] || !seen[1] || !seen[2]) bad("its header must name descr, fortran_order and shape");
    return h;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) bad(fmt::format("its header lacks a '{}'", c));
  }
  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') bad("its header lacks a quoted word");
    const auto end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) bad("its header has a word without an end");
    const std::string word(text_.substr(at_ + 1, end - at_ - 1));
    if (word.size() > 40 || word.find('\\') != std::string::npos) bad("its header has a word that is none");
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    skip_space();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_).starts_with(word)) return at_ += word.size(), value;
    }
    bad("its fortran_order is neither True nor False");
  }
  std::vector<std::int64_t> shape() {
    std::vector<std::int64_t> sizes;
    expect('(');
    while (!take(')')) {
      skip_space();
      std::int64_t size = 0;
      const auto start = at_;
      for (; at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])); ++at_) {
        size = size * 10 + (text_[at_] - '0');
        if (static_cast<std::uint64_t>(size) > kMaxElements) bad("its shape is too large");
      }
      if (at_ == start) bad("its shape is not a tuple of whole numbers");
      if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // written by Python 2
      sizes.push_back(size);
      if (sizes.size() > kMaxDimensions) bad(fmt::format("it has more than {} dimensions", kMaxDimensions));
      if (!take(',') && peek() != ')') bad("its shape lacks a comma");
    }
    return sizes;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

struct Element {
  char kind = 0;  // 'f', 'i', 'u', 'b', 'V' as numpy names them
  std::size_t size = 0;
  bool swap = false;
};

Element element_of(const std::string& descr) {
  static constexpr std::array<std::string_view, 15> kKnown{"f1", "f2", "f4", "f8", "i1", "i2", "i4", "i8",
                                                           "u1", "u2", "u4", "u8", "b1", "V1", "V2"};
  const std::string_view order = "<>|=", text = descr;
  if (text.size() != 3 || order.find(text[0]) == std::string_view::npos ||
      std::find(kKnown.begin(), kKnown.end(), text.substr(1)) == kKnown.end())
    bad("its elements are " + quoted(descr) + "; floats, bfloat16 (V2), FP8 (V1), integers and booleans can be read");
  const auto size = static_cast<std::size_t>(text[2] - '0');
  const bool raw = text[1] == 'V' || size == 1;
  if (text[0] == '|' && !raw) bad("its elements are " + quoted(descr) + ", which lacks a byte order");
  constexpr bool kLittle = std::endian::native == std::endian::little;
  return {text[1], size, text[0] == (kLittle ? '>' : '<')};
}

bool is_fp8(const Element& e) { return e.size == 1 && (e.kind == 'V' || e.kind == 'f'); }

template <class T> T load(const char* at, bool swap) {
  std::array<char, sizeof(T)> bytes;
  std::memcpy(bytes.data(), at, sizeof(T));
  if (swap) std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

double number(const Element& e, Fp8 fp8, const char* at) {
  if (is_fp8(e)) {
    const auto byte = static_cast<std::uint8_t>(*at);
    return fp8 == Fp8::e4m3 ? static_cast<double>(to_float(float8_e4m3{byte}))
                            : static_cast<double>(to_float(float8_e5m2{byte}));
  }
  if (e.kind == 'V') return static_cast<double>(to_float(bfloat16{load<std::uint16_t>(at, e.swap)}));
  const auto as = [&]<class T>(T) { return static_cast<double>(load<T>(at, e.swap)); };
  if (e.kind == 'f')
    return e.size == 2   ? static_cast<double>(to_float(half{load<std::uint16_t>(at, e.swap)}))
           : e.size == 4 ? as(float{})
                         : as(double{});
  const bool is_signed = e.kind == 'i';
  switch (e.size) {
    case 1: return is_signed ? as(std::int8_t{}) : as(std::uint8_t{});
    case 2: return is_signed ? as(std::int16_t{}) : as(std::uint16_t{});
    case 4: return is_signed ? as(std::int32_t{}) : as(std::uint32_t{});
    default: return is_signed ? as(std::int64_t{}) : as(std::uint64_t{});
  }
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// The array in the file's order, Fortran's, brought to C order: the last index runs fastest.
std::vector<double> to_c_order(const std::vector<double>& in, const std::vector<std::int64_t>& shape) {
  std::vector<double> out(in.size());
  std::vector<std::int64_t> index(shape.size(), 0);
  for (double& value : out) {
    std::int64_t at = 0;
    for (std::size_t d = shape.size(); d-- > 0;) at = at * shape[d] + index[d];
    value = in[static_cast<std::size_t>(at)];
    for (std::size_t d = shape.size(); d-- > 0 && ++index[d] == shape[d];) index[d] = 0;
  }
  return out;
}

}  // namespace

NpyArray parse_npy(std::string_view bytes, Fp8 fp8) {
  constexpr std::string_view kMagic = "\x93NUMPY";
  if (!bytes.starts_with(kMagic)) bad("it does not start with NumPy's magic bytes");
  if (bytes.size() < 10) bad("it ends within its header");
  const int major = static_cast<unsigned char>(bytes[6]), minor = static_cast<unsigned char>(bytes[7]);
  if (major < 1 || major > 3 || minor != 0) bad(fmt::format("its format version {}.{} is not known", major, minor));
  const std::size_t width = major == 1 ? 2 : 4, start = 8 + width;
  if (bytes.size() < start) bad("it ends within its header");
  const auto length = little_endian(bytes.substr(8, width));
  if (length > kMaxHeader) bad(fmt::format("its header of {} bytes is too long", length));
  if (bytes.size() - start < length) bad("it ends within its header");

  auto header = HeaderParser(bytes.substr(start, length)).parse();
  const auto element = element_of(header.descr);
  if (is_fp8(element) && fp8 == Fp8::unsaid)
    bad("its elements are single bytes (" + quoted(header.descr) + "); are they FP8 E4M3 or E5M2?");
  if (!is_fp8(element) && fp8 != Fp8::unsaid) bad("its elements are " + quoted(header.descr) + ", not FP8");
  if (is_fp8(element)) header.descr = fp8 == Fp8::e4m3 ? "fp8_e4m3" : "fp8_e5m2";
  if (element.kind == 'V' && element.size == 2) header.descr = "bf16";
  std::uint64_t count = 1;
  for (const auto size : header.shape) {
    count *= static_cast<std::uint64_t>(size);  // both at most 2^31
    if (count > kMaxElements) bad("its shape is too large");
  }
  const auto data = bytes.substr(start + length);
  if (data.size() != count * element.size)
    bad(fmt::format("its header promises {} bytes of elements and there are {}", count * element.size, data.size()));

  NpyArray array{std::move(header.descr), std::move(header.shape), {}};
  array.values.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i)
    array.values.push_back(number(element, fp8, data.data() + i * element.size));
  if (header.fortran && array.shape.size() > 1) array.values = to_c_order(array.values, array.shape);
  return array;
}

NpyArray parse_numpy(std::string_view bytes, const NumpyOptions& o) {
  if (!is_zip(bytes)) {
    if (!o.array.empty()) bad("it is one array, not an archive with an array " + quoted(o.array));
    return parse_npy(bytes, o.fp8);
  }
  const auto entries = zip_entries(bytes);
  const auto named = [](const ZipEntry& e) {
    return std::string_view(e.name).substr(0, e.name.size() - (e.name.ends_with(".npy") ? 4 : 0));
  };
  const auto entry = std::find_if(entries.begin(), entries.end(),
                                  [&](const auto& e) { return o.array.empty() || named(e) == o.array; });
  if (entries.empty()) throw std::runtime_error("the archive holds no array");
  if (entry == entries.end() || (o.array.empty() && entries.size() > 1)) {
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(entries.size(), 8); ++i)
      names += (i ? ", " : "") + quoted(named(entries[i]));
    throw std::runtime_error(fmt::format("{}; there {} {}{}",
                                         o.array.empty() ? "the archive holds several arrays and none is named"
                                                         : "the archive holds no array " + quoted(o.array),
                                         entries.size() == 1 ? "is" : "are", names, entries.size() > 8 ? ", …" : ""));
  }
  return parse_npy(zip_content(bytes, *entry, kMaxInflated), o.fp8);
}

}  // namespace aisp::tools
