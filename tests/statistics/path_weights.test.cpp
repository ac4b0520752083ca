// Path weights: against the likelihood of chains that have it in closed form, against log p after extrapolation, and
// what the weights say of themselves.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "tests/statistics/pathwise_jobs.hpp"
#include "tests/statistics/weighted_chain.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

Options weights(Form form, std::uint64_t steps, std::uint64_t paths) {
  Options o;
  o.method = Method::path_weights;
  o.form = form;
  o.steps = steps;
  o.paths = paths;
  o.seed = test_seed();
  return o;
}

bool is_flagged(const PointResult& p, const char* flag) {
  return std::find(p.flags.begin(), p.flags.end(), flag) != p.flags.end();
}

std::vector<GaussianCase> gaussian_cases() {
  return {{{0.7}, {0.0}, {1.0}, {0.0}, {1.0}},  // the reference is the model: weights are constant
          {{0.7}, {0.0}, {1.0}, {0.3}, {0.5}},  // too narrow, and elsewhere
          {{-1.2, 0.4}, {0.5, 0.0}, {0.4, 2.0}, {0.0, 0.2}, {1.0, 1.0}},
          {{0.3, -0.6, 1.1}, {0.0, 0.1, 0.4}, {0.3, 0.9, 0.6}, {0.2, 0.0, 0.8}, {0.5, 0.5, 0.9}}};
}

TEST(WeightsOfAGaussiansChains, HaveTheirLikelihoodInTheMean) {
  double squares = 0.0, count = 0.0;
  for (const GaussianCase& c : gaussian_cases()) {
    const std::vector<ChainError> errors = weigh(c, WeightBug::none);
    for (std::size_t chain = 0; chain < errors.size(); ++chain) {
      const double truth = chain_likelihood(c, 1 << chain);
      std::printf("  d = %zu, every %d steps: %.6f for %.6f, standard error %.1e, z %+.2f\n", c.x.size(), 1 << chain,
                  errors[chain].value, truth, errors[chain].standard_error, errors[chain].z);
      if (c.mean == c.center && c.width == c.variance) {
        EXPECT_NEAR(errors[chain].value, truth, 1e-5);
        continue;
      }
      EXPECT_LE(std::abs(errors[chain].z), z_bound);
      squares += errors[chain].z * errors[chain].z;
      count += 1.0;
    }
  }
  EXPECT_LE(std::abs(z_of_chi_square(squares, count)), z_bound);
}

TEST(WeightsOfAGaussiansChains, ShowEachPlantedBug) {
  const GaussianCase c = gaussian_cases().back();
  for (const WeightBug bug :
       {WeightBug::no_scale, WeightBug::no_far_end, WeightBug::half_step, WeightBug::flipped_noise}) {
    const std::vector<ChainError> errors = weigh(c, bug);
    std::printf("  bug %d: z %+.1f %+.1f %+.1f\n", static_cast<int>(bug), errors[0].z, errors[1].z, errors[2].z);
    EXPECT_GT(std::abs(errors[0].z), z_bound) << static_cast<int>(bug);
    EXPECT_GT(std::abs(errors[1].z), z_bound) << static_cast<int>(bug);
  }
}

/// The systematic errors' reach may be used up, the standard error is two-sided.
TEST(ExtrapolatedWeights, GiveTheDensityWithinTheirErrorBarOnEverySchedule) {
  double pooled = 0.0, signed_sum = 0.0, count = 0.0;
  for (const Schedule& schedule : some_schedules()) {
    for (const Variances layout : {Variances::shared, Variances::isotropic, Variances::diagonal}) {
      const std::string name = name_of(schedule.kind) + (schedule.t_min ? " from t_min" : "");
      const Problem problem{schedule, random_mixture(5, 3, layout, hash_of_name("pathwise scores"))};
      Options o = weights(Form::extrapolated, 128, 1024);
      o.seed ^= hash_of_name(name);
      o.antithetic = count > 200.0 ? Antithetic::on : Antithetic::off;
      const Matrix points = draw_points(problem, 8, o.seed, 1.3);
      for (const PointResult& p : estimate_log_density(problem, points, o).points) {
        const double truth = true_log_density(problem, points.row(p.index));
        const double z = (*p.log_density - truth) / *p.std_error;
        EXPECT_LE(std::abs(z), 6.0) << name << ", point " << p.index << ": " << *p.log_density << " for " << truth;
        pooled += z * z;
        signed_sum += z;
        count += 1.0;
      }
    }
  }
  std::printf("  sum z^2 / n = %.3f, mean z = %.3f (n = %.0f)\n", pooled / count, signed_sum / count, count);
  EXPECT_LE(std::abs(signed_sum / std::sqrt(count)), z_bound);
  EXPECT_LE(std::abs(pooled / count - 1.0), z_bound * std::sqrt(2.2 / count));
}

