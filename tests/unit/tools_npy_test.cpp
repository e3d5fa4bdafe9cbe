// .npy files and .npz archives as NumPy writes them, and files that lie.
#include "tools/npy.hpp"
#include "tools/zip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <zlib.h>

#include <cmath>
#include <cstring>
#include <fstream>

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
  refused(file(header("<V4", "(4,)"), four), "'<V4'");
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

TEST(Npy, Bfloat16AsRawBytes) {
  for (const char* descr : {"<V2", "|V2"}) {
    const auto a = parse_npy(file(header(descr, "(4,)"), bytes<std::uint16_t>({0x3f80, 0xc000, 0x4049, 0x7f80})));
    EXPECT_THAT(a.values, ElementsAre(1, -2, 3.140625, INFINITY));
    EXPECT_EQ(a.descr, "bf16");
  }
  EXPECT_THAT(parse_npy(file(header(">V2", "(1,)"), bytes<std::uint16_t>({0x3f80}, true))).values, ElementsAre(1));
}

TEST(Npy, Fp8IsWhatTheCallerSays) {
  const std::string raw("\x38\xbc\x7e\x7f", 4);
  for (const char* descr : {"|V1", "<V1", "<f1"}) {
    const auto data = file(header(descr, "(4,)"), raw);
    const auto e4m3 = parse_npy(data, Fp8::e4m3), e5m2 = parse_npy(data, Fp8::e5m2);
    EXPECT_THAT(std::vector<double>(e4m3.values.begin(), e4m3.values.begin() + 3), ElementsAre(1, -1.5, 448));
    EXPECT_TRUE(std::isnan(e4m3.values[3]));
    EXPECT_EQ(e4m3.descr, "fp8_e4m3");
    EXPECT_THAT(std::vector<double>(e5m2.values.begin(), e5m2.values.begin() + 2), ElementsAre(0.5, -1));
    EXPECT_TRUE(std::isnan(e5m2.values[2]));
    refused(data, "E4M3 or E5M2?");
  }
  EXPECT_THROW(parse_npy(file(header("<f4", "(1,)"), bytes<float>({1})), Fp8::e4m3), std::runtime_error);
}

// --------------------------------------------------------------------------------------------------------------- .npz

std::string fixture(const std::string& name) {
  std::ifstream in(std::string(AISP_SOURCE_DIR) + "/tests/fixtures/numpy/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Npz, ArraysOfAnArchiveByName) {
  for (const char* name : {"stored.npz", "deflated.npz"}) {
    const auto archive = fixture(name);
    const auto x = parse_numpy(archive, {Fp8::unsaid, "x"});
    EXPECT_THAT(x.shape, ElementsAre(2, 3)) << name;
    EXPECT_THAT(x.values, ElementsAre(0, 1, 2, 3, 4, 5)) << name;
    EXPECT_EQ(parse_numpy(archive, {Fp8::unsaid, "weights"}).values[2], 3.140625) << name;
  }
  EXPECT_THAT(parse_numpy(fixture("deflated.npz"), {Fp8::e4m3, "scales"}).values, ElementsAre(1, -1.5, 448));
}

void refused_archive(const std::string& bytes, const std::string& why, const std::string& array = "x") {
  try {
    parse_numpy(bytes, {Fp8::unsaid, array});
    ADD_FAILURE() << "was read: " << why;
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(why));
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
  }
}

std::string little(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

struct Packed {
  std::string name, content, data;  // data: as it lies in the archive
  int method = 0;
  std::uint64_t size = content.size();
};

Packed stored(const std::string& name, const std::string& content) { return {name, content, content}; }

std::string archive(const std::vector<Packed>& entries, const std::string& comment = "") {
  std::string out, directory;
  for (const auto& e : entries) {
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(e.content.data()), static_cast<uInt>(e.content.size()));
    const auto common = little(0, 2) + little(e.method, 2) + little(0, 4) + little(crc, 4) + little(e.data.size(), 4) +
                        little(e.size, 4) + little(e.name.size(), 2) + little(0, 2);
    directory += "PK\1\2" + little(20, 2) + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) +
                 little(0, 4) + little(out.size(), 4) + e.name;
    out += "PK\3\4" + little(20, 2) + common + e.name + e.data;
  }
  const auto n = entries.size(), at = out.size();
  return out + directory + "PK\5\6" + little(0, 4) + little(n, 2) + little(n, 2) + little(directory.size(), 4) +
         little(at, 4) + little(comment.size(), 2) + comment;
}

Packed deflated(const std::string& name, const std::string& content) {
  std::string out(content.size() / 2 + 1000, '\0');
  z_stream s{};
  deflateInit2(&s, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  s.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  s.avail_in = static_cast<uInt>(content.size());
  s.next_out = reinterpret_cast<Bytef*>(out.data());
  s.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&s, Z_FINISH), Z_STREAM_END);
  out.resize(s.total_out);
  deflateEnd(&s);
  return {name, content, out, 8};
}

TEST(Npz, ArchivesThatLieAreSeen) {
  const auto one = file(header("|u1", "(3,)"), "abc");
  EXPECT_THAT(parse_numpy(archive({stored("x.npy", one)}), {}).values, ElementsAre('a', 'b', 'c'));
  EXPECT_THAT(parse_numpy(archive({deflated("x.npy", one)}, "a comment"), {}).values, ElementsAre('a', 'b', 'c'));
  refused_archive(archive({}), "holds no array");
  refused_archive(archive({stored("y.npy", one)}), "no array 'x'; there is 'y'");
  refused_archive(archive({stored("y.npy", one), stored("z\n.npy", one)}), "none is named; there are 'y', 'z '", "");
  refused_archive(archive({stored("x.npy", one), stored("x.npy", one)}), "two entries of one name");
  refused_archive(file(header("|u1", "(3,)"), "abc"), "not an archive");
  const auto good = archive({stored("x.npy", one)});
  refused_archive(good.substr(0, good.size() - 1), "cut off");
  refused_archive("PK\3\4", "cut off");
  refused_archive("x" + good, "magic", "");
  refused_archive(good + "PK\5\6" + std::string(18, '\0'), "where its end says");
  auto changed = good;
  changed[40 + one.size() / 2] ^= 1;
  refused_archive(changed, "checksum");
  refused_archive(archive({{"x.npy", one, one, 12}}), "method 12");
  refused_archive(archive({{"x.npy", one, one, 0, one.size() + 1}}), "two sizes");
  refused_archive(archive({{"x.npy", one, deflated("", one).data, 8, one.size() - 1}}), "size that its directory");
  refused_archive(archive({{"x.npy", one, deflated("", one).data, 8, one.size() + 1}}), "size that its directory");
  refused_archive(archive({{"x.npy", one, "rubbish", 8}}), "size that its directory");
  refused_archive(archive({{"x.npy", one, deflated("", one).data, 8, kMaxInflated + 1}}), "at most 268435456");
  auto elsewhere = good;
  elsewhere[30] = 'y';  // the local header's name
  refused_archive(elsewhere, "contradicts");
}

}  // namespace
}  // namespace aisp::tools
