// The law of the normals: moments, distribution function, tails, on 2^24 numbers as the paths draw them.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "kernels/random/noise.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

constexpr int highest_moment = 8;
constexpr std::size_t normal_cells = 1u << 16;

/// Everything that is asked of a set of normals, gathered in one pass.
struct Gathered {
  double n = 0.0;
  std::array<double, highest_moment + 1> power_sum{};
  std::array<std::array<double, 5>, 5> cross_sum{};  // of z0^a z1^b, over the pairs of Box and Muller
  std::vector<std::uint64_t> counts = std::vector<std::uint64_t>(normal_cells);
  std::array<std::array<std::uint64_t, 2>, 6> beyond{};  // [sigma][sign]

  void add(double z) {
    n += 1.0;
    double power = 1.0;
    for (double& sum : power_sum) {
      sum += power;
      power *= z;
    }
    ++counts[std::min(normal_cells - 1, static_cast<std::size_t>(normal_cdf(z) * static_cast<double>(normal_cells)))];
    for (std::size_t sigma = 1; sigma < beyond.size(); ++sigma) {
      if (std::abs(z) > static_cast<double>(sigma)) ++beyond[sigma][z < 0.0];
    }
  }
  void add_pair(double z0, double z1) {
    add(z0);
    add(z1);
    double left = 1.0;
    for (auto& row : cross_sum) {
      double right = left;
      for (double& sum : row) {
        sum += right;
        right *= z1;
      }
      left *= z0;
    }
  }
};

/// Normals of `paths` paths, `blocks` blocks of four each; `change` may spoil them.
template <class F>
Gathered gather(std::uint32_t paths, std::uint32_t blocks, const std::function<double(double)>& change = nullptr) {
  Gathered gathered;
  const kernels::Stream stream = kernels::make_stream(test_seed(), 3, kernels::Purpose::noise, false);
  for (std::uint32_t path = 0; path < paths; ++path) {
    for (std::uint32_t block = 0; block < blocks; block += 4) {
      F z[4][4];
      kernels::random_normals<F, 4>(stream, path, block, z);
      for (const auto& four : z) {
        for (int i = 0; i < 4; i += 2) {
          const double z0 = four[i], z1 = four[i + 1];
          change ? gathered.add_pair(change(z0), change(z1)) : gathered.add_pair(z0, z1);
        }
      }
    }
  }
  return gathered;
}

using Report = std::vector<std::pair<std::string, double>>;  // what, and its z

Report moments(const Gathered& g) {
  Report report;
  for (int k = 1; k <= highest_moment; ++k) {
    const double variance = normal_moment(2 * k) - normal_moment(k) * normal_moment(k);
    const double mean = g.power_sum[static_cast<std::size_t>(k)] / g.n;
    report.emplace_back("moment " + std::to_string(k), z_of_mean(mean, normal_moment(k), variance, g.n));
  }
  for (int a = 1; a <= 4; ++a) {
    for (int b = 1; b <= 4; ++b) {
      const double expectation = normal_moment(a) * normal_moment(b);
      const double variance = normal_moment(2 * a) * normal_moment(2 * b) - expectation * expectation;
      const double mean = g.cross_sum[static_cast<std::size_t>(a)][static_cast<std::size_t>(b)] / (g.n / 2.0);
      report.emplace_back("cross-moment " + std::to_string(a) + "," + std::to_string(b),
                          z_of_mean(mean, expectation, variance, g.n / 2.0));
    }
  }
  return report;
}

Report distribution(const Gathered& g) {
  // Sums of 16 neighbouring cells: fewer, fuller cells see smooth departures, the many see rough ones.
  std::vector<std::uint64_t> coarse(normal_cells / 256);
  for (std::size_t i = 0; i < normal_cells; ++i) coarse[i / 256] += g.counts[i];
  return {{"chi-square, 65536 cells", z_of_uniform_counts(g.counts)},
          {"chi-square, 256 cells", z_of_uniform_counts(coarse)},
          {"Kolmogorov", z_of_kolmogorov(kolmogorov_uniform(g.counts), g.n)}};
}

