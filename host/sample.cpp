// Sampling, as numbered steps: validate, prepare, run paths, hand over.
#include <scorepath/sample.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <new>
#include <thread>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cpu_dispatch.hpp"
#include "host/estimate_on.hpp"
#include "host/sample_on.hpp"

namespace scorepath {
namespace {

/// A job pays for a device's start when the processor would be at it for longer than a second, roughly.
bool pays_on_device(const Model& model, std::uint64_t count, const SampleOptions& resolved) {
  constexpr double products_per_second = 2e9;
  const double evaluations = static_cast<double>(count) * static_cast<double>(resolved.steps);
  return evaluations * (model.mixture().components + 4.0) * (model.dim() + 4.0) >
         products_per_second * resolved.threads;
}

/// Where the run stands, for the caller's callback.
class ReverseMeter {
 public:
  ReverseMeter(const SampleOptions& options, std::size_t batches)
      : options_(options), start_(std::chrono::steady_clock::now()) {
    now_.batches_total = batches;
  }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }
  /// Whether to go on.
  bool report(std::size_t batches, std::uint64_t paths) {
    now_.batches_done = batches;
    now_.paths_done = paths;
    now_.path_steps_done = paths * options_.steps;
    now_.seconds = seconds();
    if (!stopped && options_.progress && options_.progress(now_) == Continue::no) stopped = true;
    return !stopped;
  }
  /// From inside the work, on any thread: whether to go on. The calling thread, which works too, reports meanwhile.
  bool beat() {
    constexpr double seconds_between_reports = 0.1;
    if (std::this_thread::get_id() == caller_ && seconds() - now_.seconds >= seconds_between_reports)
      report(now_.batches_done, now_.paths_done);
    return !stopped;
  }
  std::atomic<bool> stopped{false};

 private:
  const std::thread::id caller_ = std::this_thread::get_id();
  const SampleOptions& options_;
  std::chrono::steady_clock::time_point start_;
  Progress now_;
};

/// Standard errors are those of short steps: measured on the shipped mixtures they are within a third of the real ones
/// up to so much.
void warn_of_long_steps(Samples& result) {
  constexpr double most_error = 0.25;  // [nat]
  double square = 0.0, count = 0.0;
  for (const double error : result.std_error) {
    if (std::isnan(error)) continue;
    count += 1.0;
    square += (error * error - square) / count;
  }
  const double typical = std::sqrt(square);
  if (!(typical > most_error)) return;
  result.warnings.push_back(
      fmt::format("the steps are too long for the standard errors of log_density to be trusted ({:.2g} nat, root mean "
                  "square; {:g} or less can be) raise steps",
                  typical, most_error));
}

/// The paths 0 .. count - 1, each its first `rows` rows, on processor or devices; take(batch, numbers, stride) on any
/// thread. Returns the batches that were done, always from 0 on.
template <class Take>
std::size_t run_paths(const ReversePlan& plan, const kernels::CpuKernels& cpu, CudaReverse* cuda,
                      tbb::task_arena& arena, std::uint32_t rows, std::uint64_t count, Pace& pace, const Take& take,
                      ReverseMeter& meter, const std::function<bool(std::size_t)>& report) {
  if (cuda != nullptr) {
    const auto take_all = [&](std::size_t first, std::size_t n, const float* numbers) {
      arena.execute([&] {
        tbb::parallel_for(std::size_t{0}, n, [&](std::size_t i) {
          take(first + i, numbers + i * plan.numbers() * reverse_batch, reverse_batch);
        });
      });
    };
    return cuda->run(rows, count, pace, take_all, report);
  }
  kernels::SteeredJob<float> job = plan.job();
  job.steps = rows;
  const std::size_t batches = (count + reverse_batch - 1) / reverse_batch;
  return parallel_chunks(
      arena, pace, batches,
      [&](std::size_t b) {
        const std::uint64_t first = b * reverse_batch;
        std::vector<float> numbers(plan.numbers() * reverse_batch);
        constexpr std::uint64_t at_once = 16;  // between words with the caller
        const std::uint64_t own = std::min<std::uint64_t>(reverse_batch, count - first);
        for (std::uint64_t i = 0; i < own; i += at_once) {
          if (!meter.beat()) return false;
          cpu.steered(job, first + i, static_cast<int>(std::min(at_once, own - i)), numbers.data() + i, reverse_batch);
        }
        take(b, numbers.data(), reverse_batch);
        return true;
      },
      report);
}

}  // namespace

Samples sample(const Problem& problem, std::uint64_t count, const SampleOptions& options) {
  try {
    return sample_on(problem, count, options, nullptr);
  } catch (const std::bad_alloc&) {
    throw OutOfMemory(
        fmt::format("memory ran out ({} samples, and {} trajectories of all their times, are kept) ask for fewer",
                    count, options.trajectories));
  }
}

