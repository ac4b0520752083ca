// Rows of whole jobs through the public call: time and evaluations to a given standard error, and one core against all
// of them.
#include <fmt/format.h>

#include "bench/jobs.hpp"
#include "bench/rows.hpp"

namespace scorepath::bench {
namespace {

using benchmark::Counter;

void report(benchmark::State& state, const Result& result) {
  const double runs = static_cast<double>(state.iterations());
  state.counters["evaluations"] = static_cast<double>(result.totals.score_evaluations);
  state.counters["evaluations/s"] =
      Counter(static_cast<double>(result.totals.score_evaluations) * runs, Counter::kIsRate);
}

/// Seconds to a standard error of 0.01 nat with the default options, one point.
void add_to_target(const char* name, int threads) {
  const auto body = [=](benchmark::State& state) {
    const Problem problem = shipped_mixture(name);
    const std::vector<double> point = shipped_point(name);
    Options options;
    options.target_se = 0.01;
    options.paths = std::uint64_t{1} << 30;
    options.threads = threads;
    Result result;
    for ([[maybe_unused]] auto _ : state) {
      result = estimate_log_density(problem, {point.data(), 1, point.size()}, options);
      options.seed += 1;
    }
    report(state, result);
    state.counters["std_error"] = result.points[0].std_error.value_or(0.0);
    state.counters["error"] =
        result.points[0].log_density.value_or(0.0) - result.points[0].exact_log_density.value_or(0.0);
  };
  benchmark::RegisterBenchmark(fmt::format("to-0.01-nat/{}/threads:{}", name, threads).c_str(), body)
      ->UseRealTime()
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
}

/// All points of a mixture with a fixed budget.
void add_throughput(const char* name, Sampler sampler, int threads) {
  const auto body = [=](benchmark::State& state) {
    const Problem problem = shipped_mixture(name);
    const Matrix points = shipped_points(name);
    Options options;
    options.sampler = sampler;
    options.paths = sampler == Sampler::paths ? 4096 : 131072;
    options.threads = threads;
    Result result;
    for ([[maybe_unused]] auto _ : state) result = estimate_log_density(problem, points, options);
    report(state, result);
  };
  benchmark::RegisterBenchmark(fmt::format("job-{}/{}/threads:{}", name_of(sampler), name, threads).c_str(), body)
      ->UseRealTime()
      ->MeasureProcessCPUTime()
      ->Unit(benchmark::kMillisecond);
}

}  // namespace

void add_whole_job_rows() {
  const int cores = usable_cores();
  for (const char* name : {"ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64"}) {
    add_to_target(name, 1);
    if (cores > 1) add_to_target(name, cores);
  }
  for (const char* name : {"ring-2", "cloud-16"}) {
    for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
      add_throughput(name, sampler, 1);
      if (cores > 1) add_throughput(name, sampler, 2);
      if (cores > 2) add_throughput(name, sampler, cores);
    }
  }
}

}  // namespace scorepath::bench
