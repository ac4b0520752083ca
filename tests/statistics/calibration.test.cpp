// Calibration: over 2000 independent runs (125 seeds at 16 points) the 95% interval holds the truth 92 to 98% of the
// time, for every combination of options whose samples have a variance. False-alarm rate of one combination: 1e-9
// (support/coverage.hpp). Euler-Maruyama paths have a bias that the interval does not claim: order.test.cpp.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/coverage.hpp"
#include "tests/support/option_grid.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/ulp.hpp"

namespace scorepath::test {
namespace {

/// Which of the combinations a mixture sees: those whose number is `offset` modulo `stride`; all with
/// SCOREPATH_EXHAUSTIVE=1 (16 core-minutes).
struct Share {
  const char* mixture;
  std::size_t stride, offset;
};
void PrintTo(const Share& share, std::ostream* os) { *os << share.mixture; }

std::string name_of_share(const testing::TestParamInfo<Share>& info) {
  std::string name;
  for (const char c : std::string(info.param.mixture)) {
    if (c != '-') name += c;
  }
  return name;
}

class Calibration : public testing::TestWithParam<Share> {
 protected:
  void expect_calibrated(const std::vector<Options>& combinations) {
    const NamedProblem np = load_mixture(GetParam().mixture);
    ASSERT_EQ(np.points.rows * coverage_seeds, 2000u);
    double lowest = 1.0, highest = 0.0;
    const std::size_t stride = sweep_stride(GetParam().stride);
    for (std::size_t i = GetParam().offset % stride; i < combinations.size(); i += stride) {
      const std::string name = describe(combinations[i]);
      const Coverage c =
          measure_coverage(np.problem, np.points, combinations[i], coverage_seeds, test_seed() ^ hash_of_name(name));
      std::printf("  %-14s %-44s %5.1f%%  mean z %+.3f  mean z^2 %.3f\n", np.name.c_str(), name.c_str(),
                  100.0 * c.fraction(), c.mean_z(), c.mean_square_z());
      EXPECT_GE(c.fraction(), least_coverage) << np.name << ", " << name;
      EXPECT_LE(c.fraction(), most_coverage) << np.name << ", " << name;
      lowest = std::min(lowest, c.fraction());
      highest = std::max(highest, c.fraction());
    }
    std::printf("  %-14s lowest %.1f%%, highest %.1f%%\n", np.name.c_str(), 100.0 * lowest, 100.0 * highest);
  }
};

TEST_P(Calibration, OfSlices) {
  std::vector<Options> combinations;
  for (Options o : slice_combinations()) {
    if (has_no_variance(o)) continue;
    o.paths = 4096;
    combinations.push_back(o);
  }
  expect_calibrated(combinations);
}

TEST_P(Calibration, OfPaths) {
  std::vector<Options> combinations = path_combinations(Transition::exact);
  for (Options& o : combinations) {
    o.paths = 128;
    o.steps = 64;
    // The pilot of the adaptive grid then sees the uncancelled noise alone, and its steps lie badly for the rest: the
    // quadrature's error (reported as discretization_error) would be tested here, not the error bar.
    if (o.grid == Grid::adaptive && o.cancellation == Cancellation::off && o.control_variate == ControlVariate::none)
      o.steps = 256;
  }
  expect_calibrated(combinations);
}

INSTANTIATE_TEST_SUITE_P(On, Calibration,
                         testing::Values(Share{"ring-2", 1, 0}, Share{"anisotropic-2", 4, 0}, Share{"cloud-16", 7, 1},
                                         Share{"anisotropic-16", 13, 2}, Share{"cloud-64", 13, 8}),
                         name_of_share);

/// Pathwise estimates, where 64 steps leave no bias that counts (rays differ by their quadrature's error alone:
/// pathwise.test.cpp).
class PathwiseCalibration : public Calibration {};

TEST_P(PathwiseCalibration, OfBrownianForms) {
  std::vector<Options> combinations;
  for (Options o : pathwise_combinations()) {
    if (o.form == Form::ray) continue;
    o.paths = 256;
    o.steps = 64;
    combinations.push_back(o);
  }
  expect_calibrated(combinations);
}

INSTANTIATE_TEST_SUITE_P(On, PathwiseCalibration, testing::Values(Share{"ring-2", 5, 0}, Share{"cloud-16", 11, 1}),
                         name_of_share);

/// Path weights, extrapolated: the logarithm of a mean, and a difference of two.
class WeightCalibration : public Calibration {};

TEST_P(WeightCalibration, OfExtrapolatedWeights) {
  std::vector<Options> combinations;
  for (Options o : weight_combinations()) {
    if (o.form == Form::chain) continue;  // which estimates its own likelihood: path_weights.test.cpp
    o.paths = 1024;                       // of 256 weights in sixteen dimensions a few tell too little
    o.steps = 128;
    combinations.push_back(o);
  }
  expect_calibrated(combinations);
}

INSTANTIATE_TEST_SUITE_P(On, WeightCalibration, testing::Values(Share{"ring-2", 3, 0}, Share{"anisotropic-16", 9, 1}),
                         name_of_share);

}  // namespace
}  // namespace scorepath::test
