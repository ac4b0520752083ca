// Estimates of the real devices against exact log-densities, and fast arithmetic against reproducible.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "tests/gpu/gpu_test.hpp"

namespace scorepath::test {
namespace {

/// What fast arithmetic may change in a sample, in standard deviations of the samples: root mean square, and at most.
/// With the assumed errors of the hardware's functions (kernels/cuda/fast_lane.hpp) drawn at random on the host,
/// these mixtures gave 2e-6 and 3e-4: slices next to zero noise, where a score's rounding is divided by the noise.
constexpr double fast_tolerance = 1e-5, largest_fast_tolerance = 2e-3;

struct Estimator {
  const char* name;
  Sampler sampler;
  TimePoints time_points;
};
void PrintTo(const Estimator& e, std::ostream* os) { *os << e.name; }

class GpuStatistics : public GpuTest, public ::testing::WithParamInterface<Estimator> {
 protected:
  static Options options() {
    Options o;
    o.sampler = GetParam().sampler;
    o.time_points = GetParam().time_points;
    o.paths = o.sampler == Sampler::paths ? 1 << 15 : 1 << 18;
    o.steps = 256;
    o.seed = test_seed();
    o.backend = Backend::cuda;
    o.keep_samples = true;
    return o;
  }
  static constexpr const char* mixtures[] = {"ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64"};
};
INSTANTIATE_TEST_SUITE_P(Of, GpuStatistics,
                         ::testing::Values(Estimator{"Slices", Sampler::slices, TimePoints::stratified},
                                           Estimator{"PlainSlices", Sampler::slices, TimePoints::plain},
                                           Estimator{"SobolSlices", Sampler::slices, TimePoints::sobol},
                                           Estimator{"Paths", Sampler::paths, TimePoints::stratified}),
                         [](const auto& info) { return std::string(info.param.name); });

/// Beside the standard error stands what a result says of its discretisation and its arithmetic.
TEST_P(GpuStatistics, ErrorsAreAsLargeAsErrorBarsSay) {
  for (const char* name : mixtures) {
    const NamedProblem np = load_mixture(name);
    for (const Arithmetic arithmetic : {Arithmetic::reproducible, Arithmetic::fast}) {
      Options o = options();
      o.arithmetic = arithmetic;
      const Result result = estimate_log_density(np.problem, np.points, o);
      ASSERT_EQ(result.backend, "cuda");
      ASSERT_EQ(result.arithmetic, name_of(arithmetic));
      double squares = 0.0, largest = 0.0;
      for (const PointResult& p : result.points) {
        const double error = p.log_density.value() - true_log_density(np.problem, np.points.row(p.index));
        const double known = std::abs(p.discretization_error.value_or(0.0)) + p.arithmetic_error.value_or(0.0);
        const double z = std::copysign(std::max(std::abs(error) - known, 0.0), error) / p.std_error.value();
        EXPECT_LE(std::abs(z), z_bound) << name << ", " << name_of(arithmetic) << ", point " << p.index;
        squares += z * z / static_cast<double>(result.points.size());
        largest = std::max(largest, std::abs(z));
      }
      std::printf("  %-14s %-12s mean z^2 %.2f, largest |z| %.2f\n", name, name_of(arithmetic).c_str(), squares,
                  largest);
    }
  }
}

/// The same random words become the same samples, to the tolerance of fast arithmetic.
TEST_P(GpuStatistics, FastSamplesAreTheReproducibleOnesToATolerance) {
  for (const char* name : mixtures) {
    const NamedProblem np = load_mixture(name);
    Options o = options();
    o.arithmetic = Arithmetic::reproducible;
    const Result exact = estimate_log_density(np.problem, np.points, o);
    o.arithmetic = Arithmetic::fast;
    const Result fast = estimate_log_density(np.problem, np.points, o);
    double worst_rms = 0.0, worst = 0.0;
    for (std::size_t p = 0; p < exact.points.size(); ++p) {
      const std::vector<double>&a = exact.points[p].samples, &b = fast.points[p].samples;
      ASSERT_EQ(a.size(), b.size()) << name;
      const double spread = std::sqrt(summarise(a).variance);
      double squares = 0.0, largest = 0.0;
      for (std::size_t i = 0; i < a.size(); ++i) {
        const double off = std::abs(a[i] - b[i]) / spread;
        squares += off * off / static_cast<double>(a.size());
        largest = std::max(largest, off);
      }
      EXPECT_LE(std::sqrt(squares), fast_tolerance) << name << ", point " << p;
      EXPECT_LE(largest, largest_fast_tolerance) << name << ", point " << p;
      EXPECT_GT(largest, 0.0) << name << ", point " << p << ": fast arithmetic did not run";
      worst_rms = std::max(worst_rms, std::sqrt(squares));
      worst = std::max(worst, largest);
    }
    std::printf("  %-14s fast - reproducible: root mean square %.2e, at most %.2e of the samples' spread\n", name,
                worst_rms, worst);
  }
}

/// Fast arithmetic is deterministic on one GPU model.
TEST_P(GpuStatistics, FastArithmeticRepeatsItself) {
  const NamedProblem np = load_mixture("ring-2");
  Options o = options();
  o.arithmetic = Arithmetic::fast;
  const Result once = estimate_log_density(np.problem, np.points, o);
  expect_same_result(estimate_log_density(np.problem, np.points, o), once, "again");
}

}  // namespace
}  // namespace scorepath::test
