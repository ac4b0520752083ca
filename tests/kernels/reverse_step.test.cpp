// Rows of reverse steps against what they claim: Gaussians that they leave exact, the published formulas of DDPM, DDIM,
// Euler-Maruyama and ShARK written out, and the quadrature of carried densities against that of forward paths.
#include "kernels/step/reverse.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/estimator/carried.hpp"
#include "kernels/estimator/pathwise.hpp"
#include "kernels/step/grid.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

using kernels::SteeredStep;

constexpr double lambdas[] = {-2.0, 0.0, 0.3, 0.8, 1.0};

/// Of data N(m, V): a step from v' = V + r' to v = V + r has the right variance, whatever lambda.
TEST(ReverseGaussian, KeepsTheMarginalsOfAGaussian) {
  std::mt19937_64 random(test_seed());
  std::uniform_real_distribution<double> exponent(-6.0, 6.0);
  for (int i = 0; i < 200; ++i) {
    const double below = std::pow(10.0, exponent(random)), above = below * (1.0 + std::pow(10.0, exponent(random)));
    for (const double lambda : lambdas) {
      const SteeredStep<double> s = kernels::reverse_gaussian(above, below, lambda);
      const double kept = s.state - s.score / above;  // of y - m, where s = -(y - m)/v'
      EXPECT_NEAR((kept * kept * above + s.noise * s.noise) / below, 1.0, 1e-9 * (1.0 + above / below));
      EXPECT_NEAR(kept, std::pow(below / above, 1.0 - 0.5 * lambda), 1e-12);
    }
  }
}

/// Ho, Jain & Abbeel 2020, eq. 6 and 7: the posterior of x_{t-1} given x_t and x_0, x_0 by Tweedie's formula.
TEST(ReverseGaussian, WithoutAVarianceIsTheAncestralStepOfDdpm) {
  const double alpha_bar = 0.35, alpha_bar_before = 0.42, beta = 1.0 - alpha_bar / alpha_bar_before;
  const double x = 0.83, score = -1.27;  // of X
  const double x0 = (x + (1.0 - alpha_bar) * score) / std::sqrt(alpha_bar);
  const double mean = std::sqrt(alpha_bar_before) * beta / (1.0 - alpha_bar) * x0 +
                      std::sqrt(1.0 - beta) * (1.0 - alpha_bar_before) / (1.0 - alpha_bar) * x;
  const double variance = (1.0 - alpha_bar_before) / (1.0 - alpha_bar) * beta;
  const double above = (1.0 - alpha_bar) / alpha_bar, below = (1.0 - alpha_bar_before) / alpha_bar_before;
  const SteeredStep<double> s = kernels::reverse_gaussian(above, below, 0.0);
  const double y = s.state * x / std::sqrt(alpha_bar) + s.score * std::sqrt(alpha_bar) * score;
  EXPECT_NEAR(y * std::sqrt(alpha_bar_before), mean, 1e-13);
  EXPECT_NEAR(s.noise * s.noise * alpha_bar_before, variance, 1e-13);
}

/// Song, Meng & Ermon 2021, eq. 12, with sigma_t^2 = r (1 - (r/r')^{1 - lambda}) in the canonical frame: for lambda = 0
/// that is their eta = 1, for lambda = 1 their eta = 0.
TEST(ReverseGaussian, WithoutAVarianceIsDdim) {
  const double alpha = 0.2, alpha_before = 0.6, x = -0.4, epsilon = 0.9;
  const double above = (1.0 - alpha) / alpha, below = (1.0 - alpha_before) / alpha_before;
  for (const double lambda : lambdas) {
    const double sigma2 = alpha_before * below * (1.0 - std::pow(below / above, 1.0 - lambda));
    const double x0 = (x - std::sqrt(1.0 - alpha) * epsilon) / std::sqrt(alpha);
    const double mean = std::sqrt(alpha_before) * x0 + std::sqrt(1.0 - alpha_before - sigma2) * epsilon;
    const SteeredStep<double> s = kernels::reverse_gaussian(above, below, lambda);
    const double score = -epsilon / std::sqrt(above);  // of Y
    EXPECT_NEAR((s.state * x / std::sqrt(alpha) + s.score * score) * std::sqrt(alpha_before), mean, 1e-13) << lambda;
    EXPECT_NEAR(s.noise * s.noise * alpha_before, sigma2, 1e-13) << lambda;
  }
  const double ancestral = below * (above - below) / above;  // eta = 1
  EXPECT_NEAR(std::pow(kernels::reverse_gaussian(above, below, 0.0).noise, 2), ancestral, 1e-13);
  EXPECT_EQ(kernels::reverse_gaussian(above, below, 1.0).noise, 0.0);
}

