// One query point made ready to run: everything about it that does not depend on a sample.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <scorepath/options.hpp>
#include <scorepath/result.hpp>

#include "host/job_context.hpp"
#include "host/path_weights.hpp"
#include "kernels/estimator/pathwise.hpp"
#include "kernels/reduce/batch.hpp"
#include "kernels/score/point_tables.hpp"
#include "kernels/score/reference.hpp"
#include "kernels/steered.hpp"
#include "kernels/step/transition.hpp"

namespace scorepath {

using kernels::BatchRecord;

/// Cells of the law of a slice's times.
inline constexpr int law_cells = 1024;

/// What paths of a level are worth more than those of half as many steps, over what their coarse pass says that is left
/// (kernels/steered.hpp: a third of it).
inline constexpr double level_difference = -3.0;

/// Asked every few hundredths of a second of work, on the thread that does it: whether to go on.
using GoOn = std::function<bool()>;

class PointPlan {
 public:
  /// `x` [dim] is the user's point. Runs the pilot where the options need one; a plan whose pilot was broken off is of
  /// no use. Tables are filled without asking.
  PointPlan(const JobContext& job, const double* x, const GoOn& go_on);

  /// log p(x) = baseline - E[value] (the mean of the samples' values) [nat].
  double baseline() const { return baseline_; }
  /// Variance of the baseline: of the expectation at the far end.
  double baseline_variance() const { return baseline_variance_; }
  double truncation_error() const { return truncation_error_; }
  /// E log p_T, or of the prior, at the far end [nat], in the data's units; nothing where there is no far end.
  std::optional<double> end_term() const { return end_term_; }
  const std::vector<BoundTerm>& bound_terms() const { return bound_terms_; }
  /// The point lies too far out (1e7 of the data's deviations) for the samples of the arithmetic check to tell.
  bool is_beyond_arithmetic() const { return is_beyond_arithmetic_; }
  /// What laws and grids resolve (in units of the data squared) and up to where the noise goes; the pilot's shares of
  /// sixteen equal parts of the range, where a law or grid was fitted.
  double finest_variance() const { return finest_variance_ * job_.model.unit() * job_.model.unit(); }
  std::optional<double> largest_noise() const {
    if (engine_of(job_.options) == Engine::rays) return std::nullopt;  // they go to infinity
    return (range_.start + range_.end) * job_.model.unit() * job_.model.unit();
  }
  const std::vector<double>& fitted_shares() const { return fitted_shares_; }
  /// Score evaluations outside the samples: pilot, ends.
  std::uint64_t extra_evaluations() const { return extra_evaluations_; }

  /// Batch `batch` of the estimate, or of the pilot that sizes it (whose draws the estimate never sees).
  /// `kept`, where not null, receives every sample's values. Nothing where it was broken off.
  enum class Draws { estimate, pilot };
  struct Kept {
    std::vector<double> samples;  ///< the samples' own estimates of log p(x) [nat]; not of path weights
    std::vector<Chains> chains;   ///< path weights only
    std::vector<double> leaning;  ///< steered paths only: what pairs of steps differ by, along a path [nat]
  };
  std::optional<BatchRecord> run_batch(std::uint64_t batch, std::uint64_t samples_in_batch, Draws draws,
                                       const GoOn& go_on, Kept* kept = nullptr) const;
  /// What is kept of `count` lanes' values; those of a chain are `stride` behind those of the one before.
  Kept kept_of(const float* values, std::size_t stride, std::uint64_t count) const;
  /// A sample's own estimate of log p(x) [nat] from its lane's value.
  double sample_of(float value) const;
  /// Values of a sample.
  static std::size_t values_per_sample(const JobContext& job) {
    const Engine engine = engine_of(job.options);
    return engine == Engine::weights ? kernels::weight_chains : engine == Engine::steered ? kernels::carried_values : 1;
  }

  /// Float against double on `count` samples, arithmetic_stride() apart: moments of the difference of their values. 2
  /// count samples of work. `device_values` [count]: those samples as the job's devices have them; in reproducible
  /// arithmetic they must be the processor's, bit for bit. Errors: DeviceError where they are not.
  std::optional<kernels::Moments> arithmetic_difference(int count, const GoOn& go_on,
                                                        const std::vector<float>& device_values = {}) const;
  /// The model's own log-density at the point [nat], in double.
  double exact_log_density() const { return job_.model.log_density(y_.data()); }