Samples sample_on(const Problem& problem, std::uint64_t count, const SampleOptions& options, const CudaDevices* given) {
  // 1. Everything is checked before anything is computed.
  validate(problem);
  SP_VALIDATE(!std::holds_alternative<Network>(problem.score), usage,
              "score is a network (samples of networks are not built in this version) use a mixture or data set");
  validate(options);
  const Isa isa = active_isa();
  const Model model(problem);
  Samples result;
  result.options = resolve(model, count, options);
  SampleOptions& resolved = result.options;
  Options where;  // what the choice of a back end hangs on
  where.backend = resolved.backend;
  where.arithmetic = resolved.arithmetic;
  if (resolved.backend == Backend::automatic) {
    const bool on_device =
        options.arithmetic == Arithmetic::fast || (pays_on_device(model, count, resolved) && available(Backend::cuda));
    resolved.backend = on_device ? Backend::cuda : Backend::cpu;
  }
  // 2. The plan [steps], on what it runs.
  const kernels::CpuKernels cpu = cpu_kernels(isa);
  const ReversePlan plan(model, resolved, cpu);
  Opened opened;
  const bool brought = given != nullptr && resolved.backend == Backend::cuda;
  if (!brought) {
    opened = open_backend(where, resolved.backend, open_cuda_devices);
    resolved.backend = opened.backend;
    result.warnings = opened.warnings;
  }
  result.schedule = name_of(problem.schedule.kind);
  result.backend = name_of(resolved.backend);
  result.device = brought ? given->front()->info().name : opened.device;
  result.isa = name_of(isa);
  result.quantity = resolved.end == End::exact ? Quantity::log_density : Quantity::path_estimate;
  result.largest_noise = plan.largest_noise();
  if (resolved.log_density && resolved.end == End::prior)
    result.warnings.push_back(
        "log_density takes the prior's density where paths start for the data's (the two differ there, and no error "
        "bar says by how much) leave end exact");
  if (model.start_ratio() > 0.0) result.warnings.push_back("the samples are those of X at t_min");

  const std::size_t d = static_cast<std::size_t>(model.dim());
  const kernels::SteeredJob<float> job = plan.job();
  tbb::task_arena arena(resolved.threads);
  const std::size_t stops = resolved.trajectories > 0 ? plan.stops().size() : 0;
  const std::size_t batches = (count + reverse_batch - 1) / reverse_batch;
  ReverseMeter meter(resolved, batches);
  result.samples = Matrix(count, d);
  if (resolved.log_density) {
    result.log_density.resize(count);
    result.std_error.resize(count);
    result.exact_log_density.resize(count);
  }
  try {
    std::optional<CudaReverse> cuda;
    if (resolved.backend == Backend::cuda)
      cuda.emplace(plan, model, resolved.arithmetic, brought ? *given : opened.devices);
    CudaReverse* const devices = cuda ? &*cuda : nullptr;
    Pace pace;
    // 3. Paths [count x rows], in batches; their ends, and the densities that they carry.
    std::atomic<std::uint64_t> non_finite{0};
    const auto take = [&](std::size_t b, const float* numbers, std::size_t stride) {
      const std::uint64_t first = b * reverse_batch;
      for (std::uint64_t i = first; i < std::min<std::uint64_t>(first + reverse_batch, count); ++i) {
        const float* own = numbers + (i - first);
        bool is_finite = plan.end_of(own, stride, result.samples.row(i));
        if (resolved.log_density) {
          const ReversePlan::Density density = plan.density_of(i, own, stride);
          result.log_density[i] = density.value;
          result.std_error[i] = density.std_error;
          result.exact_log_density[i] = density.exact;
          is_finite = is_finite && !std::isnan(density.value);
        }
        if (!is_finite) non_finite.fetch_add(1, std::memory_order_relaxed);
      }
    };
    const std::size_t done =
        run_paths(plan, cpu, devices, arena, job.steps, count, pace, take, meter, [&](std::size_t batches_done) {
          return meter.report(batches_done, std::min<std::uint64_t>(batches_done * reverse_batch, count));
        });
    const std::uint64_t finished = std::min<std::uint64_t>(done * reverse_batch, count);
    result.score_evaluations = finished * plan.evaluations(job.steps);
    result.non_finite = non_finite.load();
    result.stopped = finished < count;
    if (result.stopped) {
      result.samples.values.resize(finished * d);
      result.samples.rows = finished;
      for (std::vector<double>* values : {&result.log_density, &result.std_error, &result.exact_log_density})
        values->resize(resolved.log_density ? finished : 0);
    }
    // 4. Whole paths of the first ones: each state is the path broken off there.
    const std::uint64_t kept = std::min(resolved.trajectories, finished);
    if (stops > 0) result.trajectories.resize(kept * stops * d);
    for (std::size_t s = 0; s < stops && !meter.stopped; ++s) {
      const ReversePlan::Stop& stop = plan.stops()[s];
      result.times.push_back(stop.time);
      result.score_evaluations += kept * plan.evaluations(stop.rows);
      const auto take_states = [&](std::size_t b, const float* numbers, std::size_t stride) {
        const std::uint64_t first = b * reverse_batch;
        for (std::uint64_t i = first; i < std::min<std::uint64_t>(first + reverse_batch, kept); ++i)
          plan.state_at(stop, numbers + (i - first), stride, result.trajectories.data() + (i * stops + s) * d);
      };
      run_paths(plan, cpu, devices, arena, stop.rows, kept, pace, take_states, meter,
                [&](std::size_t) { return meter.report(done, finished); });
    }
    if (result.times.size() < stops || meter.stopped) {  // broken off among them
      result.stopped = result.stopped || stops > 0;
      if (stops > 0) result.trajectories.clear(), result.times.clear();
    }
  } catch (const kernels::cuda::DeviceOutOfMemory& error) {
    throw OutOfMemory(
        fmt::format("memory ran out on the CUDA device ({}) use fewer steps or components, or backend cpu",
                    error.what()),
        true);
  } catch (const kernels::cuda::DeviceError& error) {
    throw Error(ErrorKind::resource,
                fmt::format("the CUDA device failed ({}) run it again, or with backend cpu", error.what()));
  }
  if (resolved.log_density) warn_of_long_steps(result);
  if (result.non_finite > 0)
    result.warnings.push_back(
        fmt::format("{} of {} paths reached infinity (their steps are too long) raise steps, or lambda where it is "
                    "below 0",
                    result.non_finite, result.samples.rows));
  result.seconds = meter.seconds();
  return result;
}

}  // namespace scorepath
