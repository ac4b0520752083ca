// Every one-argument elementary function in float against double: the largest error over all float arguments is the
// documented one. Strided here; SCOREPATH_EXHAUSTIVE=1 visits all 2^32 bit patterns.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/lane/elementary.hpp"
#include "tests/support/ulp.hpp"

namespace scorepath::kernels {
namespace {

constexpr float infinity_f = std::numeric_limits<float>::infinity();

/// A line of the table: `max_ulp` is the number in the function's docstring, over [lowest, highest]; `hardest` are the
/// arguments with the largest errors that the full sweep found, visited on every run.
struct FloatRow {
  const char* name;
  float (*function)(float);
  double (*reference)(double);
  float lowest;
  float highest;
  double max_ulp;
  std::vector<float> hardest;
};

float sine_of(float x) {
  float s = 0;
  float c = 0;
  sincospi(x, s, c);
  return s;
}
float cosine_of(float x) {
  float s = 0;
  float c = 0;
  sincospi(x, s, c);
  return c;
}

double sigmoid_reference(double x) { return 1 / (1 + std::exp(-x)); }

const std::vector<FloatRow>& float_rows() {
  static const std::vector<FloatRow> table = {
      {"exp2", exp2<float>, std::exp2, -126.0f, infinity_f, 1, {0x1.005364p-1f}},
      {"exp2_nonpositive", exp2_nonpositive<float>, std::exp2, -120.0f, 127.0f, 2, {0x1.000efap-1f}},
      {"exp", exp<float>, std::exp, -86.64f, infinity_f, 1, {0x1.ab81dep+4f}},
      {"expm1", expm1<float>, std::expm1, -infinity_f, infinity_f, 2, {0x1.da66f4p+5f}},
      {"log", log<float>, std::log, -1.0f, infinity_f, 1, {0x1.69bf4p-1f}},
      {"log2", log2<float>, std::log2, -1.0f, infinity_f, 2, {0x1.64c262p-1f}},
      {"log1p", log1p<float>, std::log1p, -2.0f, infinity_f, 2, {0x1.c4e6fap-2f}},
      {"tanh", tanh<float>, std::tanh, -infinity_f, infinity_f, 2, {0x1.1ba7bp-1f}},
      {"sigmoid", sigmoid<float>, sigmoid_reference, -86.64f, infinity_f, 2, {-0x1.362c52p+2f}},
      {"atan", atan<float>, std::atan, -infinity_f, infinity_f, 2, {0x1.b41702p-2f}},
      {"sinpi", sine_of, [](double x) { return test::sinpi_reference(x, 0); }, -0x1p20f, 0x1p20f, 2, {0x1.45e4dp-10f}},
      {"cospi",
       cosine_of,
       [](double x) { return test::sinpi_reference(x, 1); },
       -0x1p20f,
       0x1p20f,
       2,
       {0x1.fd7a54p-2f}},
  };
  return table;
}

class ElementaryFloat : public ::testing::TestWithParam<FloatRow> {};

TEST_P(ElementaryFloat, ErrorIsWithinTheDocumentedUlp) {
  const FloatRow& row = GetParam();
  double largest = -1;
  float at = 0;
  std::uint64_t visited = 0;
  const auto visit = [&](float x) {
    if (!(x >= row.lowest && x <= row.highest)) return;
    ++visited;
    const double error = test::ulp_error(row.function(x), static_cast<long double>(row.reference(x)));
    if (!(error <= largest)) {
      largest = error;
      at = x;
    }
  };
  const std::uint64_t stride = test::sweep_stride(4099);
  for (std::uint64_t bits = 0; bits < 0x100000000u; bits += stride) {
    visit(test::float_of_bits(static_cast<std::uint32_t>(bits)));
  }
  for (const float x : row.hardest) visit(x);
  visit(row.lowest);
  visit(row.highest);
  std::ostringstream measured;
  measured << largest << " ULP at " << std::hexfloat << at;
  RecordProperty("largest_error", measured.str());
  EXPECT_LE(largest, row.max_ulp) << row.name << " at " << std::hexfloat << at << " gives " << row.function(at)
                                  << ", the reference " << row.reference(at);
  EXPECT_GE(largest, 0.4) << "the sweep hardly visited the range: " << visited << " arguments";
}

INSTANTIATE_TEST_SUITE_P(Exhaustive, ElementaryFloat, ::testing::ValuesIn(float_rows()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace scorepath::kernels
