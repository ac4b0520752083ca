// The check of what a caller of sample() asked for, its defaults, and the names of reverse methods.
#include <algorithm>
#include <cmath>
#include <variant>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/parallel.hpp"
#include "host/reverse_plan.hpp"
#include "kernels/random/noise.hpp"

namespace scorepath {
namespace {

constexpr std::uint64_t fewest_steps = 4;
constexpr std::uint64_t most_samples_of_run = std::uint64_t{1} << 40;
constexpr double lowest_lambda = -1e3, largest_corrector = 100.0;

/// As many score evaluations whatever the stages.
std::uint64_t steps_by_default(ReverseMethod method) { return method == ReverseMethod::second_order ? 128 : 256; }

bool is_posterior(ReverseMethod method) { return method == ReverseMethod::ancestral || method == ReverseMethod::ddim; }

}  // namespace

std::string name_of(ReverseMethod value) {
  switch (value) {
    case ReverseMethod::exponential:
      return "exponential";
    case ReverseMethod::euler_maruyama:
      return "euler-maruyama";
    case ReverseMethod::ancestral:
      return "ancestral";
    case ReverseMethod::second_order:
      return "second-order";
    case ReverseMethod::ddim:
      return "ddim";
    case ReverseMethod::predictor_corrector:
      return "predictor-corrector";
  }
  throw Error(ErrorKind::usage, fmt::format("sampler has no value {} (it is outside its enumeration) use a named value",
                                            static_cast<int>(value)));
}

void validate(const SampleOptions& o) {
  for (const std::string& name :
       {name_of(o.method), name_of(o.grid), name_of(o.end), name_of(o.backend), name_of(o.arithmetic)})
    static_cast<void>(name);
  const double lambda = o.lambda.value_or(o.method == ReverseMethod::ddim ? 1.0 : 0.0);
  SP_VALIDATE(std::isfinite(lambda) && lambda <= 1.0 && lambda >= lowest_lambda, usage,
              fmt::format("lambda is {} (the plug-in models of the family have lambda <= 1, and noise that steps can "
                          "follow down to {:g}) change --lambda",
                          lambda, lowest_lambda));
  SP_VALIDATE(o.method != ReverseMethod::ddim || lambda == 1.0, usage,
              fmt::format("lambda is {} (ddim adds no noise: lambda is 1) use --sampler ancestral, which is ddim with "
                          "noise for lambda below 1",
                          lambda));
  SP_VALIDATE(o.grid != Grid::adaptive, usage,
              "grid is adaptive (it is fitted to a point, and samples have none) use another --grid");
  SP_VALIDATE(o.steps == 0 || o.steps >= fewest_steps, usage,
              fmt::format("steps is {} (a reverse path needs at least {}) change --steps", o.steps, fewest_steps));
  const bool corrects = o.method == ReverseMethod::predictor_corrector;
  SP_VALIDATE(corrects || (o.corrector_steps == SampleOptions{}.corrector_steps &&
                           o.corrector_size == SampleOptions{}.corrector_size),
              usage,
              fmt::format("corrector steps for {} (predictor-corrector alone has them) leave them out or use --sampler "
                          "predictor-corrector",
                          name_of(o.method)));
  SP_VALIDATE(o.corrector_size > 0.0 && o.corrector_size <= largest_corrector, usage,
              fmt::format("corrector_size is {} (a Langevin step has a length above 0, at most {:g}) change "
                          "--corrector-size",
                          o.corrector_size, largest_corrector));
  SP_VALIDATE(!corrects || o.steps % 2 == 0, usage,
              fmt::format("steps is {} (predictor-corrector takes them by twos) use an even number", o.steps));
  // Normals have their place in a path's stream by step, up to 2^20 of them.
  const std::uint64_t steps = o.steps == 0 ? steps_by_default(o.method) : o.steps, most = kernels::max_steps;
  const std::uint64_t corrections = corrects ? std::min(o.corrector_steps, most) : 0;
  const std::uint64_t each = o.method == ReverseMethod::second_order ? 2 : 1 + corrections;
  SP_VALIDATE(steps <= most && steps * each <= most, usage,
              fmt::format("{} steps of {}{} draws each (a path has at most 2^20) use fewer --steps{}", steps,
                          corrections < o.corrector_steps && corrects ? "more than " : "", each,
                          corrects ? " or --corrector-steps" : ""));
  SP_VALIDATE(o.times.empty() || o.trajectories > 0, usage,
              "times without trajectories (they say where trajectories are kept) give --trajectories N");
  SP_VALIDATE(o.threads >= 0 && o.threads <= 4096, usage,
              fmt::format("threads is {} (0 means all cores, at most 4096) change --threads", o.threads));
  SP_VALIDATE(o.arithmetic == Arithmetic::reproducible || o.backend == Backend::cuda ||
                  (o.backend == Backend::automatic && available(Backend::cuda)),
              usage,
              "arithmetic is fast (only the CUDA backend has it) use --arithmetic reproducible or --backend cuda");
}

SampleOptions resolve(const Model& model, std::uint64_t count, const SampleOptions& options) {
  SampleOptions o = options;
  SP_VALIDATE(count > 0 && count <= most_samples_of_run, usage,
              fmt::format("count is {} (1 to 2^40 samples can be drawn) change --count", count));
  SP_VALIDATE(o.trajectories <= count, usage,
              fmt::format("trajectories is {} (they are those of the first samples, of which there are {}) lower "
                          "--trajectories",
                          o.trajectories, count));
  const kernels::NoiseSchedule& schedule = model.schedule();
  const bool table = schedule.kind == kernels::ScheduleKind::ddpm;
  o.lambda = o.lambda.value_or(o.method == ReverseMethod::ddim ? 1.0 : 0.0);
  if (o.steps == 0) {
    const auto nodes =
        table ? static_cast<std::uint64_t>(std::llround(static_cast<double>(schedule.ddpm.count) * model.t_max())) : 0;
    o.steps = table && is_posterior(o.method) ? std::max(nodes, fewest_steps) : steps_by_default(o.method);
  }
  if (o.grid == Grid::automatic) {
    // In t, a schedule whose signal ends, or whose noise explodes, would have one step for most of the range.
    const bool even_in_t =
        o.method == ReverseMethod::euler_maruyama && !schedule.ends_at_zero_signal() && schedule.a(model.t_max()) < 1.0;
    o.grid = even_in_t || (table && is_posterior(o.method))                        ? Grid::uniform_t
             : is_posterior(o.method) || o.method == ReverseMethod::euler_maruyama ? Grid::log_snr
                                                                                   : Grid::tapered;
  }
  for (const double t : o.times) {
    SP_VALIDATE(t >= model.t_min() && t <= model.t_max(), usage,
                fmt::format("times has {} (the schedule is used from t = {} to {}) keep within it", t, model.t_min(),
                            model.t_max()));
  }
  o.threads = arena_threads(o.threads == 0 ? usable_cores() : o.threads);
  return o;
}

}  // namespace scorepath