/// The last step to zero noise is the denoiser's: x_0 itself.
TEST(ReverseGaussian, WithoutAVarianceEndsInTheDenoiser) {
  for (const double lambda : lambdas) {
    const SteeredStep<double> s = kernels::reverse_gaussian(0.3, 0.0, lambda);
    EXPECT_DOUBLE_EQ(s.score, 0.3);
    EXPECT_EQ(s.noise, 0.0);
    EXPECT_EQ(s.state, 1.0);
  }
}

/// x' = x - dt (f x - (1 - lambda/2) g^2 s) + g sqrt((1 - lambda) dt) z in the schedule's frame.
TEST(ReverseEulerMaruyama, IsThatOfTheSchedulesOwnEquation) {
  const kernels::NoiseSchedule schedules[] = {kernels::VpLinearSchedule{0.1, 20.0}, kernels::VpCosineSchedule{0.008},
                                              kernels::SubVpSchedule{0.1, 20.0},    kernels::VeSchedule{0.01, 50.0},
                                              kernels::EdmSchedule{0.002, 80.0},    kernels::FlowMatchingSchedule{}};
  for (const kernels::NoiseSchedule& schedule : schedules) {
    for (const double lambda : lambdas) {
      const double above = 0.61, below = 0.57, unit = 4.0, x = 1.9, score = -0.7, dt = above - below;
      const double f = schedule.drift(above), g2 = schedule.diffusion(above);
      const double mean = x - dt * (f * x - (1.0 - 0.5 * lambda) * g2 * score);
      kernels::NoiseRange range{};
      range.scale = 1.0 / (unit * unit);
      const SteeredStep<double> s = kernels::reverse_euler_maruyama(schedule, range, above, below, lambda);
      // Canonical Y = X/(a unit), its score a unit s.
      const double a = schedule.a(above) * unit, a_below = schedule.a(below) * unit;
      const double moved = s.state * x / a + s.score * a * score;
      EXPECT_NEAR(moved * a_below, mean, 1e-12 * std::abs(mean));
      EXPECT_NEAR(s.noise * a_below, std::sqrt((1.0 - lambda) * g2 * dt), 1e-12);
    }
  }
}

/// Foster, dos Reis & Strange 2024, written for dZ = f(u, Z) du + g dW with a drift that is no linear one.
TEST(ReverseShark, IsTheSchemeAsPublished) {
  const double r0 = 0.4, start = 2.0, end = 1.3, w = 0.8, e = -1.4, y = 0.77;
  const auto score = [](double at, double r) { return std::sin(3.0 * at) / (1.0 + r) - 0.2 * at; };  // of Y at r
  for (const double lambda : lambdas) {
    const double above = r0 + start, below = r0 + end, h = std::log(above / below), g = std::sqrt(1.0 - lambda);
    const auto drift = [&](double tau, double z) {
      const double v = above * std::exp(-tau);
      return 0.5 * z + (1.0 - 0.5 * lambda) * std::sqrt(v) * score(std::sqrt(v) * z, v - r0);
    };
    const double increment = std::sqrt(h) * w, area = std::sqrt(h / 12.0) * e, z = y / std::sqrt(above);
    const double first = z + g * area;
    const double second = first + 5.0 / 6.0 * (drift(0.0, first) * h + g * increment);
    const double want = z + h * (0.4 * drift(0.0, first) + 0.6 * drift(5.0 / 6.0 * h, second)) + g * increment;

    const SteeredStep<double> s = kernels::reverse_shark(above, below, lambda);
    const double middle = kernels::shark_middle(above, below);
    const double q = y + s.first_area * e, s1 = score(q, start);
    const double q2 = s.stage_state * y + s.stage_score * s1 + s.stage_noise * w + s.stage_area * e;
    const double s2 = score(q2, middle - r0);
    const double got = s.state * y + s.score * s1 + s.second_score * s2 + s.noise * w + s.area * e;
    EXPECT_NEAR(got, want * std::sqrt(below), 1e-13) << lambda;
  }
}

