// Every one-argument elementary function in double against long double, on random and on structured arguments: the
// largest error found stays within the documented one.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/lane/elementary.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/ulp.hpp"

namespace scorepath::kernels {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64, "the reference needs more digits than double has");

constexpr double infinity_d = std::numeric_limits<double>::infinity();

/// A line of the table: `max_ulp` is the number in the function's docstring, over [lowest, highest].
struct DoubleRow {
  const char* name;
  double (*function)(double);
  long double (*reference)(long double);
  double lowest;
  double highest;
  double max_ulp;
};

double sine_of(double x) {
  double s = 0;
  double c = 0;
  sincospi(x, s, c);
  return s;
}
double cosine_of(double x) {
  double s = 0;
  double c = 0;
  sincospi(x, s, c);
  return c;
}

const std::vector<DoubleRow>& double_rows() {
  static const std::vector<DoubleRow> table = {
      {"exp2", exp2<double>, std::exp2, -1022, infinity_d, 1},
      {"exp2_nonpositive", exp2_nonpositive<double>, std::exp2, -1000, 1023, 1},
      {"exp", exp<double>, std::exp, -707.7, infinity_d, 1},
      {"expm1", expm1<double>, std::expm1, -infinity_d, infinity_d, 2},
      {"log", log<double>, std::log, -1, infinity_d, 1},
      {"log2", log2<double>, std::log2, -1, infinity_d, 1},
      {"log1p", log1p<double>, std::log1p, -2, infinity_d, 2},
      {"tanh", tanh<double>, std::tanh, -infinity_d, infinity_d, 2},
      {"sigmoid", sigmoid<double>, [](long double x) { return 1 / (1 + std::exp(-x)); }, -707.7, infinity_d, 2},
      {"atan", atan<double>, std::atan, -infinity_d, infinity_d, 2},
      {"sinpi", sine_of, [](long double x) { return test::sinpi_reference(x, 0); }, -0x1p50, 0x1p50, 2},
      {"cospi", cosine_of, [](long double x) { return test::sinpi_reference(x, 1); }, -0x1p50, 0x1p50, 2},
  };
  return table;
}

/// The largest error and where.
struct Worst {
  const DoubleRow& row;
  double error = -1;
  double at = 0;

  void visit(double x) {
    if (!(x >= row.lowest && x <= row.highest)) return;
    const double here = test::ulp_error(row.function(x), row.reference(x));
    if (!(here <= error)) {
      error = here;
      at = x;
    }
  }
  /// x, its neighbours, and their mirror images.
  void visit_around(double x) {
    for (const double y : {std::nextafter(x, -infinity_d), x, std::nextafter(x, infinity_d)}) {
      visit(y);
      visit(-y);
    }
  }
};

void visit_structured(Worst& worst) {
  for (int e = -1074; e <= 1023; ++e) {
    for (const double m : {1.0, 1.25, 1.4142135623730951, 1.5, 1.75}) worst.visit_around(std::ldexp(m, e));
    worst.visit_around(1 + std::ldexp(1.0, e));
    worst.visit_around(1 - std::ldexp(1.0, e));
  }
  for (int i = 0; i <= 8192; ++i) worst.visit_around(i / 8.0);                         // quarter turns, integers
  for (int i = 0; i <= 2048; ++i) worst.visit_around((i + 0.5) * 0.6931471805599453);  // where exp changes its power
  worst.visit_around(0.41421356237309503);                                             // atan's and tanh's seams
  worst.visit_around(2.414213562373095);
  worst.visit_around(0.55);
  worst.visit(infinity_d);
  worst.visit(-infinity_d);
  worst.visit(worst.row.lowest);
  worst.visit(worst.row.highest);
}

class ElementaryDouble : public ::testing::TestWithParam<DoubleRow> {};

TEST_P(ElementaryDouble, ErrorIsWithinTheDocumentedUlp) {
  Worst worst{GetParam()};
  visit_structured(worst);
  std::mt19937_64 words(test::test_seed());
  std::uniform_real_distribution<double> unit(-1.0, 1.0);
  for (int i = 0; i < 40000; ++i) {
    worst.visit(test::double_of_bits(words()));                                 // every exponent alike
    worst.visit(std::ldexp(unit(words), static_cast<int>(words() % 64) - 60));  // around 1 and down to 2^-60
    worst.visit(unit(words));
    worst.visit(1 + unit(words) / 2);
    worst.visit(4 * unit(words));
    worst.visit(50 * unit(words));
    worst.visit(1100 * unit(words));
  }
  std::ostringstream measured;
  measured << worst.error << " ULP at " << std::hexfloat << worst.at;
  RecordProperty("largest_error", measured.str());
  const DoubleRow& row = GetParam();
  EXPECT_LE(worst.error, row.max_ulp) << row.name << ": " << measured.str() << " gives " << row.function(worst.at);
  EXPECT_GE(worst.error, 0.4) << "the arguments hardly met the range";
}

INSTANTIATE_TEST_SUITE_P(Functions, ElementaryDouble, ::testing::ValuesIn(double_rows()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace scorepath::kernels
