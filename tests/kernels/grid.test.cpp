// Step grids: nodes and quadrature weights of every piece and kind, against closed forms of the same rules.
#include "kernels/step/grid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/kernels/law_cases.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

std::vector<int> all_steps() {
  std::vector<int> steps;
  for (int n = 4; n <= 40; ++n) steps.push_back(n);
  steps.push_back(128);
  steps.push_back(130);
  return steps;
}

struct Grid {
  std::vector<double> rho, weight;
  explicit Grid(int steps) : rho(size(steps), -1.0), weight(size(steps), -1.0) {}
  kernels::GridNodes nodes() { return {rho.data(), weight.data()}; }
  static std::size_t size(int steps) { return static_cast<std::size_t>(steps) + 1; }
};
double sum_over(const Grid& g, const std::vector<double>& weights, const std::function<double(double)>& f) {
  double sum = 0.0;
  for (std::size_t k = 0; k < g.rho.size(); ++k) sum += weights[k] * f(g.rho[k]);
  return sum;
}
void expect_rising(const Grid& g, double end, const std::string& name) {
  EXPECT_EQ(g.rho.front(), 0.0) << name;
  EXPECT_EQ(g.rho.back(), end) << name;
  for (std::size_t k = 0; k + 1 < g.rho.size(); ++k) ASSERT_LT(g.rho[k], g.rho[k + 1]) << name << ", node " << k;
}

template <class Map>
Grid one_piece(int steps, const Map& map) {
  Grid g(steps);
  kernels::clear(g.nodes(), steps);
  kernels::add_piece(g.nodes(), 0, steps, map);
  return g;
}

/// Steps of the 3/8 rule at the end of a piece of n steps.
int by_three_eighths(int n) { return n % 2 == 0 ? 0 : 3; }

/// What the rules make of e^{w} over steps of x: Simpson's over the exact integral, and the 3/8 rule's.
double simpson_ratio(double x) { return x / 3.0 * (1.0 + 4.0 * std::exp(x) + std::exp(2.0 * x)) / std::expm1(2.0 * x); }
double three_eighths_ratio(double x) {
  return 3.0 * x / 8.0 * (1.0 + 3.0 * std::exp(x) + 3.0 * std::exp(2.0 * x) + std::exp(3.0 * x)) / std::expm1(3.0 * x);
}

/// Both rules are exact to degree 3 in w.
TEST(GridPiece, IntegratesPolynomialsExactly) {
  for (const int steps : all_steps()) {
    const Grid g = one_piece(steps, kernels::LinearMap{2.0});
    for (int degree = 0; degree <= 3; ++degree) {
      const auto power = [&](double rho) { return std::pow(rho, degree); };
      const double exact = std::pow(2.0, degree + 1) / (degree + 1);
      EXPECT_NEAR(sum_over(g, g.weight, power), exact, 1e-13) << steps << " steps, degree " << degree;
    }
    double quartic = sum_over(g, g.weight, [](double rho) { return std::pow(rho, 4); });
    EXPECT_GT(std::fabs(quartic - 32.0 / 5.0), 1e-10) << "degree 4 cannot be exact";
  }
}

/// Gregory's weights: 3/8, 7/6, 23/24, 1, ... of the step, both ends the same; exact to degree 3 as well.
TEST(GridPiece, GregorysWeightsAreTheStepsOwnInside) {
  for (const int steps : all_steps()) {
    Grid g(steps);
    kernels::clear(g.nodes(), steps);
    kernels::add_piece(g.nodes(), 0, steps, kernels::LinearMap{2.0}, kernels::Rule::gregory);
    for (int degree = 0; degree <= 3; ++degree) {
      const auto power = [&](double rho) { return std::pow(rho, degree); };
      EXPECT_NEAR(sum_over(g, g.weight, power), std::pow(2.0, degree + 1) / (degree + 1), 1e-13) << steps;
    }
    EXPECT_GT(std::fabs(sum_over(g, g.weight, [](double rho) { return std::pow(rho, 4); }) - 32.0 / 5.0), 1e-10);
    if (steps < 6) continue;
    const double step = 2.0 / steps;
    const auto n = static_cast<std::size_t>(steps);
    const double ends[] = {3.0 / 8.0, 7.0 / 6.0, 23.0 / 24.0};
    for (std::size_t k = 0; k <= n; ++k) {
      const std::size_t from_end = std::min(k, n - k);
      EXPECT_NEAR(g.weight[k] / step, from_end < 3 ? ends[from_end] : 1.0, 1e-13) << steps << " steps, node " << k;
    }
  }
}

