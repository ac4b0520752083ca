// Running a point: lane tables, jobs for the CPU back end, batches.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "host/point_plan.hpp"
#include "host/sobol_tables.hpp"
#include "kernels/estimator/path_weights.hpp"
#include "kernels/estimator/pathwise.hpp"
#include "kernels/estimator/ray.hpp"

namespace scorepath {
namespace {

using kernels::Purpose;

/// Where the draws of the pilot that sizes a job begin: away from those of the pilot that fits laws.
constexpr std::uint64_t sizing_pilot_begin = std::uint64_t{1} << 40;

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
          o.antithetic == Antithetic::on,
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
          o.antithetic == Antithetic::on};
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

/// Samples first .. first + count - 1 -> values [values of a sample][count, rounded up to sixteen]; false where it was
/// broken off.
template <class T>
bool PointPlan::run(const Tables<T>& tables, Draws draws, std::uint64_t first, int count, T* values,
                    const GoOn& go_on) const {
  const kernels::CpuKernels& cpu = job_.cpu;
  const auto with = [&](const auto& job, const auto& of_float, const auto& of_double) {
    return in_turns(evaluations_per_sample(), count, go_on, [&](int from, int n) {
      if constexpr (sizeof(T) == 4) {
        of_float(job, first + static_cast<std::uint64_t>(from), n, values + from);
      } else {
        of_double(job, first + static_cast<std::uint64_t>(from), n, values + from);
      }
    });
  };
  switch (engine_of(job_.options)) {
    case Engine::slices:
      return with(slice_job(tables, draws), cpu.slices, cpu.slices_double);
    case Engine::increments:
      return with(increment_job(tables, draws), cpu.increments, cpu.increments_double);
    case Engine::rays:
      return with(ray_job(tables, draws), cpu.rays, cpu.rays_double);
    case Engine::weights: {
      const auto stride = static_cast<std::size_t>((count + 15) / 16 * 16);
      const auto run_float = [&](const auto& job, std::uint64_t from, int n, auto* to) {
        cpu.weights(job, from, n, to, stride);
      };
      const auto run_double = [&](const auto& job, std::uint64_t from, int n, auto* to) {
        cpu.weights_double(job, from, n, to, stride);
      };
      return with(weight_job(tables, draws), run_float, run_double);
    }
    case Engine::paths:
      break;
  }
  return with(path_job(tables, draws), cpu.paths, cpu.paths_double);
}

std::optional<BatchRecord> PointPlan::run_batch(std::uint64_t batch, std::uint64_t samples_in_batch, Draws draws,
                                                const GoOn& go_on, Kept* kept) const {
  // 1. The samples of the batch: samples x (score evaluations of one sample), state in the lanes.
  const std::size_t count = samples_in_batch;
  const std::size_t stride = (count + 15) / 16 * 16;
  std::vector<float> values(values_per_sample(job_) * stride);
  if (!run(tables_, draws, first_sample(batch, draws), static_cast<int>(count), values.data(), go_on))
    return std::nullopt;
  if (kept != nullptr) *kept = kept_of(values.data(), stride, count);
  // 2. Their record, by a fixed tree.
  const auto n = static_cast<std::uint32_t>(count);
  const int log2_length = std::countr_zero(job_.sampling.length);
  std::vector<double> memory(kernels::batch_memory(n, log2_length));
  return kernels::batch_record(kernels::OneWorker{}, values.data(), n, log2_length, memory.data());
}

PointPlan::Kept PointPlan::kept_of(const float* values, std::size_t stride, std::uint64_t count) const {
  Kept kept;
  if (engine_of(job_.options) == Engine::weights) {
    kept.chains.resize(count);
    for (std::size_t c = 0; c < kernels::weight_chains; ++c) {
      for (std::size_t i = 0; i < count; ++i) kept.chains[i].chain[c] = values[c * stride + i];
    }
    return kept;
  }
  kept.samples.resize(count);
  for (std::size_t i = 0; i < count; ++i) kept.samples[i] = sample_of(values[i]);
  return kept;
}

double PointPlan::sample_of(float value) const {
  // What is no number has the same bits on every back end: a processor's and a device's own differ.
  return std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : baseline_ - static_cast<double>(value);
}

std::uint64_t PointPlan::first_sample(std::uint64_t batch, Draws draws) const {
  return batch * job_.sampling.samples_per_batch() + (draws == Draws::pilot ? sizing_pilot_begin : 0);
}

std::uint64_t PointPlan::evaluations_per_sample() const {
  const std::uint64_t nodes = engine_of(job_.options) == Engine::slices ? 1 : grid_.steps();
  return nodes * job_.sampling.paths_per_sample;
}

std::optional<kernels::Moments> PointPlan::arithmetic_difference(int count, const GoOn& go_on,
                                                                 const std::vector<float>& device_values) const {
  Tables<double> tables;
  fill_tables(tables);
  const std::uint64_t stride = arithmetic_stride(job_.sampling, count);
  const std::size_t values = values_per_sample(job_);
  const double of_value[] = {job_.options.form == Form::extrapolated ? 2.0 : 1.0,
                             job_.options.form == Form::extrapolated ? -1.0 : 0.0, 0.0};
  std::vector<double> difference(static_cast<std::size_t>(count), 0.0), scratch(difference.size());
  for (std::size_t i = 0; i < difference.size(); ++i) {
    double exact[16 * kernels::weight_chains];
    float value[16 * kernels::weight_chains];
    if (!run(tables, Draws::estimate, i * stride, 1, exact, go_on)) return std::nullopt;
    if (!run(tables_, Draws::estimate, i * stride, 1, value, go_on)) return std::nullopt;
    for (std::size_t c = 0; c < values; ++c) {
      const float own = value[16 * c];
      const float used = device_values.empty() ? own : device_values[c * (device_values.size() / values) + i];
      const bool is_same = kernels::as_bits(used) == kernels::as_bits(own) || (std::isnan(used) && std::isnan(own));
      if (job_.options.arithmetic == Arithmetic::reproducible && !is_same) {
        throw kernels::cuda::DeviceError("it computes other bits than the processor: hardware or driver is faulty");
      }
      difference[i] += of_value[c] * (static_cast<double>(used) - exact[16 * c]);
    }
  }
  return kernels::moments_of(difference.data(), difference.size(), scratch.data());
}

template void PointPlan::fill_tables(Tables<float>&) const;
template void PointPlan::fill_step_tables(Tables<float>&, const Quadrature&, std::size_t, std::size_t, bool) const;
template kernels::SliceJob<float> PointPlan::slice_job(const Tables<float>&, Draws) const;
template kernels::PathJob<float> PointPlan::path_job(const Tables<float>&, Draws) const;
template kernels::IncrementJob<float> PointPlan::increment_job(const Tables<float>&, Draws) const;
template void PointPlan::fill_rays(Tables<float>&, const Quadrature&) const;
template kernels::RayJob<float> PointPlan::ray_job(const Tables<float>&, Draws) const;
template kernels::WeightJob<float> PointPlan::weight_job(const Tables<float>&, Draws) const;

}  // namespace scorepath
