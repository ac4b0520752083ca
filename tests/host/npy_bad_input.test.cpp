// Everything that can be wrong with a points file: one table, each row an error that names the file and the reason.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <limits>

#include <scorepath/files.hpp>

#include "tests/support/expect_error.hpp"
#include "tests/support/npy_literals.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

struct BadNpy {
  std::string name;
  std::string bytes;
  std::vector<std::string> fragments;
};

// Prints the case's name, not its bytes.
void PrintTo(const BadNpy& bad, std::ostream* out) { *out << bad.name; }

std::string with_element(double value) { return npy_doubles("(2, 2)", {1, 2, 3, value}); }

std::vector<BadNpy> bad_files() {
  const std::string four = raw_bytes<double>({1, 2, 3, 4});
  const auto of_shape = [&](const std::string& shape) { return npy_file(npy_header("<f8", shape), four); };
  const auto of_type = [&](const std::string& descr) { return npy_file(npy_header(descr, "(2, 2)"), four); };
  const auto of_header = [&](const std::string& header) { return npy_file(header, four); };
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string whole = of_shape("(2, 2)");
  std::string long_header = whole;
  long_header[9] = '\x7f';
  std::string unknown_version = whole;
  unknown_version[6] = 4;
  return {
      {"Empty", "", {"it is empty"}},
      {"NoMagic", "1.0,2.0\n3.0,4.0\n", {"magic"}},
      {"Zip", std::string("PK\x03\x04") + whole, {"zip archive", ".npz", "numpy.save"}},
      {"MagicOnly", "\x93NUMPY", {"truncated"}},
      {"VersionFour", unknown_version, {"version 4.0"}},
      {"CutInHeaderLength", npy_file("", "", 2).substr(0, 11), {"truncated"}},
      {"HeaderBeyondFile", long_header, {"truncated", "header of"}},
      {"HugeHeaderLength", std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14), {"truncated", "4294967295"}},
      {"CutInHeader", whole.substr(0, 40), {"truncated"}},
      {"CutInData", whole.substr(0, whole.size() - 1), {"truncated", "[2 x 2]", "31 bytes"}},
      {"NoData", whole.substr(0, whole.size() - 32), {"truncated", "0 bytes"}},
      {"TrailingBytes", whole + "x", {"1 bytes follow"}},
      {"TwoToTheSixty", of_shape("(1152921504606846976, 1)"), {"truncated", "1152921504606846976"}},
      {"ProductOverflows", of_shape("(4294967296, 4294967296)"), {"truncated", "4294967296"}},
      {"BytesOverflow", of_shape("(2305843009213693953, 1)"), {"truncated"}},
      {"CountOverflows", of_shape("(99999999999999999999999, 1)"), {"impossible shape"}},
      {"NegativeCount", of_shape("(-2, 2)"), {"malformed"}},
      {"NoElements", npy_file(npy_header("<f8", "(0, 3)"), ""), {"[0 x 3]", "without elements"}},
      {"NoColumns", npy_file(npy_header("<f8", "(1152921504606846976, 0)"), ""), {"without elements"}},
      {"RankOne", of_shape("(4,)"), {"[4]", "[n x dim]", "wrong shape"}},
      {"RankZero", npy_doubles("()", {1}), {"a single number", "wrong shape"}},
      {"RankFour", of_shape("(2, 1, 2, 1)"), {"[2 x 1 x 2 x 1]", "three dimensions"}},
      {"BigEndian", of_type(">f8"), {"big-endian", "'>f8'"}},
      {"Objects", of_type("|O"), {"'|O'", "not f4, f8 or an integer"}},
      {"Half", of_type("<f2"), {"'<f2'"}},
      {"LongDouble", npy_file(npy_header("<f16", "(2, 1)"), four), {"'<f16'"}},
      {"Complex", npy_file(npy_header("<c16", "(2, 1)"), four), {"'<c16'"}},
      {"Boolean", npy_file(npy_header("|b1", "(2, 2)"), "\1\1\1\1"), {"'|b1'"}},
      {"Text", of_type("<U2"), {"'<U2'"}},
      {"NoByteOrder", of_type("|f8"), {"'|f8'", "byte order"}},
      {"EmptyType", of_type(""), {"''"}},
      {"BytesThatAreNoText",
       of_header("{'d\xff\x1b\xc3(': '<f8', 'fortran_order': False, 'shape': (4,), }"),
       {"unknown entry 'd\\xff\\x1b\\xc3('"}},
      {"Records", of_header("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (4,), }"), {"records"}},
      {"NoShape", of_header("{'descr': '<f8', 'fortran_order': False}"), {"lacks"}},
      {"NoHeader", of_header("{}"), {"lacks"}},
      {"RepeatedEntry", of_header("{'descr': '<f8', 'descr': '<f4'}"), {"repeated or unknown", "descr"}},
      {"UnknownEntry", of_header("{'colour': 'red'}"), {"repeated or unknown", "colour"}},
      {"OpenString", of_header("{'descr': '<f8"), {"malformed"}},
      {"OpenTuple", of_header("{'shape': (2, 2"), {"malformed"}},
      {"OrderIsNumber", of_header("{'fortran_order': 0}"), {"malformed"}},
      {"Garbage", of_header("\x1b[31m\n\n\xff\xfe"), {"malformed", "\\x1b"}},
      {"TextAfterHeader", of_header(npy_header("<f8", "(2, 2)") + "x"), {"malformed"}},
      {"Nan", with_element(nan), {"[1][1]", "nan", "finite"}},
      {"Infinity", with_element(infinity), {"[1][1]", "inf", "finite"}},
      {"NanInFortranOrder",
       npy_file(npy_header("<f8", "(2, 3)", "True"), raw_bytes<double>({1, 2, nan, 4, 5, 6})),
       {"[0][1]", "nan"}},
      {"FloatInfinity", npy_file(npy_header("<f4", "(1, 1)"), raw_bytes<float>({-INFINITY})), {"[0][0]", "-inf"}},
      {"IntegerBeyond",
       npy_file(npy_header("<i8", "(1, 2)"), raw_bytes<std::int64_t>({1, -(1LL << 53) - 1})),
       {"[0][1]", "2^53"}},
      {"IntegerJustBeyond",
       npy_file(npy_header("<i8", "(2, 1)"), raw_bytes<std::int64_t>({1LL << 53, (1LL << 53) + 1})),
       {"[1][0]", "2^53"}},
      {"UnsignedBeyond",
       npy_file(npy_header("<u8", "(1, 1)"), raw_bytes<std::uint64_t>({UINT64_MAX})),
       {"[0][0]", "2^53"}},
  };
}

