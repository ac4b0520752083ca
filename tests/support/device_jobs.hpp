// Jobs of backend cuda next to the same jobs on the processor, on devices that the caller brings: the real ones
// (tests/gpu) or interpreters of the kernels' PTX (tests/ptx).
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "host/cpu_dispatch.hpp"
#include "host/cuda_group.hpp"
#include "host/cuda_rays.hpp"
#include "host/estimate_on.hpp"
#include "tests/support/option_grid.hpp"
#include "tests/support/problems.hpp"

namespace scorepath::test {

template <class Kind>
Schedule schedule_of(Kind kind) {
  Schedule schedule;
  schedule.kind = std::move(kind);
  return schedule;
}
inline std::vector<Schedule> every_schedule() {
  return {schedule_of(VpLinear{}), schedule_of(VpCosine{}),    schedule_of(SubVp{}),
          schedule_of(Ve{}),       schedule_of(Edm{}),         schedule_of(Ddpm{std::vector<double>(200, 0.03)}),
          schedule_of(LiYan{}),    schedule_of(FlowMatching{})};
}

enum class Layout { shared, isotropic, diagonal, factored };
inline constexpr Layout every_layout[] = {Layout::shared, Layout::isotropic, Layout::diagonal, Layout::factored};

/// A random mixture; one component is a Gaussian, unless it is correlated. Those have five axes, or as many as
/// there can be.
inline Score mixture(Layout layout, int dim, int components, std::uint64_t seed) {
  Draws draws(seed);
  const auto d = static_cast<std::size_t>(dim), k = static_cast<std::size_t>(components);
  GaussianMixture m;
  m.means = Matrix(k, d);
  m.variances = Matrix(k, layout == Layout::diagonal ? d : 1);
  for (double& mean : m.means.values) mean = 1.5 * draws.normal();
  for (double& variance : m.variances.values) variance = 0.1 + draws.uniform();
  if (layout == Layout::shared) std::fill(m.variances.values.begin(), m.variances.values.end(), 0.3);
  double total = 0.0;
  for (std::size_t i = 0; i < k; ++i) m.weights.push_back(0.2 + draws.uniform());
  for (const double weight : m.weights) total += weight;
  for (double& weight : m.weights) weight /= total;
  if (layout == Layout::factored) {
    m.factors = Matrix(k * d, std::min<std::size_t>(d, 5));
    for (double& x : m.factors.values) x = draws.normal() / std::sqrt(static_cast<double>(d));
  }
  return m;
}

inline void expect_same_bits(std::optional<double> got, std::optional<double> want, const std::string& what) {
  ASSERT_EQ(got.has_value(), want.has_value()) << what;
  if (want.has_value()) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*got), std::bit_cast<std::uint64_t>(*want))
        << what << ": " << *got << " against " << *want;
  }
}

/// Every number of two results but times and names.
inline void expect_same_result(const Result& got, const Result& want, const std::string& what) {
  ASSERT_EQ(got.points.size(), want.points.size()) << what;
  for (std::size_t p = 0; p < want.points.size(); ++p) {
    const PointResult &a = got.points[p], &b = want.points[p];
    const std::string where = what + ", point " + std::to_string(p);
    ASSERT_EQ(a.samples.size(), b.samples.size()) << where;
    for (std::size_t i = 0; i < b.samples.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(a.samples[i]), std::bit_cast<std::uint64_t>(b.samples[i]))
          << where << ", sample " << i << ": " << a.samples[i] << " against " << b.samples[i];
    }
    expect_same_bits(a.log_density, b.log_density, where + ", log density");
    expect_same_bits(a.std_error, b.std_error, where + ", standard error");
    expect_same_bits(a.ci95_lower, b.ci95_lower, where + ", lower end");
    expect_same_bits(a.ci95_upper, b.ci95_upper, where + ", upper end");
    expect_same_bits(a.discretization_error, b.discretization_error, where + ", discretisation");
    expect_same_bits(a.arithmetic_error, b.arithmetic_error, where + ", arithmetic");
    ASSERT_EQ(a.weights.has_value(), b.weights.has_value()) << where;
    if (b.weights) {
      expect_same_bits(a.weights->chain_log_density, b.weights->chain_log_density, where + ", chain");
      expect_same_bits(a.weights->log_weight_variance, b.weights->log_weight_variance, where + ", log-weights");
      expect_same_bits(a.effective_sample_size, b.effective_sample_size, where + ", effective sample size");
    }
    ASSERT_EQ(a.flags, b.flags) << where;
    ASSERT_EQ(a.paths, b.paths) << where;
    ASSERT_EQ(a.score_evaluations, b.score_evaluations) << where;
    ASSERT_EQ(a.independent_samples, b.independent_samples) << where;
  }
}

