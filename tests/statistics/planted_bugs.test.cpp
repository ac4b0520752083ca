// The checks of calibration.test.cpp see what they are there to see: a small estimator, built here on the same kernels,
// passes them, and each planted bug in it fails them.
//
// 2000 runs (16 points, 125 seeds) of 64 antithetic pairs each; a variant passes where coverage lies in [0.92, 0.98]
// and the mean error's z within 5.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "host/cpu_dispatch.hpp"
#include "host/model.hpp"
#include "host/point_key.hpp"
#include "kernels/estimator/far_end.hpp"
#include "kernels/reduce/student.hpp"
#include "kernels/score/point_tables.hpp"
#include "kernels/score/reference.hpp"
#include "kernels/step/transition.hpp"
#include "tests/support/coverage.hpp"
#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using kernels::Purpose;

enum class Bug {
  none,
  pairs_as_independent,    // both members of a pair counted as samples of their own
  pairs_counted_twice,     // the pair's mean counted as two samples
  deviation_for_variance,  // sigma where sigma^2 belongs, in the score's tables
  flipped_cross,           // n.s with the wrong sign
  index_off_by_one,        // noise levels (paths) or cells (slices) of the neighbouring row
  reused_counter,          // two samples share their random numbers
};

constexpr int samples = 64;
constexpr int steps = 64;
constexpr int law_cells = 16;  // few, so that one of them matters

/// One point: everything that both samplers need.
class SmallEstimator {
 public:
  SmallEstimator(const Model& model, const double* x, Bug bug)
      : bug_(bug), cpu_(cpu_kernels(active_isa())), key_(point_key(x, static_cast<std::size_t>(model.dim()))) {
    const auto d = static_cast<std::size_t>(model.dim());
    y_.resize(d);
    model.to_canonical(x, y_.data());
    double distance = 0.0;
    for (std::size_t j = 0; j < d; ++j) distance += (y_[j] - model.mean()[j]) * (y_[j] - model.mean()[j]);
    end_ = 1e4 * (*std::max_element(model.variance().begin(), model.variance().end()) + distance);
    finest_ = *std::min_element(model.mixture().variances, model.mixture().variances + 1);
    far_end(model);
    kernels::MixtureModel seen = model.mixture();
    std::vector<double> deviations{std::sqrt(seen.variances[0])};  // ring-2: one variance for all
    if (bug == Bug::deviation_for_variance) seen.variances = deviations.data();
    score_memory_.resize(static_cast<std::size_t>(kernels::table_size(seen)));
    score_ = kernels::make_score_tables(seen, y_.data(), score_memory_.data());
    make_law();
    make_grid(model);
  }

  /// Estimate - truth of one run, with its standard error and half width, added to `coverage`.
  void run(Sampler sampler, std::uint64_t seed, double truth, Coverage& coverage) const {
    std::vector<double> values = draw(sampler, seed, true);
    if (bug_ == Bug::reused_counter) std::copy_n(values.begin(), samples / 2, values.begin() + samples / 2);
    if (bug_ == Bug::pairs_counted_twice) values.insert(values.end(), values.begin(), values.begin() + samples);
    if (bug_ == Bug::pairs_as_independent) {
      const std::vector<double> members = draw(sampler, seed, false);
      for (int i = 0; i < samples; ++i) {
        values.push_back(2.0 * values[static_cast<std::size_t>(i)] - members[static_cast<std::size_t>(i)]);
        values[static_cast<std::size_t>(i)] = members[static_cast<std::size_t>(i)];
      }
    }
    const Sample s = summarise(values);
    const double baseline = baseline_ - (sampler == Sampler::paths ? first_node_ : 0.0);
    const double half_width = kernels::student_975(values.size() - 1) * s.standard_error();
    coverage.add(baseline - s.mean - truth, s.standard_error(), half_width);
  }

 private:
  void far_end(const Model& model) {
    const kernels::ReferenceGaussian g{model.dim(), model.mean().data(), model.variance().data()};
    std::vector<double> scratch(y_.size() + 4), terms(static_cast<std::size_t>(model.mixture().components));
    const kernels::Stream stream = kernels::make_stream(1, key_, Purpose::prior, false);
    baseline_ =
        kernels::expected_log_density(g, y_.data(), end_, end_) + model.log_jacobian() +
        kernels::far_end_difference(model.mixture(), g, y_.data(), end_, end_, stream, scratch.data(), terms.data())
            .mean;
  }

  void make_law() {
    std::vector<double> nodes(law_cells + 1);
    kernels::log_snr_nodes(end_, finest_, law_cells, nodes.data());
    law_memory_.resize(3 * law_cells);
    law_ = kernels::make_law_table(nodes.data(), law_cells, kernels::CellShape::linear_in_root, law_memory_.data());
    if (bug_ != Bug::index_off_by_one) return;
    for (int column = 0; column < 3; ++column) {
      const auto begin = law_memory_.begin() + column * law_cells;
      std::copy(begin + 1, begin + law_cells, begin);  // the last row stays twice
    }
  }

