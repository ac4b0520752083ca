// Mergeable moments: equal to two passes, merged in any grouping; the fixed order of the tree.
#include "kernels/reduce/moments.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::merge;
using kernels::Moments;

std::vector<double> draws(std::size_t count, double offset) {
  std::mt19937_64 words(test_seed());
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& x : values) x = offset + std::exp(normal(words));
  return values;
}

Moments moments_of(const std::vector<double>& values, std::size_t first, std::size_t last) {
  std::vector<double> scratch(last - first);
  return kernels::moments_of(values.data() + first, last - first, scratch.data());
}

void expect_near(const Moments& got, const Moments& want, double tolerance) {
  EXPECT_EQ(got.count, want.count);
  EXPECT_NEAR(got.mean, want.mean, tolerance * (1.0 + std::fabs(want.mean)));
  EXPECT_NEAR(got.m2, want.m2, tolerance * (1.0 + want.m2));
  EXPECT_NEAR(got.m3, want.m3, 10.0 * tolerance * (1.0 + std::fabs(want.m3)));
}

TEST(Moments, AgreeWithTwoPassesInLongDouble) {
  for (const std::size_t count : {1, 2, 3, 7, 64, 1000, 4097}) {
    const std::vector<double> values = draws(count, 1e4);
    long double mean = 0, m2 = 0, m3 = 0;
    for (const double x : values) mean += static_cast<long double>(x) / static_cast<long double>(count);
    for (const double x : values) m2 += (x - mean) * (x - mean);
    for (const double x : values) m3 += (x - mean) * (x - mean) * (x - mean);
    const Moments want{count, static_cast<double>(mean), static_cast<double>(m2), static_cast<double>(m3)};
    expect_near(moments_of(values, 0, count), want, 1e-11);
  }
}

TEST(Moments, VarianceIsUnbiasedAndThatOfTheMeanIsSmallerByTheCount) {
  const std::vector<double> values = {1.0, 2.0, 3.0, 6.0};
  const Moments m = moments_of(values, 0, 4);
  EXPECT_DOUBLE_EQ(m.mean, 3.0);
  EXPECT_DOUBLE_EQ(m.variance(), 14.0 / 3.0);
  EXPECT_DOUBLE_EQ(m.variance_of_mean(), 14.0 / 12.0);
  EXPECT_DOUBLE_EQ(m.m3, 18.0);  // -8 - 1 + 0 + 27
  EXPECT_DOUBLE_EQ(m.square_skewness(), 18.0 * 18.0 * 4.0 / (14.0 * 14.0 * 14.0));
}

TEST(Moments, MergeIsAssociativeAndCommutativeAndEqualsTheWhole) {
  const std::vector<double> values = draws(1000, -50.0);
  const Moments whole = moments_of(values, 0, 1000);
  for (const std::size_t cut : {1, 17, 500, 998}) {
    const Moments a = moments_of(values, 0, cut), b = moments_of(values, cut, 999), c = moments_of(values, 999, 1000);
    expect_near(merge(merge(a, b), c), whole, 1e-12);
    expect_near(merge(a, merge(b, c)), whole, 1e-12);
    expect_near(merge(c, merge(b, a)), whole, 1e-12);
  }
}

TEST(Moments, EmptyIsNeutralToTheBit) {
  const Moments m = moments_of(draws(9, 0.0), 0, 9);
  for (const Moments& merged : {merge(m, {}), merge({}, m)}) {
    EXPECT_EQ(merged.count, m.count);
    EXPECT_EQ(merged.mean, m.mean);
    EXPECT_EQ(merged.m2, m.m2);
  }
  EXPECT_EQ(kernels::moments_of(nullptr, 0, nullptr).count, 0u);
}

/// The order, written as a recursion on whole vectors: element i and element i + half first.
double tree(std::vector<double> values) {
  if (values.size() == 1) return values[0];
  const std::size_t half = (values.size() + 1) / 2;
  std::vector<double> next(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half));
  for (std::size_t i = half; i < values.size(); ++i) next[i - half] = next[i - half] + values[i];
  return tree(next);
}

TEST(TreeSum, HasTheStatedOrderForAnyCount) {
  for (std::size_t count = 1; count <= 300; ++count) {
    std::vector<double> values = draws(count, 0.0);
    const double want = tree(values);
    EXPECT_EQ(std::bit_cast<std::uint64_t>(
                  kernels::tree_sum(kernels::OneWorker{}, values.data(), static_cast<std::uint32_t>(count))),
              std::bit_cast<std::uint64_t>(want))
        << count;
  }
  EXPECT_EQ(kernels::tree_sum(kernels::OneWorker{}, nullptr, 0), 0.0);
}

/// By hand: (1e16 - 1e16) + (1 + 1); from left to right it would be 1.
TEST(TreeSum, AddsTheHalvesFirst) {
  double values[] = {1e16, 1.0, -1e16, 1.0};
  EXPECT_EQ(kernels::tree_sum(kernels::OneWorker{}, values, 4), 2.0);
  double five[] = {1e16, 3.0, 1.0, -1e16, 1.0};  // halves of three: 1e16 - 1e16 = 0, 3 + 1, 1; then 0 + 1, 4
  EXPECT_EQ(kernels::tree_sum(kernels::OneWorker{}, five, 5), 5.0);
}

}  // namespace
}  // namespace scorepath::test