/// Two points; the job on the devices and on the processor.
inline void expect_same_on(const CudaDevices& devices, const Problem& problem, Options options,
                           const std::string& what) {
  const Matrix points = draw_points(problem, 2, options.seed);
  options.backend = Backend::cpu;
  const Result want = estimate_log_density(problem, points, options);
  options.backend = Backend::cuda;
  const Result got = estimate_on(problem, points, options, &devices);
  ASSERT_EQ(got.backend, "cuda");
  expect_same_result(got, want, what);
}

/// How large a job is; `threads` are the processor's.
struct JobSize {
  std::uint64_t paths, steps;
  int threads;
};
inline Options sized(Options o, const JobSize& size, std::uint64_t seed) {
  o.paths = size.paths;
  o.steps = o.method == Method::path_weights || o.lambda != 0.0 ? (size.steps + 3) / 4 * 4 : size.steps;
  o.threads = size.threads;
  o.seed = seed;
  o.keep_samples = o.form != Form::multilevel;
  return o;
}

/// check(problem, options, what) for every estimator, schedules and layouts taking turns.
template <class Check>
void for_every_estimator(const JobSize& size, const Check& check) {
  const std::vector<Options> all = every_estimator();
  ASSERT_EQ(all.size(), 207u);
  const std::vector<Schedule> schedules = every_schedule();
  std::uint64_t turn = test_seed() % 1000;
  for (const Options& o : all) {
    ++turn;
    // Every eighth has the same switches (option_grid.hpp), and another schedule.
    const Schedule& schedule = schedules[(turn + turn / 8) % schedules.size()];
    const Problem problem{schedule, mixture(static_cast<Layout>(turn % 5 % 4), 2, 5, turn)};
    check(problem, sized(o, size, turn), describe(o) + ", turn " + std::to_string(turn));
  }
}
inline void expect_every_estimator_same_on(const CudaDevices& devices, const JobSize& size) {
  for_every_estimator(size, [&](const Problem& problem, const Options& options, const std::string& what) {
    expect_same_on(devices, problem, options, what);
  });
}

/// Both samplers, the kernels of the pathwise estimators, path weights and the lambda family with every layout and
/// these numbers of components in `dim` dimensions, the other options taking turns; paths once in pairs and once alone.
/// size(sampler, components) is the job's; nothing where the job would take too long.
template <class Size>
void expect_every_score_same_on(const CudaDevices& devices, int dim, const std::vector<int>& components,
                                const Size& size) {
  std::uint64_t turn = test_seed() % 1000;
  for (const Layout layout : every_layout) {
    for (const int count : components) {
      for (const Sampler sampler : {Sampler::slices, Sampler::paths, Sampler::paths}) {
        ++turn;
        Options o;
        o.sampler = sampler;
        o.time_points = static_cast<TimePoints>(turn % 3);
        o.antithetic = turn % 2 == 0 ? Antithetic::on : Antithetic::off;
        o.control_variate = turn % 5 == 0 ? ControlVariate::none : ControlVariate::gaussian;
        o.transition = turn % 7 == 0 ? Transition::euler_maruyama : Transition::exact;
        // Sobol' times have as many coordinates as there are tables for.
        if (dim > 1100 && o.time_points == TimePoints::sobol) o.time_points = TimePoints::stratified;
        const std::optional<JobSize> job = size(sampler, count, turn);
        if (!job) continue;
        expect_same_on(devices, Problem{schedule_of(VpLinear{}), mixture(layout, dim, count, turn)},
                       sized(o, *job, turn),
                       "layout " + std::to_string(static_cast<int>(layout)) + ", components " + std::to_string(count) +
                           ", " + describe(o));
      }
      for (const Form form : {Form::stratonovich, Form::backward_ito, Form::ray, Form::extrapolated, Form::implicit}) {
        ++turn;
        Options o;
        o.method = method_of(form);
        o.form = form;
        o.antithetic = turn % 2 == 0 ? Antithetic::on : Antithetic::off;
        if (form == Form::implicit) {  // paths that the score steers
          o.lambda = turn % 3 == 0 ? 1.0 : 0.5;
          o.antithetic = Antithetic::automatic;
        }
        const std::optional<JobSize> job = size(Sampler::paths, count, turn);
        if (!job) continue;
        expect_same_on(devices, Problem{schedule_of(VpLinear{}), mixture(layout, dim, count, turn)},
                       sized(o, *job, turn),
                       "layout " + std::to_string(static_cast<int>(layout)) + ", components " + std::to_string(count) +
                           ", " + describe(o));
      }
    }
  }
}

