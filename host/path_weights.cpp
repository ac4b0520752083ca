#include "host/path_weights.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace scorepath {
namespace {

/// Weights of one chain, over their mean.
struct Weights {
  double log_mean;               ///< [nat], of e^-value
  double square_variation;       ///< C^2
  std::vector<double> relative;  ///< of mean one
};

Weights weights_of(const std::vector<Chains>& chains, int chain) {
  Weights w;
  const std::size_t n = chains.size();
  double least = HUGE_VAL;
  for (const Chains& sample : chains) least = std::min(least, static_cast<double>(sample.chain[chain]));
  w.relative.resize(n);
  std::vector<double> scratch(n);
  for (std::size_t i = 0; i < n; ++i) w.relative[i] = std::exp(least - static_cast<double>(chains[i].chain[chain]));
  const kernels::Moments m = kernels::moments_of(w.relative.data(), n, scratch.data());
  for (double& weight : w.relative) weight /= m.mean;
  w.square_variation = n < 2 ? 0.0 : m.variance() / (m.mean * m.mean);
  w.log_mean = std::log(m.mean) - least;
  return w;
}

/// log of the expected weight, less the constant.
double log_expectation(const Weights& w) {
  return w.log_mean + w.square_variation / (2.0 * static_cast<double>(w.relative.size()));
}

/// Moments of `mean` with the influences [n] around zero.
kernels::Moments around(double mean, const std::vector<double>& influence) {
  std::vector<double> scratch(influence.size());
  kernels::Moments m = kernels::moments_of(influence.data(), influence.size(), scratch.data());
  m.mean = mean;
  return m;
}

/// sum of factor[c] log E w_c over the chains.
kernels::Moments combination(const std::vector<Chains>& chains, const double (&factor)[kernels::weight_chains]) {
  double mean = 0.0;
  std::vector<double> influence(chains.size(), 0.0);
  for (int c = 0; c < kernels::weight_chains; ++c) {
    if (factor[c] == 0.0) continue;
    const Weights w = weights_of(chains, c);
    mean += factor[c] * log_expectation(w);
    for (std::size_t i = 0; i < influence.size(); ++i) influence[i] += factor[c] * w.relative[i];
  }
  return around(mean, influence);
}

/// Of the values themselves: minus the log-weights of the chain of all steps.
kernels::Moments moments_of_values(const std::vector<Chains>& chains) {
  std::vector<double> values(chains.size()), scratch(chains.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(chains[i].chain[0]);
  return kernels::moments_of(values.data(), values.size(), scratch.data());
}

/// (sum w)^2 / sum w^2.
double effective_samples(const Weights& w) {
  const auto count = static_cast<double>(w.relative.size());
  return count / (1.0 + w.square_variation * (count - 1.0) / count);
}

/// The mean over groups of `size` samples of the log of their mean weight, which is a lower bound in expectation.
ImportanceBound importance_bound(const Weights& w, std::size_t size, double baseline, std::uint64_t paths_per_sample) {
  const std::size_t groups = w.relative.size() / size;
  std::vector<double> logs(groups), scratch(groups);
  for (std::size_t g = 0; g < groups; ++g) {
    const double* first = w.relative.data() + g * size;
    logs[g] = std::log(std::accumulate(first, first + size, 0.0) / static_cast<double>(size));
  }
  const kernels::Moments m = kernels::moments_of(logs.data(), groups, scratch.data());
  ImportanceBound bound{size * paths_per_sample, baseline + w.log_mean + m.mean, {}};
  if (groups >= 2) bound.std_error = std::sqrt(m.variance_of_mean());
  return bound;
}

}  // namespace

kernels::Moments weight_moments(const std::vector<Chains>& chains, WeightTarget target) {
  // The sign of a value: log p = baseline - mean.
  switch (target) {
    case WeightTarget::chain:
      return combination(chains, {-1.0, 0.0, 0.0});
    case WeightTarget::bound:
      return moments_of_values(chains);
    case WeightTarget::extrapolated:
      break;
  }
  return combination(chains, {-2.0, 1.0, 0.0});
}

kernels::Moments extrapolation_error(const std::vector<Chains>& chains) {
  // -(2 L_{N/2} - L_{N/4}) + (2 L_N - L_{N/2}), over three.
  return combination(chains, {2.0 / 3.0, -1.0, 1.0 / 3.0});
}

PathWeights weight_account(const std::vector<Chains>& chains, double baseline, std::uint64_t paths_per_sample) {
  constexpr std::size_t groups_of_bound = 16;  // under which no mean over groups tells anything
  PathWeights account;
  const std::size_t n = chains.size();
  if (n == 0) return account;
  const Weights w = weights_of(chains, 0);
  account.chain_log_density = baseline + log_expectation(w);
  if (n >= 2) account.chain_std_error = std::sqrt(w.square_variation / static_cast<double>(n));
  for (std::size_t size = 1; size == 1 || n / size >= groups_of_bound; size *= 4)
    account.importance_bounds.push_back(importance_bound(w, size, baseline, paths_per_sample));
  if (n >= 2 && paths_per_sample == 1) account.log_weight_variance = moments_of_values(chains).variance();
  return account;
}

double last_doubling(const std::vector<Chains>& chains) {
  return log_expectation(weights_of(chains, 0)) - log_expectation(weights_of(chains, 1));
}

Soundness soundness_of(const std::vector<Chains>& chains, int chain_count) {
  Soundness worst{HUGE_VAL, {}};
  for (int c = 0; c < chain_count; ++c) {
    const Weights w = weights_of(chains, c);
    worst.effective_sample_size = std::min(worst.effective_sample_size, effective_samples(w));
    const std::optional<double> k = pareto_shape(w.relative);
    if (k && *k > worst.pareto_k.value_or(-HUGE_VAL)) worst.pareto_k = k;
  }
  return worst;
}

std::optional<double> pareto_shape(std::vector<double> weights) {
  const std::size_t n = weights.size();
  const auto tail =
      static_cast<std::size_t>(std::min(0.2 * static_cast<double>(n), 3.0 * std::sqrt(static_cast<double>(n))));
  if (tail < 5) return std::nullopt;
  std::nth_element(weights.begin(), weights.end() - static_cast<std::ptrdiff_t>(tail) - 1, weights.end());
  const double threshold = weights[n - tail - 1];
  std::vector<double> excess(weights.end() - static_cast<std::ptrdiff_t>(tail), weights.end());
  std::sort(excess.begin(), excess.end());
  for (double& x : excess) x -= threshold;
  const double largest = excess.back(),
               quartile = excess[static_cast<std::size_t>(0.25 * static_cast<double>(tail) + 0.5) - 1];
  if (!(quartile > 0.0)) return std::nullopt;
  // Zhang & Stephens: the posterior mean of theta over a grid, under a prior that the data's quartile scales.
  const auto count = static_cast<double>(tail);
  const auto shape_at = [&](double theta) {
    double sum = 0.0;
    for (const double x : excess) sum += std::log1p(-theta * x);
    return sum / count;
  };
  const int points = 30 + static_cast<int>(std::sqrt(count));
  std::vector<double> theta(static_cast<std::size_t>(points)), likelihood(theta.size());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    theta[i] = 1.0 / largest + (1.0 - std::sqrt(points / (static_cast<double>(i) + 0.5))) / (3.0 * quartile);
    const double k = shape_at(theta[i]);
    likelihood[i] = count * (std::log(-theta[i] / k) - k - 1.0);
  }
  double mean = 0.0, sum = 0.0;
  const double most = *std::max_element(likelihood.begin(), likelihood.end());
  for (std::size_t i = 0; i < theta.size(); ++i) {
    const double share = std::exp(likelihood[i] - most);
    mean += share * theta[i];
    sum += share;
  }
  // Drawn towards one half as if by ten samples more: few large weights say little (Vehtari et al., appendix C).
  constexpr double prior_samples = 10.0, prior_shape = 0.5;
  return (count * shape_at(mean / sum) + prior_samples * prior_shape) / (count + prior_samples);
}

}  // namespace scorepath
