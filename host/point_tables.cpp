// A point's tables in the lanes' own precision, and the jobs that point to them.
#include <algorithm>
#include <bit>

#include "host/point_plan.hpp"
#include "host/sobol_tables.hpp"
#include "kernels/estimator/carried.hpp"
#include "kernels/estimator/path_weights.hpp"
#include "kernels/estimator/pathwise.hpp"
#include "kernels/estimator/ray.hpp"
#include "kernels/step/reverse.hpp"

namespace scorepath {
namespace {

using kernels::Purpose;

kernels::Points points_of(TimePoints value) {
  switch (value) {
    case TimePoints::stratified:
      return kernels::Points::stratified;
    case TimePoints::plain:
      return kernels::Points::plain;
    case TimePoints::sobol:
      break;
  }
  return kernels::Points::sobol;
}

kernels::PathwiseForm pathwise_form(Form form) {
  switch (form) {
    case Form::forward_ito:
      return kernels::PathwiseForm::forward_ito;
    case Form::backward_ito:
      return kernels::PathwiseForm::backward_ito;
    case Form::implicit:
      return kernels::PathwiseForm::implicit;
    default:
      return kernels::PathwiseForm::stratonovich;
  }
}

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
  const long row = kernels::level_size(tables.view.kind, tables.view.dim, tables.view.panels);
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
    to.clear();
    for (const kernels::SteeredStep<double>& row : rows) to.push_back(kernels::rounded<T>(row));
  };
  const std::vector<double>& rho = grid_.rho;
  if (lambda != 1.0) {
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
      rho, [&](std::size_t k) { return kernels::inference_gaussian(v + rho[k], v + rho[k + 1], lambda); },
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
      pathwise_form(job_.options.form), grid_.rho.data(), grid_.weight.data(), static_cast<int>(grid_.steps()),
      finest_variance_, [&](double rho) { return reference_divergence(rho); }, tables.increments.data());
  tables.first_difference = rounded<T>(first_difference_);
}

