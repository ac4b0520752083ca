// The problems of `scorepath selftest`, made in code.
#include "host/cli/selftest_cases.hpp"

#include <cmath>

#include <fmt/format.h>

#include "host/cli/spelling.hpp"

namespace scorepath::cli {

namespace {

struct Model {
  std::string name;
  Score score;
  Matrix points;
};

/// Quasi-random numbers in (-1, 1) from the golden ratio: spread out, and the same everywhere.
double spread(std::size_t i) { return 2.0 * std::fmod(0.6180339887498949 * static_cast<double>(i + 1), 1.0) - 1.0; }

Matrix spread_matrix(std::size_t rows, std::size_t columns, double scale, std::size_t start) {
  Matrix matrix(rows, columns);
  for (std::size_t i = 0; i < matrix.values.size(); ++i) matrix.values[i] = scale * spread(start + i);
  return matrix;
}

Model gaussian_model(std::string name, std::vector<double> mean, std::vector<double> variance) {
  const std::size_t dim = mean.size();
  return {std::move(name), Gaussian{std::move(mean), std::move(variance)}, spread_matrix(2, dim, 1.2, 7)};
}

/// Eight narrow components on a circle: one point on a component, one in the empty middle.
Model ring_model() {
  GaussianMixture mixture;
  mixture.means = Matrix(8, 2);
  for (std::size_t k = 0; k < 8; ++k) {
    const double angle = 0.7853981633974483 * static_cast<double>(k);
    mixture.means(k, 0) = 2.0 * std::cos(angle);
    mixture.means(k, 1) = 2.0 * std::sin(angle);
  }
  mixture.weights.assign(8, 0.125);
  mixture.variances = Matrix(8, 1, std::vector<double>(8, 0.04));
  return {"ring-2", mixture, Matrix(2, 2, {1.9, 0.15, 0.3, -0.2})};
}

/// Six components of unequal weights, each with its own variance in every coordinate.
Model anisotropic_model() {
  constexpr std::size_t dim = 16, components = 6;
  GaussianMixture mixture;
  mixture.means = spread_matrix(components, dim, 1.5, 0);
  mixture.variances = spread_matrix(components, dim, 1.0, 101);
  for (double& variance : mixture.variances.values) variance = 0.05 * std::exp(1.2 * variance);
  mixture.weights = {0.05, 0.1, 0.15, 0.2, 0.2, 0.3};
  Matrix points(2, dim);
  for (std::size_t j = 0; j < dim; ++j) {
    points(0, j) = mixture.means(5, j) + 0.2 * spread(300 + j);
    points(1, j) = 0.5 * (mixture.means(1, j) + mixture.means(2, j));
  }
  return {"anisotropic-16", mixture, points};
}

/// Three components, each with two factors of its own on one variance.
Model correlated_model() {
  constexpr std::size_t dim = 6, components = 3, rank = 2;
  GaussianMixture mixture;
  mixture.means = spread_matrix(components, dim, 1.0, 23);
  mixture.variances = Matrix(components, 1, {0.05, 0.1, 0.2});
  mixture.factors = Matrix(components * dim, rank);
  for (std::size_t i = 0; i < mixture.factors.values.size(); ++i) mixture.factors.values[i] = 0.5 * spread(401 + i);
  mixture.weights = {0.2, 0.3, 0.5};
  return {"factors-6", mixture, spread_matrix(2, dim, 0.8, 71)};
}

Model data_set_model() {
  DataSet data;
  data.data = spread_matrix(40, 3, 1.0, 17);
  data.bandwidth = 0.3;
  return {"data-set-3", data, spread_matrix(2, 3, 0.7, 59)};
}

std::vector<Schedule> schedules() {
  const ScheduleKind kinds[] = {VpLinear{}, VpCosine{}, SubVp{}, Ve{}, Edm{}, ddpm_linear(), LiYan{}, FlowMatching{}};
  static_assert(std::size(kinds) == std::variant_size_v<ScheduleKind>);
  std::vector<Schedule> all;
  for (const ScheduleKind& kind : kinds) {
    Schedule schedule;
    schedule.kind = kind;
    all.push_back(schedule);
  }
  return all;
}

Options base_options(Extent extent, Sampler sampler) {
  Options options;
  options.sampler = sampler;
  const std::uint64_t full = sampler == Sampler::slices ? 16384 : 4096;
  options.paths = extent == Extent::full ? full : full / 4;
  return options;
}

void add(std::vector<SelftestCase>& cases, const Model& model, const Schedule& schedule, const Options& options,
         const std::string& what, Expected expected = Expected::estimate) {
  SelftestCase test;
  test.name = fmt::format("{}, {}, {}{}", model.name, name_of(schedule.kind), name_of(options.sampler), what);
  test.problem = {schedule, model.score};
  test.points = model.points;
  test.options = options;
  test.options.seed = cases.size();  // cases must not share their luck
  test.expected = expected;
  cases.push_back(std::move(test));
}

void add_slices_options(std::vector<SelftestCase>& cases, const Model& model, Extent extent) {
  const Schedule schedule;
  for (const TimeLaw law : values_of<TimeLaw>())
    for (const TimePoints time_points : values_of<TimePoints>()) {
      Options options = base_options(extent, Sampler::slices);
      options.time_law = law;
      options.time_points = time_points;
      add(cases, model, schedule, options, fmt::format(", {}, {}", name_of(law), name_of(time_points)));
    }
  Options options = base_options(extent, Sampler::slices);
  options.antithetic = Antithetic::off;
  add(cases, model, schedule, options, ", antithetic off");
  options = base_options(extent, Sampler::slices);
  options.control_variate = ControlVariate::none;
  add(cases, model, schedule, options, ", control variate none");
  options.antithetic = Antithetic::off;
  options.cancellation = Cancellation::off;
  options.time_law = TimeLaw::uniform;
  add(cases, model, schedule, options, ", as the formula reads in uniform t", Expected::infinite_variance);
}

void add_paths_options(std::vector<SelftestCase>& cases, const Model& model, Extent extent) {
  const Schedule schedule;
  for (const Grid grid : values_of<Grid>())
    for (const Transition transition : values_of<Transition>()) {
      Options options = base_options(extent, Sampler::paths);
      options.grid = grid;
      options.transition = transition;
      add(cases, model, schedule, options, fmt::format(", {} grid, {}", name_of(grid), name_of(transition)));
    }
}

}  // namespace

std::vector<SelftestCase> selftest_cases(Extent extent) {
  std::vector<SelftestCase> cases;
  const Model ring = ring_model();
  std::vector<Model> models = {ring};
  if (extent == Extent::full) {
    models = {gaussian_model("gaussian-2", {0.5, -0.3}, {0.6}),
              gaussian_model("gaussian-3-diagonal", {0.2, 0.0, -0.4}, {0.1, 0.7, 2.0}),
              ring,
              anisotropic_model(),
              correlated_model(),
              data_set_model()};
  }
  for (const Model& model : models)
    for (const Schedule& schedule : schedules())
      for (const Sampler sampler : values_of<Sampler>()) add(cases, model, schedule, base_options(extent, sampler), "");
  add_slices_options(cases, ring, extent);
  add_paths_options(cases, ring, extent);
  return cases;
}

}  // namespace scorepath::cli
