// Orders of convergence of the path sampler, fitted on a Gaussian score (smooth, closed form, no control variate).
//
// Euler-Maruyama is of weak order 1 (Kloeden & Platen 1992, section 9.7); Simpson's rule on the exact transition is of
// order 4 in the step. Slopes are fitted to log |bias| over log steps, weighted by the biases' standard errors.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

struct Biases {
  std::vector<double> log_steps, log_bias, error, bias, discretization;
};

Biases measure_biases(const Problem& problem, const Matrix& point, Options o, std::uint64_t first, std::uint64_t last) {
  const double truth = true_log_density(problem, point.row(0));
  Biases b;
  for (o.steps = first; o.steps <= last; o.steps *= 2) {
    o.seed = test_seed() + o.steps;
    o.threads = 1;
    const PointResult p = estimate_log_density(problem, point, o).points[0];
    const double bias = *p.log_density - truth;
    b.log_steps.push_back(std::log(static_cast<double>(o.steps)));
    b.log_bias.push_back(std::log(std::abs(bias)));
    b.error.push_back(*p.std_error / std::abs(bias));
    b.bias.push_back(bias);
    b.discretization.push_back(*p.discretization_error);
    std::printf("  %4llu steps: bias %+.3e, se %.1e, reported discretization %.3e\n",
                static_cast<unsigned long long>(o.steps), bias, *p.std_error, *p.discretization_error);
  }
  return b;
}

class OrderOfEulerMaruyama : public testing::TestWithParam<Grid> {};

// A constant beta, so that no step near zero noise is long on the schedule's own scale, and a point five deviations
// out, whose bias stands out from the noise. Higher orders and the noise move the slope by less than 0.1: it is 1 +-
// 0.15.
TEST_P(OrderOfEulerMaruyama, IsOne) {
  const Problem problem{{VpLinear{4.0, 4.0}, {}, {}}, Gaussian{{0.3, -0.2}, {0.25}}};
  const Matrix point(1, 2, {2.5, -2.0});
  Options o;
  o.sampler = Sampler::paths;
  o.transition = Transition::euler_maruyama;
  o.grid = GetParam();
  o.control_variate = ControlVariate::none;
  o.paths = 1u << 21;
  const Biases b = measure_biases(problem, point, o, 32, 256);
  const Slope slope = weighted_slope(b.log_steps, b.log_bias, b.error);
  std::printf("  slope %.3f +- %.3f\n", slope.value, slope.standard_error);
  ASSERT_LT(slope.standard_error, 0.04);  // or the fit would say nothing
  EXPECT_NEAR(slope.value, -1.0, 0.15);
  for (std::size_t i = 0; i < b.bias.size(); ++i) {
    EXPECT_EQ(b.bias[i] > 0.0, b.bias[0] > 0.0);
    // The error that the result reports (fine minus coarse) is the bias, to leading order.
    EXPECT_GE(b.discretization[i], 0.4 * std::abs(b.bias[i]));
    EXPECT_LE(b.discretization[i], 2.5 * std::abs(b.bias[i]));
  }
}

INSTANTIATE_TEST_SUITE_P(On, OrderOfEulerMaruyama, testing::Values(Grid::stationary, Grid::log_snr),
                         [](const auto& info) { return info.param == Grid::stationary ? "Stationary" : "LogSnr"; });

// Steps so few, and a point so far out, that the quadrature's error stands out from the standard error.
TEST(OrderOfTheExactTransition, IsAtLeastThreeInTheSteps) {
  const Problem problem{{VpLinear{}, {}, {}}, Gaussian{{0.0, 0.0}, {0.25, 4.0}}};
  const Matrix point(1, 2, {40.0, -30.0});
  Options o;
  o.sampler = Sampler::paths;
  o.control_variate = ControlVariate::none;
  o.paths = 1u << 16;
  const Biases b = measure_biases(problem, point, o, 8, 32);
  const Slope slope = weighted_slope(b.log_steps, b.log_bias, b.error);
  std::printf("  slope %.3f +- %.3f\n", slope.value, slope.standard_error);
  ASSERT_LT(slope.standard_error, 0.1);
  EXPECT_LE(slope.value, -3.0);
}

}  // namespace
}  // namespace scorepath::test
