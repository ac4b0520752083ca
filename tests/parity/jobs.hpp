// Path and slice jobs for a random mixture, with every table that lanes read; and the same jobs on the scalar float
// lane.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "host/sobol_tables.hpp"
#include "kernels/combinations.hpp"
#include "kernels/cpu/cpu_kernels.hpp"
#include "kernels/estimator/path_weights.hpp"
#include "kernels/estimator/pathwise.hpp"
#include "kernels/estimator/ray.hpp"
#include "kernels/increments.hpp"
#include "kernels/path.hpp"
#include "kernels/rays.hpp"
#include "kernels/score/point_tables.hpp"
#include "kernels/slice.hpp"
#include "kernels/step/transition.hpp"
#include "kernels/weights.hpp"
#include "tests/parity/random_axes.hpp"
#include "tests/parity/score_call.hpp"

namespace scorepath::test {

struct JobOptions {
  kernels::VarianceLayout layout = kernels::VarianceLayout::shared;
  int dim = 2;
  int components = 5;
  bool reference = true;
  bool antithetic = true;
  bool cancellation = true;
  bool euler_maruyama = false;                           // paths
  int steps = 12;                                        // paths
  kernels::Points points = kernels::Points::stratified;  // slices
  int log2_length = 4;                                   // slices
};

class RandomJob {
 public:
  RandomJob(const JobOptions& options, std::uint64_t seed) : options_(options) {
    std::mt19937_64 words(seed);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::normal_distribution<double> normal;
    const auto d = static_cast<std::size_t>(options.dim), k = static_cast<std::size_t>(options.components);
    for (std::size_t i = 0; i < k; ++i) log_weights_.push_back(-3.0 * uniform(words));
    for (std::size_t i = 0; i < k * d; ++i) means_.push_back(1.5 * normal(words));
    const std::size_t sizes[] = {1, k, k * d, k};
    for (std::size_t i = 0; i < sizes[static_cast<int>(options.layout)]; ++i)
      variances_.push_back(0.1 + uniform(words));
    for (std::size_t j = 0; j < d; ++j) point_.push_back(normal(words));
    const RandomAxes axes(options.layout, options.dim, options.components, words);
    const kernels::MixtureModel model{options.components,  options.dim,      options.layout,
                                      log_weights_.data(), means_.data(),    variances_.data(),
                                      axes.rank,           axes.axes.data(), axes.variances.data()};
    memory_.resize(static_cast<std::size_t>(kernels::table_size(model)));
    tables_ = kernels::make_score_tables(model, point_.data(), memory_.data());
    for (std::size_t j = 0; j < 2 * d; ++j) {
      reference_.push_back(static_cast<float>(j < d ? 0.3 * normal(words) : 0.2 + uniform(words)));
    }
    noise_ = kernels::make_stream(seed, 77, kernels::Purpose::noise, false);
    time_ = kernels::make_stream(seed, 77, kernels::Purpose::time, false);
    scramble_ = kernels::make_stream(seed, 77, kernels::Purpose::scramble, false);
    fill_law();
    fill_steps();
  }
  RandomJob(const RandomJob&) = delete;
  RandomJob& operator=(const RandomJob&) = delete;

  kernels::SliceJob<float> slices() const {
    const bool sobol = options_.points == kernels::Points::sobol;
    return {tables_,
            reference(),
            law_view_,
            0.0f,
            options_.points,
            options_.log2_length,
            sobol ? sobol_directions(point_.size() + 1) : nullptr,
            noise_,
            time_,
            scramble_,
            options_.antithetic,
            options_.cancellation,
            options_.log2_length % 2 == 0 ? 0.0f : 0.05f};
  }
  kernels::PathJob<float> paths() const {
    return {tables_,
            reference(),
            inverse_.data(),
            levels_.data(),
            steps_.data(),
            position_.data(),
            static_cast<std::uint32_t>(steps_.size()),
            noise_,
            options_.antithetic};
  }
  kernels::IncrementJob<float> increments(bool divergence) const {
    return {tables_,
            reference(),
            inverse_.data(),
            levels_.data(),
            (divergence ? increments_ : score_increments_).data(),
            first_difference_.data(),
            static_cast<std::uint32_t>(steps_.size()),
            noise_,
            options_.antithetic,
            divergence};
  }
  kernels::RayJob<float> rays() const {
    return {tables_,        reference(),        inverse_.data(),
            levels_.data(), rays_.data(),       static_cast<std::uint32_t>(steps_.size()),
            noise_,         options_.antithetic};
  }
  kernels::WeightJob<float> weights() const {
    return {tables_,
            reference(),
            inverse_with_first_.data(),
            levels_.data(),
            weights_.data(),
            first_difference_.data(),
            far_square_.data(),
            static_cast<std::uint32_t>(steps_.size()),
            noise_,
            options_.antithetic};
  }
  /// visitor(pointer, bytes) of every table that the jobs point to, but for Sobol's directions.
  template <class Visitor>
  void for_each_table(const Visitor& visitor) const {
    for (const std::vector<float>* table : {&memory_, &reference_, &law_, &inverse_, &position_, &levels_}) {
      visitor(table->data(), table->size() * sizeof(float));
    }
    visitor(steps_.data(), steps_.size() * sizeof(kernels::Step<float>));
  }