class BadPoints : public ::testing::TestWithParam<BadNpy> {};

TEST_P(BadPoints, IsAnInputErrorThatNamesTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.write("points.npy", GetParam().bytes);
  std::vector<std::string> fragments = GetParam().fragments;
  fragments.push_back(path);
  expect_error(ErrorKind::input, fragments, [&] { static_cast<void>(load_points(path)); });
}

INSTANTIATE_TEST_SUITE_P(Files, BadPoints, ::testing::ValuesIn(bad_files()),
                         [](const auto& info) { return info.param.name; });

void expect_unreadable(const std::string& path, const std::vector<std::string>& fragments) {
  expect_error(ErrorKind::input, fragments, [&] { static_cast<void>(load_points(path)); });
}

TEST(BadPointsFile, MissingFile) { expect_unreadable("/no/such/points.npy", {"/no/such/points.npy", "No such file"}); }
TEST(BadPointsFile, EmptyName) { expect_unreadable("", {"empty"}); }
TEST(BadPointsFile, NameWithNul) { expect_unreadable(std::string("a\0b.npy", 7), {"'a\\x00b.npy'", "NUL"}); }
TEST(BadPointsFile, Device) { expect_unreadable("/dev/null", {"/dev/null", "not a regular file"}); }

TEST(BadPointsFile, Folder) {
  const TemporaryFolder folder;
  expect_unreadable(folder.path(), {folder.path(), "is a folder"});
}

TEST(BadPointsFile, FileWhereAFolderIsNeeded) {
  const TemporaryFolder folder;
  expect_unreadable(folder.write("file", "x") + "/points.npy", {"Not a directory"});
}

}  // namespace
}  // namespace scorepath::testing
