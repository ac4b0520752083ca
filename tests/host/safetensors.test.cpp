#include "host/safetensors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

#include "tests/support/expect_error.hpp"
#include "tests/support/places.hpp"
#include "tests/support/safetensors_literals.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Tensor only_tensor(const std::string& dtype, const std::string& shape, const std::string& data) {
  return parse_safetensors(one_tensor(dtype, shape, data), "'w.safetensors'").get("w");
}

/// Bits, because == takes -0 for 0.
std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

/// Every finite pattern of a 16-bit format with `mantissa_bits`, and what the format's definition says it is.
struct HalfTable {
  std::vector<std::uint16_t> patterns;
  std::vector<float> values;
};
HalfTable half_table(int mantissa_bits) {
  HalfTable table;
  const int exponent_bits = 15 - mantissa_bits;
  const int most = (1 << exponent_bits) - 1, bias = most / 2;
  for (int pattern = 0; pattern < 1 << 16; ++pattern) {
    const int exponent = pattern >> mantissa_bits & most;
    if (exponent == most) continue;
    const double fraction = std::ldexp(pattern & ((1 << mantissa_bits) - 1), -mantissa_bits);
    const double magnitude = std::ldexp(exponent == 0 ? fraction : 1.0 + fraction, std::max(exponent, 1) - bias);
    table.patterns.push_back(static_cast<std::uint16_t>(pattern));
    table.values.push_back(static_cast<float>(pattern >> 15 == 1 ? -magnitude : magnitude));
  }
  return table;
}

void expect_all_patterns(const std::string& dtype, int mantissa_bits) {
  const HalfTable table = half_table(mantissa_bits);
  const std::string shape = "[" + std::to_string(table.patterns.size()) + "]";
  EXPECT_EQ(bits_of(only_tensor(dtype, shape, raw_bytes(table.patterns)).values), bits_of(table.values));
}

TEST(Safetensors, FloatsAreTakenAsTheyAre) {
  const std::vector<float> values = {0.0F, -0.0F, 1.5F, -3e38F, std::numeric_limits<float>::denorm_min()};
  EXPECT_EQ(bits_of(only_tensor("F32", "[5]", raw_bytes(values)).values), bits_of(values));
}

TEST(Safetensors, EveryFiniteHalfIsWidenedExactly) { expect_all_patterns("F16", 10); }
TEST(Safetensors, EveryFiniteBfloatIsWidenedExactly) { expect_all_patterns("BF16", 7); }

TEST(Safetensors, HalvesOfKnownValue) {
  const std::vector<std::uint16_t> patterns = {0x3c00, 0xc000, 0x7bff, 0x0001, 0x83ff, 0x0400};
  EXPECT_THAT(only_tensor("F16", "[6]", raw_bytes(patterns)).values,
              ElementsAre(1.0F, -2.0F, 65504.0F, 0x1p-24F, -0x3ffp-24F, 0x1p-14F));
}

TEST(Safetensors, ShapesOfEveryRank) {
  std::vector<float> values(24);
  std::iota(values.begin(), values.end(), 0.0F);
  const std::pair<const char*, std::vector<std::size_t>> shapes[] = {
      {"[24]", {24}}, {"[4,6]", {4, 6}}, {"[2,3,4]", {2, 3, 4}}, {"[1,2,3,4]", {1, 2, 3, 4}}};
  for (const auto& [text, shape] : shapes) {
    const Tensor tensor = only_tensor("F32", text, raw_bytes(values));
    EXPECT_EQ(tensor.shape, shape);
    EXPECT_EQ(tensor.values, values);
  }
  const Tensor number = only_tensor("F32", "[]", raw_bytes<float>({7}));
  EXPECT_THAT(number.shape, IsEmpty());
  EXPECT_THAT(number.values, ElementsAre(7.0F));
  const Tensor nothing = only_tensor("F32", "[3,0,2]", "");
  EXPECT_THAT(nothing.shape, ElementsAre(3, 0, 2));
  EXPECT_THAT(nothing.values, IsEmpty());
}

TEST(Safetensors, HeaderMayBePaddedAndUnordered) {
  const std::string header = "{ " + tensor_entry("second", "F32", "[2]", "[4, 12]") + ",\n\t" +
                             tensor_entry("first", "F32", "[1]", "[0, 4]") +
                             ", \"__metadata__\": {\"a\": \"b\", \"\\u00e4\": \"\"}} \n    ";
  const TensorFile file = parse_safetensors(safetensors_file(header, raw_bytes<float>({1, 2, 3})), "'w.safetensors'");
  EXPECT_THAT(file.names(), ElementsAre("first", "second"));
  EXPECT_THAT(file.get("first").values, ElementsAre(1.0F));
  EXPECT_THAT(file.get("second").values, ElementsAre(2.0F, 3.0F));
}

TEST(Safetensors, NoTensorsAreSound) {
  const TensorFile file = parse_safetensors(safetensors_file("{}"), "'w.safetensors'");
  EXPECT_THAT(file.names(), IsEmpty());
  expect_error(ErrorKind::input, {"'w.safetensors'", "'net.0.bias'", "is missing", "holds no tensors"},
               [&] { static_cast<void>(file.get("net.0.bias")); });
}

