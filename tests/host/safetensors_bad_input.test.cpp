// Everything that can be wrong with a .safetensors file: each row an error that names the file, the tensor and the
// reason.
#include <gtest/gtest.h>

#include <cmath>

#include "host/safetensors.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/safetensors_literals.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

struct BadFile {
  std::string name;
  std::string bytes;
  std::vector<std::string> fragments;
};

// Prints the case's name, not its bytes.
void PrintTo(const BadFile& bad, std::ostream* out) { *out << bad.name; }

std::string announced(std::uint64_t length, const std::string& rest) {
  return raw_bytes<std::uint64_t>({length}) + rest;
}

std::string strung(const std::string& piece, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += piece;
  return text;
}

std::vector<BadFile> bad_headers() {
  const auto of = [](const std::string& header) { return safetensors_file(header, std::string(8, '\0')); };
  const auto of_entry = [&](const std::string& fields) { return of("{\"net.w\":{" + fields + "}}"); };
  const auto of_shape = [&](const std::string& shape) {
    return of("{" + tensor_entry("net.w", "F32", shape, "[0,8]") + "}");
  };
  const auto of_offsets = [&](const std::string& offsets) {
    return of("{" + tensor_entry("net.w", "F32", "[2]", offsets) + "}");
  };
  const std::string sound = tensor_entry("net.w", "F32", "[2]", "[0,8]");
  const std::string whole = of("{" + sound + "}");
  return {
      {"Empty", "", {"it is empty"}},
      {"SevenBytes", whole.substr(0, 7), {"truncated", "7 bytes in all"}},
      {"LengthOnly", whole.substr(0, 8), {"truncated", "a header of 58 bytes", "0 are there"}},
      {"CutInHeader", whole.substr(0, 40), {"truncated", "a header of 58 bytes", "32 are there"}},
      {"HeaderBeyondFile", announced(60, "{}"), {"truncated", "a header of 60 bytes", "2 are there"}},
      {"HeaderOneByteShort", announced(3, "{}"), {"truncated", "a header of 3 bytes", "2 are there"}},
      {"HeaderAtTheLimit", announced(100'000'000, "{}"), {"truncated", "100000000"}},
      {"HeaderAboveTheLimit", announced(100'000'001, "{}"), {"a header of 100000001 bytes", "the most are 100000000"}},
      {"HugeHeader", announced(UINT64_MAX, "{}"), {"18446744073709551615", "the most are"}},
      {"BigEndian", std::string("\0\0\0\0\0\0\0\2{}", 10), {"a header of 144115188075855872 bytes"}},
      {"Zip", std::string("PK\x03\x04") + whole, {"zip archive", "PyTorch", "save_file"}},
      {"Text", "net.w = [1, 2]\n", {"a header of", "the most are"}},
      {"NoHeader", announced(0, "{}"), {"does not begin with '{'"}},
      {"HeaderIsArray", of("[1]"), {"no JSON object"}},
      {"HeaderIsNumber", of("1"), {"no JSON object"}},
      {"HeaderIsNull", of("null"), {"no JSON object"}},
      {"SpaceBeforeHeader", of(" {}"), {"does not begin with '{'"}},
      {"ByteOrderMark", of("\xef\xbb\xbf{}"), {"does not begin with '{'"}},
      {"OpenObject", of("{"), {"no JSON at byte"}},
      {"NoColon", of("{\"net.w\" 1}"), {"no JSON at byte", "1}"}},
      {"TrailingComma", of("{" + sound + ",}"), {"no JSON at byte 58", "}"}},
      {"TextAfterHeader", of("{}x"), {"no JSON at byte 2", "x"}},
      {"Comment", of("{/* */}"), {"no JSON at byte 1"}},
      {"NumberBeyondDouble", of_shape("[1e999]"), {"no JSON at byte"}},
      {"ControlBytes", of("{\x1b[31m\n"), {"no JSON at byte 1", "\\x1b[31m\\x0a"}},
      {"NulBytes", of(std::string("{\0}", 3)), {"no JSON at byte 1", "\\x00"}},
      {"LoneSurrogate", of("{\"\\ud800\":1}"), {"no JSON at byte"}},
      {"NoUtf8", of("{\"net.\xff\":1}"), {"no UTF-8 at byte 6", "net.\\xff"}},
      {"CutUtf8", of("{\"net.\xc3\":1}"), {"no UTF-8 at byte 6", "\\xc3"}},
      {"SurrogateInUtf8", of("{\"\xed\xa0\x80\":1}"), {"no JSON at byte"}},
      {"DeepArrays", of("{\"net.w\":" + strung("[", 1'000'000)), {"'net.w'", "an array, not an object"}},
      {"DeepObjects", of(strung("{\"net.w\":", 500'000)), {"'net.w'", "has a repeated or unknown key 'net.w'"}},
      {"DeepShape", of_entry("\"shape\":" + strung("[", 1'000'000)), {"'net.w'", "an array in its shape"}},
      {"DeepMetadata", of("{\"__metadata__\":{\"a\":{\"b\":{}}}}"), {"'a' of its __metadata__", "an object"}},
      {"RepeatedTensor", of("{" + sound + "," + sound + "}"), {"has 'net.w' twice"}},
      {"RepeatedTensorInEscapes", of("{" + sound + ",\"\\u006eet.w\":{}}"), {"has 'net.w' twice"}},
      {"RepeatedMetadata", of("{\"__metadata__\":{},\"__metadata__\":{}}"), {"has '__metadata__' twice"}},
      {"TensorIsNumber", of("{\"net.w\":1}"), {"'net.w'", "a number, not an object"}},
      {"TensorIsString", of("{\"net.w\":\"F32\"}"), {"'net.w'", "a string, not an object"}},
      {"TensorIsNull", of("{\"net.w\":null}"), {"'net.w'", "null, not an object"}},
      {"TensorIsTrue", of("{\"net.w\":true}"), {"'net.w'", "true or false, not an object"}},
      {"MetadataIsString", of("{\"__metadata__\":\"pt\"}"), {"'__metadata__'", "a string, not an object"}},
      {"MetadataOfNumbers", of("{\"__metadata__\":{\"epoch\":3}}"), {"'epoch' of its __metadata__", "a number"}},
      {"MetadataOfArrays", of("{\"__metadata__\":{\"tags\":[]}}"), {"'tags' of its __metadata__", "an array"}},
      {"NoFields", of_entry(""), {"'net.w'", "lacks dtype, shape or data_offsets"}},
      {"NoShape", of_entry("\"dtype\":\"F32\",\"data_offsets\":[0,8]"), {"'net.w'", "lacks"}},
      {"UnknownField", of_entry("\"stride\":[1]"), {"'net.w'", "unknown key 'stride'"}},
      {"RepeatedField", of_entry("\"shape\":[2],\"shape\":[2]"), {"'net.w'", "repeated", "'shape'"}},
      {"DtypeIsNumber", of_entry("\"dtype\":32"), {"'net.w'", "a number in its dtype, which is a string"}},
      {"DtypeIsArray", of_entry("\"dtype\":[]"), {"'net.w'", "an array in its dtype"}},
      {"ShapeIsNumber", of_shape("2"), {"'net.w'", "a number in its shape, which is an array"}},
      {"ShapeIsString", of_shape("\"2\""), {"'net.w'", "a string in its shape"}},
      {"ShapeIsObject", of_shape("{}"), {"'net.w'", "an object in its shape"}},
      {"NegativeShape", of_shape("[-2]"), {"'net.w'", "a negative number in its shape"}},
      {"FractionalShape", of_shape("[2.0]"), {"'net.w'", "no 64-bit integer in its shape"}},
      {"ShapeBeyond64Bits", of_shape("[18446744073709551616]"), {"'net.w'", "no 64-bit integer in its shape"}},
      {"ShapeOfStrings", of_shape("[\"2\"]"), {"'net.w'", "a string in its shape"}},
      {"SeventeenDimensions", of_shape("[" + strung("1,", 16) + "2]"), {"'net.w'", "more than 16 dimensions"}},
      {"NoOffsets", of_offsets("[]"), {"'net.w'", "has 0 data_offsets"}},
      {"OneOffset", of_offsets("[0]"), {"'net.w'", "has 1 data_offsets"}},
      {"ThreeOffsets", of_offsets("[0,8,8]"), {"'net.w'", "more than two data_offsets"}},
      {"NegativeOffset", of_offsets("[-8,0]"), {"'net.w'", "a negative number in its data_offsets"}},
      {"FractionalOffset", of_offsets("[0,8.0]"), {"'net.w'", "no 64-bit integer in its data_offsets"}},
      {"OffsetsOfNull", of_offsets("[0,null]"), {"'net.w'", "null in its data_offsets"}},
      {"EndsBeforeItBegins", of_offsets("[8,0]"), {"'net.w'", "begins at byte 8 and ends before it, at 0"}},
  };
}

std::vector<BadFile> bad_data() {
  const auto two = [](const std::string& a_offsets, const std::string& b_offsets) {
    return safetensors_file(
        "{" + tensor_entry("a", "F32", "[1]", a_offsets) + "," + tensor_entry("b", "F32", "[2]", b_offsets) + "}",
        std::string(12, '\0'));
  };
  const auto one = [](const std::string& dtype, const std::string& shape) {
    return one_tensor(dtype, shape, std::string(8, '\0'));
  };
  const std::string whole = two("[0,4]", "[4,12]");
  return {
      {"CutInData", whole.substr(0, whole.size() - 1), {"truncated", "'b'", "byte 12", "11 are there"}},
      {"NoData", whole.substr(0, whole.size() - 12), {"truncated", "'a'", "byte 4", "0 are there"}},
      {"TrailingByte", whole + "x", {"the last 1 bytes belong to no tensor"}},
      {"DataWithoutTensors", safetensors_file("{}", "x"), {"the last 1 bytes"}},
      {"FarBeyondTheData", two("[0,4]", "[4,18446744073709551615]"), {"'b'", "truncated", "18446744073709551615"}},
      {"HoleAtTheStart", two("[1,5]", "[5,13]") + "x", {"bytes 0 to 1", "'a'", "no tensor"}},
      {"Hole", two("[0,4]", "[5,13]") + "x", {"bytes 4 to 5", "'b'", "no tensor"}},
      {"HoleAtTheEnd", two("[8,12]", "[0,8]") + "x", {"the last 1 bytes"}},
      {"Overlap", two("[0,4]", "[3,11]"), {"'a' and 'b' overlap at byte 3"}},
      {"SameBytes", two("[2,6]", "[0,8]"), {"'b' and 'a' overlap at byte 2"}},
      {"TooFewBytes", one("F32", "[3]"), {"'w'", "[3]", "F32", "takes 12 bytes", "give it 8"}},
      {"TooManyBytes", one("F16", "[3]"), {"'w'", "[3]", "F16", "takes 6 bytes", "give it 8"}},
      {"NumberOfEightBytes", one("F32", "[]"), {"'w'", "a single number", "takes 4 bytes", "give it 8"}},
      {"NoElements", one("BF16", "[0,4]"), {"'w'", "[0 x 4]", "takes 0 bytes"}},
      {"ProductOverflows",
       one("F32", "[4294967296,4294967296]"),
       {"'w'", "[4294967296 x 4294967296]", "more than 2^64"}},
      {"BytesOverflow", one("F32", "[4611686018427387906]"), {"'w'", "more than 2^64"}},
      {"OverflowsBeforeZero", one("F32", "[9223372036854775808,4,0]"), {"'w'", "more than 2^64"}},
      {"UnusedTensorOfWrongSize", one("I64", "[2]"), {"'w'", "[2]", "I64", "takes 16 bytes"}},
  };
}

class BadSafetensors : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadSafetensors, IsAnInputErrorThatNamesTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder.write("net.safetensors", GetParam().bytes);
  std::vector<std::string> fragments = GetParam().fragments;
  fragments.push_back("'" + path + "' cannot be read as .safetensors (");
  expect_error(ErrorKind::input, fragments, [&] { static_cast<void>(read_safetensors(path)); });
}

const auto case_name = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Headers, BadSafetensors, ::testing::ValuesIn(bad_headers()), case_name);
INSTANTIATE_TEST_SUITE_P(Data, BadSafetensors, ::testing::ValuesIn(bad_data()), case_name);

std::vector<BadFile> bad_tensors() {
  const std::string eight(8, '\0');
  const float nan = std::nanf("");
  return {
      {"Double", one_tensor("F64", "[1]", eight), {"'F64'", "not F32, F16 or BF16", "convert it to float32"}},
      {"Integer", one_tensor("I32", "[2]", eight), {"'I32'", "convert it"}},
      {"Boolean", one_tensor("BOOL", "[8]", eight), {"'BOOL'", "convert it"}},
      {"TypeOfTheFuture", one_tensor("F4\\u001b\\n'", "[2,8]", eight), {"'F4\\x1b\\x0a\\''", "convert it"}},
      {"NoType", one_tensor("", "[8]", eight), {"''", "convert it"}},
      {"LowerCaseType", one_tensor("f32", "[2]", eight), {"'f32'", "convert it"}},
      {"Nan", one_tensor("F32", "[2,1]", raw_bytes<float>({1, nan})), {"element [1][0] is nan", "finite"}},
      {"Infinity",
       one_tensor("F32", "[1,2,2]", raw_bytes<float>({1, 2, -INFINITY, nan})),
       {"element [0][1][0] is -inf", "finite"}},
      {"NanInNumber", one_tensor("F32", "[]", raw_bytes<float>({nan})), {"its only element is nan", "finite"}},
      {"HalfInfinity", one_tensor("F16", "[2]", raw_bytes<std::uint16_t>({0x7bff, 0x7c00})), {"element [1] is inf"}},
      {"HalfNan", one_tensor("F16", "[2]", raw_bytes<std::uint16_t>({0, 0x7c01})), {"element [1] is nan"}},
      {"BfloatInfinity", one_tensor("BF16", "[2]", raw_bytes<std::uint16_t>({0, 0xff80})), {"element [1] is -inf"}},
  };
}

class BadTensor : public ::testing::TestWithParam<BadFile> {};

TEST_P(BadTensor, IsAnInputErrorOnlyWhenAskedFor) {
  const TensorFile file = parse_safetensors(GetParam().bytes, "'net.safetensors'");
  std::vector<std::string> fragments = GetParam().fragments;
  fragments.push_back("tensor 'w' of 'net.safetensors' cannot be used (");
  expect_error(ErrorKind::input, fragments, [&] { static_cast<void>(file.get("w")); });
}

INSTANTIATE_TEST_SUITE_P(Tensors, BadTensor, ::testing::ValuesIn(bad_tensors()), case_name);

}  // namespace
}  // namespace scorepath::testing
