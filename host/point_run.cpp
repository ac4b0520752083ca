// Running a point: its jobs on the CPU back end, batches, and what float loses.
#include <bit>
#include <cmath>
#include <limits>

#include "host/point_plan.hpp"

namespace scorepath {
namespace {

/// Where the draws of the pilot that sizes a job begin: away from those of the pilot that fits laws.
constexpr std::uint64_t sizing_pilot_begin = std::uint64_t{1} << 40;

}  // namespace

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
    case Engine::steered: {
      const auto stride = static_cast<std::size_t>((count + 15) / 16 * 16);
      const auto run_float = [&](const auto& job, std::uint64_t from, int n, auto* to) {
        cpu.steered(job, from, n, to, stride);
      };
      const auto run_double = [&](const auto& job, std::uint64_t from, int n, auto* to) {
        cpu.steered_double(job, from, n, to, stride);
      };
      return with(steered_job(tables, draws), run_float, run_double);
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
  if (is_weighed(job_.options)) {
    // One weight alone where there is no chain.
    const std::size_t chains = engine_of(job_.options) == Engine::weights ? kernels::weight_chains : 1;
    kept.chains.resize(count, Chains{});
    for (std::size_t c = 0; c < chains; ++c) {
      for (std::size_t i = 0; i < count; ++i) kept.chains[i].chain[c] = values[c * stride + i];
    }
    return kept;
  }
  if (engine_of(job_.options) == Engine::steered) {
    // Along the flow the sum of a path's differences, as if none of them cancelled another.
    const double pairs = 0.5 * static_cast<double>(grid_.steps());
    for (std::size_t i = 0; i < count; ++i) {
      kept.leaning.push_back(job_.options.lambda == 1.0
                                 ? kernels::sqrt(pairs * static_cast<double>(values[2 * stride + i]))
                                 : static_cast<double>(values[stride + i]));
    }
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
  return job_.level.first_sample + batch * job_.sampling.samples_per_batch() +
         (draws == Draws::pilot ? sizing_pilot_begin : 0);
}

std::uint64_t PointPlan::evaluations_per_sample() const {
  const Engine engine = engine_of(job_.options);
  std::uint64_t nodes = engine == Engine::slices ? 1 : grid_.steps();
  if (engine == Engine::steered) nodes = tables_.steered.size() + 2 * tables_.coarse.size();
  return nodes * job_.sampling.paths_per_sample;
}

std::optional<kernels::Moments> PointPlan::arithmetic_difference(int count, const GoOn& go_on,
                                                                 const std::vector<float>& device_values) const {
  Tables<double> tables;
  fill_tables(tables);
  const std::uint64_t stride = arithmetic_stride(job_.sampling, count);
  const std::size_t values = values_per_sample(job_);
  double of_value[] = {1.0, 0.0, 0.0};
  if (job_.options.form == Form::extrapolated) {
    of_value[0] = 2.0, of_value[1] = -1.0;
  } else if (job_.options.form == Form::multilevel && job_.level.coupled) {
    of_value[0] = 0.0, of_value[1] = level_difference;
  }
  std::vector<double> difference(static_cast<std::size_t>(count), 0.0), scratch(difference.size());
  for (std::size_t i = 0; i < difference.size(); ++i) {
    double exact[16 * kernels::weight_chains];
    float value[16 * kernels::weight_chains];
    const std::uint64_t sample = first_sample(0, Draws::estimate) + i * stride;
    if (!run(tables, Draws::estimate, sample, 1, exact, go_on)) return std::nullopt;
    if (!run(tables_, Draws::estimate, sample, 1, value, go_on)) return std::nullopt;
    for (std::size_t c = 0; c < values; ++c) {
      const float own = value[16 * c];
      const float used = device_values.empty() ? own : device_values[c * (device_values.size() / values) + i];
      const bool is_same = kernels::as_bits(used) == kernels::as_bits(own) || (std::isnan(used) && std::isnan(own));
      if (job_.options.arithmetic == Arithmetic::reproducible && !is_same) {
        throw kernels::cuda::DeviceError("it computes other bits than the processor: hardware or driver is faulty");
      }
      if (of_value[c] != 0.0) difference[i] += of_value[c] * (static_cast<double>(used) - exact[16 * c]);
    }
  }
  return kernels::moments_of(difference.data(), difference.size(), scratch.data());
}

}  // namespace scorepath