TEST(Safetensors, NamesAreAnyUnicode) {
  const std::string header = "{" + tensor_entry("sch\xc3\xa4tzer.\\u0000.\xf0\x9f\x8e\xb2", "F32", "[]", "[0,4]") + "}";
  const TensorFile file = parse_safetensors(safetensors_file(header, raw_bytes<float>({7})), "'w.safetensors'");
  EXPECT_TRUE(file.has(std::string_view("sch\xc3\xa4tzer.\0.\xf0\x9f\x8e\xb2", 16)));
}

TEST(Safetensors, MissingTensorIsNamedWithTheNearest) {
  const std::string header = "{" + tensor_entry("net.0.weight", "F32", "[1]", "[0,4]") + "," +
                             tensor_entry("net.0.bias", "F32", "[1]", "[4,8]") + "}";
  const TensorFile file = parse_safetensors(safetensors_file(header, raw_bytes<float>({1, 2})), "'w.safetensors'");
  EXPECT_FALSE(file.has("net.O.weight"));
  expect_error(ErrorKind::input, {"'w.safetensors'", "'net.O.weight'", "did you mean 'net.0.weight'?"},
               [&] { static_cast<void>(file.get("net.O.weight")); });
  expect_error(ErrorKind::input, {"'time'", "use one of net.0.bias, net.0.weight"},
               [&] { static_cast<void>(file.get("time")); });
}

TEST(Safetensors, AmongManyNamesTheNearestAreShown) {
  std::string header = "{";
  for (int i = 100; i < 1000; ++i)
    header += tensor_entry("layers." + std::to_string(i) + ".weight", "F32", "[0]", "[0,0]") + ",";
  header.back() = '}';
  const TensorFile file = parse_safetensors(safetensors_file(header), "'w.safetensors'");
  expect_error(ErrorKind::input, {"'layers.512.wieght'", "did you mean 'layers.512.weight'?"},
               [&] { static_cast<void>(file.get("layers.512.wieght")); });
  try {
    static_cast<void>(file.get("x"));
    ADD_FAILURE() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_LT(std::string(error.what()).size(), 200U) << error.what();
  }
}

TEST(Safetensors, FileIsNamedWithItsUse) {
  const TemporaryFolder folder;
  const std::string path = folder.write("w.safetensors", safetensors_file("{}"));
  const TensorFile file = read_safetensors(path, "score.weights of 'm.toml'");
  expect_error(ErrorKind::input, {"'" + path + "' for score.weights of 'm.toml'"},
               [&] { static_cast<void>(file.get("a")); });
  expect_error(ErrorKind::input, {"/no/such.safetensors", "No such file", "score.weights"},
               [&] { static_cast<void>(read_safetensors("/no/such.safetensors", "score.weights")); });
}

// numpy.safetensors is what safetensors 0.8.0 with NumPy 2.4 and ml_dtypes 0.6 wrote for
//   safetensors.numpy.save_file({
//       "net.0.weight": numpy.array([[0.5, -1, 1.5], [2, -2, 0.25]], numpy.float32),
//       "net.0.bias": numpy.array([65504, 2**-24, -0.0], numpy.float16),
//       "norm.weight": numpy.array([[[1, -3]], [[2.0**-133, 0.5]]], ml_dtypes.bfloat16),
//       "steps": numpy.array(7, numpy.int64), "scale": numpy.array(0.1, numpy.float32),
//       "empty": numpy.zeros((0, 3), numpy.float32)}, "numpy.safetensors", metadata={"format": "pt"})
TEST(Safetensors, FileOfTheReferenceLibrary) {
  const std::string path = test::source_folder() + "/tests/host/numpy.safetensors";
  const TensorFile file = read_safetensors(path);
  EXPECT_THAT(file.names(), ElementsAre("empty", "net.0.bias", "net.0.weight", "norm.weight", "scale", "steps"));
  const Tensor weight = file.get("net.0.weight");
  EXPECT_THAT(weight.shape, ElementsAre(2, 3));
  EXPECT_THAT(weight.values, ElementsAre(0.5F, -1.0F, 1.5F, 2.0F, -2.0F, 0.25F));
  EXPECT_EQ(bits_of(file.get("net.0.bias").values), bits_of({65504.0F, 0x1p-24F, -0.0F}));
  const Tensor norm = file.get("norm.weight");
  EXPECT_THAT(norm.shape, ElementsAre(2, 1, 2));
  EXPECT_THAT(norm.values, ElementsAre(1.0F, -3.0F, 0x1p-133F, 0.5F));
  EXPECT_THAT(file.get("scale").values, ElementsAre(0.1F));
  EXPECT_THAT(file.get("empty").shape, ElementsAre(0, 3));
  expect_error(ErrorKind::input, {path, "'steps'", "'I64'", "convert it to float32"},
               [&] { static_cast<void>(file.get("steps")); });
}

}  // namespace
}  // namespace scorepath::testing
