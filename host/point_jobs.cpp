// The jobs of a point that the lanes are given: views of its tables, streams of its random numbers.
#include <bit>

#include "host/point_plan.hpp"
#include "host/sobol_tables.hpp"
#include "kernels/estimator/pathwise.hpp"

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

}  // namespace

kernels::PathwiseForm PointPlan::pathwise_form() const {
  switch (job_.options.form) {
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

/// As many nodes of the bridge as there are direction numbers for.
kernels::SobolPaths PointPlan::sobol_paths(Draws draws) const {
  if (!has_sobol_paths(job_.options)) return {};
  const std::size_t nodes = std::min<std::size_t>(job_.options.steps, sobol_max_dimension / y_.size());
  return {sobol_directions(std::max<std::size_t>(nodes, 1) * y_.size()), static_cast<std::uint32_t>(nodes),
          std::countr_zero(job_.sampling.length),
          kernels::make_stream(job_.options.seed, key_, Purpose::scramble, draws == Draws::pilot)};
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
          o.cancellation == Cancellation::on,
          static_cast<T>(job_.model.least_ratio())};
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
          is_paired(o),
          sobol_paths(draws)};
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
          kernels::has_divergence(pathwise_form()),
          paths.sobol};
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
          .extrapolates = job_.options.lambda == 1.0,
          .coarse_table = tables.coarse.data(),
          .coarse_levels = tables.coarse_levels.data(),
          .coarse_inverse = tables.coarse_inverse.data(),
          .coarse_steps = static_cast<std::uint32_t>(tables.coarse.size())};
}

template kernels::SliceJob<float> PointPlan::slice_job(const Tables<float>&, Draws) const;
template kernels::PathJob<float> PointPlan::path_job(const Tables<float>&, Draws) const;
template kernels::IncrementJob<float> PointPlan::increment_job(const Tables<float>&, Draws) const;
template kernels::RayJob<float> PointPlan::ray_job(const Tables<float>&, Draws) const;
template kernels::WeightJob<float> PointPlan::weight_job(const Tables<float>&, Draws) const;
template kernels::SteeredJob<float> PointPlan::steered_job(const Tables<float>&, Draws) const;
template kernels::SliceJob<double> PointPlan::slice_job(const Tables<double>&, Draws) const;
template kernels::PathJob<double> PointPlan::path_job(const Tables<double>&, Draws) const;
template kernels::IncrementJob<double> PointPlan::increment_job(const Tables<double>&, Draws) const;
template kernels::RayJob<double> PointPlan::ray_job(const Tables<double>&, Draws) const;
template kernels::WeightJob<double> PointPlan::weight_job(const Tables<double>&, Draws) const;
template kernels::SteeredJob<double> PointPlan::steered_job(const Tables<double>&, Draws) const;

}  // namespace scorepath
