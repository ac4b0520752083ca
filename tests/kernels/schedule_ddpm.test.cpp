// The ddpm schedule: the table's products at the nodes, ln r linear between them, r linear below the first, bad tables.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/schedule_cases.hpp"

namespace scorepath::test {
namespace {

struct Table {
  const char* name;
  std::vector<double> betas;
};
void PrintTo(const Table& table, std::ostream* os) { *os << table.name; }

class ScheduleDdpm : public testing::TestWithParam<Table> {
 protected:
  std::vector<double> table_ = log_noise_ratios(GetParam().betas);
  kernels::NoiseSchedule schedule_ = ddpm_schedule(table_);
  std::size_t steps_ = GetParam().betas.size();

  double time(double kappa) const { return kappa / static_cast<double>(steps_); }
  /// Products over i <= k in long double: abar_k, and r_k = (1 - abar_k)/abar_k from 1 - abar_k = sum beta_i
  /// abar_{i-1}.
  std::vector<long double> alpha_bars() const {
    std::vector<long double> result;
    long double product = 1.0L;
    for (double beta : GetParam().betas) result.push_back(product *= 1.0L - static_cast<long double>(beta));
    return result;
  }
  std::vector<long double> noise_ratios() const {
    std::vector<long double> result;
    long double product = 1.0L, noise = 0.0L;
    for (double beta : GetParam().betas) {
      noise += static_cast<long double>(beta) * product;
      product *= 1.0L - static_cast<long double>(beta);
      result.push_back(noise / product);
    }
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(Tables, ScheduleDdpm,
                         testing::Values(Table{"usual", linear_betas(1000, 1e-4, 0.02)},
                                         Table{"geometric", geometric_betas(60, 1e-6, 1.4, 0.3)},
                                         Table{"tiny", linear_betas(300, 1e-15, 1e-13)},
                                         Table{"coarse", {0.3, 0.01, 0.5, 0.9}}, Table{"single", {0.75}}),
                         [](const auto& info) { return info.param.name; });

TEST_P(ScheduleDdpm, NodesReproduceTheProduct) {
  const std::vector<long double> alpha_bar = alpha_bars(), ratio = noise_ratios();
  for (std::size_t k = 1; k <= steps_; ++k) {
    const double t = time(static_cast<double>(k)), abar = static_cast<double>(alpha_bar[k - 1]);
    const double r = static_cast<double>(ratio[k - 1]), sigma2 = r * abar;
    EXPECT_NEAR(schedule_.a(t) * schedule_.a(t), abar, 1e-14 * abar) << "k = " << k;
    EXPECT_NEAR(schedule_.sigma2(t), sigma2, 1e-14 * sigma2) << "k = " << k;
    EXPECT_NEAR(schedule_.noise_ratio(t), r, 1e-14 * r) << "k = " << k;
    EXPECT_NEAR(schedule_.time_of_noise_ratio(r) / t, 1.0, 1e-14 / std::min(1.0, t * schedule_.noise_ratio_rate(t) / r))
        << "k = " << k;
  }
}

TEST_P(ScheduleDdpm, LogNoiseRatioIsLinearBetweenNodes) {
  const std::vector<long double> ratio = noise_ratios();
  for (std::size_t k = 1; k < steps_; ++k) {
    const double below = std::log(static_cast<double>(ratio[k - 1])), above = std::log(static_cast<double>(ratio[k]));
    for (double x : {0.25, 0.5, 0.875}) {
      const double t = time(static_cast<double>(k) + x);
      const double expected = (1.0 - x) * below + x * above;
      EXPECT_NEAR(schedule_.log_snr(t), -expected, 1e-14 * (1.0 + std::fabs(expected))) << "k = " << k;
      const double rate = static_cast<double>(steps_) * (above - below) * schedule_.noise_ratio(t);
      const double rate_scale = static_cast<double>(steps_) * schedule_.noise_ratio(t);  // above - below cancels
      EXPECT_NEAR(schedule_.noise_ratio_rate(t), rate, 2e-14 * rate_scale * (1.0 + std::fabs(below))) << "k = " << k;
    }
  }
}

TEST_P(ScheduleDdpm, NoiseRatioIsLinearBelowFirstNode) {
  const double r1 = static_cast<double>(noise_ratios()[0]);
  for (double x : {1e-12, 1e-3, 0.25, 0.5, 0.99}) {
    EXPECT_NEAR(schedule_.noise_ratio(time(x)), x * r1, 1e-14 * x * r1);
    EXPECT_NEAR(schedule_.noise_ratio_rate(time(x)), r1 * static_cast<double>(steps_),
                1e-14 * r1 * static_cast<double>(steps_));
    EXPECT_NEAR(schedule_.time_of_noise_ratio(x * r1), time(x), 1e-14 * time(x));
  }
  EXPECT_EQ(schedule_.noise_ratio(0.0), 0.0);
}

std::size_t usable_entries(const std::vector<double>& betas) {
  std::vector<double> table(betas.size());
  return kernels::fill_log_noise_ratios(betas.data(), betas.size(), table.data());
}

TEST(ScheduleDdpmTable, FirstUnusableEntryIsNamed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(usable_entries({0.1, 0.2, 0.3}), 3u);
  EXPECT_EQ(usable_entries({0.0, 0.2}), 0u);
  EXPECT_EQ(usable_entries({0.1, 0.0, 0.3}), 1u);
  EXPECT_EQ(usable_entries({0.5, 1e-20, 0.3}), 1u);  // lost beside the noise so far
  EXPECT_EQ(usable_entries({0.1, -0.01, 0.3}), 1u);
  EXPECT_EQ(usable_entries({0.1, 0.2, 1.0, 0.3}), 2u);
  EXPECT_EQ(usable_entries({0.1, 1.5}), 1u);
  EXPECT_EQ(usable_entries({nan, 0.1}), 0u);
  EXPECT_EQ(usable_entries({0.1, 0.1, nan}), 2u);
  EXPECT_EQ(usable_entries(std::vector<double>(400, 0.999)), 101u);  // 6.9 nat a step: r = e^700 is past the 101st
}

}  // namespace
}  // namespace scorepath::test