TEST(Langevin, LeavesAGaussianAsItIs) {
  for (const double delta : {1e-6, 0.1, 3.0}) {
    const SteeredStep<double> s = kernels::langevin(2.5, delta);
    const double kept = s.state - s.score / 2.5;
    EXPECT_NEAR(kept * kept * 2.5 + s.noise * s.noise, 2.5, 1e-12);
    EXPECT_NEAR(kept, std::exp(-delta), 1e-13);
  }
}

std::vector<double> some_nodes() {
  std::vector<double> rho = {0.0};
  for (int k = 0; k < 9; ++k) rho.push_back(0.1 + 1.5 * rho.back());
  return rho;
}

/// The trapezoid of the integral over r in u.
std::vector<double> trapezoid(const kernels::CarriedGrid& grid) {
  std::vector<double> weight;
  for (int k = 0; k <= grid.count; ++k) weight.push_back(0.5 * grid.v(k) * (grid.step(k) + grid.step(k + 1)));
  return weight;
}

/// For lambda = 0 the rows are those of forward paths (docs/theory.md, D20) with these weights, read the other way.
TEST(CarriedRows, AreThoseOfForwardPathsAtLambdaZero) {
  const std::vector<double> rho = some_nodes();
  const int count = static_cast<int>(rho.size()) - 1;
  const kernels::CarriedGrid grid{rho.data(), count, 0.2};
  const auto divergence = [](double at) { return -3.0 / (1.0 + at); };
  const std::vector<double> weight = trapezoid(grid);
  std::vector<kernels::Increment<double>> forward(static_cast<std::size_t>(count));
  kernels::make_pathwise_table(kernels::PathwiseForm::stratonovich, rho.data(), weight.data(), count, grid.r0,
                               divergence, forward.data());
  std::vector<kernels::RowPlace> place;
  for (int node = count; node >= 0; --node) place.push_back({node, node > 0, grid.width(node)});
  // Rows that do what forward paths do: noise of the step's whole width.
  std::vector<SteeredStep<double>> rows(place.size()), upwards(place.size());
  for (int node = count; node > 0; --node)
    upwards[static_cast<std::size_t>(node - 1)].noise = std::sqrt(grid.width(node));
  kernels::add_carried(grid, divergence, place.data(), count + 1, rows.data());
  kernels::add_carried_upwards(grid, divergence, upwards.data());
  for (int node = 1; node <= count; ++node) {
    const kernels::Increment<double>& of = forward[static_cast<std::size_t>(node - 1)];
    const SteeredStep<double>&row = rows[static_cast<std::size_t>(count - node)],
          &up = upwards[static_cast<std::size_t>(node)];
    for (const SteeredStep<double>* each : {&row, &up}) {
      EXPECT_NEAR(each->on_square, of.on_square, 1e-12 * weight[static_cast<std::size_t>(node)]);
      // Half of the divergence's weight is Ito's, there by the grid's weights, here by the noise of the steps.
      const double below = grid.width(node) * grid.ratio(node);
      const double above = node < count ? grid.width(node + 1) / grid.ratio(node + 1) : 0.0;
      const double half = 0.5 * weight[static_cast<std::size_t>(node)];
      EXPECT_NEAR(each->on_divergence, of.on_divergence - half + 0.25 * (below + above), 1e-12 * half);
      EXPECT_NEAR(0.25 * (below + above), half, 0.1 * half);
      EXPECT_EQ(each->reference_divergence, of.reference_divergence);
    }
    EXPECT_NEAR(row.on_after * of.noise, of.on_step, 1e-12);
    EXPECT_NEAR(up.on_before * of.noise, -of.on_step, 1e-12);
    const SteeredStep<double>&below = rows[static_cast<std::size_t>(count - node + 1)],
          &up_below = upwards[static_cast<std::size_t>(node - 1)];
    EXPECT_NEAR(below.on_before * of.noise, of.on_previous, 1e-12);
    EXPECT_NEAR(up_below.on_after * of.noise, -of.on_previous, 1e-12);
    EXPECT_NEAR(up_below.width, row.width, 1e-15);
  }
  EXPECT_EQ(rows.front().on_before, 0.0);
  EXPECT_EQ(rows.back().on_after, 0.0);
  EXPECT_EQ(upwards.front().on_before, 0.0);
  EXPECT_EQ(upwards.back().on_after, 0.0);
}

