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

/// The stated tolerance of the fast arithmetic (docs/theory.md): largest difference of a sample from the reproducible
/// one, in standard deviations of the samples.
constexpr double tolerance = 2e-3;

class FastArithmetic : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Dimension, FastArithmetic, ::testing::Values(1, 2, 3, 5, 8, 16, 40));

TEST_P(FastArithmetic, SamplesAreThoseOfTheReproducibleOne) {
  if (!has_library_kernels()) GTEST_SKIP() << "nvcc is not installed";
  CudaDevices devices;
  devices.push_back(std::make_unique<PtxDevice>(library_kernels_and_fast()));
  for (const Layout layout : {Layout::shared, Layout::isotropic, Layout::diagonal}) {
    for (const int components : {1, 8, 20}) {
      for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
        const std::string what = "layout " + std::to_string(static_cast<int>(layout)) + ", components " +
                                 std::to_string(components) + ", " + name_of(sampler);
        const Problem problem{schedule_of(VpLinear{}),
                              mixture(layout, GetParam(), components, static_cast<std::uint64_t>(components))};
        const Matrix points = draw_points(problem, 1, 11);
        Options o;
        o.sampler = sampler;
        o.paths = GetParam() > 16 ? 64 : 256;
        o.steps = 16;
        o.threads = 1;
        o.keep_samples = true;
        // A Gaussian's own control variate would leave nothing.
        o.control_variate = components == 1 ? ControlVariate::none : ControlVariate::gaussian;
        const PointResult want = estimate_log_density(problem, points, o).points.front();
        o.backend = Backend::cuda;
        o.arithmetic = Arithmetic::fast;
        const Result result = estimate_on(problem, points, o, &devices);
        EXPECT_EQ(result.arithmetic, "fast");
        const PointResult& got = result.points.front();
        ASSERT_EQ(got.samples.size(), want.samples.size()) << what;
        double mean = 0.0, square = 0.0, largest = 0.0;
        for (const double sample : want.samples) mean += sample / static_cast<double>(want.samples.size());
        std::size_t equal = 0;
        for (std::size_t i = 0; i < want.samples.size(); ++i) {
          square += (want.samples[i] - mean) * (want.samples[i] - mean);
          largest = std::max(largest, std::abs(got.samples[i] - want.samples[i]));
          equal += got.samples[i] == want.samples[i] ? 1 : 0;
        }
        const double spread = std::sqrt(square / static_cast<double>(want.samples.size()));
        EXPECT_LE(largest, tolerance * spread) << what << ", spread " << spread;
        EXPECT_LT(equal, want.samples.size() / 2) << what << ": is it fast at all?";
        EXPECT_LE(got.arithmetic_error.value(), 2.0 * largest + 1e-5) << what;
      }
    }
  }
}

}  // namespace
}  // namespace scorepath::test
