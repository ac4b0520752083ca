// From the user's problem to the numerics' model: components, layout of variances, units, schedule and frame.
#include "host/model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace scorepath::testing {
namespace {

using kernels::VarianceLayout;

GaussianMixture mixture(const Matrix& variances) {
  return {{0.25, 0.5, 0.25}, Matrix(3, 2, {0, 0, 3, 0, 0, 4}), variances};
}

TEST(Model, ChoosesTheSmallestLayoutThatHoldsTheVariances) {
  const auto layout = [](const Score& score) { return Model({Schedule{}, score}).mixture().layout; };
  EXPECT_EQ(layout(mixture(Matrix(3, 1, {1, 2, 3}))), VarianceLayout::isotropic);
  EXPECT_EQ(layout(mixture(Matrix(3, 1, {2, 2, 2}))), VarianceLayout::shared);
  EXPECT_EQ(layout(mixture(Matrix(3, 2, {1, 2, 1, 2, 1, 2}))), VarianceLayout::diagonal);
  EXPECT_EQ(layout(mixture(Matrix(3, 2, {1, 1, 2, 2, 3, 3}))), VarianceLayout::isotropic);
  EXPECT_EQ(layout(mixture(Matrix(3, 2, {2, 2, 2, 2, 2, 2}))), VarianceLayout::shared);
  EXPECT_EQ(layout(DataSet{Matrix(2, 2, {0, 1, 2, 3}), 0.5, {}}), VarianceLayout::shared);
  EXPECT_EQ(Model({Schedule{}, Gaussian{{1.0, 2.0}, {4.0}}}).mixture().components, 1);
}

GaussianMixture with_covariances(const std::vector<double>& blocks) {
  GaussianMixture g = mixture({});
  g.covariances = Matrix(6, 2, blocks);
  return g;
}

TEST(Model, DiagonalisesCovariancesAndFactors) {
  // Eigenvalues 1 and 3 along (1, 1)/sqrt 2; 2 and 2; 1 and 4 along the second coordinate.
  const Model full({Schedule{}, with_covariances({2, 1, 1, 2, 2, 0, 0, 2, 1, 0, 0, 4})});
  const kernels::MixtureModel& m = full.mixture();
  const double square = full.unit() * full.unit();
  ASSERT_EQ(m.layout, VarianceLayout::factored);
  ASSERT_EQ(m.rank, 1);
  const double across[] = {1, 2, 1}, along[] = {3, 2, 4};
  for (int k = 0; k < 3; ++k) {
    EXPECT_NEAR(m.variances[k] * square, across[k], 1e-14);
    EXPECT_NEAR(m.axis_variance(k, 0) * square, along[k], 1e-14);
  }
  EXPECT_NEAR(std::abs(m.axis(0, 0)[0]), std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(m.axis(0, 0)[0], m.axis(0, 0)[1], 1e-15);
  EXPECT_EQ(m.axis(1, 0)[0], 0.0);  // no axis: nothing is added whatever the noise
  EXPECT_EQ(m.axis(1, 0)[1], 0.0);
  EXPECT_NEAR(std::abs(m.axis(2, 0)[1]), 1.0, 1e-15);
  EXPECT_NEAR(m.variance(0, 0) * square, 2.0, 1e-14);

  GaussianMixture low = mixture(Matrix(3, 1, {1, 2, 3}));
  low.factors = Matrix(6, 1, {3, 4, 0, 0, 0, 1});
  const Model factors({Schedule{}, low});
  const double unit = factors.unit() * factors.unit();
  ASSERT_EQ(factors.mixture().rank, 1);
  EXPECT_NEAR(factors.mixture().axis_variance(0, 0) * unit, 26.0, 1e-13);
  EXPECT_NEAR(factors.mixture().axis_variance(1, 0) * unit, 2.0, 1e-14);
  EXPECT_NEAR(factors.mixture().axis_variance(2, 0) * unit, 4.0, 1e-14);
  EXPECT_NEAR(factors.mixture().axis(0, 0)[1] / factors.mixture().axis(0, 0)[0], 4.0 / 3.0, 1e-14);
}

TEST(Model, TakesNoAxesWhereThereAreNoCorrelations) {
  const auto layout = [](const Score& score) { return Model({Schedule{}, score}).mixture().layout; };
  EXPECT_EQ(layout(with_covariances({2, 0, 0, 3, 2, 0, 0, 2, 1, 0, 0, 4})), VarianceLayout::diagonal);
  EXPECT_EQ(layout(with_covariances({2, 0, 0, 2, 3, 0, 0, 3, 1, 0, 0, 1})), VarianceLayout::isotropic);
  EXPECT_EQ(layout(with_covariances({2, 0, 0, 2, 2, 0, 0, 2, 2, 0, 0, 2})), VarianceLayout::shared);
  GaussianMixture none = mixture(Matrix(3, 1, {1, 2, 3}));
  none.factors = Matrix(6, 2, std::vector<double>(12, 0.0));
  EXPECT_EQ(layout(none), VarianceLayout::isotropic);
  GaussianMixture line{{1.0}, Matrix(1, 1, {2}), {}};
  line.covariances = Matrix(1, 1, {4});
  EXPECT_EQ(Model({Schedule{}, line}).mixture().components, 1);
  EXPECT_EQ(layout(line), VarianceLayout::diagonal);
}

TEST(Model, LeavesOutTheAxesOfComponentsWithoutWeight) {
  GaussianMixture g = with_covariances({2, 1, 1, 2, 2, 0.5, 0.5, 2, 5, 3, 3, 5});
  g.weights = {0.5, 0.0, 0.5};
  const Model m({Schedule{}, g});
  ASSERT_EQ(m.mixture().components, 2);
  EXPECT_NEAR(m.mixture().variances[1] * m.unit() * m.unit(), 2.0, 1e-14);
  EXPECT_NEAR(m.mixture().axis_variance(1, 0) * m.unit() * m.unit(), 8.0, 1e-13);
}

/// The components that the model holds, back in the user's units.
void expect_component(const Model& m, int k, const std::vector<double>& mean, const std::vector<double>& variance,
                      double weight) {
  const double unit = m.unit();
  for (int j = 0; j < m.dim(); ++j) {
    const auto at = static_cast<std::size_t>(j);
    EXPECT_DOUBLE_EQ(m.mixture().mean(k)[j] * unit, mean[at]);
    EXPECT_DOUBLE_EQ(m.mixture().variance(k, j) * unit * unit, variance[at]);
  }
  EXPECT_NEAR(std::exp(m.mixture().log_weights[k]), weight, 1e-15);
}

TEST(Model, HoldsTheComponentsThatHaveWeight) {
  GaussianMixture g = mixture(Matrix(3, 2, {1, 1, 2, 2, 3, 5}));
  g.weights = {0.25, 0.0, 0.75};
  const Model m({Schedule{}, g});
  ASSERT_EQ(m.mixture().components, 2);
  expect_component(m, 0, {0, 0}, {1, 1}, 0.25);
  expect_component(m, 1, {0, 4}, {3, 5}, 0.75);
}

TEST(Model, RenormalisesWeightsAndGivesDataEqualOnes) {
  GaussianMixture g = mixture(Matrix(3, 1, {1, 1, 1}));
  for (double& w : g.weights) w *= 1.0 + 5e-7;
  expect_component(Model({Schedule{}, g}), 1, {3, 0}, {1, 1}, 0.5);
  const Model data({Schedule{}, DataSet{Matrix(4, 1, {0, 1, 2, 3}), 0.5, {}}});
  for (int k = 0; k < 4; ++k) expect_component(data, k, {static_cast<double>(k)}, {0.25}, 0.25);
  expect_component(Model({Schedule{}, DataSet{Matrix(2, 1, {0, 1}), 2.0, {0.1, 0.9}}}), 1, {1}, {4}, 0.9);
}

/// Whatever the size of the data, the largest standard deviation lies in [1, 2) units.
TEST(Model, MeasuresInAPowerOfTwoNearTheDatasStandardDeviation) {
  for (const double size : {1e-12, 3e-4, 0.7, 1.0, 255.0, 1e12}) {
    const Model m({Schedule{}, Gaussian{{size, 0.0}, {size * size, 0.25 * size * size}}});
    int exponent = 0;
    EXPECT_EQ(std::frexp(m.unit(), &exponent), 0.5);
    EXPECT_GE(m.variance()[0], 1.0 - 1e-15);
    EXPECT_LT(m.variance()[0], 4.0);
    EXPECT_DOUBLE_EQ(m.variance()[0], 4.0 * m.variance()[1]);
    EXPECT_DOUBLE_EQ(m.mean()[0] * m.unit(), size);
  }
}

/// Mean and variance of the whole: 0.25 (0,0) + 0.5 (3,0) + 0.25 (0,4) with variances 1, 2, 3.
TEST(Model, KnowsTheDatasMoments) {
  const Model m({Schedule{}, mixture(Matrix(3, 1, {1, 2, 3}))});
  const double square = m.unit() * m.unit();
  EXPECT_DOUBLE_EQ(m.mean()[0] * m.unit(), 1.5);
  EXPECT_DOUBLE_EQ(m.mean()[1] * m.unit(), 1.0);
  EXPECT_DOUBLE_EQ(m.variance()[0] * square, 2.0 + 0.5 * 9.0 - 2.25);
  EXPECT_DOUBLE_EQ(m.variance()[1] * square, 2.0 + 0.25 * 16.0 - 1.0);
}

TEST(Model, StartsAtZeroNoiseUnlessTMinIsSet) {
  Problem problem{Schedule{VpLinear{}, {}, {}}, Gaussian{{0.0}, {9.0}}};  // unit 2
  const Model at_zero(problem);
  EXPECT_EQ(at_zero.start_ratio(), 0.0);
  EXPECT_EQ(at_zero.a_start(), 1.0);
  EXPECT_EQ(at_zero.first_ratio(), 0.0);
  problem.schedule.t_min = 0.4;
  problem.schedule.t_max = 0.9;
  const Model later(problem);
  const double integral = 0.1 * 0.4 + 0.5 * 19.9 * 0.16;
  EXPECT_NEAR(later.a_start(), std::exp(-0.5 * integral), 1e-14);
  EXPECT_NEAR(later.start_ratio(), std::expm1(integral) / 4.0, 1e-13);
  EXPECT_EQ(later.first_ratio(), later.start_ratio());
  EXPECT_NEAR(later.last_ratio(), std::expm1(0.1 * 0.9 + 0.5 * 19.9 * 0.81) / 4.0, 1e-9);
  const Model ve({Schedule{Ve{}, {}, {}}, Gaussian{{0.0}, {1.0}}});
  EXPECT_EQ(ve.start_ratio(), 0.0);
  EXPECT_NEAR(ve.first_ratio(), 1e-4, 1e-16);
}

TEST(Model, FrameChangesPointsAndDensitiesTogether) {
  Problem problem{Schedule{VpLinear{}, 0.4, {}}, Gaussian{{0.0, 0.0}, {9.0}}};
  const Model m(problem);
  const double x[2] = {3.0, -1.0};
  double y[2];
  m.to_canonical(x, y);
  EXPECT_DOUBLE_EQ(y[0] * m.a_start() * m.unit(), 3.0);
  EXPECT_DOUBLE_EQ(y[1] * m.a_start() * m.unit(), -1.0);
  EXPECT_NEAR(m.log_jacobian(), -2.0 * std::log(m.a_start() * m.unit()), 1e-14);
}

/// t_max where a reaches 0: sigma^2/a^2 = 1e8.
TEST(Model, EndsWhereTheScheduleDoes) {
  for (const ScheduleKind& kind : {ScheduleKind(LiYan{}), ScheduleKind(FlowMatching{}), ScheduleKind(VpCosine{})}) {
    const Model m({Schedule{kind, {}, {}}, Gaussian{{0.0}, {1.0}}});
    EXPECT_NEAR(m.last_ratio() / 1e8, 1.0, 1e-6) << name_of(kind);
  }
  const Model edm({Schedule{Edm{}, {}, {}}, Gaussian{{0.0}, {1.0}}});
  EXPECT_DOUBLE_EQ(edm.last_ratio(), 6400.0);
  EXPECT_EQ(edm.t_max(), 80.0);
}

}  // namespace
}  // namespace scorepath::testing
