// Products with a mixture's Jacobian against its definition, and probes: independent signs, orthogonal rows, exact
// traces of constant Jacobians over a cycle.
#include "kernels/estimator/probe_plan.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "kernels/score/jacobian.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

#include "host/model.hpp"

namespace scorepath::test {
namespace {

kernels::Stream stream_of(std::uint32_t point) {
  return kernels::make_stream(test_seed(), point, kernels::Purpose::probe, false);
}

TEST(JacobianQuadratic, IsTheSecondDerivativeAlongTheProbeAndSumsToTheDivergence) {
  for (const Variances layout : {Variances::shared, Variances::isotropic, Variances::diagonal}) {
    const Model model({Schedule{VpLinear{}, {}, {}}, random_mixture(4, 3, layout, hash_of_name("jacobian"))});
    const kernels::MixtureModel& mixture = model.mixture();
    const std::vector<double> y = {0.3, -0.4, 0.2}, v = {1.0, -1.0, 0.5};
    std::vector<double> terms(4), s(3), off(3), scratch(4);
    constexpr double r = 0.1, h = 1e-3;
    const double divergence = kernels::score_and_divergence(mixture, y.data(), r, terms.data(), s.data());
    const auto log_p = [&](double at) {
      for (std::size_t j = 0; j < 3; ++j) off[j] = y[j] + at * v[j];
      return kernels::log_density(mixture, off.data(), r, scratch.data());
    };
    const double second = (log_p(h) - 2.0 * log_p(0.0) + log_p(-h)) / (h * h);
    EXPECT_NEAR(kernels::jacobian_quadratic(mixture, y.data(), r, terms.data(), s.data(), v.data()), second, 1e-3);
    double trace = 0.0;
    for (std::size_t j = 0; j < 3; ++j) {
      std::vector<double> unit(3, 0.0);
      unit[j] = 1.0;
      trace += kernels::jacobian_quadratic(mixture, y.data(), r, terms.data(), s.data(), unit.data());
    }
    EXPECT_NEAR(trace, divergence, 1e-12 * std::abs(divergence));
  }
}

/// The sum over one cycle of v.(A v), A any constant matrix, is n tr A, whatever the flips and the order; of a fresh
/// plan it is not.
TEST(HadamardProbes, OneCycleGivesTheExactTraceOfAConstantJacobian) {
  for (const int dim : {1, 2, 3, 7, 8, 20}) {
    const auto d = static_cast<std::size_t>(dim);
    Draws draws(hash_of_name("constant jacobian"));
    std::vector<double> a(d * d);
    double trace = 0.0;
    for (double& x : a) x = draws.normal();
    for (std::size_t j = 0; j < d; ++j) trace += a[j * d + j];
    const auto quadratic = [&](const std::vector<double>& v) {
      double sum = 0.0;
      for (std::size_t i = 0; i < d; ++i)
        for (std::size_t j = 0; j < d; ++j) sum += v[i] * a[i * d + j] * v[j];
      return sum;
    };
    const std::uint32_t order = kernels::hadamard_order(dim);
    std::vector<double> flips(d), v(d);
    std::vector<std::uint32_t> rows(order);
    kernels::ProbeWords words(stream_of(7), 3);
    double fresh = 0.0;
    for (int cycle = 0; cycle < 3; ++cycle) {
      kernels::begin_hadamard_cycle(words, dim, flips.data(), rows.data());
      EXPECT_EQ(std::set<std::uint32_t>(rows.begin(), rows.end()).size(), order);
      double sum = 0.0;
      for (const std::uint32_t row : rows) {
        kernels::hadamard_probe(row, dim, flips.data(), v.data());
        for (const double x : v) ASSERT_EQ(std::abs(x), 1.0);
        sum += quadratic(v);
      }
      EXPECT_NEAR(sum / order, trace, 1e-11) << dim;
    }
    for (std::uint32_t i = 0; i < order; ++i) {
      kernels::fill_signs(words, dim, v.data());
      fresh += quadratic(v) / order;
    }
    if (dim > 2) {
      EXPECT_GT(std::abs(fresh - trace), 1e-6) << dim;
    }
  }
}

/// Each sign, and each product of two, of a cut cycle's first probe is 0 on average over repetitions.
TEST(HadamardProbes, EachRowAloneIsAnUnbiasedProbe) {
  constexpr int dim = 5, repetitions = 20000;
  double sums[dim][dim] = {};
  std::vector<double> flips(dim), v(dim);
  std::vector<std::uint32_t> rows(8);
  for (std::uint64_t i = 0; i < repetitions; ++i) {
    kernels::ProbeWords words(stream_of(11), i);
    kernels::begin_hadamard_cycle(words, dim, flips.data(), rows.data());
    kernels::hadamard_probe(rows[i % 8], dim, flips.data(), v.data());
    for (std::size_t a = 0; a < dim; ++a)
      for (std::size_t b = 0; b < dim; ++b) sums[a][b] += a == b ? v[a] : v[a] * v[b];
  }
  for (const auto& row : sums)
    for (const double sum : row) EXPECT_LE(std::abs(sum) / std::sqrt(double{repetitions}), z_bound);
}

}  // namespace
}  // namespace scorepath::test