 private:
  kernels::ReferenceTables<float> reference() const {
    return {options_.reference, reference_.data(), reference_.data() + point_.size()};
  }
  void fill_law() {
    constexpr int cells = 64;
    std::vector<double> nodes(cells + 1);
    kernels::log_snr_nodes(1e4, 0.1, cells, nodes.data());
    law_.resize(3 * cells);
    law_view_ = kernels::make_law_table(nodes.data(), cells, kernels::CellShape::linear_in_root, law_.data());
  }
  void fill_steps() {
    const auto n = static_cast<std::size_t>(options_.steps);
    std::vector<double> rho(n + 1), weight(n + 1);
    const double last = schedule_.noise_ratio(1.0);
    const kernels::NoiseRange range{1.0, 0.0, last, 0.0, 1.0, 0.0, last};
    kernels::stationary_grid(range, 0.3, options_.steps, {rho.data(), weight.data()});
    std::vector<kernels::TransitionStep> transitions(n);
    if (options_.euler_maruyama) {
      kernels::euler_maruyama_transitions(schedule_, range, rho.data(), options_.steps, transitions.data());
    } else {
      kernels::exact_transitions(rho.data(), options_.steps, transitions.data());
    }
    steps_.resize(n);
    kernels::make_step_table(rho.data(), weight.data(), transitions.data(), options_.steps, options_.cancellation,
                             steps_.data());
    std::vector<float> r(n);
    for (std::size_t k = 0; k < n; ++k) {
      r[k] = static_cast<float>(rho[k + 1]);
      for (std::size_t j = 0; j < point_.size(); ++j) {
        inverse_.push_back(static_cast<float>(1.0 / (static_cast<double>(reference_[point_.size() + j]) + rho[k + 1])));
      }
    }
    increments_.resize(n);
    score_increments_.resize(n);
    const auto some_divergence = [](double at) { return -1.0 / (0.5 + at); };
    kernels::make_pathwise_table(kernels::PathwiseForm::stratonovich, rho.data(), weight.data(), options_.steps, 0.3,
                                 some_divergence, increments_.data());
    kernels::make_pathwise_table(kernels::PathwiseForm::backward_ito, rho.data(), weight.data(), options_.steps, 0.3,
                                 some_divergence, score_increments_.data());
    for (std::size_t k = 0; k < n; ++k) {
      const double tau = std::sqrt(rho[k + 1]);
      rays_.push_back(kernels::make_ray_node<float>(tau, weight[k + 1] / (2.0 * tau), some_divergence(rho[k + 1])));
    }
    for (std::size_t j = 0; j < point_.size(); ++j) first_difference_.push_back(static_cast<float>(point_[j]));
    weights_.resize(n);
    kernels::make_weight_table(rho.data(), options_.steps, weights_.data());
    for (std::size_t j = 0; j < point_.size(); ++j) {
      inverse_with_first_.push_back(1.0f / reference_[point_.size() + j]);
      far_square_.push_back(static_cast<float>(1e-5 * point_[j]));
    }
    inverse_with_first_.insert(inverse_with_first_.end(), inverse_.begin(), inverse_.end());
    position_.assign(point_.begin(), point_.end());
    levels_.resize(n * static_cast<std::size_t>(kernels::level_size(tables_)));
    kernels::baseline::cpu_kernels().levels(tables_, r.data(), static_cast<std::uint32_t>(n), levels_.data());
  }

