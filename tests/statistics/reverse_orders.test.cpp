// Convergence orders of the reverse methods, measured: rows of the library's tables carried out in plain double with
// the textbook score of a mixture, noise coupled between a grid and the one of twice its steps.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <vector>

#include "kernels/step/reverse.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using kernels::SteeredStep;

/// Three narrow components in one dimension, their variance not the one that the schemes are exact for.
constexpr std::array<double, 3> means{-1.1, 0.3, 1.4}, weights{0.3, 0.5, 0.2};
constexpr double variance = 0.09, r0 = 0.05, far = 400.0;

double score(double y, double r) {
  double sum = 0.0, pull = 0.0;
  for (std::size_t k = 0; k < means.size(); ++k) {
    const double p = weights[k] * std::exp(-0.5 * (y - means[k]) * (y - means[k]) / (variance + r));
    sum += p;
    pull += p * (means[k] - y) / (variance + r);
  }
  return pull / sum;
}

enum class Scheme { gaussian, shark, shark_without_area };

/// Levels v = r0 + r from far to zero noise, uniform in u.
std::vector<double> levels(int steps) {
  std::vector<double> v(static_cast<std::size_t>(steps) + 1);
  const double length = std::log1p(far / r0);
  for (int k = 0; k <= steps; ++k) v[static_cast<std::size_t>(k)] = (r0 + far) * std::exp(-length * k / steps);
  return v;
}

/// Noise of a step in two numbers: what Brownian motion adds over it, and its space-time area, as standard normals.
struct Noise {
  double increment, area;
};

double one_step(Scheme scheme, double y, double above, double below, double lambda, const Noise& noise) {
  if (scheme == Scheme::gaussian) {
    const SteeredStep<double> s = kernels::reverse_gaussian(above, below, lambda);
    return s.state * y + s.score * score(y, above - r0) + s.noise * noise.increment;
  }
  SteeredStep<double> s = kernels::reverse_shark(above, below, lambda);
  if (scheme == Scheme::shark_without_area) s.first_area = s.stage_area = s.area = 0.0;
  const double s1 = score(y + s.first_area * noise.area, above - r0);
  const double q = s.stage_state * y + s.stage_score * s1 + s.stage_noise * noise.increment + s.stage_area * noise.area;
  const double s2 = score(q, kernels::shark_middle(above, below) - r0);
  return s.state * y + s.score * s1 + s.second_score * s2 + s.noise * noise.increment + s.area * noise.area;
}

/// The noise of two steps as one. ShARK's Brownian motion is that of the stationary frame, over halves of an interval;
/// the Gaussian step's is what the linear equation makes of it, which shrinks on the way: their sum has the variance
/// that the long step's noise has.
Noise joined(Scheme scheme, const Noise& first, const Noise& second, double above, double middle, double below,
             double lambda) {
  if (scheme != Scheme::gaussian) {
    // H of the whole = (H1 + H2)/2 + (W1 - W2)/4; W = sqrt(h) w, H = sqrt(h/12) e, halves of length h/2.
    const double half = std::sqrt(0.5);
    const double area =
        0.5 * half * (first.area + second.area) + 0.25 * half * std::sqrt(12.0) * (first.increment - second.increment);
    return {half * (first.increment + second.increment), area};
  }
  const double shrunk = std::pow(below / middle, 1.0 - 0.5 * lambda);
  const double whole = kernels::reverse_gaussian(above, below, lambda).noise;
  if (whole == 0.0) return {0.0, 0.0};
  return {(shrunk * kernels::reverse_gaussian(above, middle, lambda).noise * first.increment +
           kernels::reverse_gaussian(middle, below, lambda).noise * second.increment) /
              whole,
          0.0};
}

