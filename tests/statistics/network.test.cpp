// Scores of networks: predictions and traces against PyTorch's, flow likelihoods against SciPy's solver with autograd's
// divergence (tests/networks/make_networks.py made both), and one known in closed form.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "host/network.hpp"
#include "host/translation.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/places.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

std::string network_folder(const std::string& name) { return source_folder() + "/tests/networks/" + name; }

Options by_flow(double atol = 1e-6, double rtol = 1e-9) {
  Options o;
  o.method = Method::ode;
  o.atol = atol;
  o.rtol = rtol;
  return o;
}

std::vector<double> unit_directions(std::size_t dim) {
  std::vector<double> all(dim * dim, 0.0);
  for (std::size_t j = 0; j < dim; ++j) all[j * dim + j] = 1.0;
  return all;
}

void expect_predictions_of_pytorch(const std::string& name) {
  const Problem problem = load_problem(network_folder(name) + "/model.toml");
  const auto& network = std::get<Network>(problem.score);
  const Matrix points = load_points(network_folder(name) + "/points.npy");
  const Matrix wanted = load_points(network_folder(name) + "/predictions.npy");
  ASSERT_EQ(wanted.columns, 2 + network.dim);
  for (std::size_t i = 0; i < points.rows; ++i) {
    const Prediction at =
        predict(network, points.row(i), embedded(network.embedding, wanted(i, 0)), unit_directions(network.dim));
    double trace = 0.0;
    for (std::size_t j = 0; j < network.dim; ++j) {
      EXPECT_NEAR(at.value[j], wanted(i, 1 + j), 1e-12 * (1.0 + std::abs(wanted(i, 1 + j)))) << i;
      trace += at.derivatives[j * network.dim + j];
    }
    EXPECT_NEAR(trace, wanted(i, 1 + network.dim), 1e-11 * (1.0 + std::abs(trace))) << i;
  }
}

/// Every parameterisation, time input, embedding and layer kind, odd sizes among them.
class TrainedNetwork : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Parameterization, TrainedNetwork,
                         ::testing::Values("epsilon", "score", "x0", "v", "edm-f", "velocity", "ddpm"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST_P(TrainedNetwork, PredictsWhatPyTorchDoes) { expect_predictions_of_pytorch(GetParam()); }

TEST_P(TrainedNetwork, HasTheFlowLikelihoodOfScipy) {
  const Problem problem = load_problem(network_folder(GetParam()) + "/model.toml");
  const Matrix points = load_points(network_folder(GetParam()) + "/points.npy");
  const Matrix wanted = load_points(network_folder(GetParam()) + "/flow.npy");
  const Result result = estimate_log_density(problem, points, by_flow());
  EXPECT_EQ(result.quantity, Quantity::flow_likelihood);
  EXPECT_EQ(result.options.end, End::prior);
  double worst = 0.0, evaluations = 0.0;
  for (const PointResult& p : result.points) {
    ASSERT_TRUE(p.log_density.has_value());
    EXPECT_TRUE(p.flags.empty()) << p.flags.front();
    EXPECT_FALSE(p.exact_log_density.has_value());
    EXPECT_EQ(p.truncation_error, 0.0);
    const double error = std::abs(*p.log_density - wanted(p.index, 0));
    EXPECT_LE(error, 1e-6 + *p.discretization_error)
        << p.index << ": " << *p.log_density << " for " << wanted(p.index, 0);
    EXPECT_LT(*p.discretization_error, 1e-5);
    worst = std::max(worst, error);
    evaluations += static_cast<double>(*p.solution_evaluations) / static_cast<double>(result.points.size());
  }
  std::printf("  %-8s off by up to %.1e nat, %.0f evaluations a solution, products with the Jacobian counted twice\n",
              GetParam(), worst, evaluations);
}

/// Its divergence jumps where a unit switches: no solver knows how far it is off, and the result says so.
TEST(NetworkWithRelu, PredictsWhatPyTorchDoesAndWarnsOfItsFlow) {
  expect_predictions_of_pytorch("relu");
  const Problem problem = load_problem(network_folder("relu") + "/model.toml");
  const Matrix points = load_points(network_folder("relu") + "/points.npy");
  const auto warns = [](const Result& result) {
    return std::any_of(result.warnings.begin(), result.warnings.end(),
                       [](const std::string& w) { return w.find("relu") != std::string::npos; });
  };
  const Result loose = estimate_log_density(problem, points, by_flow(1e-2)),
               tight = estimate_log_density(problem, points, by_flow(1e-4));
  EXPECT_TRUE(warns(loose));
  for (std::size_t i = 0; i < points.rows; ++i) {
    ASSERT_TRUE(loose.points[i].log_density.has_value() && tight.points[i].log_density.has_value()) << i;
    EXPECT_NEAR(*loose.points[i].log_density, *tight.points[i].log_density, 0.1);
  }
  const Problem smooth = load_problem(network_folder("epsilon") + "/model.toml");
  EXPECT_FALSE(warns(estimate_log_density(smooth, points, by_flow(1e-2))));
}

TEST(NetworkOfNothing, HasTheClosedFormsFlowLikelihood) {
  for (const std::size_t dim : {1, 3, 20}) {
    const double data = 0.7;
    const Problem problem = empty_network(dim, data);
    const Matrix points =
        draw_points({Schedule{}, Gaussian{std::vector<double>(dim, 0.0), {data * data}}}, 5, test_seed());
    const double first = 0.01 * 0.01, last = 50.0 * 50.0;
    const double variance = last * (data * data + first) / (data * data + last);
    for (const PointResult& p : estimate_log_density(problem, points, by_flow()).points) {
      double want = 0.0;
      for (std::size_t j = 0; j < dim; ++j) {
        const double x = points(p.index, j);
        want -= 0.5 * (std::log(2.0 * pi * variance) + x * x / variance);
      }
      EXPECT_NEAR(*p.log_density, want, 1e-6 + *p.discretization_error);
    }
  }
}

/// The same network is the same score under every schedule's time: one trained under edm, asked along another path.
TEST(NetworkOfNothing, DependsOnTheNoiseRatioAlone) {
  const Matrix points(1, 2, {0.4, -0.9});
  Problem problem = empty_network(2, 0.7);
  double first = 0.0;
  for (const ScheduleKind& kind : {ScheduleKind{Edm{0.05, 20.0}}, ScheduleKind{Ve{0.05, 20.0}}}) {
    problem.schedule = {kind, {}, {}};
    const PointResult p = estimate_log_density(problem, points, by_flow()).points[0];
    if (first == 0.0) first = *p.log_density;
    EXPECT_NEAR(*p.log_density, first, 2e-6);
  }
}

}  // namespace
}  // namespace scorepath::test
