// A point's tables in the lanes' own precision.
#include <algorithm>

#include "host/point_plan.hpp"
#include "kernels/estimator/carried.hpp"
#include "kernels/estimator/path_weights.hpp"
#include "kernels/estimator/pathwise.hpp"
#include "kernels/estimator/ray.hpp"
#include "kernels/step/reverse.hpp"

namespace scorepath {
namespace {

template <class T>
std::vector<T> rounded(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

}  // namespace

template <class T>
void PointPlan::fill_tables(Tables<T>& tables) const {
  const kernels::MixtureModel& model = job_.model.mixture();
  const std::size_t d = y_.size();
  tables.score.resize(static_cast<std::size_t>(kernels::table_size(model)));
  tables.view = kernels::make_score_tables(model, y_.data(), tables.score.data());
  tables.reference.resize(2 * d);
  for (std::size_t j = 0; j < d; ++j) {
    tables.reference[j] = static_cast<T>(reference_mean_[j] - y_[j]);
    tables.reference[d + j] = static_cast<T>(reference_variance_[j]);
  }
  if (!law_nodes_.empty()) {
    tables.law.resize(3 * (law_nodes_.size() - 1));
    tables.law_view = kernels::make_law_table(law_nodes_.data(), static_cast<int>(law_nodes_.size() - 1), law_shape_,
                                              tables.law.data());
  }
  if (grid_.steps() == 0) return;
  const Engine engine = engine_of(job_.options);
  if (engine == Engine::rays) return fill_rays(tables, grid_);
  if (engine == Engine::weights) return fill_weights(tables);
  if (engine == Engine::steered) return fill_steered(tables);
  fill_step_tables(tables, grid_, 0, grid_.steps(), cancels());
  if (engine == Engine::increments) fill_increments(tables);
}

/// The rows of steps [first, last) of a quadrature.
template <class T>
void PointPlan::fill_step_tables(Tables<T>& tables, const Quadrature& quadrature, std::size_t first, std::size_t last,
                                 bool cancellation) const {
  const std::size_t steps = last - first;
  const double* rho = quadrature.rho.data() + first;
  tables.steps.resize(steps);
  kernels::make_step_table(rho, quadrature.weight.data() + first, quadrature.transitions.data() + first,
                           static_cast<int>(steps), cancellation, tables.steps.data());
  tables.position = rounded<T>(y_);
  fill_levels(tables, rho + 1, steps);
}

template <class T>
void PointPlan::fill_weights(Tables<T>& tables) const {
  tables.weights.resize(grid_.steps());
  kernels::make_weight_table(grid_.rho.data(), static_cast<int>(grid_.steps()), tables.weights.data());
  tables.far_end = rounded<T>(far_slope_);
  tables.far_end.insert(tables.far_end.end(), far_square_.begin(), far_square_.end());
  fill_levels(tables, grid_.rho.data() + 1, grid_.steps());
  std::vector<T> first(y_.size());
  for (std::size_t j = 0; j < first.size(); ++j)
    first[j] = static_cast<T>(1.0 / (reference_variance_[j] + range_.start));
  tables.reference_inverse.insert(tables.reference_inverse.begin(), first.begin(), first.end());
}

/// What score and reference need at the noise levels of rho [steps].
template <class T>
void PointPlan::fill_levels(Tables<T>& tables, const double* rho, std::size_t steps) const {
  const std::size_t d = y_.size();
  std::vector<T> r(steps);
  tables.reference_inverse.resize(use_reference_ ? steps * d : 0);
  for (std::size_t k = 0; k < steps; ++k) {
    r[k] = static_cast<T>(range_.start + rho[k]);
    for (std::size_t j = 0; j < d && use_reference_; ++j) {
      tables.reference_inverse[k * d + j] = static_cast<T>(1.0 / (reference_variance_[j] + range_.start + rho[k]));
    }
  }
  const long row = kernels::level_size(tables.view);
  tables.levels.resize(steps * static_cast<std::size_t>(row));
  if constexpr (sizeof(T) == 4) {
    job_.cpu.levels(tables.view, r.data(), static_cast<std::uint32_t>(steps), tables.levels.data());
  } else {
    job_.cpu.levels_double(tables.view, r.data(), static_cast<std::uint32_t>(steps), tables.levels.data());
  }
}

/// Rows of paths that the score steers; with noise, those of their coarse pass too.
template <class T>
void PointPlan::fill_steered(Tables<T>& tables) const {
  const double v = finest_variance_, lambda = job_.options.lambda;
  const auto divergence = [&](double rho) { return reference_divergence(rho); };
  const auto fill = [&](const std::vector<double>& rho, const auto& row_of, std::vector<kernels::SteeredStep<T>>& to) {
    const int count = static_cast<int>(rho.size()) - 1;
    std::vector<kernels::SteeredStep<double>> rows;
    for (int k = 0; k < count; ++k) rows.push_back(row_of(static_cast<std::size_t>(k)));
    rows.push_back(kernels::resting());
    kernels::add_carried_upwards({rho.data(), count, v}, divergence, rows.data());
    for (kernels::SteeredStep<double>& row : rows)
      if (job_.options.form == Form::feynman_kac) kernels::make_feynman_kac(row);
    to.clear();
    for (const kernels::SteeredStep<double>& row : rows) to.push_back(kernels::rounded<T>(row));
  };
  const std::vector<double>& rho = grid_.rho;
  const bool feynman_kac = job_.options.form == Form::feynman_kac;
  if (lambda != 1.0 && !feynman_kac && job_.level.coupled) {
    std::vector<double> every_second, twice;  // levels of both stages, of which the second is not used
    for (std::size_t k = 0; k < rho.size(); k += 2) {
      every_second.push_back(rho[k]);
      twice.insert(twice.end(), 2, rho[k]);
    }
    const auto row_of = [&](std::size_t k) {
      return kernels::inference_gaussian_of_two(v + rho[2 * k], v + rho[2 * k + 1], v + rho[2 * k + 2], lambda);
    };
    fill(every_second, row_of, tables.coarse);
    fill_levels(tables, twice.data(), twice.size());
    tables.coarse_levels = std::move(tables.levels);
    fill_levels(tables, every_second.data(), every_second.size());
    tables.coarse_inverse = std::move(tables.reference_inverse);
  }
  fill(
      rho,
      [&](std::size_t k) {
        return feynman_kac ? kernels::feynman_kac_gaussian(v + rho[k], v + rho[k + 1])
                           : kernels::inference_gaussian(v + rho[k], v + rho[k + 1], lambda);
      },
      tables.steered);
  fill_levels(tables, rho.data(), rho.size());
  tables.far_end = rounded<T>(far_slope_);
  tables.far_end.insert(tables.far_end.end(), far_square_.begin(), far_square_.end());
  tables.start.assign(y_.size(), T(0));
}

/// The rows of the plan's own grid, beside those of paths, which its check takes along rays.
template <class T>
void PointPlan::fill_increments(Tables<T>& tables) const {
  tables.increments.resize(grid_.steps());
  kernels::make_pathwise_table(
      pathwise_form(), grid_.rho.data(), grid_.weight.data(), static_cast<int>(grid_.steps()), finest_variance_,
      [&](double rho) { return reference_divergence(rho); }, tables.increments.data());
  tables.first_difference = rounded<T>(first_difference_);
}

template <class T>
void PointPlan::fill_rays(Tables<T>& tables, const Quadrature& ray) const {
  tables.rays.resize(ray.steps());
  for (std::size_t k = 0; k < ray.steps(); ++k) {
    const double rho = ray.rho[k + 1];
    tables.rays[k] = kernels::make_ray_node<T>(kernels::sqrt(rho), ray.weight[k + 1], reference_divergence(rho));
  }
  fill_levels(tables, ray.rho.data() + 1, ray.steps());
}

std::size_t PointPlan::bytes(const JobContext& job) {
  // Of each sample: three weights, kept in memory that doubles as it grows, and doubles while they are worked on.
  constexpr std::size_t weight_numbers = 2 * kernels::weight_chains + 8;
  const kernels::MixtureModel& model = job.model.mixture();
  const auto d = static_cast<std::size_t>(model.dim);
  std::size_t numbers = static_cast<std::size_t>(kernels::table_size(model)) + 8 * d;
  if (job.options.sampler == Sampler::paths) {
    const long row = kernels::level_size(kernels::shape_of(model));
    const Engine engine = engine_of(job.options);
    // Increments have those of the check too.
    const std::size_t rows = engine == Engine::increments || engine == Engine::steered ? 4 : 1;
    if (engine_of(job.options) == Engine::weights) numbers += job.sampling.samples * weight_numbers;
    numbers += job.options.steps * ((engine == Engine::steered ? 2 : 1) * (static_cast<std::size_t>(row) + d) +
                                    rows * sizeof(kernels::Step<float>) / sizeof(float));
  } else {
    numbers += 3 * law_cells;
  }
  return numbers * sizeof(float);
}

template void PointPlan::fill_tables(Tables<float>&) const;
template void PointPlan::fill_step_tables(Tables<float>&, const Quadrature&, std::size_t, std::size_t, bool) const;
template void PointPlan::fill_rays(Tables<float>&, const Quadrature&) const;
template void PointPlan::fill_tables(Tables<double>&) const;

}  // namespace scorepath
