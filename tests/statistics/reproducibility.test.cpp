// Results are the same bits for any number of threads, company, order and instruction set, and again in another run.
//
// All comparisons are == on doubles. A point's numbers depend on its coordinates, the problem and the options alone.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <stdlib.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/option_grid.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

void expect_same(const PointResult& a, const PointResult& b, const std::string& what) {
  EXPECT_EQ(a.log_density, b.log_density) << what;
  EXPECT_EQ(a.std_error, b.std_error) << what;
  EXPECT_EQ(a.ci95_lower, b.ci95_lower) << what;
  EXPECT_EQ(a.ci95_upper, b.ci95_upper) << what;
  EXPECT_EQ(a.paths, b.paths) << what;
  EXPECT_EQ(a.score_evaluations, b.score_evaluations) << what;
  EXPECT_EQ(a.discretization_error, b.discretization_error) << what;
  EXPECT_EQ(a.truncation_error, b.truncation_error) << what;
  EXPECT_EQ(a.arithmetic_error, b.arithmetic_error) << what;
  EXPECT_EQ(a.exact_log_density, b.exact_log_density) << what;
  EXPECT_EQ(a.independent_samples, b.independent_samples) << what;
  EXPECT_EQ(a.flags, b.flags) << what;
  EXPECT_EQ(a.samples, b.samples) << what;
}

void expect_same(const Result& a, const Result& b, const std::string& what) {
  ASSERT_EQ(a.points.size(), b.points.size()) << what;
  for (std::size_t i = 0; i < a.points.size(); ++i) {
    expect_same(a.points[i], b.points[i], what + ", point " + std::to_string(i));
  }
}

/// A few option sets that together run every branch: laws, points, grids, transitions, sized jobs.
std::vector<Options> option_sets() {
  std::vector<Options> all;
  const auto add = [&all](auto change) {
    Options o;
    o.paths = 9000;  // two batches and a part, or one part of a batch
    o.steps = 16;
    o.seed = test_seed();
    o.threads = 1;
    change(o);
    if (o.sampler == Sampler::paths) o.paths = 300;
    all.push_back(o);
  };
  add([](Options&) {});
  add([](Options& o) { o.time_points = TimePoints::sobol, o.time_law = TimeLaw::importance; });
  add([](Options& o) { o.time_points = TimePoints::plain, o.antithetic = Antithetic::off; });
  add([](Options& o) { o.time_law = TimeLaw::uniform, o.control_variate = ControlVariate::none; });
  add([](Options& o) { o.time_law = TimeLaw::debiased, o.cancellation = Cancellation::off; });
  add([](Options& o) { o.target_se = 0.05, o.paths = 40000; });
  add([](Options& o) { o.sampler = Sampler::paths; });
  add([](Options& o) { o.sampler = Sampler::paths, o.grid = Grid::adaptive, o.antithetic = Antithetic::off; });
  add([](Options& o) {
    o.sampler = Sampler::paths, o.grid = Grid::uniform_t, o.transition = Transition::euler_maruyama;
    o.control_variate = ControlVariate::none, o.cancellation = Cancellation::off;
  });
  add([](Options& o) { o.sampler = Sampler::paths, o.path_points = PathPoints::sobol; });
  add([](Options& o) {
    o.sampler = Sampler::paths, o.method = Method::pathwise, o.form = Form::stratonovich;
    o.path_points = PathPoints::sobol, o.antithetic = Antithetic::off;
  });
  return all;
}

std::string describe_all(const Options& o) { return describe(o) + (o.target_se ? "/target" : ""); }

TEST(Reproducibility, AnyNumberOfThreadsGivesTheSameBits) {
  const NamedProblem np = load_mixture("anisotropic-2");
  for (Options o : option_sets()) {
    const Result one = estimate_log_density(np.problem, np.points, o);
    for (const int threads : {2, 3, 5}) {
      o.threads = threads;
      expect_same(one, estimate_log_density(np.problem, np.points, o),
                  describe_all(o) + ", " + std::to_string(threads) + " threads");
    }
  }
}