/// Rows of one node share its weight, whatever they do there.
TEST(CarriedRows, ShareANodesWeight) {
  const std::vector<double> rho = some_nodes();
  const int count = static_cast<int>(rho.size()) - 1;
  const kernels::CarriedGrid grid{rho.data(), count, 0.2};
  std::vector<kernels::RowPlace> place;
  for (int node = count; node >= 0; --node) {
    for (int i = 0; node < count && i < 2; ++i) place.push_back({node, false, 0.0});
    place.push_back({node, node > 0, 0.0});
  }
  std::vector<SteeredStep<double>> rows(place.size());
  kernels::add_carried(
      grid, [](double) { return 0.0; }, place.data(), static_cast<int>(rows.size()), rows.data());
  std::vector<double> sum(rho.size()), width(rho.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    sum[static_cast<std::size_t>(place[i].node)] += 2.0 * rows[i].on_square;
    width[static_cast<std::size_t>(place[i].node)] += rows[i].width;
    EXPECT_EQ(rows[i].on_divergence, rows[i].on_square) << "without noise the trapezoid needs no correction";
  }
  const std::vector<double> weight = trapezoid(grid);
  for (std::size_t k = 0; k < rho.size(); ++k) EXPECT_NEAR(sum[k], weight[k], 1e-12 * (1.0 + weight[k]));
  for (std::size_t k = 1; k < rho.size(); ++k)
    EXPECT_NEAR(width[k], std::log((0.2 + rho[k]) / (0.2 + rho[k - 1])), 1e-12);
}

/// Upwards, of data N(m, V): y - m grows like (v'/v)^{lambda/2}, and the noise makes up the rest of the marginal law.
TEST(InferenceGaussian, IsTheInferenceEquationOfAGaussian) {
  for (const double lambda : lambdas) {
    const double below = 0.7, above = 2.9;
    const SteeredStep<double> s = kernels::inference_gaussian(below, above, lambda);
    const double kept = s.state - s.score / below;
    EXPECT_NEAR(kept, std::pow(above / below, 0.5 * lambda), 1e-13);
    EXPECT_NEAR(kept * kept * below + s.noise * s.noise, above, 1e-12);
  }
}

/// Two steps in one, on their normals: the noise of the long step, made of both.
TEST(InferenceGaussian, OfTwoStepsHasTheirNoise) {
  for (const double lambda : lambdas) {
    const double below = 0.7, middle = 1.3, above = 2.9;
    const SteeredStep<double> long_step = kernels::inference_gaussian(below, above, lambda),
                              both = kernels::inference_gaussian_of_two(below, middle, above, lambda);
    EXPECT_NEAR(both.noise * both.noise + both.area * both.area, long_step.noise * long_step.noise, 1e-12);
    EXPECT_EQ(both.score, long_step.score);
    // The second step of two carries the first one's noise on, where s = -y/v.
    const SteeredStep<double> first = kernels::inference_gaussian(below, middle, lambda),
                              second = kernels::inference_gaussian(middle, above, lambda);
    EXPECT_NEAR(both.noise, first.noise * (second.state - second.score / middle), 1e-13);
    EXPECT_EQ(both.area, second.noise);
  }
}

TEST(CarriedError, IsAThirdOfWhatLeansAndARootOfThirdsOfWhatIsNoise) {
  EXPECT_DOUBLE_EQ(kernels::carried_error(0.0, 3.0), 1.0);
  EXPECT_NEAR(kernels::carried_error(3.0, 1e-6), 1.0, 1e-6);
}

}  // namespace
}  // namespace scorepath::test
