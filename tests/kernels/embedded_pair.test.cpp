// The pair of Dormand and Prince: its table, the orders of step, estimate and continuous extension, and the control.
#include "kernels/step/embedded_pair.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace scorepath::test {
namespace {

using kernels::DormandPrince;

/// y1' = y2, y2' = -y1 + t/2, a forced oscillator: y1 = cos t + t/2, y2 = -sin t + 1/2 from y = (1, 1/2).
struct Oscillator {
  void operator()(double t, const double* y, double* rate) const {
    rate[0] = y[1];
    rate[1] = -y[0] + 0.5 * t;
  }
};

struct Errors {
  double end, middle, estimate;  // of the state at the end, halfway in the last step, and the last step's own estimate
};
Errors errors_with(int steps) {
  const Oscillator f;
  const double length = 3.0, h = length / steps;
  double y[2] = {1.0, 0.5}, next[2], error[2], k[14], c[10], middle[2];
  f(0.0, y, k);
  for (int i = 0; i < steps; ++i) {
    kernels::embedded_step(f, i * h, h, 2, y, k, next, error);
    kernels::dense_coefficients(h, 2, y, next, k, c);
    for (int j = 0; j < 2; ++j) {
      y[j] = next[j];
      k[j] = k[12 + j];
    }
  }
  kernels::dense_state(c, 2, 0.5, middle);
  const double t = length - 0.5 * h;
  return {std::abs(y[0] - (std::cos(length) + 0.5 * length)), std::abs(middle[0] - (std::cos(t) + 0.5 * t)),
          std::abs(error[0])};
}

TEST(EmbeddedPair, RowsSumToNodesAndEstimatesToNothing) {
  double error = 0.0, dense = 0.0;
  for (int i = 0; i < DormandPrince::stages; ++i) {
    double sum = 0.0;
    for (const double a : DormandPrince::rows[i]) sum += a;
    EXPECT_NEAR(sum, DormandPrince::nodes[i], 1e-14) << i;
    error += DormandPrince::error[i];
    dense += DormandPrince::dense[i];
  }
  EXPECT_NEAR(error, 0.0, 1e-15);
  EXPECT_NEAR(dense, 0.0, 1e-13);
}

TEST(EmbeddedPair, HasOrderFiveAndAnEstimateOfOrderFour) {
  for (const int steps : {8, 16, 32}) {
    const Errors coarse = errors_with(steps), fine = errors_with(2 * steps);
    EXPECT_NEAR(std::log2(coarse.end / fine.end), 5.0, 0.6) << steps;
    EXPECT_NEAR(std::log2(coarse.estimate / fine.estimate), 5.0, 0.8) << steps;  // of one step
    EXPECT_GT(std::log2(coarse.middle / fine.middle), 3.0) << steps;
  }
}

TEST(EmbeddedPair, ContinuousExtensionMeetsBothEnds) {
  const Oscillator f;
  const double y[2] = {1.0, 0.5};
  double next[2], error[2], k[14], c[10], at[2];
  f(0.0, y, k);
  kernels::embedded_step(f, 0.0, 0.4, 2, y, k, next, error);
  kernels::dense_coefficients(0.4, 2, y, next, k, c);
  kernels::dense_state(c, 2, 0.0, at);
  EXPECT_EQ(at[1], y[1]);
  kernels::dense_state(c, 2, 1.0, at);
  EXPECT_NEAR(at[1], next[1], 1e-15);
}

TEST(StepControl, RefusesWhatIsTooLargeOrNoNumber) {
  kernels::StepControl control;
  EXPECT_TRUE(control.accepts(0.0));
  EXPECT_EQ(control.factor(), 5.0);
  EXPECT_TRUE(control.accepts(1.0));
  EXPECT_LT(control.factor(), 1.0);
  EXPECT_FALSE(control.accepts(1.0001));
  EXPECT_LT(control.factor(), 1.0);
  for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    EXPECT_FALSE(control.accepts(bad));
    EXPECT_EQ(control.factor(), 0.2);
  }
}

}  // namespace
}  // namespace scorepath::test