  void make_grid(const Model& model) {
    const auto d = y_.size();
    std::vector<double> rho(steps + 1), weight(steps + 1);
    kernels::NoiseRange range{};
    range.end = end_;
    kernels::stationary_grid(range, finest_, steps, {rho.data(), weight.data()});
    std::vector<kernels::TransitionStep> transitions(steps);
    kernels::exact_transitions(rho.data(), steps, transitions.data());
    steps_.resize(steps);
    kernels::make_step_table(rho.data(), weight.data(), transitions.data(), steps, true, steps_.data());
    std::vector<float> levels(steps);
    for (std::size_t k = 0; k < steps; ++k) {
      levels[k] = static_cast<float>(rho[bug_ == Bug::index_off_by_one ? k : k + 1]);
      if (bug_ == Bug::flipped_cross) steps_[k].on_cross = -steps_[k].on_cross;
    }
    levels_.resize(steps * static_cast<std::size_t>(kernels::level_size(score_)));
    cpu_.levels(score_, levels.data(), steps, levels_.data());
    std::vector<double> s(d), terms(static_cast<std::size_t>(model.mixture().components));
    const double divergence = kernels::score_and_divergence(model.mixture(), y_.data(), 0.0, terms.data(), s.data());
    double square = 0.0;
    for (const double component : s) square += component * component;
    first_node_ = weight[0] * (divergence + 0.5 * square);
    position_.assign(y_.begin(), y_.end());
  }

  std::vector<double> draw(Sampler sampler, std::uint64_t seed, bool antithetic) const {
    std::vector<float> values(samples);
    const kernels::Stream noise = kernels::make_stream(seed, key_, Purpose::noise, false);
    const kernels::ReferenceTables<float> no_reference{false, nullptr, nullptr};
    if (sampler == Sampler::paths) {
      cpu_.paths(
          {score_, no_reference, nullptr, levels_.data(), steps_.data(), position_.data(), steps, noise, antithetic}, 0,
          samples, values.data());
    } else {
      cpu_.slices({score_, no_reference, law_, 0.0f, kernels::Points::plain, 0, nullptr, noise,
                   kernels::make_stream(seed, key_, Purpose::time, false),
                   kernels::make_stream(seed, key_, Purpose::scramble, false), antithetic, true},
                  0, samples, values.data());
    }
    return {values.begin(), values.end()};
  }

  Bug bug_;
  kernels::CpuKernels cpu_;
  std::uint32_t key_;
  std::vector<double> y_;
  double end_ = 0.0, finest_ = 0.0, baseline_ = 0.0, first_node_ = 0.0;
  std::vector<float> score_memory_, law_memory_, levels_, position_;
  std::vector<kernels::Step<float>> steps_;
  kernels::ScoreTables<float> score_{};
  kernels::LawTable<float> law_{};
};

/// What calibration.test.cpp asks of the real estimator.
bool passes(const Coverage& c) { return is_calibrated(c) && std::abs(c.bias_z()) <= z_bound; }

Coverage coverage_with(Sampler sampler, Bug bug, const char* name) {
  const NamedProblem np = load_mixture("ring-2");
  const Model model(np.problem);
  Coverage coverage;
  for (std::size_t i = 0; i < np.points.rows; ++i) {
    const SmallEstimator estimator(model, np.points.row(i), bug);
    const double truth = true_log_density(np.problem, np.points.row(i));
    for (std::uint64_t seed = 0; seed < 125; ++seed) estimator.run(sampler, test_seed() + seed, truth, coverage);
  }
  std::printf("  %-28s %-6s coverage %5.1f%%, bias z %+.1f, mean z^2 %.2f\n", name, name_of(sampler).c_str(),
              100.0 * coverage.fraction(), coverage.bias_z(), coverage.mean_square_z());
  return coverage;
}

TEST(PlantedBugs, WithoutOneTheChecksPass) {
  EXPECT_TRUE(passes(coverage_with(Sampler::paths, Bug::none, "none")));
  EXPECT_TRUE(passes(coverage_with(Sampler::slices, Bug::none, "none")));
}

TEST(PlantedBugs, PairsCountedAsIndependentAreSeen) {
  EXPECT_FALSE(passes(coverage_with(Sampler::paths, Bug::pairs_as_independent, "pairs as independent")));
  EXPECT_FALSE(passes(coverage_with(Sampler::slices, Bug::pairs_as_independent, "pairs as independent")));
  EXPECT_FALSE(passes(coverage_with(Sampler::paths, Bug::pairs_counted_twice, "pairs counted twice")));
  EXPECT_FALSE(passes(coverage_with(Sampler::slices, Bug::pairs_counted_twice, "pairs counted twice")));
}

TEST(PlantedBugs, DeviationForVarianceIsSeen) {
  EXPECT_FALSE(passes(coverage_with(Sampler::paths, Bug::deviation_for_variance, "sigma for sigma^2")));
  EXPECT_FALSE(passes(coverage_with(Sampler::slices, Bug::deviation_for_variance, "sigma for sigma^2")));
}

TEST(PlantedBugs, FlippedCrossTermIsSeen) {
  EXPECT_FALSE(passes(coverage_with(Sampler::paths, Bug::flipped_cross, "flipped cross term")));
}

TEST(PlantedBugs, TableIndexOffByOneIsSeen) {
  EXPECT_FALSE(passes(coverage_with(Sampler::paths, Bug::index_off_by_one, "index off by one")));
  EXPECT_FALSE(passes(coverage_with(Sampler::slices, Bug::index_off_by_one, "index off by one")));
}

TEST(PlantedBugs, ReusedCounterIsSeen) {
  EXPECT_FALSE(passes(coverage_with(Sampler::paths, Bug::reused_counter, "reused counter")));
  EXPECT_FALSE(passes(coverage_with(Sampler::slices, Bug::reused_counter, "reused counter")));
}

}  // namespace
}  // namespace scorepath::test
