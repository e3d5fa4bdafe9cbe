// .npy files as NumPy writes them, and files that lie.
#include "tools/npy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace aisp::tools {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string file(const std::string& header, const std::string& data, int major = 1) {
  std::string text = "\x93NUMPY";
  text += static_cast<char>(major);
  text += '\0';
  const auto n = header.size();
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) text += static_cast<char>(n >> (8 * i) & 0xff);
  return text + header + data;
}

std::string header(const std::string& descr, const std::string& shape, const std::string& fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }          \n";
}

template <class T> std::string bytes(std::initializer_list<T> values, bool big_endian = false) {
  std::string out;
  for (const T v : values) {
    char raw[sizeof(T)];
    std::memcpy(raw, &v, sizeof(T));
    std::string text(raw, sizeof(T));
    if (big_endian) text.assign(text.rbegin(), text.rend());
    out += text;
  }
  return out;
}

TEST(Npy, FloatsOfEveryVersion) {
  for (const int version : {1, 2, 3}) {
    const auto a = parse_npy(file(header("<f4", "(2, 2)"), bytes<float>({1, -2, 0.5, 4}), version));
    EXPECT_EQ(a.descr, "<f4");
    EXPECT_THAT(a.shape, ElementsAre(2, 2));
    EXPECT_THAT(a.values, ElementsAre(1, -2, 0.5, 4));
  }
}

// Byte for byte what numpy.save writes for numpy.arange(3, dtype='<i2'): the header ends at a multiple of 64.
TEST(Npy, AFileOfNumPy) {
  std::string text("\x93NUMPY\x01\x00\x76\x00", 10);
  text += "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }";
  text.resize(127, ' ');
  text += '\n';
  text += std::string("\0\0\1\0\2\0", 6);
  EXPECT_THAT(parse_npy(text).values, ElementsAre(0, 1, 2));
}

TEST(Npy, BigEndian) {
  EXPECT_THAT(parse_npy(file(header(">f8", "(2,)"), bytes<double>({1.5, -3}, true))).values, ElementsAre(1.5, -3));
  EXPECT_THAT(parse_npy(file(header(">i4", "(1,)"), bytes<std::int32_t>({-70000}, true))).values, ElementsAre(-70000));
}

TEST(Npy, EveryElementType) {
  EXPECT_THAT(parse_npy(file(header("<f2", "(2,)"), bytes<std::uint16_t>({0x3c00, 0xc000}))).values,
              ElementsAre(1, -2));
  EXPECT_THAT(parse_npy(file(header("|u1", "(2,)"), "\xff\x01")).values, ElementsAre(255, 1));
  EXPECT_THAT(parse_npy(file(header("|i1", "(1,)"), "\xff")).values, ElementsAre(-1));
  EXPECT_THAT(parse_npy(file(header("|b1", "(2,)"), std::string("\1\0", 2))).values, ElementsAre(1, 0));
  EXPECT_THAT(parse_npy(file(header("<u8", "(1,)"), bytes<std::uint64_t>({1u << 20}))).values, ElementsAre(1 << 20));
}

TEST(Npy, FortranOrderBecomesCOrder) {
  // [[0 1 2], [3 4 5]] column by column.
  const auto a = parse_npy(file(header("|u1", "(2, 3)", "True"), std::string("\0\3\1\4\2\5", 6)));
  EXPECT_THAT(a.values, ElementsAre(0, 1, 2, 3, 4, 5));
  const auto b = parse_npy(file(header("|u1", "(2, 1, 2)", "True"), std::string("\0\2\1\3", 4)));
  EXPECT_THAT(b.values, ElementsAre(0, 1, 2, 3));
}

TEST(Npy, OneNumberAndNone) {
  EXPECT_THAT(parse_npy(file(header("<f4", "()"), bytes<float>({7}))).values, ElementsAre(7));
  EXPECT_THAT(parse_npy(file(header("<f4", "(0, 5)"), "")).values, IsEmpty());
  EXPECT_THAT(parse_npy(file(header("<f4", "(0, 5)", "True"), "")).values, IsEmpty());
}

TEST(Npy, HeaderInAnyOrderAndQuotes) {
  EXPECT_THAT(
      parse_npy(file("{\"shape\": (1L,), \"fortran_order\":True,\"descr\":\"<i2\"}", std::string("\5\0", 2))).values,
      ElementsAre(5));
}

void refused(const std::string& text, const std::string& why) {
  try {
    parse_npy(text);
    ADD_FAILURE() << "was read: " << why;
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(why));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

TEST(Npy, LiesAreSeen) {
  const auto four = bytes<float>({1, 2, 3, 4});
  refused("", "magic");
  refused("\x93NUMPX", "magic");
  refused("\x93NUMPY\x01", "ends within");
  refused(file(header("<f4", "(4,)"), four, 4), "version 4.0");
  refused(file(header("<f4", "(5,)"), four), "promises 20 bytes of elements and there are 16");
  refused(file(header("<f4", "(3,)"), four), "promises 12");
  refused(file(header("<f4", "(4,)"), four).substr(0, 40), "ends within");
  refused(file(header("<f4", "(2147483648, 2147483648)"), four), "too large");
  refused(file(header("<f4", "(99999999999999999999999,)"), four), "too large");
  refused(file(header("<f4", "(-4,)"), four), "whole numbers");
  refused(file(header("<f4", "(4"), four), "whole numbers");
  refused(file(header("<f4", "(4 4)"), four), "comma");
  refused(file(header("<f4", "(4294967296, 4294967296)"), four), "too large");
  refused(file(header("<f4", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,4)"), four),
          "dimensions");
  refused(file(header("<c8", "(2,)"), four), "'<c8'");
  refused(file(header("|O", "(2,)"), four), "'|O'");
  refused(file(header("<V2", "(8,)"), four), "'<V2'");
  refused(file(header("|f4", "(4,)"), four), "byte order");
  refused(file(header("<f4", "(4,)", "Maybe"), four), "neither True nor False");
  refused(file("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,)}", four), "records");
  refused(file("{'descr': '<f4', 'shape': (4,)}", four), "must name");
  refused(file("{'descr': '<f4', 'descr': '<f4'}", four), "twice");
  refused(file("{'descr': '<f4', 'owner': 'me'}", four), "unknown key");
  refused(file(header("<f4", "(4,)") + "import os", four), "behind");
  refused(file("{'descr': '<f4", four), "without an end");
  refused(file("", four), "'{'");
}

}  // namespace
}  // namespace aisp::tools
