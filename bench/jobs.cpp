// Makes the measured jobs. The engine keeps its tables to itself, so a job is caught where the engine hands it to a
// back end.
#include "bench/jobs.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "host/cpu_dispatch.hpp"

namespace scorepath::bench {
namespace {

thread_local EngineJob* catching = nullptr;

void catch_slices(const kernels::SliceJob<float>& job, std::uint64_t, int count, float* values) {
  catching->slices = job;
  std::fill(values, values + count, 0.0f);
}
void catch_paths(const kernels::PathJob<float>& job, std::uint64_t, int count, float* values) {
  catching->paths = job;
  std::fill(values, values + count, 0.0f);
}

double standard_normal(std::uint64_t index) {
  float z[8];
  const kernels::Stream stream = kernels::make_stream(7, 0, kernels::Purpose::noise, false);
  kernels::fill_normals<float>(stream, index, 0, 8, z);
  return static_cast<double>(z[0]);
}

std::string data_folder() { return source_folder() + "/data/"; }

}  // namespace

std::string source_folder() {
  const char* wish = std::getenv("SCOREPATH_SOURCE_DIR");
  return wish != nullptr && *wish != '\0' ? wish : SCOREPATH_SOURCE_DIR;
}

EngineJob::EngineJob(const Problem& problem, const std::vector<double>& point, const Options& options)
    : model_((validate(problem), problem)),
      options_(options),
      cpu_(cpu_kernels(active_isa())),
      context_{model_, options_, cpu_, make_sampling(options_)},
      position_(point.size()),
      plan_(std::make_unique<PointPlan>(context_, point.data(), [] { return true; })) {
  model_.to_canonical(point.data(), position_.data());
  const kernels::CpuKernels real = cpu_;
  cpu_.slices = catch_slices;
  cpu_.paths = catch_paths;
  catching = this;
  plan_->run_batch(0, context_.sampling.samples_in(0), PointPlan::Draws::estimate, [] { return true; });
  catching = nullptr;
  cpu_ = real;
}

PathwiseSetup::PathwiseSetup(const Problem& problem, const std::vector<double>& point, std::uint32_t steps,
                             bool static_dimension)
    : engine_(problem, point, bare_paths(steps)) {
  const kernels::MixtureModel& mixture = engine_.model().mixture();
  const std::size_t d = point.size();
  const double r0 = mixture.variance(0, 0);
  const double end = 1e5;  // data variance: about one in these units
  const double length = std::log1p(end / r0);
  std::vector<float> r(steps + 1);
  for (std::uint32_t k = 0; k <= steps; ++k) {
    r[k] = static_cast<float>(r0 * std::expm1(length * k / steps));
    scales_.push_back(static_cast<float>(std::sqrt(r0 + static_cast<double>(r[k]))));
  }
  const kernels::ScoreTables<float>& tables = engine_.paths.score;
  levels_.resize(r.size() * static_cast<std::size_t>(kernels::level_size(tables.kind, tables.dim, tables.panels)));
  cpu_kernels(active_isa()).levels(tables, r.data(), steps + 1, levels_.data());
  // Far out the law of Z_N is a Gaussian with the mixture's moments.
  double variance = 0.0;
  for (std::size_t j = 0; j < d; ++j) {
    end_mean_.push_back(static_cast<float>((engine_.model().mean()[j] - engine_.position()[j]) / std::sqrt(r0 + end)));
    variance += engine_.model().variance()[j] / static_cast<double>(d);
  }
  const double end_variance = (variance + end) / (r0 + end);
  const double step = length / steps;
  job = {tables,
         levels_.data(),
         scales_.data(),
         steps,
         static_cast<float>(std::expm1(-0.5 * step)),
         static_cast<float>(std::sqrt(-std::expm1(-step))),
         static_cast<float>(step),
         static_cast<float>(1.0 / end_variance),
         end_mean_.data(),
         engine_.paths.noise,
         static_dimension};
  const double dim = static_cast<double>(d);
  // d/2 du of the drift adds up to d/2 length; Z_0 has the density of Y_0 times sqrt(r0)^d.
  offset = -0.5 * dim * (kernels::log_two_pi + std::log(end_variance) + std::log(r0) + length);
  std::vector<double> terms(static_cast<std::size_t>(mixture.components));
  exact = kernels::log_density(mixture, engine_.position().data(), 0.0, terms.data());
}

Options bare_paths(std::uint64_t steps) {
  Options o;
  o.sampler = Sampler::paths;
  o.control_variate = ControlVariate::none;
  o.antithetic = Antithetic::off;
  o.steps = steps;
  o.threads = 1;
  return o;
}

Problem gaussian_problem(std::size_t dim) {
  Gaussian g;
  for (std::size_t j = 0; j < dim; ++j) {
    g.mean.push_back(0.5);
    g.variance.push_back(1.0 + 0.2 * static_cast<double>(j % 4));
  }
  return {{}, g};
}

Problem mixture_problem(std::size_t components, std::size_t dim, double sd) {
  GaussianMixture m;
  m.weights.assign(components, 1.0 / static_cast<double>(components));
  m.means = Matrix(components, dim);
  m.variances = Matrix(components, 1);
  for (std::size_t i = 0; i < m.means.values.size(); ++i) m.means.values[i] = standard_normal(i);
  m.variances.values.assign(components, sd * sd);
  return {{}, m};
}

std::vector<double> point_near(const Problem& problem) {
  if (const auto* g = std::get_if<Gaussian>(&problem.score)) return std::vector<double>(g->mean.size(), 1.0);
  const auto& m = std::get<GaussianMixture>(problem.score);
  std::vector<double> point(m.means.row(0), m.means.row(0) + m.means.columns);
  for (double& x : point) x += 0.5 * std::sqrt(m.variances.values[0]);
  return point;
}

Problem shipped_mixture(const std::string& name) {
  return load_problem(data_folder() + "mixtures/" + name + "/model.toml");
}
Matrix shipped_points(const std::string& name) {
  return load_points(data_folder() + "mixtures/" + name + "/points.npy");
}
std::vector<double> shipped_point(const std::string& name, std::size_t row) {
  const Matrix points = shipped_points(name);
  return std::vector<double>(points.row(row), points.row(row) + points.columns);
}

Problem digits_problem() {
  const Matrix all = load_points(data_folder() + "digits/digits_x.npy");
  DataSet set{Matrix(1500, all.columns), 0.1, {}};
  for (std::size_t i = 0; i < set.data.values.size(); ++i) set.data.values[i] = all.values[i] / 16.0;
  return {{}, set};
}
std::vector<double> held_out_digit() {
  const Matrix all = load_points(data_folder() + "digits/digits_x.npy");
  std::vector<double> point(all.row(1500), all.row(1500) + all.columns);
  for (double& x : point) x /= 16.0;
  return point;
}

}  // namespace scorepath::bench