  JobOptions options_;
  kernels::NoiseSchedule schedule_ = kernels::VpLinearSchedule{0.1, 20.0};
  std::vector<double> log_weights_, means_, variances_, point_;
  std::vector<float> memory_, reference_, law_, inverse_, position_, levels_, first_difference_, inverse_with_first_,
      far_square_;
  std::vector<kernels::Step<float>> steps_;
  std::vector<kernels::Increment<float>> increments_, score_increments_;
  std::vector<kernels::RayNode<float>> rays_;
  std::vector<kernels::WeightStep<float>> weights_;
  kernels::ScoreTables<float> tables_{};
  kernels::LawTable<float> law_view_{};
  kernels::Stream noise_{}, time_{}, scramble_{};
};

/// visitor(score functor), with the dimension known at compile time or not.
template <class Visitor>
void visit_scalar_score(const kernels::ScoreTables<float>& tables, Dimension dimension, const Visitor& visitor) {
  if (dimension == Dimension::known) {
    kernels::visit_score(tables, visitor);
  } else {
    kernels::visit_score_of_dimension<0>(tables, visitor);
  }
}

/// Samples first .. first + count - 1, one by one on the scalar lane.
inline std::vector<float> scalar_slices(const kernels::SliceJob<float>& job, std::uint64_t first, int count,
                                        Dimension dimension) {
  const kernels::ScoreTables<float>& t = job.score;
  std::vector<float> memory(static_cast<std::size_t>(kernels::workspace_size<float>(t.dim, kernels::level_size(t))));
  const kernels::Workspace<float> work = kernels::make_workspace(memory.data(), t.dim);
  std::vector<float> values;
  visit_scalar_score(t, dimension, [&](const auto& score) {
    for (std::uint64_t i = first; i < first + static_cast<std::uint64_t>(count); ++i) {
      values.push_back(kernels::run_slices<std::decay_t<decltype(score)>, float>(score, job, i, work));
    }
  });
  return values;
}
/// run(score, job, sample, work) of each.
template <class Job, class Run>
std::vector<float> scalar_samples(const Job& job, std::uint64_t first, int count, Dimension dimension, const Run& run) {
  std::vector<float> memory(static_cast<std::size_t>(kernels::workspace_size<float>(job.score.dim, 0)));
  const kernels::Workspace<float> work = kernels::make_workspace(memory.data(), job.score.dim);
  std::vector<float> values;
  visit_scalar_score(job.score, dimension, [&](const auto& score) {
    for (std::uint64_t i = first; i < first + static_cast<std::uint64_t>(count); ++i)
      values.push_back(run(score, job, i, work));
  });
  return values;
}
inline std::vector<float> scalar_samples(const kernels::PathJob<float>& job, std::uint64_t first, int count,
                                         Dimension dimension) {
  return scalar_samples(job, first, count, dimension,
                        [](const auto& score, const auto& of, std::uint64_t i, const auto& work) {
                          return kernels::run_paths<std::decay_t<decltype(score)>, float>(score, of, i, work);
                        });
}
inline std::vector<float> scalar_samples(const kernels::IncrementJob<float>& job, std::uint64_t first, int count,
                                         Dimension dimension) {
  return scalar_samples(job, first, count, dimension,
                        [](const auto& score, const auto& of, std::uint64_t i, const auto& work) {
                          return of.divergence ? kernels::run_increments<true>(score, of, i, work)
                                               : kernels::run_increments<false>(score, of, i, work);
                        });
}
inline std::vector<float> scalar_samples(const kernels::RayJob<float>& job, std::uint64_t first, int count,
                                         Dimension dimension) {
  return scalar_samples(job, first, count, dimension,
                        [](const auto& score, const auto& of, std::uint64_t i, const auto& work) {
                          return kernels::run_rays(score, of, i, work);
                        });
}
/// What one chain makes of a job's weights.
struct WeightsOfChain {
  kernels::WeightJob<float> job;
  int chain;
};
inline std::vector<float> scalar_samples(const WeightsOfChain& of, std::uint64_t first, int count,
                                         Dimension dimension) {
  return scalar_samples(of.job, first, count, dimension,
                        [&](const auto& score, const auto& job, std::uint64_t i, const auto& work) {
                          return kernels::run_weights(score, job, i, work).chain[of.chain];
                        });
}

}  // namespace scorepath::test
