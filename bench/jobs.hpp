// The measured jobs: the tables that the engine itself makes for a problem and a point, handed to any lane type.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <scorepath/scorepath.hpp>

#include "bench/bench_kernels.hpp"
#include "host/point_plan.hpp"

namespace scorepath::bench {

/// One point of a problem as the engine prepares it. The job of the options' engine is filled.
class EngineJob {
 public:
  EngineJob(const Problem& problem, const std::vector<double>& point, const Options& options);

  kernels::PathJob<float> paths{};
  kernels::SliceJob<float> slices{};
  kernels::IncrementJob<float> increments{};
  kernels::RayJob<float> rays{};
  const Model& model() const { return model_; }
  const std::vector<double>& position() const { return position_; }  // [dim], canonical frame
  const PointPlan& plan() const { return *plan_; }

 private:
  Model model_;
  Options options_;
  kernels::CpuKernels cpu_;
  JobContext context_;
  std::vector<double> position_;
  std::unique_ptr<PointPlan> plan_;
};

/// The repository: where SCOREPATH_SOURCE_DIR in the environment says (an executable that was carried to another
/// machine), else where the executable was built.
std::string source_folder();
/// Forward paths with exact transitions and nothing around the bare steps: no reference, no antithetic pairs.
Options bare_paths(std::uint64_t steps);
/// Increments or rays of this form, one by one.
Options bare_pathwise(Form form, std::uint64_t steps);
/// N(0.5, diag(1, 1.2, ..)) in `dim` dimensions, and a point.
Problem gaussian_problem(std::size_t dim);
/// `components` equal weights at standard normal means, standard deviation `sd`; reproducible.
Problem mixture_problem(std::size_t components, std::size_t dim, double sd);
/// The first row of the problem's means, moved by half a standard deviation in every coordinate.
std::vector<double> point_near(const Problem& problem);
/// A folder of data/mixtures and row 0 of its points.
Problem shipped_mixture(const std::string& name);
std::vector<double> shipped_point(const std::string& name, std::size_t row = 0);
Matrix shipped_points(const std::string& name);
/// The digits of data/digits as a data set of 1500 components in [0, 1]^64, bandwidth 0.1.
Problem digits_problem();
std::vector<double> held_out_digit();

}  // namespace scorepath::bench