  std::uint64_t evaluations_per_sample() const;

  /// Nodes of a path and what leads from one to the next. [steps + 1], transitions [steps]. Of a ray: rho = tau^2 and
  /// the weights of dtau, both from index 1 on; no transitions.
  struct Quadrature {
    std::vector<double> rho, weight;
    std::vector<kernels::TransitionStep> transitions;
    explicit Quadrature(std::size_t steps = 0) : rho(steps + 1), weight(steps + 1), transitions(steps) {}
    std::size_t steps() const { return transitions.size(); }
    kernels::GridNodes nodes() { return {rho.data(), weight.data()}; }
  };
  template <class T>
  struct Tables {
    std::vector<T> score, reference, law, levels, reference_inverse, position;
    std::vector<kernels::Step<T>> steps;
    std::vector<kernels::Increment<T>> increments;
    std::vector<T> first_difference;
    std::vector<kernels::RayNode<T>> rays;
    std::vector<kernels::WeightStep<T>> weights;
    std::vector<T> far_end;  // slope, square
    std::vector<kernels::SteeredStep<T>> steered, coarse;
    std::vector<T> coarse_levels, coarse_inverse;
    std::vector<T> start;  // zeros
    kernels::ScoreTables<T> view{};
    kernels::LawTable<T> law_view{};
  };

  /// For the check of the grid's quadrature (host/quadrature_check.hpp; paths only): along rays, it and a fine one, the
  /// tables of a piece of either (no longer than the path, so that the tables are no larger; its rays need no memory of
  /// where they come from), the job of a piece, and where the draws of pair `pair` begin.
  Quadrature own_rays() const;
  Quadrature fine_rays() const;
  std::size_t piece_steps() const;
  std::size_t ray_pieces(const Quadrature& rays) const;
  Tables<float> ray_tables(const Quadrature& rays, std::size_t piece) const;
  kernels::PathJob<float> ray_job(const Tables<float>& tables) const;
  std::uint64_t first_ray(std::uint64_t pair) const;
  /// Rays of a pair of the check: what estimates along rays is checked along single ones.
  std::uint64_t rays_of_pair() const { return engine_of(job_.options) == Engine::rays ? 1 : 2; }
  /// A quadrature's value on antithetic pairs of rays [pairs], on the calling thread. Empty where it was broken off.
  std::vector<double> along_rays(const Quadrature& rays, std::uint64_t first, std::size_t pairs,
                                 const GoOn& go_on) const;

  /// What tells the point's random numbers from other points'.
  std::uint32_t key() const { return key_; }
  /// The job that a back end runs, and the first sample of a batch; tables are the plan's own.
  kernels::PathJob<float> paths(Draws draws) const { return path_job(tables_, draws); }
  kernels::SliceJob<float> slices(Draws draws) const { return slice_job(tables_, draws); }
  kernels::IncrementJob<float> increments(Draws draws) const { return increment_job(tables_, draws); }
  kernels::RayJob<float> rays(Draws draws) const { return ray_job(tables_, draws); }
  kernels::WeightJob<float> weights(Draws draws) const { return weight_job(tables_, draws); }
  kernels::SteeredJob<float> steered(Draws draws) const { return steered_job(tables_, draws); }
  std::uint64_t first_sample(std::uint64_t batch, Draws draws) const;

  /// Bytes that a plan of this job holds, tables mostly.
  static std::size_t bytes(const JobContext& job);