Report tails(const Gathered& g) {
  Report report;
  for (std::size_t sigma = 1; sigma < g.beyond.size(); ++sigma) {
    for (std::size_t sign = 0; sign < 2; ++sign) {
      const std::uint64_t count = g.beyond[sigma][sign];
      const double p = normal_tail(static_cast<double>(sigma));
      const std::string what = (sign ? "below -" : "above ") + std::to_string(sigma) + " sigma";
      const double z =
          g.n * p > 300.0 ? z_of_count(static_cast<double>(count), g.n, p) : z_of_rare_count(count, g.n * p);
      report.emplace_back(what, z);
    }
  }
  return report;
}

void expect_good(const Report& report) {
  for (const auto& [what, z] : report) EXPECT_LE(std::abs(z), z_bound) << what;
}
bool some_bad(const Report& report) {
  return std::any_of(report.begin(), report.end(),
                     [](const auto& entry) { return !(std::abs(entry.second) <= z_bound); });
}

// Moments and cross-moments (24), distribution (3), tails (10): 37 bounds, a false alarm in 2.1e-5 of all seeds.
TEST(RandomnessOfNormals, FloatLaneOn16MillionNumbers) {
  const Gathered g = gather<float>(1u << 14, 1u << 8);
  ASSERT_EQ(g.n, 0x1p24);
  expect_good(moments(g));
  expect_good(distribution(g));
  expect_good(tails(g));
}

TEST(RandomnessOfNormals, DoubleLaneOn4MillionNumbers) {
  const Gathered g = gather<double>(1u << 8, 1u << 12);
  ASSERT_EQ(g.n, 0x1p22);
  expect_good(moments(g));
  expect_good(distribution(g));
  expect_good(tails(g));
}

// Faults of the size that such a generator can have; each is seen by the test that should see it.
TEST(RandomnessOfNormals, PlantedFaultsWouldBeSeen) {
  constexpr std::uint32_t paths = 1u << 10, blocks = 1u << 8;  // a million numbers are enough
  const Gathered wide = gather<float>(paths, blocks, [](double z) { return 1.01 * z; });
  EXPECT_TRUE(some_bad(moments(wide)));
  EXPECT_TRUE(some_bad(distribution(wide)));
  const Gathered shifted = gather<float>(paths, blocks, [](double z) { return z + 0.006; });
  EXPECT_TRUE(some_bad(moments(shifted)));
  EXPECT_TRUE(some_bad(distribution(shifted)));
  EXPECT_TRUE(some_bad(tails(gather<float>(paths, blocks, [](double z) { return std::min(z, 4.0); }))));
  EXPECT_TRUE(
      some_bad(distribution(gather<float>(paths, blocks, [](double z) { return 0x1p-10 * std::round(0x1p10 * z); }))));
  EXPECT_TRUE(some_bad(tails(gather<float>(paths, blocks, [](double z) { return z < -3.0 ? -z : z; }))));
}

// The tools themselves, against textbook values.
TEST(RandomnessTools, StatisticsGiveTextbookValues) {
  EXPECT_NEAR(normal_tail_quantile(2.866515718791945e-7), 5.0, 1e-9);
  EXPECT_NEAR(normal_tail_quantile(0.975), -1.959963984540054, 1e-9);
  EXPECT_EQ(normal_moment(8), 105.0);
  EXPECT_NEAR(z_of_chi_square(124.342, 100.0), 1.6449, 0.02);                     // 95% point
  EXPECT_NEAR(z_of_chi_square(61.918, 100.0), -3.0902, 0.02);                     // 0.1% point
  EXPECT_NEAR(z_of_kolmogorov(1.3581 / 1000.0, 1e6), 1.6449, 0.01);               // P(D > ...) = 0.05
  EXPECT_NEAR(z_of_kolmogorov(0.5196 / 1000.0, 1e6), -1.6449, 0.01);              // P(D > ...) = 0.95
  EXPECT_NEAR(z_of_rare_count(20, 10.0), normal_tail_quantile(0.0034543), 1e-3);  // P(N >= 20)
  EXPECT_NEAR(z_of_rare_count(3, 10.0), -normal_tail_quantile(0.0103361), 1e-3);  // P(N <= 3)
  EXPECT_NE(hash_of_name("A.B"), hash_of_name("A.C"));
}

}  // namespace
}  // namespace scorepath::test