/// The chain's likelihood goes to the density like 1/N.
TEST(ChainLikelihood, ConvergesWithOrderOne) {
  const NamedProblem np = load_mixture("anisotropic-2");
  std::vector<double> log_steps, log_error, error_of_log;
  for (std::uint64_t steps = 32; steps <= 256; steps *= 2) {
    Options o = weights(Form::chain, steps, 1u << 15);
    o.seed += steps;
    const Result result = estimate_log_density(np.problem, np.points, o);
    EXPECT_EQ(result.quantity, Quantity::chain_likelihood);
    double squares = 0.0, variance = 0.0;
    for (const PointResult& p : result.points) {
      squares += std::pow(*p.log_density - true_log_density(np.problem, np.points.row(p.index)), 2);
      variance += *p.std_error * *p.std_error;
    }
    const double error = std::sqrt((squares - variance) / 16.0);
    std::printf("  %llu steps: rms error %.4f, standard errors %.4f\n", static_cast<unsigned long long>(steps), error,
                std::sqrt(variance / 16.0));
    log_steps.push_back(std::log(static_cast<double>(steps)));
    log_error.push_back(std::log(error));
    error_of_log.push_back(std::sqrt(variance / 16.0) / 4.0 / error);
  }
  const Slope slope = weighted_slope(log_steps, log_error, error_of_log);
  std::printf("  slope %.3f +- %.3f\n", slope.value, slope.standard_error);
  EXPECT_NEAR(slope.value, -1.0, 0.1 + 3.0 * slope.standard_error);
}

class OfMixtures : public testing::TestWithParam<const char*> {};

/// Against truth: within four standard errors and what the extrapolation is said to leave. Against each other: bounds
/// of more weights are higher, the log of the mean weight is above them all, and the gap of the first is half the
/// variance of the log-weights.
TEST_P(OfMixtures, WeightsKnowWhatTheyAre) {
  const NamedProblem np = load_mixture(GetParam());
  Options o = weights(Form::extrapolated, 256, 1u << 13);
  o.threads = 0;
  double largest = 0.0, worst = 0.0, systematic = 0.0;
  for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
    const double off = std::abs(*p.log_density - true_log_density(np.problem, np.points.row(p.index)));
    EXPECT_LE(off, 4.0 * *p.std_error + *p.discretization_error) << p.index;
    largest = std::max(largest, *p.std_error);
    worst = std::max(worst, off / *p.std_error);
    systematic = std::max(systematic, *p.discretization_error / *p.std_error);
    const PathWeights& w = p.weights.value();
    EXPECT_EQ(p.weights.value().importance_bounds.front().weights, 1u);
    EXPECT_LE(*p.effective_sample_size, static_cast<double>(p.independent_samples) * (1.0 + 1e-12));
    EXPECT_GE(*p.effective_sample_size, 16.0);
    ASSERT_GE(w.importance_bounds.size(), 3u);
    for (std::size_t i = 0; i < w.importance_bounds.size(); ++i) {
      const ImportanceBound& bound = w.importance_bounds[i];
      EXPECT_LE(bound.value, *w.chain_log_density + z_bound * *bound.std_error) << p.index;
      if (i > 0) {
        EXPECT_GE(bound.value, w.importance_bounds[i - 1].value - z_bound * *bound.std_error) << p.index;
      }
    }
    const double gap = *w.chain_log_density - w.importance_bounds.front().value;
    // To second order: third cumulants are a few tenths of the square.
    EXPECT_NEAR(gap, 0.5 * *w.log_weight_variance,
                0.5 * *w.log_weight_variance * std::sqrt(*w.log_weight_variance) +
                    z_bound * *w.importance_bounds.front().std_error)
        << p.index;
  }
  std::printf("  %-14s standard errors up to %.1e nat, |z| up to %.1f, systematic up to %.1f of it\n", GetParam(),
              largest, worst, systematic);
}
INSTANTIATE_TEST_SUITE_P(On, OfMixtures,
                         testing::Values("ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::erase(name, '-');
                           return name;
                         });

/// A handful of steps in 64 dimensions: few weights hold everything, and that is said.
TEST(CollapsedWeights, AreFlagged) {
  const NamedProblem np = load_mixture("cloud-64");
  const Result result = estimate_log_density(np.problem, np.points, weights(Form::extrapolated, 4, 256));
  int flagged = 0;
  for (const PointResult& p : result.points) {
    EXPECT_LT(*p.effective_sample_size, 32.0) << p.index;
    const bool few = *p.effective_sample_size < 16.0 || p.weights->pareto_k.value_or(0.0) > 0.7;
    EXPECT_EQ(is_flagged(p, "ess-collapse"), few) << p.index;
    flagged += few ? 1 : 0;
  }
  EXPECT_GE(flagged, 12);
}

TEST(FewWeights, SayThatTheyAreFew) {
  const NamedProblem np = load_mixture("ring-2");
  for (const std::uint64_t paths : {1, 2, 4}) {
    const Result result = estimate_log_density(np.problem, np.points, weights(Form::extrapolated, 64, paths));
    for (const PointResult& p : result.points) {
      EXPECT_TRUE(is_flagged(p, "small-sample"));
      EXPECT_EQ(p.std_error.has_value(), p.independent_samples >= 2);
      EXPECT_NEAR(*p.log_density, true_log_density(np.problem, np.points.row(p.index)), 8.0);
    }
  }
}

TEST(WeightsWithATarget, MeetIt) {
  const NamedProblem np = load_mixture("ring-2");
  Options o = weights(Form::extrapolated, 64, 1u << 20);
  o.target_se = 0.02;
  const Result result = estimate_log_density(np.problem, np.points, o);
  EXPECT_FALSE(result.target_missed);
  for (const PointResult& p : result.points) {
    EXPECT_LE(*p.std_error, 0.02);
    EXPECT_LE(std::abs(*p.log_density - true_log_density(np.problem, np.points.row(p.index))),
              5.0 * *p.std_error + *p.discretization_error);
  }
}

}  // namespace
}  // namespace scorepath::test