 private:
  void look_around();
  void place_range();
  void take_far_end();
  void take_far_end_of_paths(const kernels::ReferenceGaussian& far, double correction);
  void take_feynman_kac(const kernels::ReferenceGaussian& prior);
  void make_law(const GoOn& go_on);
  void make_grid(const GoOn& go_on);
  Quadrature on_ray(const RayRules::Rule& rule) const;
  void take_first_node();
  std::vector<double> ddpm_levels() const;
  void take_ddpm();
  void take_bound_terms(const GoOn& go_on);
  double expected_integrand_of_reference(double rho) const;
  std::vector<double> pilot_spread(const std::vector<double>& nodes, const GoOn& go_on);
  Quadrature on_rays(const Quadrature& quadrature) const;
  template <class T>
  void fill_tables(Tables<T>& tables) const;
  template <class T>
  void fill_step_tables(Tables<T>& tables, const Quadrature& quadrature, std::size_t first, std::size_t last,
                        bool cancellation) const;
  template <class T>
  void fill_levels(Tables<T>& tables, const double* rho, std::size_t steps) const;
  template <class T>
  void fill_increments(Tables<T>& tables) const;
  template <class T>
  void fill_rays(Tables<T>& tables, const Quadrature& ray) const;
  template <class T>
  void fill_weights(Tables<T>& tables) const;
  template <class T>
  void fill_steered(Tables<T>& tables) const;
  template <class T>
  kernels::SteeredJob<T> steered_job(const Tables<T>& tables, Draws draws) const;
  template <class T>
  kernels::WeightJob<T> weight_job(const Tables<T>& tables, Draws draws) const;
  double reference_divergence(double rho) const { return kernels::divergence(reference(), range_.start + rho); }
  kernels::ReferenceGaussian reference() const {
    return {job_.model.dim(), reference_mean_.data(), reference_variance_.data()};
  }
  kernels::PathwiseForm pathwise_form() const;
  bool cancels() const { return use_reference_ || job_.options.cancellation == Cancellation::on; }
  kernels::SobolPaths sobol_paths(Draws draws) const;
  template <class T>
  kernels::SliceJob<T> slice_job(const Tables<T>& tables, Draws draws) const;
  template <class T>
  kernels::PathJob<T> path_job(const Tables<T>& tables, Draws draws) const;
  template <class T>
  kernels::RayJob<T> ray_job(const Tables<T>& tables, Draws draws) const;
  template <class T>
  kernels::IncrementJob<T> increment_job(const Tables<T>& tables, Draws draws) const;
  template <class T>
  bool run(const Tables<T>& tables, Draws draws, std::uint64_t first, int count, T* values, const GoOn& go_on) const;
  template <class Call>
  bool in_turns(std::uint64_t evaluations, int count, const GoOn& go_on, const Call& call) const;

  const JobContext& job_;
  std::uint32_t key_;
  std::vector<double> y_;  // canonical frame
  kernels::NoiseRange range_{};
  double finest_variance_ = 1.0, largest_variance_ = 1.0;
  std::vector<double> fitted_shares_;
  std::vector<double> reference_mean_, reference_variance_;
  std::vector<double> far_slope_, far_square_;  // path weights: of log p - log g at the far end
  std::vector<double> first_difference_;        // s - g at the point, canonical frame; paths only
  double first_square_ = 0.0;                   // |s|^2 there; paths only
  bool use_reference_ = true;
  std::vector<double> law_nodes_;
  kernels::CellShape law_shape_ = kernels::CellShape::linear_in_root;
  Quadrature grid_;
  double baseline_ = 0.0, baseline_variance_ = 0.0, truncation_error_ = 0.0;
  std::optional<double> end_term_;
  std::vector<BoundTerm> bound_terms_;
  bool is_beyond_arithmetic_ = false;
  std::uint64_t extra_evaluations_ = 0;
  Tables<float> tables_;
};

/// call(from, n) for the samples [0, count) in turns of a few hundredths of a second, or of one pack where that takes
/// longer; false as soon as go_on says so. `evaluations` of the score are one sample.
template <class Call>
bool PointPlan::in_turns(std::uint64_t evaluations, int count, const GoOn& go_on, const Call& call) const {
  constexpr double work = 1e8;  // products of component and coordinate, roughly
  constexpr int pack = 16;      // the widest there is, and what results are rounded up to
  const kernels::MixtureModel& model = job_.model.mixture();
  const double per_sample = static_cast<double>(evaluations) * (model.components + 4.0) * (model.dim + 4.0);
  const int turn = (static_cast<int>(std::clamp(work / per_sample, 1.0, 1e6)) + pack - 1) / pack * pack;
  for (int from = 0; from < count; from += turn) {
    call(from, std::min(turn, count - from));
    if (!go_on()) return false;
  }
  return true;
}

}  // namespace scorepath