TEST(StationaryGrid, WeightsAreThoseOfTheCompositeRules) {
  for (const auto& [r0, end] : {std::pair{0.01, 1e4}, {1.0, 1e5}, {50.0, 1.0}}) {
    for (const int steps : all_steps()) {
      Grid g(steps);
      kernels::stationary_grid({1.0, 0.0, end, 0.0, 1.0, 0.0, end}, r0, steps, g.nodes());
      expect_rising(g, end, std::to_string(steps));
      const double x = std::log1p(end / r0) / steps;
      const auto last = static_cast<std::size_t>(by_three_eighths(steps));
      for (std::size_t k = 0; k < g.rho.size(); ++k) {
        ASSERT_NEAR(g.rho[k], r0 * std::expm1(x * static_cast<double>(k)), 1e-13 * (r0 + g.rho[k])) << steps;
      }
      const double body = g.rho[static_cast<std::size_t>(steps) - last], rest = end - body;
      const double weights = simpson_ratio(x) * body + three_eighths_ratio(x) * rest;
      EXPECT_NEAR(sum_over(g, g.weight, [](double) { return 1.0; }), weights, 1e-12 * weights) << steps;
    }
  }
}

/// Nodes of the tapered grid: asinh(sqrt(V/(r0 + rho))) falls evenly; below V like the stationary grid, beyond wider.
TEST(TaperedGrid, IsUniformInItsOwnVariableAndIntegratesToOrderFour) {
  for (const auto& [r0, wide, end] :
       {std::tuple{0.01, 2.0, 1e4}, {1e-8, 1.0, 1e6}, {1.0, 1.0, 1e5}, {0.5, 0.1, 50.0}}) {
    const double largest = std::max(wide, r0);
    double error_before = 0.0;
    for (const int steps : {64, 128, 256}) {
      Grid g(steps);
      kernels::tapered_grid({1.0, 0.0, end, 0.0, 1.0, 0.0, end}, r0, wide, steps, g.nodes());
      expect_rising(g, end, std::to_string(steps));
      const auto place = [&](double rho) { return std::asinh(std::sqrt(largest / (r0 + rho))); };
      for (std::size_t k = 0; k < g.rho.size(); ++k) {
        const double share = (place(0.0) - place(g.rho[k])) / (place(0.0) - place(end));
        ASSERT_NEAR(share, static_cast<double>(k) / steps, 1e-9) << steps;
      }
      // int d rho/(r0 + rho)^2
      const double exact = 1.0 / r0 - 1.0 / (r0 + end);
      const double error =
          std::fabs(sum_over(g, g.weight, [&](double rho) { return 1.0 / ((r0 + rho) * (r0 + rho)); }) / exact - 1.0);
      if (steps > 64 && error_before > 1e-11) {
        EXPECT_LE(error, error_before / 12.0) << steps;
      }
      error_before = error;
    }
  }
}

TEST(LogSnrGrid, WeightsAreThoseOfTheCompositeRules) {
  for (const int steps : all_steps()) {
    constexpr double r0 = 0.2, end = 2e4;
    Grid g(steps);
    kernels::log_snr_grid({1.0, 0.0, end, 0.0, 1.0, 0.0, end}, r0, steps, g.nodes());
    expect_rising(g, end, std::to_string(steps));
    const int first = steps >= 8 ? 4 : 1;
    const double x = std::log(end / (1e-3 * r0)) / (steps - first);
    const double joint = g.rho[static_cast<std::size_t>(steps - by_three_eighths(steps - first))];
    EXPECT_DOUBLE_EQ(g.rho[static_cast<std::size_t>(first)], 1e-3 * r0);
    const double sum = 1e-3 * r0 + simpson_ratio(x) * (joint - 1e-3 * r0) + three_eighths_ratio(x) * (end - joint);
    EXPECT_NEAR(sum_over(g, g.weight, [](double) { return 1.0; }), sum, 1e-12 * sum) << steps;
  }
}

/// In the body a cubic in t, over drho/dt, has the integral of the cubic. Head and tail contribute what their own maps
/// make of it, so f is zero there and half of the joints' weight is the body's.
TEST(UniformTimeGrid, IntegratesPolynomialsInTimeExactly) {
  for (const RangeCase& c : range_cases()) {
    const bool starts_in_body = c.range.body_begin <= 0.0;
    const bool ends_in_body = c.range.end <= c.range.body_end * (1.0 + 1e-12);
    for (const int steps : all_steps()) {
      Grid g(steps);
      kernels::uniform_time_grid(c.schedule, c.range, steps, g.nodes());
      expect_rising(g, c.range.end, c.name + " " + std::to_string(steps));
      if (!starts_in_body || !ends_in_body) continue;
      const double length = c.range.t_max - c.range.t_min;
      double sum = 0.0;
      for (int k = 0; k <= steps; ++k) {
        const double w = k * (1.0 / steps);  // the very times of the grid: a ddpm table has kinks between others
        const double t = k == steps ? c.range.t_max : kernels::fma(length, w, c.range.t_min);
        const double rate = c.schedule.noise_ratio_rate(t) * c.range.scale;
        if (!(rate > 0.0 && std::isfinite(rate))) {
          sum = std::nan("");
          break;
        }
        sum += g.weight[static_cast<std::size_t>(k)] / rate * w * w * w;
      }
      if (std::isnan(sum)) continue;  // drho/dt is 0 at t_min where noise starts quadratically: node 0 carries nothing
      EXPECT_NEAR(sum, length / 4.0, 1e-9 * length) << c.name << ", " << steps;
    }
  }
}