/// Root mean square distance of the ends of paths of N and 2 N steps on one Brownian motion, N = 32, 64, ..; in groups
/// of paths, whose spread gives the logarithms' standard errors.
Slope strong_order(Scheme scheme, double lambda, std::uint64_t seed) {
  constexpr int coarsest = 64, doublings = 3, groups = 16, paths = 200;
  const int finest = coarsest << doublings;
  std::vector<std::vector<double>> squares(doublings, std::vector<double>(groups, 0.0));
  Draws draws(seed);
  for (int group = 0; group < groups; ++group) {
    for (int path = 0; path < paths; ++path) {
      const double start = std::sqrt(far + 1.0) * draws.normal();
      std::vector<Noise> noise(static_cast<std::size_t>(finest));
      for (Noise& n : noise) n = {draws.normal(), draws.normal()};
      double finer = 0.0;
      for (int doubling = doublings; doubling >= 0; --doubling) {
        const int steps = coarsest << doubling;
        const std::vector<double> v = levels(steps);
        double y = start;
        for (std::size_t k = 0; k < noise.size(); ++k) y = one_step(scheme, y, v[k], v[k + 1], lambda, noise[k]);
        if (doubling < doublings)
          squares[static_cast<std::size_t>(doubling)][static_cast<std::size_t>(group)] +=
              (y - finer) * (y - finer) / paths;
        finer = y;
        if (doubling == 0) break;
        std::vector<Noise> next;
        for (std::size_t k = 0; k < noise.size(); k += 2)
          next.push_back(joined(scheme, noise[k], noise[k + 1], v[k], v[k + 1], v[k + 2], lambda));
        noise = next;
      }
    }
  }
  std::vector<double> x, y, error;
  for (int doubling = 0; doubling < doublings; ++doubling) {
    const Sample s = summarise(squares[static_cast<std::size_t>(doubling)]);
    x.push_back(std::log(static_cast<double>(coarsest << doubling)));
    y.push_back(0.5 * std::log(s.mean));
    error.push_back(0.5 * s.standard_error() / s.mean);
  }
  return weighted_slope(x, y, error);
}

/// The published order lies within the slope's interval, widened by what the next order still adds on these grids.
void expect_order(const Slope& slope, double order, const char* what) {
  std::printf("  %s: order %.3f +- %.3f, in theory %.1f\n", what, -slope.value, slope.standard_error, order);
  constexpr double higher_orders = 0.15;
  EXPECT_LE(std::abs(-slope.value - order), z_bound * slope.standard_error + higher_orders) << what;
  EXPECT_LE(slope.standard_error, 0.1) << what;
}

TEST(StrongOrders, AreThoseOfTheTheory) {
  expect_order(strong_order(Scheme::gaussian, 0.0, test_seed()), 1.0, "exponential, lambda 0");
  expect_order(strong_order(Scheme::gaussian, -1.0, test_seed()), 1.0, "exponential, lambda -1");
  expect_order(strong_order(Scheme::gaussian, 1.0, test_seed()), 1.0, "exponential, lambda 1");
  expect_order(strong_order(Scheme::shark, 0.0, test_seed()), 1.5, "second order, lambda 0");
  expect_order(strong_order(Scheme::shark, 0.5, test_seed()), 1.5, "second order, lambda 0.5");
  expect_order(strong_order(Scheme::shark, 1.0, test_seed()), 2.0, "second order, lambda 1");
}

/// Planted: a step that leaves out the Brownian path's area is of order 1, and that is seen.
TEST(StrongOrders, FallToOneWithoutTheAreaOfTheBrownianPath) {
  expect_order(strong_order(Scheme::shark_without_area, 0.0, test_seed()), 1.0, "second order without the area");
}

