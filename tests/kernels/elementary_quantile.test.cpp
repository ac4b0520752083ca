// The normal quantile: error, symmetry and ends, for numbers and for random words.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <vector>

#include "kernels/lane/elementary.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/ulp.hpp"

namespace scorepath::kernels {
namespace {

constexpr double max_ulp = 6;  // as documented, for float and double alike

TEST(QuantileReference, IsTheInverseOfTheDistributionFunction) {
  // Phi(-1.959963984540054) = 0.025 and further entries of the usual tables, to 16 digits.
  EXPECT_NEAR(static_cast<double>(test::quantile_reference(0.025L, 0.475L)), 1.959963984540054, 1e-15);
  EXPECT_NEAR(static_cast<double>(test::quantile_reference(0.25L, 0.25L)), 0.6744897501960817, 1e-16);
  EXPECT_NEAR(static_cast<double>(test::quantile_reference(1e-9L, 0.5L - 1e-9L)), 5.997807015007686, 1e-14);
}

template <class F>
class NormalQuantile : public ::testing::Test {
 protected:
  double largest = -1;
  double at = 0;

  void record(double error, double where) {
    if (error <= largest) return;
    largest = error;
    at = where;
  }
  void visit(F u) {
    const F z = normal_quantile(u);
    const long double exact = u;
    const long double p = exact < 0.5L ? exact : 1 - exact;
    const long double want = test::quantile_reference(p, std::fabs(0.5L - exact));
    record(test::ulp_error(z, exact < 0.5L ? -want : want), static_cast<double>(u));
  }
  void visit_word(std::uint32_t w) {
    const long double p = (static_cast<long double>(w) + 0.5L) * 0x1p-32L;
    const long double want =
        p < 0.5L ? -test::quantile_reference(p, 0.5L - p) : test::quantile_reference(1 - p, p - 0.5L);
    record(test::ulp_error(normal_quantile_from_word<F>(w), want), w);
  }
};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(NormalQuantile, Precisions);

TYPED_TEST(NormalQuantile, ErrorOfNumbersIsWithinTheDocumentedUlp) {
  using F = TypeParam;
  std::mt19937_64 words(test::test_seed());
  std::uniform_real_distribution<double> unit(0, 1);
  const int deepest = sizeof(F) == 8 ? 1070 : 145;
  for (int i = 0; i < 30000; ++i) {
    const double fraction = unit(words) + 0x1p-60;
    this->visit(static_cast<F>(0.001 + 0.998 * fraction));
    this->visit(
        static_cast<F>(std::ldexp(0.5 + fraction / 2, -static_cast<int>(words() % static_cast<unsigned>(deepest)))));
  }
  for (int e = -deepest; e < 0; ++e) this->visit(std::ldexp(F(1), e));
  for (const double seam : {0.075, 0.925, std::exp(-0.5 * 7.07 * 7.07)}) {
    this->visit(std::nextafter(static_cast<F>(seam), F(0)));
    this->visit(static_cast<F>(seam));
    this->visit(std::nextafter(static_cast<F>(seam), F(1)));
  }
  this->visit(std::numeric_limits<F>::denorm_min());
  this->visit(std::nextafter(F(1), F(0)));
  std::ostringstream measured;
  measured << this->largest << " ULP at " << std::hexfloat << this->at;
  this->RecordProperty("largest_error", measured.str());
  EXPECT_LE(this->largest, max_ulp) << measured.str();
}

TYPED_TEST(NormalQuantile, ErrorOfWordsIsWithinTheDocumentedUlp) {
  for (std::uint64_t w = 0; w < 0x100000000u; w += 87719) this->visit_word(static_cast<std::uint32_t>(w));
  for (std::uint32_t i = 0; i < 4000; ++i) {
    for (const std::uint32_t w : {i, ~i, 0x7fffffffu - i, 0x80000000u + i, 1u << (i % 32)}) this->visit_word(w);
  }
  std::ostringstream measured;
  measured << this->largest << " ULP at " << std::fixed << this->at;
  this->RecordProperty("largest_error", measured.str());
  EXPECT_LE(this->largest, max_ulp) << measured.str();
}

TYPED_TEST(NormalQuantile, EndsAndOutside) {
  using F = TypeParam;
  constexpr F inf = std::numeric_limits<F>::infinity();
  EXPECT_EQ(normal_quantile(F(0.0)), -inf);
  EXPECT_EQ(normal_quantile(F(-0.0)), -inf);
  EXPECT_EQ(normal_quantile(F(1)), inf);
  for (const F u : {-std::numeric_limits<F>::denorm_min(), F(-1), std::nextafter(F(1), F(2)), F(2), inf, -inf}) {
    EXPECT_TRUE(std::isnan(normal_quantile(u))) << u;
  }
  for (int e = 1; e < std::numeric_limits<F>::digits; ++e) {  // 1 - 2^-e is exact
    EXPECT_EQ(normal_quantile(1 - std::ldexp(F(1), -e)), -normal_quantile(std::ldexp(F(1), -e)));
  }
  EXPECT_NEAR(normal_quantile_from_word<F>(0u), -6.3379577545537796, 4e-6);
  EXPECT_NEAR(normal_quantile_from_word<F>(0xffffffffu), 6.3379577545537796, 4e-6);
}

/// All words with SCOREPATH_EXHAUSTIVE=1: odd under the complement, finite, never zero, and the float close to the
/// double (whose own error the tests above bound).
TEST(NormalQuantileExhaustive, WordsAreOddAndFloatFollowsDouble) {
  double largest = 0;
  std::uint32_t at = 0;
  std::uint64_t wrong = 0;
  const std::uint64_t stride = test::sweep_stride(2003);
  for (std::uint64_t word = 0; word < 0x80000000u; word += stride) {
    const auto w = static_cast<std::uint32_t>(word);
    const float z = normal_quantile_from_word<float>(w);
    const double wide = normal_quantile_from_word<double>(w);
    const bool sound = z < 0 && z >= -6.34F && wide < 0 && wide >= -6.34;
    wrong += !sound || normal_quantile_from_word<float>(~w) != -z;
    if (w % 8 == 0) wrong += normal_quantile_from_word<double>(~w) != -wide;
    const double error = test::ulp_error(z, static_cast<long double>(wide));
    if (!(error <= largest)) {
      largest = error;
      at = w;
    }
  }
  RecordProperty("largest_error", std::to_string(largest) + " ULP at word " + std::to_string(at));
  EXPECT_EQ(wrong, 0u);
  EXPECT_LE(largest, max_ulp) << "word " << at;
}

}  // namespace
}  // namespace scorepath::kernels