TEST(Reproducibility, APointDoesNotSeeItsNeighbours) {
  const NamedProblem np = load_mixture("ring-2");
  const std::size_t n = np.points.rows;
  for (const Options& o : option_sets()) {
    const Result all = estimate_log_density(np.problem, np.points, o);
    Matrix reversed(n, 2);
    for (std::size_t i = 0; i < n; ++i) std::copy_n(np.points.row(n - 1 - i), 2, reversed.row(i));
    const Result backwards = estimate_log_density(np.problem, reversed, o);
    for (std::size_t i = 0; i < n; ++i) {
      expect_same(all.points[i], backwards.points[n - 1 - i], describe_all(o) + ", other order");
      const Matrix alone(1, 2, {np.points(i, 0), np.points(i, 1)});
      expect_same(all.points[i], estimate_log_density(np.problem, alone, o).points[0], describe_all(o) + ", alone");
    }
    // Different points have different random numbers, or none of this would be needed.
    EXPECT_NE(all.points[0].std_error, all.points[1].std_error);
  }
}

TEST(Reproducibility, NegativeZeroIsZero) {
  const NamedProblem np = load_mixture("anisotropic-2");
  const Matrix zero(1, 2, {0.0, 0.25}), negative(1, 2, {-0.0, 0.25});
  for (const Options& o : option_sets()) {
    expect_same(estimate_log_density(np.problem, zero, o), estimate_log_density(np.problem, negative, o),
                describe_all(o));
  }
}

TEST(Reproducibility, ASecondRunAndKeptSamplesChangeNothingAndAnotherSeedAll) {
  const NamedProblem np = load_mixture("anisotropic-2");
  for (Options o : option_sets()) {
    const Result first = estimate_log_density(np.problem, np.points, o);
    expect_same(first, estimate_log_density(np.problem, np.points, o), describe_all(o));
    o.keep_samples = true;
    Result kept = estimate_log_density(np.problem, np.points, o);
    for (PointResult& p : kept.points) {
      EXPECT_FALSE(p.samples.empty());
      p.samples.clear();
    }
    expect_same(first, kept, describe_all(o) + ", samples kept");
    o.seed += 1;
    const Result other = estimate_log_density(np.problem, np.points, o);
    for (std::size_t i = 0; i < first.points.size(); ++i)
      EXPECT_NE(first.points[i].log_density, other.points[i].log_density);
  }
}

/// Sets SCOREPATH_ISA for its lifetime.
class ForcedIsa {
 public:
  explicit ForcedIsa(Isa isa) { setenv("SCOREPATH_ISA", name_of(isa).c_str(), 1); }
  ~ForcedIsa() { unsetenv("SCOREPATH_ISA"); }
  ForcedIsa(const ForcedIsa&) = delete;
  ForcedIsa& operator=(const ForcedIsa&) = delete;
};

class ReproducibilityOfInstructionSets : public testing::TestWithParam<std::size_t> {};

// Dimensions with kernels of their own and without, whole packs and remainders; every kind of score.
TEST_P(ReproducibilityOfInstructionSets, AllGiveTheSameBits) {
  const std::size_t dim = GetParam();
  const std::uint64_t seed = test_seed();
  std::vector<double> mean(dim), variance(dim);
  Draws draws(seed);
  for (std::size_t j = 0; j < dim; ++j) mean[j] = draws.normal(), variance[j] = 0.1 + draws.uniform();
  const std::vector<Score> scores = {Gaussian{mean, variance}, random_mixture(3, dim, Variances::shared, seed),
                                     random_mixture(9, dim, Variances::isotropic, seed),
                                     random_mixture(5, dim, Variances::diagonal, seed),
                                     DataSet{random_mixture(17, dim, Variances::shared, seed).means, 0.5, {}}};
  if (supported_isas().size() < 2) GTEST_SKIP() << "this processor has no AVX2";
  for (std::size_t s = 0; s < scores.size(); ++s) {
    const Problem problem{{VpCosine{}, {}, {}}, scores[s]};
    const Matrix points = draw_points(problem, 2, seed + s);
    for (Options o : option_sets()) {
      if (o.sampler == Sampler::slices) o.paths = o.target_se ? 8192 : 523;
      if (o.sampler == Sampler::paths) o.paths = 45;
      o.keep_samples = true;
      Result baseline;
      for (const Isa isa : supported_isas()) {
        const ForcedIsa forced(isa);
        const Result result = estimate_log_density(problem, points, o);
        EXPECT_EQ(result.isa, name_of(isa));
        if (isa == Isa::baseline) baseline = result;
        expect_same(baseline, result, describe_all(o) + ", score " + std::to_string(s) + ", " + result.isa);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Dimension, ReproducibilityOfInstructionSets,
                         testing::Values(1, 2, 3, 4, 5, 8, 16, 17, 33, 64));

}  // namespace
}  // namespace scorepath::test