/// Weak errors in closed form: of data N(0, V) every method is linear in y, so that its variance at the end is a
/// product, and its error known without noise.
double variance_at_end(Scheme scheme, double lambda, int steps) {
  const std::vector<double> v = levels(steps);
  double reached = variance + far;
  for (std::size_t k = 0; k + 1 < v.size(); ++k) {
    const double above = v[k], below = v[k + 1], pull = -1.0 / (variance + above - r0);
    if (scheme == Scheme::gaussian) {
      const SteeredStep<double> s = kernels::reverse_gaussian(above, below, lambda);
      const double kept = s.state + s.score * pull;
      reached = kept * kept * reached + s.noise * s.noise;
    } else {
      const SteeredStep<double> s = kernels::reverse_shark(above, below, lambda);
      const double second = -1.0 / (variance + kernels::shark_middle(above, below) - r0);
      // y' = on_y y + on_w w + on_e e
      const double q_y = s.stage_state + s.stage_score * pull, q_e = s.stage_area + s.stage_score * pull * s.first_area;
      const double on_y = s.state + s.score * pull + s.second_score * second * q_y;
      const double on_w = s.noise + s.second_score * second * s.stage_noise;
      const double on_e = s.area + s.score * pull * s.first_area + s.second_score * second * q_e;
      reached = on_y * on_y * reached + on_w * on_w + on_e * on_e;
    }
  }
  return reached;
}

TEST(WeakOrders, AreThoseOfTheTheory) {
  struct Case {
    Scheme scheme;
    double lambda, order;
    const char* name;
  };
  for (const Case& c : {Case{Scheme::gaussian, 0.0, 1.0, "exponential, lambda 0"},
                        Case{Scheme::gaussian, 0.5, 1.0, "exponential, lambda 0.5"},
                        Case{Scheme::gaussian, 1.0, 1.0, "exponential, lambda 1"},
                        Case{Scheme::shark, 0.0, 2.0, "second order, lambda 0"},
                        Case{Scheme::shark, -1.0, 2.0, "second order, lambda -1"},
                        Case{Scheme::shark, 1.0, 2.0, "second order, lambda 1"}}) {
    const double coarse = std::abs(variance_at_end(c.scheme, c.lambda, 1000) - variance);
    const double fine = std::abs(variance_at_end(c.scheme, c.lambda, 2000) - variance);
    std::printf("  %s: variance off by %.2e of %.2f at 1000 steps, order %.3f\n", c.name, coarse, variance,
                std::log2(coarse / fine));
    EXPECT_NEAR(std::log2(coarse / fine), c.order, 0.05) << c.name;
  }
}

/// The same of Euler and Maruyama's steps in the schedule's t, down to a t_min.
TEST(WeakOrders, OfEulerMaruyamaIsOne) {
  const kernels::NoiseSchedule schedules[] = {kernels::VpLinearSchedule{0.1, 20.0}, kernels::VpCosineSchedule{0.008},
                                              kernels::EdmSchedule{0.002, 80.0}};
  for (const kernels::NoiseSchedule& schedule : schedules) {
    for (const double lambda : {0.0, 1.0}) {
      const double t_min = 0.3, t_max = 0.9;
      const auto error_of = [&](int steps) {
        kernels::NoiseRange range{};
        range.scale = 1.0;
        double reached = variance + schedule.noise_ratio(t_max);
        for (int k = steps; k > 0; --k) {
          const auto time = [&](int at) { return t_min + (t_max - t_min) * at / steps; };
          const SteeredStep<double> s = kernels::reverse_euler_maruyama(schedule, range, time(k), time(k - 1), lambda);
          const double kept = s.state - s.score / (variance + schedule.noise_ratio(time(k)));
          reached = kept * kept * reached + s.noise * s.noise;
        }
        return std::abs(reached - variance - schedule.noise_ratio(t_min));
      };
      EXPECT_NEAR(std::log2(error_of(2000) / error_of(4000)), 1.0, 0.05) << lambda;
    }
  }
}

/// Exact for the one variance that the Gaussian step is made for.
TEST(WeakOrders, DoNotMatterWhereAStepIsExact) {
  const SteeredStep<double> s = kernels::reverse_gaussian(r0 + far, r0, 0.0);
  const double kept = s.state - s.score / (r0 + far);
  EXPECT_NEAR(kept * kept * (r0 + far) + s.noise * s.noise, r0, 1e-12);
}

}  // namespace
}  // namespace scorepath::test