/// Divergence of the reference Gaussian's score.
double PointPlan::reference_divergence(double rho) const {
  double divergence = 0.0;
  for (const double variance : reference_variance_) divergence -= 1.0 / (variance + range_.start + rho);
  return divergence;
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

template <class T>
kernels::SliceJob<T> PointPlan::slice_job(const Tables<T>& tables, Draws draws) const {
  const Options& o = job_.options;
  const bool pilot = draws == Draws::pilot;
  const bool sobol = o.time_points == TimePoints::sobol;
  const std::size_t d = y_.size();
  return {tables.view,
          {use_reference_, tables.reference.data(), tables.reference.data() + d},
          tables.law_view,
          static_cast<T>(range_.start),
          points_of(o.time_points),
          std::countr_zero(job_.sampling.length),
          sobol ? sobol_directions(d + 1) : nullptr,
          kernels::make_stream(o.seed, key_, Purpose::noise, pilot),
          kernels::make_stream(o.seed, key_, Purpose::time, pilot),
          kernels::make_stream(o.seed, key_, Purpose::scramble, pilot),
          is_paired(o),
          o.cancellation == Cancellation::on};
}

template <class T>
kernels::PathJob<T> PointPlan::path_job(const Tables<T>& tables, Draws draws) const {
  const Options& o = job_.options;
  const std::size_t d = y_.size();
  return {tables.view,
          {use_reference_, tables.reference.data(), tables.reference.data() + d},
          tables.reference_inverse.data(),
          tables.levels.data(),
          tables.steps.data(),
          tables.position.data(),
          static_cast<std::uint32_t>(tables.steps.size()),
          kernels::make_stream(o.seed, key_, Purpose::noise, draws == Draws::pilot),
          is_paired(o)};
}

template <class T>
kernels::IncrementJob<T> PointPlan::increment_job(const Tables<T>& tables, Draws draws) const {
  const kernels::PathJob<T> paths = path_job(tables, draws);
  return {paths.score,
          paths.reference,
          paths.reference_inverse,
          paths.levels,
          tables.increments.data(),
          tables.first_difference.data(),
          paths.steps,
          paths.noise,
          paths.antithetic,
          kernels::has_divergence(pathwise_form(job_.options.form))};
}

template <class T>
kernels::RayJob<T> PointPlan::ray_job(const Tables<T>& tables, Draws draws) const {
  const kernels::PathJob<T> paths = path_job(tables, draws);
  return {paths.score,  paths.reference,    paths.reference_inverse,
          paths.levels, tables.rays.data(), static_cast<std::uint32_t>(tables.rays.size()),
          paths.noise,  paths.antithetic};
}

template <class T>
kernels::WeightJob<T> PointPlan::weight_job(const Tables<T>& tables, Draws draws) const {
  const kernels::PathJob<T> paths = path_job(tables, draws);
  return {paths.score,
          paths.reference,
          paths.reference_inverse,
          paths.levels,
          tables.weights.data(),
          tables.far_end.data(),
          tables.far_end.data() + y_.size(),
          static_cast<std::uint32_t>(tables.weights.size()),
          paths.noise,
          paths.antithetic};
}

template <class T>
kernels::SteeredJob<T> PointPlan::steered_job(const Tables<T>& tables, Draws draws) const {
  const kernels::PathJob<T> paths = path_job(tables, draws);
  return {.score = paths.score,
          .reference = paths.reference,
          .reference_inverse = paths.reference_inverse,
          .levels = paths.levels,
          .table = tables.steered.data(),
          .start_mean = tables.start.data(),
          .start_deviation = tables.start.data(),
          .far_slope = tables.far_end.data(),
          .far_square = tables.far_end.data() + y_.size(),
          .steps = static_cast<std::uint32_t>(tables.steered.size()),
          .noise = paths.noise,
          .prior = kernels::make_stream(job_.options.seed, key_, Purpose::prior, draws == Draws::pilot),
          .two_stages = false,
          .density = true,
          .ends_far = true,
          .keeps_ends = false,
          .extrapolates = tables.coarse.empty(),
          .coarse_table = tables.coarse.data(),
          .coarse_levels = tables.coarse_levels.data(),
          .coarse_inverse = tables.coarse_inverse.data(),
          .coarse_steps = static_cast<std::uint32_t>(tables.coarse.size())};
}

std::size_t PointPlan::bytes(const JobContext& job) {
  // Of each sample: three weights, kept in memory that doubles as it grows, and doubles while they are worked on.
  constexpr std::size_t weight_numbers = 2 * kernels::weight_chains + 8;
  const kernels::MixtureModel& model = job.model.mixture();
  const auto d = static_cast<std::size_t>(model.dim);
  std::size_t numbers = static_cast<std::size_t>(kernels::table_size(model)) + 8 * d;
  if (job.options.sampler == Sampler::paths) {
    const long row = kernels::level_size(kernels::kind_of(model), model.dim, kernels::panels_of(model.components));
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
template kernels::SliceJob<float> PointPlan::slice_job(const Tables<float>&, Draws) const;
template kernels::PathJob<float> PointPlan::path_job(const Tables<float>&, Draws) const;
template kernels::IncrementJob<float> PointPlan::increment_job(const Tables<float>&, Draws) const;
template void PointPlan::fill_rays(Tables<float>&, const Quadrature&) const;
template kernels::RayJob<float> PointPlan::ray_job(const Tables<float>&, Draws) const;
template kernels::WeightJob<float> PointPlan::weight_job(const Tables<float>&, Draws) const;
template kernels::SteeredJob<float> PointPlan::steered_job(const Tables<float>&, Draws) const;
template void PointPlan::fill_tables(Tables<double>&) const;
template kernels::SliceJob<double> PointPlan::slice_job(const Tables<double>&, Draws) const;
template kernels::PathJob<double> PointPlan::path_job(const Tables<double>&, Draws) const;
template kernels::IncrementJob<double> PointPlan::increment_job(const Tables<double>&, Draws) const;
template kernels::RayJob<double> PointPlan::ray_job(const Tables<double>&, Draws) const;
template kernels::WeightJob<double> PointPlan::weight_job(const Tables<double>&, Draws) const;
template kernels::SteeredJob<double> PointPlan::steered_job(const Tables<double>&, Draws) const;

}  // namespace scorepath
