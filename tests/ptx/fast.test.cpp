// Fast arithmetic on interpreted PTX, with errors of the size that the lane assumes of the special function unit:
// each sample is the reproducible one but for a small part of the samples' spread, and the arithmetic error that a job
// reports is of that size.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/ptx/ptx_job.hpp"

namespace scorepath::test {
namespace {

/// What fast arithmetic may change in a sample, in standard deviations of the samples: at most (the tolerance that
/// docs/cuda.md states), and root mean square. The estimators gave up to 4e-4 and 4e-5, the scores 5e-5 and 4e-6.
constexpr double largest_tolerance = 2e-3, estimators_tolerance = 1e-4, scores_tolerance = 1.2e-5;

/// Paths in steps uniform in t are ill-conditioned where the noise grows without bound (li-yan: float itself is some
/// hundredths of a nat from double). There fast arithmetic may be off by so many of the reproducible one's own
/// arithmetic errors; it was by up to 90, root mean square 13.
constexpr double largest_own_errors = 300.0, rms_own_errors = 40.0;

class FastJobs : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_library_kernels()) GTEST_SKIP() << "nvcc is not installed";
    devices_.push_back(std::make_unique<PtxDevice>(library_kernels()));
  }

  /// A job of one point, in both arithmetics.
  void expect_close(const Problem& problem, Options o, double rms_tolerance, const std::string& what) const {
    const Matrix points = draw_points(problem, 1, 11);
    const PointResult want = estimate_log_density(problem, points, o).points.front();
    o.backend = Backend::cuda;
    o.arithmetic = Arithmetic::fast;
    const Result result = estimate_on(problem, points, o, &devices_);
    EXPECT_EQ(result.arithmetic, "fast");
    const PointResult& got = result.points.front();
    const std::size_t n = want.samples.size();
    ASSERT_EQ(got.samples.size(), n) << what;
    const double spread = std::sqrt(summarise(want.samples).variance);
    double squares = 0.0, largest = 0.0;
    std::size_t equal = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double off = std::abs(got.samples[i] - want.samples[i]);
      squares += off * off / static_cast<double>(n);
      largest = std::max(largest, off);
      equal += off == 0.0 ? 1 : 0;
    }
    // What is left of a pathwise or weighted sample's spread is small beside the sums that it is made of.
    const bool is_hard =
        o.method != Method::density_formula || (o.sampler == Sampler::paths && o.grid == Grid::uniform_t);
    const double own = is_hard ? want.arithmetic_error.value() : 0.0;
    EXPECT_LE(std::sqrt(squares), rms_tolerance * spread + rms_own_errors * own) << what << ", spread " << spread;
    EXPECT_LE(largest, largest_tolerance * spread + largest_own_errors * own) << what << ", spread " << spread;
    EXPECT_LT(equal, n / 2) << what << ": is it fast at all?";
    EXPECT_LE(got.arithmetic_error.value(), 2.0 * largest + 1e-5) << what;
  }

 private:
  CudaDevices devices_;
};

TEST_F(FastJobs, EveryEstimatorHasTheReproducibleSamplesToATolerance) {
  for_every_estimator({300, 12, 1}, [&](const Problem& problem, const Options& options, const std::string& what) {
    expect_close(problem, options, estimators_tolerance, what);
  });
}

class FastScores : public FastJobs, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Dimension, FastScores, ::testing::Values(1, 2, 3, 5, 8, 16, 40));

TEST_P(FastScores, HaveTheReproducibleSamplesToATolerance) {
  for (const Layout layout : every_layout) {
    for (const int components : {1, 8, 20}) {
      for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
        Options o;
        o.sampler = sampler;
        // A Gaussian's own control variate would leave nothing.
        o.control_variate = components == 1 ? ControlVariate::none : ControlVariate::gaussian;
        const Problem problem{schedule_of(VpLinear{}),
                              mixture(layout, GetParam(), components, static_cast<std::uint64_t>(components))};
        expect_close(problem, sized(o, {GetParam() > 16 ? 64u : 256u, 16, 1}, 0), scores_tolerance,
                     "layout " + std::to_string(static_cast<int>(layout)) + ", components " +
                         std::to_string(components) + ", " + name_of(sampler));
      }
    }
  }
}

}  // namespace
}  // namespace scorepath::test
