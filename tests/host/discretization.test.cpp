// The discretisation error that a result reports: it must not be small where the true error is large.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include <scorepath/estimate.hpp>

namespace scorepath {
namespace {

Problem wide_range_mixture() {
  GaussianMixture mixture{{0.3, 0.7}, Matrix(2, 2, {0.0, 0.0, 2.0, 1.0}), Matrix(2, 1, {0.2, 0.5})};
  return {{Edm{}, {}, {}}, mixture};
}

PointResult run(std::uint64_t steps) {
  Options options;
  options.sampler = Sampler::paths;
  options.transition = Transition::euler_maruyama;
  options.grid = Grid::uniform_t;
  options.steps = steps;
  options.paths = 4096;
  const Matrix point(1, 2, {0.1, 0.2});
  return estimate_log_density(wide_range_mixture(), point, options).points.front();
}

// EDM's time is sigma itself: a grid uniform in it has hardly a node where the data live, and steps of twice the length
// happen to agree there.
TEST(DiscretizationError, CoversTheTrueErrorWhereTheGridMissesTheData) {
  for (const std::uint64_t steps : {8u, 13u, 16u, 32u, 64u, 128u, 256u}) {
    const PointResult result = run(steps);
    ASSERT_TRUE(result.log_density && result.exact_log_density && result.std_error);
    const double error = std::abs(*result.log_density - *result.exact_log_density);
    const bool flagged = std::find(result.flags.begin(), result.flags.end(), "discretization") != result.flags.end();
    EXPECT_TRUE(flagged || error < 5.0 * *result.std_error) << steps << " steps, error " << error;
  }
}

// Where the schedule adds no noise at its beginning, an Euler-Maruyama path stays at the point for a step: |n|^2/rho is
// then as absent from the mean that is taken off as from the samples, and the two estimates mean the same.
TEST(DiscretizationError, IsTheSameWithAndWithoutTheCancellation) {
  for (const Grid grid : {Grid::stationary, Grid::log_snr, Grid::uniform_t}) {
    Options options;
    options.sampler = Sampler::paths;
    options.transition = Transition::euler_maruyama;
    options.grid = grid;
    options.control_variate = ControlVariate::none;
    options.steps = 64;
    options.paths = 1 << 16;
    const Matrix point(1, 2, {0.1, 0.2});
    const Problem gaussian{{SubVp{}, {}, {}}, Gaussian{{0.0, 0.5}, {1.0}}};
    const PointResult on = estimate_log_density(gaussian, point, options).points.front();
    options.cancellation = Cancellation::off;
    const PointResult off = estimate_log_density(gaussian, point, options).points.front();
    EXPECT_NEAR(*on.log_density, *off.log_density, 5.0 * (*on.std_error + *off.std_error)) << name_of(grid);
  }
}

// Whatever the number of steps, the check must see what it does. Quadrature alone, far from
// converged.
TEST(DiscretizationError, IsSeenForEveryRemainderOfSteps) {
  const Problem problem{
      {VpLinear{}, {}, {}},
      GaussianMixture{{0.5, 0.5}, Matrix(2, 2, {0.0, 0.0, 1.0, 1.0}), Matrix(2, 2, {1e-4, 1.0, 1.0, 1e-3})}};
  const Matrix point(1, 2, {0.02, 0.5});
  for (const Grid grid : {Grid::stationary, Grid::adaptive, Grid::log_snr, Grid::uniform_t}) {
    for (std::uint64_t steps = 5; steps <= 66; steps += steps < 20 ? 1 : 3) {
      Options options;
      options.sampler = Sampler::paths;
      options.grid = grid;
      options.steps = steps;
      options.paths = 16384;
      const PointResult result = estimate_log_density(problem, point, options).points.front();
      ASSERT_TRUE(result.log_density && result.exact_log_density && result.std_error);
      const double error = std::abs(*result.log_density - *result.exact_log_density);
      const bool flagged = std::find(result.flags.begin(), result.flags.end(), "discretization") != result.flags.end();
      EXPECT_TRUE(flagged || error < 6.0 * *result.std_error) << name_of(grid) << ", " << steps << " steps";
      EXPECT_LE(error, 3.0 * result.discretization_error.value_or(1e9) + 6.0 * *result.std_error)
          << name_of(grid) << ", " << steps << " steps";
    }
  }
}

}  // namespace
}  // namespace scorepath
