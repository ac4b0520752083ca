// What a result reports of its quadrature's error, against the error itself. For a Gaussian score E T(rho) is known in
// closed form, and with it what the grid makes of its integral.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <scorepath/scorepath.hpp>

#include "kernels/step/transition.hpp"

namespace scorepath {
namespace {

const std::vector<double> mean{0.3, -0.2, 1.0}, variance{0.04, 1.0, 9.0};

/// E[div s + |s|^2/2] of N(mean, variance) at noise level rho, over x + N(shift x, tau^2).
double expected_integrand(const std::vector<double>& x, double rho, double tau2, double shift) {
  double sum = 0.0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double total = variance[j] + rho, offset = (1.0 + shift) * x[j] - mean[j];
    // E n.s/(tau sqrt(rho)) = -tau/(total sqrt(rho)), which is -1/total where tau^2 = rho.
    const double cross = rho > 0.0 ? -std::sqrt(tau2 / rho) / total : -1.0 / total;
    sum += cross + 0.5 * (offset * offset + tau2) / (total * total);
  }
  return sum;
}

struct Case {
  Grid grid;
  Transition transition;
  std::uint64_t steps;
};
std::string describe(const Case& c) {
  return name_of(c.grid) + " " + name_of(c.transition) + " " + std::to_string(c.steps);
}

/// The quadrature's error by the grid's own nodes and weights, `end` and `finest` in the data's units.
double quadrature_error(const Case& c, const std::vector<double>& x, double finest, double end) {
  const auto steps = static_cast<int>(c.steps);
  const kernels::NoiseSchedule schedule = kernels::VpLinearSchedule{0.1, 20.0};
  const double last = schedule.noise_ratio(1.0);
  const kernels::NoiseRange range{1.0, 0.0, end, 0.0, 1.0, 0.0, last};
  std::vector<double> rho(c.steps + 1), weight(c.steps + 1);
  const kernels::GridNodes nodes{rho.data(), weight.data()};
  if (c.grid == Grid::stationary) kernels::stationary_grid(range, finest, steps, nodes);
  if (c.grid == Grid::log_snr) kernels::log_snr_grid(range, finest, steps, nodes);
  if (c.grid == Grid::uniform_t) kernels::uniform_time_grid(schedule, range, steps, nodes);
  std::vector<kernels::TransitionStep> transitions(c.steps);
  if (c.transition == Transition::exact) {
    kernels::exact_transitions(rho.data(), steps, transitions.data());
  } else {
    kernels::euler_maruyama_transitions(schedule, range, rho.data(), steps, transitions.data());
  }
  double sum = weight[0] * expected_integrand(x, 0.0, 0.0, 0.0);
  for (std::size_t k = 0; k < c.steps; ++k)
    sum += weight[k + 1] * expected_integrand(x, rho[k + 1], transitions[k].variance, transitions[k].shift);
  constexpr int fine = 1 << 14;
  std::vector<double> fine_rho(fine + 1), fine_weight(fine + 1);
  kernels::stationary_grid(range, finest, fine, {fine_rho.data(), fine_weight.data()});
  double exact = 0.0;
  for (std::size_t k = 0; k <= fine; ++k)
    exact += fine_weight[k] * expected_integrand(x, fine_rho[k], fine_rho[k], 0.0);
  return sum - exact;
}

/// Reported is |mean| + 2 s.e. of rays, known to a half of the mean or to a quarter of the standard error: three of its
/// standard errors off at most, between 0.75 and 5 times the error, or so small that it does not matter. Large errors
/// are flagged, small ones are not.
TEST(QuadratureCheck, ReportsTheErrorOfTheQuadrature) {
  const std::vector<double> x{0.5, 0.6, -1.5};
  const Problem problem{{VpLinear{}, {}, {}}, Gaussian{mean, variance}};
  int large = 0, small = 0;
  for (const Grid grid : {Grid::stationary, Grid::log_snr, Grid::uniform_t}) {
    for (const Transition transition : {Transition::exact, Transition::euler_maruyama}) {
      for (const std::uint64_t steps : {4u, 5u, 6u, 7u, 9u, 10u, 11u, 13u, 20u, 31u, 64u, 128u, 255u}) {
        const Case c{grid, transition, steps};
        Options o;
        o.sampler = Sampler::paths;
        o.control_variate = ControlVariate::none;
        o.grid = grid;
        o.transition = transition;
        o.steps = steps;
        o.paths = 262144;
        const PointResult p = estimate_log_density(problem, {x.data(), 1, x.size()}, o).points.front();
        const double error = std::abs(quadrature_error(c, x, *p.finest_variance, *p.largest_noise));
        ASSERT_TRUE(p.discretization_error.has_value()) << describe(c);
        const double reported = *p.discretization_error, se = *p.std_error;
        const bool flagged = std::find(p.flags.begin(), p.flags.end(), "discretization") != p.flags.end();
        EXPECT_GE(reported, 0.75 * error - 0.3 * se) << describe(c);
        EXPECT_LE(reported, 5.0 * error + 0.6 * se) << describe(c) << ", s.e. " << se;
        EXPECT_TRUE(flagged || error <= 1.5 * se) << describe(c);
        EXPECT_TRUE(!flagged || error >= 0.1 * se) << describe(c);
        large += error > 1.5 * se;
        small += error < 0.1 * se;
        EXPECT_LE(std::abs(*p.log_density - *p.exact_log_density), 6.0 * se + reported) << describe(c);
      }
    }
  }
  EXPECT_GE(large, 20);
  EXPECT_GE(small, 15);
}

}  // namespace
}  // namespace scorepath
