// What comes back: for every point a number with its whole error budget.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <scorepath/backend.hpp>
#include <scorepath/export.hpp>
#include <scorepath/options.hpp>

namespace scorepath {

/// What an estimate means (docs/theory.md, "Meaning of each number").
/// chain_likelihood: of the sampling chain of so many steps that the score defines, not of its limit. sde_likelihood:
/// of that limit, started at the prior. flow_likelihood: of the probability flow that starts at the prior.
/// path_estimate: none of these; a sum of its own that nears log p.
enum class Quantity { log_density, lower_bound, chain_likelihood, sde_likelihood, flow_likelihood, path_estimate };
SCOREPATH_API std::string name_of(Quantity value);

/// Expected logarithm of the mean of so many weights: a lower bound of the chain's log-likelihood that rises with them
/// (Burda, Grosse & Salakhutdinov 2016); of one weight: the chain's ELBO. Antithetic weights come in pairs.
struct ImportanceBound {
  std::uint64_t weights = 1;
  double value = 0.0;               ///< [nat]
  std::optional<double> std_error;  ///< [nat]
};
/// What the weights of a point's paths tell beside the estimate.
struct PathWeights {
  std::optional<double> chain_log_density, chain_std_error;  ///< [nat], of the chain of all steps
  std::vector<ImportanceBound> importance_bounds;            ///< of 1, 4, 16, .. weights
  std::optional<double> log_weight_variance;                 ///< [nat^2] twice the ELBO's gap, where it is small;
                                                             ///< absent for pairs
  std::optional<double> pareto_k;  ///< heaviest tail of the chains that the estimate uses: above 0.7 do not trust it
};

/// One level of a multilevel estimate: paths of so many steps, from which those of half as many are subtracted on the
/// same Brownian paths (not on the first level).
struct PathLevelResult {
  std::uint64_t steps = 0, paths = 0;
  double value = 0.0;               ///< [nat] its part of log p: the mean on the first level, of differences above
  std::optional<double> std_error;  ///< [nat]
  std::uint64_t evaluations_per_path = 0;
};

/// One term of a variational bound, a mean over draws [nat].
struct BoundTerm {
  double value = 0.0, std_error = 0.0;
};
/// One point's estimate. Absent numbers were not defined: no finite value, or an error bar that means nothing.
struct PointResult {
  std::uint64_t index = 0;
  std::optional<double> log_density;                  ///< [nat]
  std::optional<double> std_error;                    ///< [nat], Monte Carlo; of rays with what they share (D15)
  std::optional<double> ci95_lower, ci95_upper;       ///< [nat], Student's t corrected for skewness
  std::uint64_t paths = 0;                            ///< an antithetic pair counts as 2
  std::uint64_t score_evaluations = 0;                ///< everything: pilot and end point included
  std::optional<std::uint64_t> solution_evaluations;  ///< ode: of them, without the coarser solutions that check it
  std::optional<double> effective_sample_size;  ///< of weights: (sum w)^2/sum w^2, of the worst chain that is used
  std::optional<double> discretization_error;   ///< [nat], of grid or solver (docs/theory.md, D14, D22); 0 for slices
  std::optional<double> truncation_error;       ///< [nat], of what lies outside the integrated range
  std::optional<double> arithmetic_error;       ///< [nat], float against double on a sample of paths
  /// With Options::keep_terms: L_0, L_1 .. L_{T-1}, L_T of Ho, Jain & Abbeel, whose sum is minus the bound; each from
  /// 32 antithetic pairs of its own.
  std::vector<BoundTerm> vlb_terms;
  std::vector<PathLevelResult> levels;  ///< of pathwise, form multilevel: those that were used, coarsest first
  std::optional<double> end_term;  ///< [nat], of elbo and ddpm: E log p_T or E log prior at the far end, of Y = X/a
  std::optional<double> exact_log_density;  ///< [nat], the oracle's, where the model has one
  std::uint64_t independent_samples = 0;    ///< what the standard error rests on
  std::optional<double> path_variance;      ///< [nat^2] paths x Monte Carlo variance: what more paths divide
  std::optional<double> finest_variance;    ///< [data^2] the scale that the time law or step grid resolves
  std::optional<double> largest_noise;      ///< [data^2] sigma^2/a^2 at the far end of the integral
  std::vector<double> fitted_shares;        ///< importance times, adaptive steps: shares of 16 equal parts of the range
  std::optional<PathWeights> weights;       ///< path weights, and ddpm's chain
  std::vector<std::string> flags;
  /// [independent or paired samples], with Options::keep_samples; of path weights the log-weights under the chain of
  /// all steps.
  std::vector<double> samples;
};

struct Totals {
  std::uint64_t points = 0;
  std::uint64_t paths = 0;
  std::uint64_t score_evaluations = 0;
  std::uint64_t path_steps = 0;
  double seconds = 0.0;
};

struct Result {
  std::string schedule, method, sampler, backend, device, isa, arithmetic;
  Quantity quantity = Quantity::log_density;
  int threads = 0;
  Options options;  ///< resolved: no `automatic` left
  std::vector<std::string> warnings;
  std::vector<PointResult> points;
  Totals totals;
  bool stopped = false;        ///< the progress callback said so
  bool target_missed = false;  ///< a point's standard error stayed above target_se
  bool out_of_memory = false;  ///< memory, a CUDA device's too, ran out on the way: later points are flagged "stopped"
  bool device_failed = false;  ///< a CUDA device failed on the way: later points are flagged "stopped"
};

}  // namespace scorepath