/// A job's parts up to its plans, on devices: what estimate_on() makes on its way.
struct PreparedJob {
  PreparedJob(const Problem& problem, const Matrix& points, const Options& wanted, const CudaDevices& devices)
      : model(problem),
        options(wanted),
        cpu(cpu_kernels(active_isa())),
        context{model, options, cpu, make_sampling(options), &devices} {
    for (std::size_t p = 0; p < points.rows; ++p)
      plans.push_back(std::make_unique<PointPlan>(context, points.row(p), [] { return true; }));
  }
  Model model;
  Options options;
  kernels::CpuKernels cpu;
  JobContext context;
  std::vector<std::unique_ptr<PointPlan>> plans;
};

/// The checks of quadratures on a device and on the processor: of three points, the last of which has a quarter of the
/// first one's `evaluations`, for every layout and transition.
inline void expect_quadrature_checks_same_on(const CudaDevices& devices, std::uint64_t evaluations) {
  std::uint64_t turn = test_seed() % 1000;
  for (const Layout layout : every_layout) {
    for (const Transition transition : {Transition::exact, Transition::euler_maruyama}) {
      const Problem problem{schedule_of(VpLinear{}), mixture(layout, 2, 5, ++turn)};
      Options options;
      options.sampler = Sampler::paths;
      options.transition = transition;
      options.steps = turn % 2 == 0 ? 5 : 40;  // the fine quadrature in many pieces, or in four
      const PreparedJob job(problem, draw_points(problem, 3, turn), options, devices);
      std::vector<QuadratureCheck> on_device, on_processor;
      for (std::size_t p = 0; p < 3; ++p) {
        for (std::vector<QuadratureCheck>* checks : {&on_device, &on_processor})
          checks->emplace_back(*job.plans[p], QuadratureCheck::Budget{0.0, evaluations >> p, evaluations >> p});
      }
      tbb::task_arena arena(2);
      ASSERT_TRUE(run_on_device(job.context, arena, job.plans, on_device, [] { return true; }));
      for (std::size_t p = 0; p < 3; ++p) {
        ASSERT_TRUE(on_processor[p].run([] { return true; }));
        EXPECT_EQ(on_device[p].evaluations(), on_processor[p].evaluations());
        const kernels::Moments &got = on_device[p].excess(), &want = on_processor[p].excess();
        EXPECT_GE(want.count, 32u);
        EXPECT_EQ(std::memcmp(&got, &want, sizeof got), 0) << "point " << p << ", turn " << turn;
      }
    }
  }
}

/// Launches whose shapes recur, so that a device may keep their calls and replay them: each takes the batches of its
/// own time, and has the records and samples that the processor makes of them. Eight of the sixteen follow one of their
/// shape: replays_expected.
inline constexpr std::size_t replays_expected = 2 * 4;
inline void expect_recurring_launches_same_on(const CudaDevices& devices, Sampler sampler) {
  const Problem problem{schedule_of(VpLinear{}), mixture(Layout::shared, 2, 5, 3)};
  const Matrix points = draw_points(problem, 2, 1);
  Options options;
  options.sampler = sampler;
  options.steps = 4;
  options.paths = 400;
  options.threads = 1;
  options.backend = Backend::cuda;
  const PreparedJob job(problem, points, options, devices);
  const auto& plans = job.plans;
  CudaGroup group(job.context, devices, plans);
  std::uint64_t turn = 0;
  for (const PointPlan::Draws draws : {PointPlan::Draws::estimate, PointPlan::Draws::pilot}) {
    for (const std::size_t batches : {1, 1, 1, 4, 1, 1, 4, 4}) {  // four need more memory than one
      ++turn;
      std::vector<BatchTask> tasks;
      for (std::size_t b = 0; b < batches; ++b)
        tasks.push_back({(turn + b) % 2, turn, job.context.sampling.length * (1 + turn % 3)});
      Pace pace;
      pace.learn(batches, 0.1);  // all of them at once
      const auto take = [&](std::size_t i, const BatchRecord& got, const float* values, std::size_t stride) {
        const PointPlan& plan = *plans[tasks[i].point];
        PointPlan::Kept kept;
        const std::optional<BatchRecord> want = plan.run_batch(
            tasks[i].batch, tasks[i].samples, draws, [] { return true; }, &kept);
        EXPECT_EQ(std::memcmp(&got, &want.value(), sizeof got), 0) << "turn " << turn;
        EXPECT_EQ(plan.kept_of(values, stride, tasks[i].samples).samples, kept.samples) << "turn " << turn;
      };
      ASSERT_EQ(group.run(tasks, draws, true, pace, take, [](std::size_t) { return true; }), batches);
    }
  }
}

}  // namespace scorepath::test
