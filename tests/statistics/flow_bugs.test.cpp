// What would make the flow's log-density wrong is seen: a small solver of fixed steps, built here on the same field and
// pair, with faults planted in its right-hand side and at its end. Nor does the answer hang on the variable's r0 and C.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "host/model.hpp"
#include "kernels/estimator/flow.hpp"
#include "kernels/step/embedded_pair.hpp"
#include "tests/support/problems.hpp"

namespace scorepath::test {
namespace {

enum class FlowBug { none, wrong_sign, forgotten_half, half_divergence, no_reference };

double solve(const NamedProblem& mixture, const double* x, FlowBug bug, double over_finest, double over_largest) {
  const Model model(mixture.problem);
  const auto d = static_cast<std::size_t>(model.dim());
  std::vector<double> y(d), pull(d), terms(static_cast<std::size_t>(model.mixture().components));
  const double largest = 30.0 * *std::max_element(model.variance().begin(), model.variance().end());
  const double range = 1e5 * largest;
  const kernels::FlowMap map{over_finest * 0.05, over_largest * largest};
  const auto score = [&](const double* at, double r, double* s) {
    return kernels::score_and_divergence(model.mixture(), at, r, terms.data(), s);
  };
  const kernels::FlowFrame frame{{model.dim(), model.mean().data(), model.variance().data()}, model.start_ratio()};
  const kernels::FlowField<decltype(score)> field{score, frame, map, y.data(), pull.data()};
  const auto faulty = [&](double u, const double* state, double* rate) {
    field(u, state, rate);
    for (std::size_t j = 0; j < d; ++j) {
      if (bug == FlowBug::wrong_sign) rate[j] = -rate[j];
      if (bug == FlowBug::forgotten_half) rate[j] *= 2.0;
    }
    if (bug == FlowBug::half_divergence) rate[d] *= 2.0;
    if (bug == FlowBug::no_reference) {
      double rho, speed;
      map(u, rho, speed);
      for (const double v : model.variance()) rate[d] -= 0.5 * speed / (v + rho);
    }
  };
  const int n = static_cast<int>(d) + 1, steps = 400;
  std::vector<double> state(d + 1), next(d + 1), error(d + 1), k(7 * (d + 1));
  model.to_canonical(x, y.data());
  for (std::size_t j = 0; j < d; ++j) state[j] = (y[j] - model.mean()[j]) / std::sqrt(model.variance()[j]);
  const double h = map.of(range) / steps;
  faulty(0.0, state.data(), k.data());
  for (int i = 0; i < steps; ++i) {
    kernels::embedded_step(faulty, i * h, h, n, state.data(), k.data(), next.data(), error.data());
    std::swap(state, next);
    std::copy(k.end() - n, k.end(), k.begin());
  }
  return frame.gaussian_part(state.data()) - state[d] + model.log_jacobian();  // p is g at the end, to 1e-6
}

double worst_error(const char* name, FlowBug bug, double over_finest = 1.0, double over_largest = 1.0) {
  const NamedProblem mixture = load_mixture(name);
  double worst = 0.0;
  for (std::size_t i = 0; i < mixture.points.rows; ++i) {
    const double* x = mixture.points.row(i);
    worst = std::max(
        worst, std::abs(solve(mixture, x, bug, over_finest, over_largest) - true_log_density(mixture.problem, x)));
  }
  return worst;
}

TEST(FlowBugs, PlantedOnesAreSeen) {
  for (const char* name : {"ring-2", "cloud-16"}) {
    EXPECT_LE(worst_error(name, FlowBug::none), 1e-5) << name;
    for (const FlowBug bug :
         {FlowBug::wrong_sign, FlowBug::forgotten_half, FlowBug::half_divergence, FlowBug::no_reference})
      EXPECT_GE(worst_error(name, bug), 0.05) << name << " " << static_cast<int>(bug);
  }
}

TEST(FlowBugs, TheAnswerDoesNotHangOnTheVariable) {
  for (const double over_finest : {0.25, 4.0}) EXPECT_LE(worst_error("ring-2", FlowBug::none, over_finest), 1e-5);
  for (const double over_largest : {0.25, 4.0})
    EXPECT_LE(worst_error("ring-2", FlowBug::none, 1.0, over_largest), 1e-5);
}

}  // namespace
}  // namespace scorepath::test