TEST(UniformTimeGrid, NodesAreUniformInTimeBetweenHeadAndTail) {
  for (const RangeCase& c : range_cases()) {
    for (const int steps : {16, 40, 128}) {
      Grid g(steps);
      kernels::uniform_time_grid(c.schedule, c.range, steps, g.nodes());
      const kernels::StepShare share = kernels::share_steps(c.range, steps);
      EXPECT_EQ(share.head > 0, c.range.body_begin > 0.0) << c.name;
      EXPECT_EQ(share.head + share.body + share.tail, steps);
      for (int k = 0; k <= share.body; ++k) {
        const double rho = g.rho[static_cast<std::size_t>(share.head + k)];
        const double t = c.schedule.time_of_noise_ratio((c.range.start + rho) / c.range.scale);
        ASSERT_NEAR((t - c.range.t_min) / (c.range.t_max - c.range.t_min), static_cast<double>(k) / share.body, 1e-6)
            << c.name;
      }
    }
  }
}

/// A random warp, as the adaptive grid makes it from a pilot's shares.
struct RandomWarp {
  std::vector<double> cumulative, slope;
  kernels::WarpMap map;
  RandomWarp(int bins, std::uint64_t seed) : cumulative(static_cast<std::size_t>(bins) + 1), slope(cumulative.size()) {
    std::mt19937_64 words(seed);
    std::uniform_real_distribution<double> share(0.02, 1.0);
    for (std::size_t b = 1; b < cumulative.size(); ++b)
      cumulative[b] = cumulative[b - 1] + share(words) * share(words) + 0.01;
    for (double& x : cumulative) x /= cumulative.back();
    kernels::WarpMap::make_slopes(bins, cumulative.data(), slope.data());
    map = {{0.3, 1e4}, bins, cumulative.data(), slope.data()};
  }
};

TEST(WarpMap, RisesAndItsRateIsItsDerivative) {
  for (const int bins : {1, 2, 16}) {
    const RandomWarp warp(bins, test_seed() + static_cast<std::uint64_t>(bins));
    double rho, rate, before = -1.0;
    constexpr int points = 2000;
    constexpr double h = 1e-6;
    for (int i = 0; i <= points; ++i) {
      const double w = static_cast<double>(i) / points;
      warp.map(w, rho, rate);
      ASSERT_GT(rho, before) << w;
      ASSERT_GT(rate, 0.0) << w;
      before = rho;
      if (i == 0 || i == points) continue;
      double up, down, unused;
      warp.map(w + h, up, unused);
      warp.map(w - h, down, unused);
      // The second derivative jumps at the bins' borders: error O(h) there, O(h^2) elsewhere.
      ASSERT_NEAR((up - down) / (2.0 * h), rate, 1e-3 * rate) << w;
    }
    warp.map(0.0, rho, rate);
    EXPECT_EQ(rho, 0.0);
    warp.map(1.0, rho, rate);
    EXPECT_EQ(rho, 1e4);
  }
}

/// At the borders of the bins the warp takes its given values: position cumulative[i] is place i/bins of the old grid.
TEST(WarpMap, PassesThroughItsPoints) {
  const RandomWarp warp(16, test_seed());
  for (int i = 0; i <= 16; ++i) {
    double rho, want, rate;
    warp.map(warp.cumulative[static_cast<std::size_t>(i)], rho, rate);
    warp.map.base(i / 16.0, want, rate);
    EXPECT_NEAR(rho, want, 1e-10 * (0.3 + want)) << i;
  }
}

/// int drho/(1 + rho)^2: halving the step divides the error by 16, for odd step counts as well (stationary; warped
/// within each bin less smoothly: by 4 at least).
TEST(Grid, ErrorsFallWithTheFourthPowerOfTheStep) {
  const auto f = [](double rho) { return 1.0 / ((1.0 + rho) * (1.0 + rho)); };
  constexpr double end = 1e4;
  const double exact = end / (1.0 + end);
  for (const int steps : {64, 65, 128, 129, 256}) {
    const Grid coarse = one_piece(steps, kernels::StationaryMap{1.0, end});
    const Grid fine = one_piece(2 * steps, kernels::StationaryMap{1.0, end});
    const double ratio = (sum_over(coarse, coarse.weight, f) - exact) / (sum_over(fine, fine.weight, f) - exact);
    EXPECT_NEAR(ratio, 16.0, 0.5) << steps;
  }
  const RandomWarp warp(8, test_seed());
  const Grid coarse = one_piece(512, warp.map), fine = one_piece(4096, warp.map);
  const double coarse_error = std::fabs(sum_over(coarse, coarse.weight, f) - exact);
  EXPECT_LT(std::fabs(sum_over(fine, fine.weight, f) - exact), coarse_error / 16.0);
}

}  // namespace
}  // namespace scorepath::test
