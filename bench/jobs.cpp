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

void catch_increments(const kernels::IncrementJob<float>& job, std::uint64_t, int count, float* values) {
  catching->increments = job;
  std::fill(values, values + count, 0.0f);
}
void catch_rays(const kernels::RayJob<float>& job, std::uint64_t, int count, float* values) {
  catching->rays = job;
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
      options_(with_method(options)),
      cpu_(cpu_kernels(active_isa())),
      context_{model_, options_, cpu_, make_sampling(options_)},
      position_(point.size()),
      plan_(std::make_unique<PointPlan>(context_, point.data(), [] { return true; })) {
  model_.to_canonical(point.data(), position_.data());
  const kernels::CpuKernels real = cpu_;
  cpu_.slices = catch_slices;
  cpu_.paths = catch_paths;
  cpu_.increments = catch_increments;
  cpu_.rays = catch_rays;
  catching = this;
  plan_->run_batch(0, context_.sampling.samples_in(0), PointPlan::Draws::estimate, [] { return true; });
  catching = nullptr;
  cpu_ = real;
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

Options bare_pathwise(Form form, std::uint64_t steps) {
  Options o;
  o.method = Method::pathwise;
  o.form = form;
  o.antithetic = Antithetic::off;
  o.steps = steps;
  o.threads = 1;
  return with_method(o);
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
