// The quadrature along rays: Gauss and Legendre's rule, and the map from (0, 1) to noise levels.
#include "kernels/estimator/ray.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace scorepath::test {
namespace {

struct Rule {
  std::vector<double> nodes, weights;
  explicit Rule(int n) : nodes(static_cast<std::size_t>(n)), weights(nodes.size()) {
    kernels::gauss_legendre(n, nodes.data(), weights.data());
  }
  template <class Function>
  double integral(const Function& f) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < nodes.size(); ++i) sum += weights[i] * f(nodes[i]);
    return sum;
  }
};

TEST(GaussLegendre, IsExactToDegreeTwoNMinusOneAndNoFurther) {
  for (const int n : {1, 2, 3, 4, 5, 8, 9, 16, 17}) {
    const Rule rule(n);
    for (int degree = 0; degree < 2 * n; ++degree) {
      EXPECT_NEAR(rule.integral([&](double w) { return std::pow(w, degree); }), 1.0 / (degree + 1), 1e-15 * (n + 1.0))
          << n << " nodes, degree " << degree;
    }
    if (n > 9) continue;  // the next degree's error, (n!)^4/((2n + 1)! (2n)!^2) of its derivative, drowns in rounding
    const double off = rule.integral([&](double w) { return std::pow(w, 2 * n); }) - 1.0 / (2 * n + 1);
    EXPECT_LT(off, -1e-13) << n;
  }
}

TEST(GaussLegendre, NodesRiseInsideTheIntervalAndAreSymmetric) {
  for (const int n : {4, 5, 64, 127, 2048}) {
    const Rule rule(n);
    double before = 0.0, total = 0.0;
    for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
      const std::size_t mirror = rule.nodes.size() - 1 - i;
      EXPECT_GT(rule.nodes[i], before) << n << ", node " << i;
      EXPECT_LT(rule.nodes[i], 1.0);
      EXPECT_GT(rule.weights[i], 0.0);
      EXPECT_NEAR(rule.nodes[i] + rule.nodes[mirror], 1.0, 4e-16);
      EXPECT_EQ(rule.weights[i], rule.weights[mirror]);
      before = rule.nodes[i];
      total += rule.weights[i];
    }
    EXPECT_NEAR(total, 1.0, 1e-13) << n;
  }
}

/// Known values: Abramowitz & Stegun, table 25.4 (on (-1, 1)).
TEST(GaussLegendre, HasTheTabulatedValues) {
  const Rule rule(5);
  EXPECT_NEAR(2.0 * rule.nodes[4] - 1.0, 0.906179845938664, 1e-15);
  EXPECT_NEAR(2.0 * rule.nodes[3] - 1.0, 0.538469310105683, 1e-15);
  EXPECT_NEAR(rule.nodes[2], 0.5, 1e-16);
  EXPECT_NEAR(2.0 * rule.weights[4], 0.236926885056189, 1e-15);
  EXPECT_NEAR(2.0 * rule.weights[3], 0.478628670499366, 1e-15);
  EXPECT_NEAR(2.0 * rule.weights[2], 0.568888888888889, 1e-15);
}

TEST(RayMap, RisesFromZeroWithTheRateThatItSays) {
  for (const auto& [finest, largest] : {std::pair{0.04, 4.0}, {1.0, 1.0}, {1e-8, 1e6}}) {
    const kernels::RayMap map{finest, largest};
    double before = 0.0;
    for (int i = 1; i < 200; ++i) {
      const double w = i / 200.0, h = 1e-5;
      double tau, rate, above, below, unused;
      map(w, tau, rate);
      map(w + h, above, unused);
      map(w - h, below, unused);
      EXPECT_GT(tau, before);
      EXPECT_NEAR((above - below) / (2.0 * h * rate), 1.0, 1e-4) << w;
      before = tau;
    }
    double first, last, rate;
    map(1e-9, first, rate);
    map(1.0 - 1e-9, last, rate);
    EXPECT_LT(first, 1e-6 * std::sqrt(finest));
    EXPECT_GT(last, 1e6 * std::sqrt(largest));
  }
}

/// What it is for: over all noise levels, integrands with the scales of a mixture's, to infinity.
TEST(RayMap, IntegratesTwoScalesToInfinityExponentially) {
  const double v = 0.01, V = 4.0;
  // d/dtau of log((v + tau^2)/(V + tau^2)): its integral is log(V/v).
  const auto integrand = [&](double tau) { return 2.0 * tau / (v + tau * tau) - 2.0 * tau / (V + tau * tau); };
  double before = 1.0;
  for (const int n : {8, 16, 32, 64}) {
    const Rule rule(n);
    const kernels::RayMap map{v, V};
    const double integral = rule.integral([&](double w) {
      double tau, rate;
      map(w, tau, rate);
      return rate * integrand(tau);
    });
    const double error = std::abs(integral - std::log(V / v));
    EXPECT_LE(error, std::max(0.2 * before, 1e-12)) << n;
    before = error;
  }
  EXPECT_LE(before, 1e-11);
}

}  // namespace
}  // namespace scorepath::test
