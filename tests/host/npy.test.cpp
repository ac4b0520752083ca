// The .npy reader and writer: every accepted form, against bytes made by hand and against numpy.
#include "host/npy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include <scorepath/files.hpp>

#include "tests/support/expect_error.hpp"
#include "tests/support/npy_literals.hpp"
#include "tests/support/numpy.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

using ::testing::ElementsAre;

template <class T>
void expect_minus_one_to_four(const std::string& descr, const std::vector<T>& values) {
  const Array array = parse_npy(npy_file(npy_header(descr, "(2, 3)"), raw_bytes(values)), "'x'");
  EXPECT_THAT(array.shape, ElementsAre(2, 3)) << descr;
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(array.values[i], static_cast<double>(values[i])) << descr;
}

TEST(Npy, ReadsEveryElementType) {
  expect_minus_one_to_four<float>("<f4", {-1.5F, 0, 1, 2, 3, 4e30F});
  expect_minus_one_to_four<double>("<f8", {-1.5, 0, 1, 2, 3, 4e300});
  expect_minus_one_to_four<std::int8_t>("|i1", {-128, 0, 1, 2, 3, 127});
  expect_minus_one_to_four<std::int16_t>("<i2", {-32768, 0, 1, 2, 3, 32767});
  expect_minus_one_to_four<std::int32_t>("<i4", {INT32_MIN, 0, 1, 2, 3, INT32_MAX});
  expect_minus_one_to_four<std::int64_t>("<i8", {-(1LL << 53), 0, 1, 2, 3, 1LL << 53});
  expect_minus_one_to_four<std::uint8_t>("|u1", {0, 1, 2, 3, 4, 255});
  expect_minus_one_to_four<std::uint16_t>("<u2", {0, 1, 2, 3, 4, 65535});
  expect_minus_one_to_four<std::uint32_t>("<u4", {0, 1, 2, 3, 4, UINT32_MAX});
  expect_minus_one_to_four<std::uint64_t>("<u8", {0, 1, 2, 3, 4, 1ULL << 53});
}

TEST(Npy, FortranOrderBecomesRowMajor) {
  const std::string data = raw_bytes<double>({0, 3, 1, 4, 2, 5});
  const Array array = parse_npy(npy_file(npy_header("<f8", "(2, 3)", "True"), data), "'x'");
  EXPECT_THAT(array.shape, ElementsAre(2, 3));
  EXPECT_THAT(array.values, ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(Npy, ReadsRanksZeroAndOneAndEveryVersion) {
  const Array scalar = parse_npy(npy_doubles("()", {7.25}), "'x'");
  EXPECT_TRUE(scalar.shape.empty());
  EXPECT_THAT(scalar.values, ElementsAre(7.25));
  for (const int version : {1, 2, 3}) {
    const Array row = parse_npy(npy_file(npy_header("<f8", "(2,)"), raw_bytes<double>({1, 2}), version), "'x'");
    EXPECT_THAT(row.shape, ElementsAre(2));
    EXPECT_THAT(row.values, ElementsAre(1, 2));
  }
}

TEST(Npy, AcceptsOtherSpellingsOfTheHeader) {
  const std::string data = raw_bytes<double>({1, 2});
  const Array array =
      parse_npy(npy_file("{ \"shape\" : ( 2L , 1L ) ,\"fortran_order\":False, 'descr':'<f8'}  \n", data), "'x'");
  EXPECT_THAT(array.shape, ElementsAre(2, 1));
}

TEST(Npy, WritesWhatItReads) {
  const std::vector<double> values = {0.1, -1e-310, 1.7976931348623157e308, 3, 5, 8};
  const Array array = parse_npy(npy_bytes(values, {3, 2}), "'x'");
  EXPECT_THAT(array.shape, ElementsAre(3, 2));
  EXPECT_EQ(array.values, values);
  // The data start at a multiple of 64 bytes, for readers that map files.
  EXPECT_EQ((npy_bytes(values, {3, 2}).size() - values.size() * sizeof(double)) % 64, 0U);
}

TEST(Npy, ReadsWhatNumpyWrites) {
  if (numpy_python().empty()) GTEST_SKIP() << numpy_absent;
  const TemporaryFolder folder;
  run_numpy(folder.path(),
            "a = np.arange(12).reshape(3, 4) - 5\n"
            "for t in \"f4 f8 i1 i2 i4 i8\".split(): np.save(t + \".npy\", a.astype(t))\n"
            "for t in \"u1 u2 u4 u8\".split(): np.save(t + \".npy\", (a + 5).astype(t))\n"
            "np.save(\"fortran.npy\", np.asfortranarray(a.astype(\"f8\")))\n"
            "np.save(\"transposed.npy\", a.astype(\"f4\").T)\n"
            "for v in (1, 2, 3):\n"
            "  with open(f\"v{v}.npy\", \"wb\") as f: np.lib.format.write_array(f, a, version=(v, 0))\n");
  for (const char* name : {"f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "fortran", "v1", "v2", "v3"}) {
    const Matrix points = load_points(folder.file(std::string(name) + ".npy"));
    ASSERT_EQ(points.rows, 3U) << name;
    ASSERT_EQ(points.columns, 4U) << name;
    for (std::size_t i = 0; i < 12; ++i) {
      EXPECT_EQ(points.values[i], static_cast<double>(i) - (name[0] == 'u' ? 0 : 5)) << name;
    }
  }
  const Matrix transposed = load_points(folder.file("transposed.npy"));
  EXPECT_EQ(transposed.rows, 4U);
  EXPECT_EQ(transposed(3, 1), 2.0);
}

TEST(Npy, NumpyReadsWhatItWrites) {
  if (numpy_python().empty()) GTEST_SKIP() << numpy_absent;
  const TemporaryFolder folder;
  folder.write("d.npy",
               npy_bytes(std::vector<double>{0.1, 2, -3e-310, std::numeric_limits<double>::quiet_NaN()}, {2, 2}));
  folder.write("i.npy", npy_bytes(std::vector<std::int64_t>{INT64_MIN, 5, INT64_MAX}, {3}));
  folder.write("t.npy", npy_bytes(std::vector<std::string>{"a\xc3\xa9\xf0\x9f\x98\x80 \xff"}, {}));
  folder.write("flags.npy", npy_bytes(std::vector<std::string>{"", "heavy-tail"}, {2}));
  folder.write("blank.npy", npy_bytes(std::vector<std::string>{"", ""}, {2}));
  folder.write("none.npy", npy_bytes(std::vector<double>{}, {0, 2}));
  const std::string out = run_numpy(folder.path(),
                                    "print(np.load(\"d.npy\").tolist(), np.load(\"i.npy\").tolist())\n"
                                    "print(ascii(np.load(\"t.npy\").item()), np.load(\"t.npy\").shape)\n"
                                    "print(np.load(\"flags.npy\").tolist(), np.load(\"blank.npy\").tolist())\n"
                                    "print(np.load(\"none.npy\").shape)\n");
  EXPECT_EQ(out,
            "[[0.1, 2.0], [-3e-310, nan]] [-9223372036854775808, 5, 9223372036854775807]\n"
            "'a\\xe9\\U0001f600 \\ufffd' ()\n"
            "['', 'heavy-tail'] ['', '']\n"
            "(0, 2)\n");
}

}  // namespace
}  // namespace scorepath::testing
