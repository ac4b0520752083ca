// Running a point: lane tables, jobs for the CPU back end, batches.
#include <algorithm>
#include <bit>
#include <cmath>

#include "host/point_plan.hpp"
#include "host/sobol_tables.hpp"

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
  if (!transitions_.empty()) fill_step_tables(tables, node_rho_, node_weight_, node_check_, transitions_);
}

template <class T>
void PointPlan::fill_step_tables(Tables<T>& tables, const std::vector<double>& rho, const std::vector<double>& weight,
                                 const std::vector<double>& check,
                                 const std::vector<kernels::TransitionStep>& transitions) const {
  const std::size_t steps = transitions.size();
  const std::size_t d = y_.size();
  const bool cancellation = use_reference_ || job_.options.cancellation == Cancellation::on;
  tables.steps.resize(steps);
  kernels::make_step_table(rho.data(), weight.data(), check.data(), transitions.data(), static_cast<int>(steps),
                           cancellation, tables.steps.data());
  tables.position = rounded<T>(y_);
  std::vector<T> r(steps);
  tables.reference_inverse.resize(use_reference_ ? steps * d : 0);
  for (std::size_t k = 0; k < steps; ++k) {
    r[k] = static_cast<T>(range_.start + rho[k + 1]);
    for (std::size_t j = 0; j < d && use_reference_; ++j) {
      tables.reference_inverse[k * d + j] = static_cast<T>(1.0 / (reference_variance_[j] + range_.start + rho[k + 1]));
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
          o.antithetic == Antithetic::on,
          tables.halves.empty() ? nullptr : tables.halves.data()};
}

template <class T>
void PointPlan::run(const Tables<T>& tables, Draws draws, std::uint64_t first, int count, T* values, T* checks) const {
  const kernels::CpuKernels& cpu = job_.cpu;
  if (draws == Draws::pilot) first += sizing_pilot_begin;
  if (job_.options.sampler == Sampler::slices) {
    const kernels::SliceJob<T> job = slice_job(tables, draws);
    if constexpr (sizeof(T) == 4) {
      cpu.slices(job, first, count, values);
    } else {
      cpu.slices_double(job, first, count, values);
    }
    return;
  }
  const kernels::PathJob<T> job = path_job(tables, draws);
  if constexpr (sizeof(T) == 4) {
    cpu.paths(job, first, count, values, checks);
  } else {
    cpu.paths_double(job, first, count, values, checks);
  }
}

BatchRecord PointPlan::run_batch(std::uint64_t batch, std::uint64_t samples_in_batch, Draws draws,
                                 double* samples) const {
  // 1. The samples of the batch: samples x (score evaluations of one sample), state in the lanes.
  const bool paths = job_.options.sampler == Sampler::paths;
  const std::size_t count = samples_in_batch;
  std::vector<float> values((count + 15) / 16 * 16), checks(paths ? values.size() : 0);
  run(tables_, draws, batch * job_.sampling.samples_per_batch(), static_cast<int>(count), values.data(), checks.data());
  // 2. To independent values: the means of whole randomisations, by a fixed tree.
  BatchRecord record;
  const std::size_t length = job_.sampling.length;
  std::vector<double> group(length), means(count / length), scratch(count);
  for (std::size_t i = 0; i < count; ++i) {
    record.non_finite += std::isfinite(values[i]) ? 0 : 1;
    if (samples != nullptr) samples[i] = baseline_ - static_cast<double>(values[i]);
  }
  for (std::size_t g = 0; g < means.size(); ++g) {
    for (std::size_t i = 0; i < length; ++i) group[i] = static_cast<double>(values[g * length + i]);
    means[g] = kernels::tree_sum(group.data(), length) / static_cast<double>(length);
  }
  record.value = kernels::moments_of(means.data(), means.size(), scratch.data());
  // 3. How far the quadrature on every second node is away (paths).
  if (paths) {
    std::vector<double> differences(count);
    for (std::size_t i = 0; i < count; ++i) {
      differences[i] = static_cast<double>(values[i]) - static_cast<double>(checks[i]) + check_offset_;
    }
    record.check = kernels::moments_of(differences.data(), count, scratch.data());
  }
  return record;
}

std::uint64_t PointPlan::evaluations_per_sample() const {
  const std::uint64_t steps = job_.options.sampler == Sampler::paths ? job_.options.steps : 1;
  return steps * job_.sampling.paths_per_sample;
}

kernels::Moments PointPlan::arithmetic_difference(int count) const {
  Tables<double> tables;
  fill_tables(tables);
  // One sample at a time, spread over the strata of the first randomisation: neighbours alone would see one noise
  // level.
  const std::uint64_t stride = std::max<std::uint64_t>(job_.sampling.length / static_cast<std::uint64_t>(count), 1);
  std::vector<double> difference(static_cast<std::size_t>(count)), scratch(difference.size());
  for (std::size_t i = 0; i < difference.size(); ++i) {
    double exact[16], exact_check[16];
    float value[16], check[16];
    run(tables, Draws::estimate, i * stride, 1, exact, exact_check);
    run(tables_, Draws::estimate, i * stride, 1, value, check);
    difference[i] = static_cast<double>(value[0]) - exact[0];
  }
  return kernels::moments_of(difference.data(), difference.size(), scratch.data());
}

bool PointPlan::steps_can_be_merged() const {
  if (transitions_.size() % 2 != 0) return false;
  for (std::size_t k = 1; k < node_check_.size(); k += 2) {
    if (node_check_[k] != 0.0) return false;
  }
  return true;
}

kernels::Moments PointPlan::step_difference(int count) const {
  const std::size_t fine = transitions_.size();
  const std::size_t coarse = fine / 2;
  std::vector<double> rho(coarse + 1), weight(coarse + 1), unused_check(coarse + 1);
  for (std::size_t k = 0; k <= coarse; ++k) {
    rho[k] = node_rho_[2 * k];
    weight[k] = node_check_[2 * k];
  }
  std::vector<kernels::TransitionStep> transitions(coarse);
  kernels::euler_maruyama_transitions(job_.model.schedule(), range_, rho.data(), static_cast<int>(coarse),
                                      transitions.data());
  Tables<float> tables;
  fill_tables(tables);
  fill_step_tables(tables, rho, weight, unused_check, transitions);
  tables.halves.resize(2 * coarse);
  for (std::size_t k = 0; k < coarse; ++k) {
    // Any shares whose squares add to one give the coarse path its law; these follow the fine one closely.
    const double first = rho[k];
    const double middle = node_rho_[2 * k + 1];
    const double share = (middle - first) / (rho[k + 1] - first);
    tables.halves[2 * k] = static_cast<float>(kernels::sqrt(share));
    tables.halves[2 * k + 1] = static_cast<float>(kernels::sqrt(1.0 - share));
  }
  const auto size = static_cast<std::size_t>((count + 15) / 16 * 16);
  std::vector<float> values(size), checks(size), coarse_values(size), unused(size);
  run(tables_, Draws::estimate, 0, count, values.data(), checks.data());
  run(tables, Draws::estimate, 0, count, coarse_values.data(), unused.data());
  std::vector<double> difference(size), scratch(size);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    difference[i] = static_cast<double>(values[i]) - static_cast<double>(coarse_values[i]) + check_offset_;
  }
  return kernels::moments_of(difference.data(), static_cast<std::uint64_t>(count), scratch.data());
}

template void PointPlan::fill_tables(Tables<float>&) const;
template kernels::SliceJob<float> PointPlan::slice_job(const Tables<float>&, Draws) const;

}  // namespace scorepath
