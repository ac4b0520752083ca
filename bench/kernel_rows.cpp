// Rows of single kernels: random words and normals, steps of paths, scores, slices.
#include <cmath>
#include <functional>
#include <stdexcept>

#include <fmt/format.h>

#include "bench/jobs.hpp"
#include "bench/rows.hpp"

namespace scorepath::bench {
namespace {

constexpr std::uint32_t steps = 256;
constexpr int paths_per_call = 64;
constexpr int numbers_per_path =
    256;  // of one call; sixteen paths of them are 16 KiB, which stay in the first-level cache
constexpr int slices_per_call = 1024;

template <class T>
struct Buffer {
  explicit Buffer(std::size_t count) : values(count + 64 / sizeof(T)) {}
  T* aligned() {
    const auto place = reinterpret_cast<std::uintptr_t>(values.data());
    return values.data() + ((64 - place % 64) % 64) / sizeof(T);
  }
  std::vector<T> values;
};

using Samples = std::function<void(const LaneKernels&, std::uint64_t first, int count, float* values)>;

/// The mean of a few samples must be the exact log-density, or the row measures something else.
void check_pathwise(const LaneKernels& lane, const EngineJob& job, const Samples& run) {
  Buffer<float> values(paths_per_call);
  run(lane, 0, paths_per_call, values.aligned());
  double mean = 0.0, square = 0.0;
  for (int i = 0; i < paths_per_call; ++i) mean += static_cast<double>(values.aligned()[i]) / paths_per_call;
  for (int i = 0; i < paths_per_call; ++i) square += std::pow(static_cast<double>(values.aligned()[i]) - mean, 2);
  const double se = std::sqrt(square / (paths_per_call - 1.0) / paths_per_call);
  const double error = job.plan().baseline() - mean - job.plan().exact_log_density();
  // The quadrature of 256 steps is off by a hundredth of a nat at most on these mixtures.
  if (!(std::abs(error) <= 5.0 * se + 0.01)) {
    throw std::runtime_error(fmt::format("log-density is off by {:.4f} (standard error {:.4f})", error, se));
  }
}

void add_pathwise(const IsaRates& isa, const std::string& name, const Problem& problem,
                  const std::vector<double>& point, Form form, Goal goal) {
  const auto job = std::make_shared<EngineJob>(problem, point, bare_pathwise(form, steps));
  const Samples run = [job, form](const LaneKernels& lane, std::uint64_t first, int count, float* values) {
    if (form == Form::ray) return lane.rays(job->rays, first, count, values);
    lane.increments(job->increments, first, count, values);
  };
  for (const LaneKernels& lane : lanes_of(isa)) {
    add_row(isa, lane, {name, "path-steps/s", double{paths_per_call} * steps, goal}, [=] {
      check_pathwise(lane, *job, run);
      const auto values = std::make_shared<Buffer<float>>(paths_per_call);
      return Work{[=](std::uint64_t first) { run(lane, first, paths_per_call, values->aligned()); }, paths_per_call};
    });
  }
}

void add_engine_paths(const IsaRates& isa, const std::string& name, const Problem& problem,
                      const std::vector<double>& point, Options options, double items_per_step, const char* unit,
                      Goal goal, bool scalar) {
  const auto job = std::make_shared<EngineJob>(problem, point, options);
  const double mirrors = options.antithetic != Antithetic::off ? 2.0 : 1.0;
  for (const LaneKernels& lane : lanes_of(isa)) {
    if (lane.width == 1 && !scalar) continue;
    const double items = double{paths_per_call} * static_cast<double>(options.steps) * items_per_step * mirrors;
    add_row(isa, lane, {name, unit, items, goal, 0.0, false}, [=] {
      const auto values = std::make_shared<Buffer<float>>(paths_per_call);
      return Work{[=](std::uint64_t first) { lane.paths(job->paths, first, paths_per_call, values->aligned()); },
                  paths_per_call};
    });
  }
}

}  // namespace

void add_random_rows(const IsaRates& isa) {
  for (const LaneKernels& lane : lanes_of(isa)) {
    const double items = double{numbers_per_path} * lane.width;
    const kernels::Stream stream = kernels::make_stream(1, 2, kernels::Purpose::noise, false);
    const auto paths = static_cast<std::uint64_t>(lane.width);
    add_row(isa, lane, {"words", "words/s", items}, [=] {
      const auto out = std::make_shared<Buffer<std::uint32_t>>(numbers_per_path * paths);
      return Work{[=](std::uint64_t first) {
                    lane.words(stream, first, numbers_per_path / 4, out->aligned());
                    benchmark::ClobberMemory();
                  },
                  paths};
    });
    add_row(isa, lane, {"normals", "normals/s", items, {2.0e9, 1.45e9}}, [=] {
      const auto out = std::make_shared<Buffer<float>>(numbers_per_path * paths);
      return Work{[=](std::uint64_t first) {
                    lane.normals(stream, first, numbers_per_path, out->aligned());
                    benchmark::ClobberMemory();
                  },
                  paths};
    });
  }
}

void add_path_rows(const IsaRates& isa) {
  for (const std::size_t dim : {1, 2, 4, 16, 64}) {
    const Problem problem = gaussian_problem(dim);
    const Goal goal = dim == 16 ? Goal{1.7e9, 1.25e9} : Goal{};
    add_engine_paths(isa, fmt::format("affine/d{}", dim), problem, point_near(problem), bare_paths(steps),
                     static_cast<double>(dim), "path-dim-steps/s", goal, true);
  }
  const Problem ring = shipped_mixture("ring-2");
  const Problem middle = mixture_problem(16, 8, 0.3);
  const Problem large = mixture_problem(64, 16, 0.3);
  add_pathwise(isa, "pathwise/K8-d2", ring, shipped_point("ring-2"), Form::stratonovich, {3.1e8, 2.1e8});
  add_pathwise(isa, "pathwise/K16-d8", middle, point_near(middle), Form::stratonovich, {9.3e7, 5.9e7});
  add_pathwise(isa, "pathwise/K64-d16", large, point_near(large), Form::stratonovich, {});
  add_pathwise(isa, "rays/K8-d2", ring, shipped_point("ring-2"), Form::ray, {});
  add_pathwise(isa, "rays/K16-d8", middle, point_near(middle), Form::ray, {});

  struct Case {
    const char* name;
    const Problem& problem;
    std::vector<double> point;
  };
  for (const Case& c : {Case{"K8-d2", ring, shipped_point("ring-2")}, Case{"K16-d8", middle, point_near(middle)},
                        Case{"K64-d16", large, point_near(large)}}) {
    Options options = bare_paths(steps);
    add_engine_paths(isa, fmt::format("paths/{}", c.name), c.problem, c.point, options, 1.0, "path-steps/s", {}, true);
    options.antithetic = Antithetic::on;
    add_engine_paths(isa, fmt::format("paths-antithetic/{}", c.name), c.problem, c.point, options, 1.0, "path-steps/s",
                     {}, false);
    options.control_variate = ControlVariate::gaussian;
    add_engine_paths(isa, fmt::format("paths-antithetic-reference/{}", c.name), c.problem, c.point, options, 1.0,
                     "path-steps/s", {}, false);
  }
}

void add_score_rows(const IsaRates& isa) {
  const auto job = std::make_shared<EngineJob>(digits_problem(), held_out_digit(), bare_paths(64));
  const kernels::ScoreTables<float>& tables = job->paths.score;
  constexpr double components = 1500.0, dim = 64.0;
  for (const bool divergence : {false, true}) {
    for (const LaneKernels& lane : lanes_of(isa)) {
      // Logits and means are a product of matrices each: 2 dim multiply-adds per component.
      const Row row{divergence ? "data-set-divergence/K1500-d64" : "data-set/K1500-d64",
                    "components/s",
                    components * lane.width,
                    {},
                    2.0 * dim,
                    false};
      add_row(isa, lane, row, [=] {
        const auto width = static_cast<std::size_t>(lane.width);
        const auto delta = std::make_shared<Buffer<float>>(64 * width);
        const auto out = std::make_shared<Buffer<float>>(65 * width);
        const kernels::Stream stream = kernels::make_stream(1, 2, kernels::Purpose::noise, false);
        lane.normals(stream, 0, 64, delta->aligned());
        const float* level = job->paths.levels + 2 * 32;  // the middle of the path
        return Work{[=](std::uint64_t) { lane.evaluate(tables, level, divergence, delta->aligned(), out->aligned()); }};
      });
    }
  }
}

void add_slice_rows(const IsaRates& isa) {
  for (const char* name : {"ring-2", "cloud-16", "cloud-64"}) {
    Options options;  // as the engine runs unless told otherwise
    options.paths = 2 * slices_per_call;
    const auto job = std::make_shared<EngineJob>(shipped_mixture(name), shipped_point(name), options);
    for (const LaneKernels& lane : lanes_of(isa)) {
      add_row(isa, lane, {fmt::format("slices/{}", name), "slices/s", 2.0 * slices_per_call}, [=] {
        const auto values = std::make_shared<Buffer<float>>(slices_per_call);
        return Work{[=](std::uint64_t first) { lane.slices(job->slices, first, slices_per_call, values->aligned()); },
                    slices_per_call};
      });
    }
  }
}

}  // namespace scorepath::bench
