// The main job, as numbered steps: validate, prepare, run batches, fold, report.
#include <scorepath/estimate.hpp>

#include <chrono>
#include <cmath>
#include <new>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/check_points.hpp"
#include "host/cpu_dispatch.hpp"
#include "host/cuda_group.hpp"
#include "host/estimate_on.hpp"
#include "host/flow_run.hpp"
#include "host/multilevel.hpp"
#include "host/network.hpp"
#include "host/parallel.hpp"
#include "host/point_group.hpp"
#include "host/sobol_tables.hpp"

namespace scorepath {
namespace {

/// A job pays for a device's start, about half a second, when the processor would be at it for longer. What the
/// processor does in a second: products of component, axis and coordinate per thread, roughly (bench/results).
bool pays_on_device(const Model& model, std::size_t points, const Options& options) {
  constexpr double products_per_second = 2e9, worth_starting = 1.0;
  const double evaluations = static_cast<double>(points) * static_cast<double>(options.paths) *
                             (options.sampler == Sampler::paths ? static_cast<double>(options.steps) : 1.0);
  const kernels::MixtureModel& mixture = model.mixture();
  return evaluations * (mixture.components * (mixture.rank + 1.0) + 4.0) * (model.dim() + 4.0) >
         worth_starting * products_per_second * options.threads;
}

Quantity quantity_of(const Options& resolved) {
  if (resolved.form == Form::chain) return Quantity::chain_likelihood;
  if (resolved.form == Form::feynman_kac || (resolved.form == Form::extrapolated && resolved.end == End::prior))
    return Quantity::sde_likelihood;
  if (resolved.form == Form::li_yan || resolved.form == Form::li_yan_corrected) return Quantity::path_estimate;
  if (estimates_log_density(resolved)) return Quantity::log_density;
  // At lambda = 1 the bound is the flow's likelihood itself.
  const bool flow = resolved.method == Method::ode || (resolved.method == Method::elbo && resolved.lambda == 1.0);
  return flow ? Quantity::flow_likelihood : Quantity::lower_bound;
}

/// Steps of a ddpm chain are those of the table, where the schedule is one.
void resolve_ddpm(const Model& model, Options& resolved) {
  if (resolved.method != Method::ddpm) return;
  SP_VALIDATE(model.start_ratio() == 0.0, input,
              "schedule.t_min is set (method ddpm is of the data, at zero noise) leave it out");
  const kernels::NoiseSchedule& schedule = model.schedule();
  if (schedule.kind != kernels::ScheduleKind::ddpm) return;
  const auto count = static_cast<double>(schedule.ddpm.count);
  const double steps = count * model.t_max();
  SP_VALIDATE(
      std::abs(steps - std::round(steps)) < 1e-9 * count && steps >= 2.0, input,
      fmt::format("schedule.t_max is {} (a chain of {} steps ends at one of them, the second or later) make it a "
                  "multiple of 1/{}",
                  model.t_max(), count, count));
  resolved.steps = static_cast<std::uint64_t>(std::round(steps));
}

void check_terms(const Options& resolved) {
  SP_VALIDATE(!resolved.keep_terms || resolved.steps <= most_bound_steps, usage,
              fmt::format("keep_terms is set (the chain has {} steps, and up to {} are given one by one) leave it out",
                          resolved.steps, most_bound_steps));
}

/// What a network's score can be asked for; its flow starts at the prior, since nobody knows its p_T.
void resolve_network(const Model& model, Options& resolved) {
  if (model.network() == nullptr) return;
  SP_VALIDATE(resolved.method == Method::ode && resolved.divergence == Divergence::exact, usage,
              fmt::format("method is {}{} (scores of networks have method ode with the exact divergence alone in this "
                          "version) use it",
                          name_of(resolved.method), resolved.method == Method::ode ? ", divergence hutchinson" : ""));
  constexpr int most = 1024;  // of whose square there are numbers for each feature
  SP_VALIDATE(model.dim() <= most, usage,
              fmt::format("divergence is exact (of a network in {} dimensions it takes as many products with its "
                          "Jacobian; up to {} are taken, and hutchinson is not built for networks) use a smaller one",
                          model.dim(), most));
  resolved.end = End::prior;
}

/// Normals of whole paths are in memory at once, sixteen paths of a thread twice over: 128 MiB of it at most.
void check_sobol_paths(const Model& model, const Options& resolved) {
  constexpr std::uint64_t most = std::uint64_t{1} << 20;
  if (!has_sobol_paths(resolved)) return;
  SP_VALIDATE(
      static_cast<std::size_t>(model.dim()) <= sobol_max_dimension, usage,
      fmt::format("path_points is sobol (direction numbers reach {} dimensions, the model has {}) leave it plain",
                  sobol_max_dimension, model.dim()));
  SP_VALIDATE(
      resolved.steps * static_cast<std::uint64_t>(model.dim()) <= most, usage,
      fmt::format("path_points is sobol (a path of {} steps in {} dimensions has more than {} normals) use fewer "
                  "steps, or leave it plain",
                  resolved.steps, model.dim(), most));
}

/// What a reader of the numbers should know.
std::vector<std::string> warnings_of(const Model& model, const Options& resolved, Quantity quantity) {
  std::vector<std::string> warnings;
  if (model.start_ratio() > 0.0)
    warnings.push_back("log_density is that of X at t_min (the points are not moved back)");
  if (resolved.start == Start::data)
    warnings.push_back(
        "the lower bound is that of the model that ends with one step of the denoiser from t_min; against the data's "
        "own "
        "density it may lie on either side");
  if (model.network() != nullptr && has_relu(model.network()->layers))
    warnings.push_back(
        "the network has relu layers (its divergence jumps where a unit switches, and discretization_error may be too "
        "small); compare with a smaller --atol");
  if (resolved.end == End::prior && quantity == Quantity::lower_bound)
    warnings.push_back(
        "the lower bound is that of the model that starts from the prior; against the data's own density it may lie on "
        "either side, by truncation_error");
  return warnings;
}

/// Options with every choice made. `has_devices`: the caller brings them.
Options resolve(const Model& model, std::size_t points, const Options& options, bool has_devices) {
  Options resolved = with_method(options);
  resolve_network(model, resolved);
  resolve_ddpm(model, resolved);
  check_terms(resolved);
  check_sobol_paths(model, resolved);
  resolved.threads = arena_threads(options.threads == 0 ? usable_cores() : options.threads);
  if (options.method == Method::ode) {
    SP_VALIDATE(options.backend != Backend::cuda, resource,
                "backend cuda has no method ode (method ode runs on the processor in this version) use cpu or auto");
    resolved.backend = Backend::cpu;
  }
  if (has_sobol_paths(options)) resolved.backend = Backend::cpu;
  if (resolved.backend == Backend::automatic) {
    // The driver is asked last: its start costs more than a small job.
    const bool on_device =
        options.arithmetic == Arithmetic::fast || (pays_on_device(model, points, resolved) && available(Backend::cuda));
    resolved.backend = on_device ? Backend::cuda : Backend::cpu;
  }
  SP_VALIDATE(has_devices || available(resolved.backend), resource,
              fmt::format("backend {} is not available ({}) use cpu or auto", name_of(resolved.backend),
                          why_unavailable(resolved.backend)));
  return resolved;
}

/// "NVIDIA H200", "2 x NVIDIA H200". Errors: resource, where a device does not answer.
std::string name_of(const CudaDevices& devices) {
  try {
    const std::string name = devices.front()->info().name;
    return devices.size() == 1 ? name : fmt::format("{} x {}", devices.size(), name);
  } catch (const kernels::cuda::DeviceError& error) {
    throw silent_device(error);
  }
}

std::string memory_message(std::size_t done, std::size_t points) {
  return fmt::format(
      "memory ran out after {} of {} points (the next ones need more than this machine grants) use fewer "
      "threads, steps, components or kept samples",
      done, points);
}

std::string device_memory_message(const kernels::cuda::DeviceOutOfMemory& error, std::size_t done, std::size_t points,
                                  const Options& options) {
  const char* remedy = options.sampler == Sampler::paths ? "fewer steps or components" : "fewer components";
  return fmt::format(
      "memory ran out on the CUDA device after {} of {} points ({}, for one point alone) use {}, or backend cpu", done,
      points, error.what(), remedy);
}

std::string device_message(const kernels::cuda::DeviceError& error, std::size_t done, std::size_t points) {
  return fmt::format("the CUDA device failed after {} of {} points ({}) run {} again, or with backend cpu", done,
                     points, error.what(), done == 0 ? "it" : "the rest");
}

}  // namespace

Opened open_backend(const Problem& problem, std::size_t points, const Options& options) {
  return open_backend(options, resolve(Model(problem), points, options, false).backend, open_cuda_devices);
}

Opened open_backend(const Options& options, Backend chosen, const std::function<CudaDevices()>& open) {
  Opened opened;
  try {
    if (chosen == Backend::cuda) {
      CudaDevices devices = open();
      std::string name = name_of(devices);
      return {Backend::cuda, std::move(devices), std::move(name), {}};
    }
  } catch (const Error& error) {
    if (options.backend != Backend::automatic || options.arithmetic == Arithmetic::fast) throw;
    opened.warnings.push_back(fmt::format("backend auto took the processor: {}", error.what()));
  }
  opened.device = processor_name();
  return opened;
}

Options resolve_method(const Problem& problem, const Options& options) {
  Options resolved = with_method(options);
  resolve_ddpm(Model(problem), resolved);
  return resolved;
}

Result estimate_log_density(const Problem& problem, MatrixView points, const Options& options) {
  return estimate_on(problem, points, options, nullptr);
}

Result estimate_on(const Problem& problem, MatrixView points, const Options& options, const CudaDevices* given) {
  // 1. Everything is checked before anything is computed.
  const auto start = std::chrono::steady_clock::now();
  validate(problem);
  check_points(problem, points);
  validate(options);
  const Isa isa = active_isa();
  // 2. The model in the numerics' own frame and units; the plan of samples, randomisations and batches.
  const Model model(problem, options.start);
  Options resolved = resolve(model, points.rows, options, given != nullptr);
  const kernels::CpuKernels cpu = cpu_kernels(isa);
  Result result;
  const bool brought = given != nullptr && resolved.backend == Backend::cuda;
  Opened opened;
  if (!brought) {
    opened = open_backend(options, resolved.backend, open_cuda_devices);
    resolved.backend = opened.backend;
    result.warnings = opened.warnings;
  }
  const CudaDevices* devices = resolved.backend != Backend::cuda ? nullptr : brought ? given : &opened.devices;
  const JobContext job{model, resolved, cpu, make_sampling(resolved), devices};
  result.options = resolved;
  result.schedule = name_of(problem.schedule.kind);
  result.method = name_of(resolved.method);
  result.sampler = name_of(resolved.sampler);
  result.backend = name_of(resolved.backend);
  result.device = brought ? name_of(*given) : opened.device;
  result.isa = name_of(isa);
  result.arithmetic = name_of(resolved.arithmetic);
  const bool flow = resolved.method == Method::ode;
  result.quantity = quantity_of(resolved);
  result.threads = resolved.threads;
  for (std::string& warning : warnings_of(model, resolved, result.quantity))
    result.warnings.push_back(std::move(warning));

  tbb::task_arena arena(resolved.threads);
  Meter meter(job, points.rows, start);
  const auto run = flow ? run_flow_points : resolved.form == Form::multilevel ? run_multilevel_points : run_points;
  // 3. Points in groups: plans [score evaluations: pilots and ends], batches [samples x evaluations of one], checks.
  std::size_t group_size = points_together(job), first = 0;
  while (first < points.rows && !meter.stopped() && !result.out_of_memory && !result.device_failed) {
    const std::size_t n = std::min(group_size, points.rows - first);
    const Meter::Standing before = meter.standing();
    try {
      for (PointResult& point : run(job, arena, points, first, n, meter)) result.points.push_back(std::move(point));
      first += n;
    } catch (const std::bad_alloc&) {
      // What is finished must not be lost with the rest.
      if (first == 0) throw OutOfMemory(memory_message(0, points.rows));
      result.out_of_memory = true;
      result.warnings.push_back(memory_message(first, points.rows));
    } catch (const kernels::cuda::DeviceOutOfMemory& error) {
      if (n > 1) {  // fewer points at a time: no bit of them changes
        group_size = (n + 1) / 2;
        meter.back_to(before);
        continue;
      }
      const std::string message = device_memory_message(error, first, points.rows, resolved);
      if (first == 0) throw OutOfMemory(message, true);
      result.out_of_memory = true;
      result.warnings.push_back(message);
    } catch (const kernels::cuda::DeviceError& error) {
      SP_VALIDATE(first > 0, resource, device_message(error, 0, points.rows));
      result.device_failed = true;
      result.warnings.push_back(device_message(error, first, points.rows));
    }
  }
  while (result.points.size() < points.rows) result.points.push_back(stopped_point(result.points.size()));
  // 4. The whole of them.
  for (const PointResult& point : result.points) {
    const bool reached = point.std_error.has_value() && *point.std_error <= resolved.target_se.value_or(HUGE_VAL);
    result.target_missed = result.target_missed || (resolved.target_se.has_value() && !reached);
    result.totals.paths += point.paths;
    result.totals.score_evaluations += point.score_evaluations;
    const std::uint64_t steps = resolved.sampler == Sampler::paths ? resolved.steps : 1;
    if (point.levels.empty()) result.totals.path_steps += point.paths * steps;
    for (const PathLevelResult& level : point.levels) result.totals.path_steps += level.paths * level.steps;
  }
  result.stopped = meter.stopped();
  result.totals.points = points.rows;
  result.totals.seconds = meter.seconds();
  return result;
}

}  // namespace scorepath
