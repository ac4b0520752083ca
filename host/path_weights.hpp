// From the weights of a point's paths to its estimate: log-mean-exp with its error, extrapolation in the number of
// steps, and what the weights tell about themselves.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <scorepath/options.hpp>
#include <scorepath/result.hpp>

#include "kernels/reduce/moments.hpp"
#include "kernels/weights.hpp"

namespace scorepath {

/// Minus the log-weights of one sample, less a constant of the point.
using Chains = kernels::ChainValues<float>;

/// Paths of a point at most: their weights are kept until the end.
inline constexpr std::uint64_t most_weighted_paths = std::uint64_t{1} << 28;

/// What is wanted of the weights: the mean of those of all steps (the chain's likelihood, Feynman and Kac's), its
/// variational bound (the mean of their logarithms), or log p by extrapolation.
enum class WeightTarget { chain, bound, extrapolated };
inline WeightTarget weight_target(const Options& resolved) {
  if (resolved.form == Form::chain || resolved.form == Form::feynman_kac) return WeightTarget::chain;
  return resolved.form == Form::vlb ? WeightTarget::bound : WeightTarget::extrapolated;
}

/// Moments of a mean that is worked with as if it were one of samples: mean L, and the influence of each sample on it.
/// L is minus the logarithm of the mean weight (extrapolated: twice that of all steps less that of every second one).
/// The logarithm of a mean of n weights with coefficient of variation C lies C^2/(2n) too low in expectation: it is
/// raised by that, so that what is left is O(1/n^2).
kernels::Moments weight_moments(const std::vector<Chains>& chains, WeightTarget target);

/// The same estimate from chains of half as many steps, minus `weight_moments(.., extrapolated)`, over three: what the
/// extrapolation leaves where errors fall like 1/N^2; its moments too.
kernels::Moments extrapolation_error(const std::vector<Chains>& chains);

/// The weights' own account, all [nat]; log p = baseline - value. paths_per_sample: 2 for antithetic pairs.
PathWeights weight_account(const std::vector<Chains>& chains, double baseline, std::uint64_t paths_per_sample);

/// log E w of the chain of all steps less that of every second one [nat].
double last_doubling(const std::vector<Chains>& chains);
/// The worst of the chains of all steps, every second and every fourth: fewest effective samples, heaviest tail.
struct Soundness {
  double effective_sample_size;
  std::optional<double> pareto_k;
};
Soundness soundness_of(const std::vector<Chains>& chains, int chain_count);

/// Shape k of the generalised Pareto distribution that fits the largest weights (J. Zhang & M. Stephens 2009; Vehtari,
/// Simpson, Gelman, Yao & Gabry 2024): moments of order above 1/k do not exist; means are to be trusted below 0.7.
/// weights > 0 in any order. Nothing where there are fewer than 25, or the largest ones are all alike.
std::optional<double> pareto_shape(std::vector<double> weights);

}  // namespace scorepath
