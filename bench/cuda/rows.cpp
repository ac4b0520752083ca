#include "bench/cuda/rows.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <stdexcept>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "bench/cuda/job.hpp"
#include "bench/cuda/random.hpp"
#include "bench/jobs.hpp"
#include "host/estimate_on.hpp"

namespace scorepath::bench {
namespace {

using benchmark::Counter;

constexpr std::uint64_t steps = 256;
constexpr Arithmetic both[] = {Arithmetic::reproducible, Arithmetic::fast};

/// A launch long enough that its start and its last blocks do not count.
constexpr double launch_seconds = 0.02;

struct CudaRow {
  std::string work;  // "affine/d16"
  std::string unit;
  double goal = 0.0;  // items per second in fast arithmetic on an H200; 0: none
};

/// What is measured: run(size) gives the seconds of a launch of `size` pieces by the device's clock.
struct CudaWork {
  std::function<double(std::size_t)> run;
  double items_per_piece;
  std::size_t first_size, largest_size;
};

void report(benchmark::State& state, const CudaRow& row, double items, Arithmetic arithmetic,
            const std::vector<Pipes::Limit>& limits) {
  const auto rate = [&](double over) { return Counter(items / over, Counter::kIsRate); };
  state.counters[row.unit] = rate(1.0);
  if (row.goal > 0.0 && arithmetic == Arithmetic::fast) state.counters["of_goal"] = rate(row.goal);
  for (const Pipes::Limit& limit : limits) state.counters["limit_" + limit.pipe] = limit.rate;
  if (limits.empty()) return;
  state.counters["of_limit"] = rate(limits.front().rate);
  state.SetLabel("limited by " + limits.front().pipe);
}

/// The work and the size of its launches. The first launch loads the kernel, the second says how many pieces fill one.
struct Prepared {
  explicit Prepared(CudaWork given) : work(std::move(given)) {
    work.run(work.first_size);
    const double grow = launch_seconds / std::max(work.run(work.first_size), 1e-6);
    const double wanted = grow * static_cast<double>(work.first_size);
    size = static_cast<std::size_t>(
        std::clamp(wanted, static_cast<double>(work.first_size), static_cast<double>(work.largest_size)));
    work.run(size);
  }
  CudaWork work;
  std::size_t size;
};

/// `make` is called in the measured row, once; what it throws the row reports instead of a time.
void add_row(const Pipes& pipes, const CudaRow& row, Arithmetic arithmetic, const std::function<CudaWork()>& make) {
  const std::vector<Pipes::Limit> limits = pipes.limits_of(row.work, name_of(arithmetic));
  const auto prepared = std::make_shared<std::optional<Prepared>>();  // kept from repetition to repetition
  const auto body = [=](benchmark::State& state) {
    try {
      if (!*prepared) prepared->emplace(make());
      const CudaWork& work = (*prepared)->work;
      const std::size_t size = (*prepared)->size;
      for ([[maybe_unused]] auto _ : state) state.SetIterationTime(work.run(size));
      report(state, row, work.items_per_piece * static_cast<double>(size) * static_cast<double>(state.iterations()),
             arithmetic, limits);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  };
  benchmark::RegisterBenchmark(fmt::format("{}/cuda-{}", row.work, name_of(arithmetic)).c_str(), body)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

/// The point's samples; `items` of one score evaluation. fewest_batches: of a launch, enough to fill a device.
void add_job(const Pipes& pipes, const CudaRow& row, const Problem& problem, const std::vector<double>& point,
             Options options, double items, std::size_t fewest_batches = 132) {
  options.backend = Backend::cuda;
  options.paths = std::uint64_t{1} << 24;  // randomisations as long as in a large job
  for (const Arithmetic arithmetic : both) {
    options.arithmetic = arithmetic;
    add_row(pipes, row, arithmetic, [=] {
      const auto job = std::make_shared<CudaJob>(problem, point, options, CudaJob::Clock::device);
      return CudaWork{[=](std::size_t batches) { return job->run(batches), job->kernel_seconds(); },
                      static_cast<double>(job->samples_per_batch() * job->evaluations_per_sample()) * items,
                      fewest_batches, 4096};
    });
  }
}

/// A device and a number for each thread; the memory goes first.
struct RandomMemory {
  explicit RandomMemory(std::size_t numbers)
      : device(kernels::cuda::open_device(0)),
        sums(*device, kernels::cuda::Buffer::Where::device, numbers * sizeof(float)) {
    if (!sums) throw std::runtime_error("no device memory (another program holds it) wait for it");
  }
  std::unique_ptr<kernels::cuda::Device> device;
  kernels::cuda::Buffer sums;
};

/// A row of the whole call or the whole launch, by the wall clock.
void add_wall_row(const std::string& work, Arithmetic arithmetic, double path_steps, int iterations,
                  const std::function<std::function<void()>()>& make) {
  const auto prepared = std::make_shared<std::function<void()>>();
  const auto body = [=](benchmark::State& state) {
    try {
      if (!*prepared) {
        *prepared = make();
        for (int i = 0; i < 3; ++i) (*prepared)();  // loads kernels, records launches, replays them
      }
      for ([[maybe_unused]] auto _ : state) (*prepared)();
      state.counters["path-steps/s"] = Counter(path_steps * static_cast<double>(state.iterations()), Counter::kIsRate);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  };
  auto* row = benchmark::RegisterBenchmark(fmt::format("{}/cuda-{}", work, name_of(arithmetic)).c_str(), body)
                  ->UseRealTime()
                  ->Unit(benchmark::kMillisecond);
  if (iterations > 0) row->Iterations(iterations);
}

/// The log-density must be the exact one, or the row measures something else.
void check_estimate(const Result& result) {
  const PointResult& p = result.points.front();
  const double error = p.log_density.value() - p.exact_log_density.value();
  const double bound = 5.0 * p.std_error.value() + std::abs(p.discretization_error.value_or(0.0)) + 1e-3;
  if (!(std::abs(error) <= bound)) throw std::runtime_error(fmt::format("log-density is off by {:.4f}", error));
}

}  // namespace

void add_cuda_random_rows(const Pipes& pipes) {
  constexpr std::uint32_t threads = 256, rounds = 256;
  constexpr std::size_t largest = 1 << 16;  // blocks
  for (const bool normals : {false, true}) {
    const CudaRow row = normals ? CudaRow{"normals", "normals/s", 1.5e12} : CudaRow{"words", "words/s"};
    for (const Arithmetic arithmetic : both) {
      const RandomKernels kernels = arithmetic == Arithmetic::fast ? fast_random() : reproducible_random();
      add_row(pipes, row, arithmetic, [=] {
        const auto memory = std::make_shared<RandomMemory>(largest * threads);
        const RandomLaunch launch{kernels::make_stream(1, 2, kernels::Purpose::noise, false), rounds,
                                  memory->sums.as<float>()};
        const void* function = normals ? kernels.normals : kernels.words;
        return CudaWork{[=](std::size_t blocks) {
                          return seconds_of(*memory->device, function, static_cast<std::uint32_t>(blocks), threads,
                                            &launch);
                        },
                        static_cast<double>(threads * rounds) * kernels.per_round, 1056, largest};
      });
    }
  }
}

void add_cuda_path_rows(const Pipes& pipes) {
  for (const Antithetic antithetic : {Antithetic::off, Antithetic::on}) {
    for (const std::size_t dim : {1, 2, 4, 16, 64}) {
      const Problem problem = gaussian_problem(dim);
      Options options = bare_paths(steps);
      options.antithetic = antithetic;
      const bool pairs = antithetic == Antithetic::on;
      const double goal = dim != 16 ? 0.0 : pairs ? 2.2e12 : 1.3e12;
      add_job(pipes, {fmt::format("{}/d{}", pairs ? "affine-antithetic" : "affine", dim), "path-dim-steps/s", goal},
              problem, point_near(problem), options, static_cast<double>(dim));
    }
  }
  struct Case {
    const char* name;
    Problem problem;
    std::vector<double> point;
    double goal;
  };
  const Problem middle = mixture_problem(16, 8, 0.3), large = mixture_problem(64, 16, 0.3);
  for (const Case& c :
       {Case{"K8-d2", shipped_mixture("ring-2"), shipped_point("ring-2"), 1.4e11},
        Case{"K16-d8", middle, point_near(middle), 3.7e10}, Case{"K64-d16", large, point_near(large), 0.0}}) {
    Options options = bare_paths(steps);
    add_job(pipes, {fmt::format("paths/{}", c.name), "path-steps/s", c.goal}, c.problem, c.point, options, 1.0);
    options.antithetic = Antithetic::on;
    add_job(pipes, {fmt::format("paths-antithetic/{}", c.name), "path-steps/s"}, c.problem, c.point, options, 1.0);
    options.control_variate = ControlVariate::gaussian;
    add_job(pipes, {fmt::format("paths-antithetic-reference/{}", c.name), "path-steps/s"}, c.problem, c.point, options,
            1.0);
  }
  add_job(pipes, {"data-set/K1500-d64", "components/s"}, digits_problem(), held_out_digit(), bare_paths(64), 1500.0,
          33);
  // Geometric Brownian motion in logarithms is affine: three of them, 256 steps, 2^23 = 8.39e6 paths in one launch.
  const Problem three = gaussian_problem(3);
  Options options = bare_paths(steps);
  options.backend = Backend::cuda;
  for (const Arithmetic arithmetic : both) {
    options.arithmetic = arithmetic;
    add_row(pipes, {"ensemble/d3-256x8.39e6", "path-dim-steps/s"}, arithmetic, [=] {
      const auto job = std::make_shared<CudaJob>(three, point_near(three), options, CudaJob::Clock::device);
      return CudaWork{[=](std::size_t batches) { return job->run(batches), job->kernel_seconds(); },
                      static_cast<double>(job->samples_per_batch() * steps * 3), 2048, 2048};
    });
  }
}

void add_cuda_slice_rows(const Pipes& pipes) {
  for (const char* name : {"ring-2", "cloud-16", "cloud-64"}) {
    add_job(pipes, {fmt::format("slices/{}", name), "slices/s"}, shipped_mixture(name), shipped_point(name), Options{},
            1.0);
  }
}

void add_cuda_whole_job_rows() {
  const Problem plane = gaussian_problem(2), ring = shipped_mixture("ring-2");
  const std::vector<double> point = shipped_point("ring-2");
  for (const Arithmetic arithmetic : both) {
    Options options = bare_paths(steps);
    options.backend = Backend::cuda;
    options.arithmetic = arithmetic;
    constexpr std::uint64_t few = 10'000, many = 32'000'000;
    options.paths = few;
    add_wall_row("latency/affine-d2-256x1e4", arithmetic, static_cast<double>(few * steps), 0, [=] {
      const auto job = std::make_shared<CudaJob>(plane, point_near(plane), options, CudaJob::Clock::wall);
      return [=] { job->run(few / 4096 + 1, few % 4096); };
    });
    options.paths = many;
    options.threads = 0;
    add_wall_row("end-to-end/K8-d2-256x3.2e7", arithmetic, static_cast<double>(many * steps), 3, [=] {
      const auto devices = std::make_shared<CudaDevices>();
      devices->push_back(kernels::cuda::open_device(0));
      return [=] { check_estimate(estimate_on(ring, {point.data(), 1, point.size()}, options, devices.get())); };
    });
  }
}

}  // namespace scorepath::bench
