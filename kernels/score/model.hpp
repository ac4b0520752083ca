// What follows from a score model in double: the exact log-density, score and divergence, and the moments that fit a
// reference Gaussian.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/score/factored_component.hpp"

namespace scorepath::kernels {

inline constexpr double log_two_pi = 1.8378770664093454836;

/// log( w_k N(y; c_k, Sigma_k + r I) ) [nat] of every component -> terms [K].
inline void component_log_densities(const MixtureModel& model, const double* y, double r, double* terms) {
  for (int k = 0; k < model.components; ++k) {
    const double* c = model.mean(k);
    double quadratic = 0.0;
    double log_det = 0.0;
    if (model.layout == VarianceLayout::factored) {
      const FactoredComponent component{model, k, r};
      quadratic = component.quadratic(y);
      log_det = component.log_determinant();
    } else if (model.layout == VarianceLayout::diagonal) {
      for (int j = 0; j < model.dim; ++j) {
        const double total = model.variance(k, j) + r;
        const double difference = y[j] - c[j];
        quadratic = fma(difference / total, difference, quadratic);
        log_det += log(total);
      }
    } else {
      const double total = model.variance(k, 0) + r;
      for (int j = 0; j < model.dim; ++j) {
        const double difference = y[j] - c[j];
        quadratic = fma(difference, difference, quadratic);
      }
      quadratic /= total;
      log_det = model.dim * log(total);
    }
    terms[k] = model.log_weights[k] - 0.5 * (quadratic + log_det + model.dim * log_two_pi);
  }
}

/// terms [K] in place to posterior probabilities of the components; returns log sum exp of the terms.
inline double normalize_log_terms(int count, double* terms) {
  double top = terms[0];
  for (int k = 1; k < count; ++k) top = max(terms[k], top);
  double sum = 0.0;
  for (int k = 0; k < count; ++k) {
    terms[k] = terms[k] - top < -700.0 ? 0.0 : exp(terms[k] - top);
    sum += terms[k];
  }
  for (int k = 0; k < count; ++k) terms[k] /= sum;
  return top + log(sum);
}

/// The oracle: log p_r(y) [nat] at noise level r >= 0 in double. terms [K] is scratch.
inline double log_density(const MixtureModel& model, const double* y, double r, double* terms) {
  component_log_densities(model, y, r, terms);
  return normalize_log_terms(model.components, terms);
}

/// Which components a point belongs to: the posterior probabilities [K] that the score itself is made of.
inline void posterior_weights(const MixtureModel& model, const double* y, double r, double* weights) {
  component_log_densities(model, y, r, weights);
  normalize_log_terms(model.components, weights);
}

/// Score s [dim] and exact divergence of log p_r at y, in double, the plain way. terms [K] is scratch.
inline double score_and_divergence(const MixtureModel& model, const double* y, double r, double* terms, double* s) {
  posterior_weights(model, y, r, terms);
  double second = 0.0;
  for (int j = 0; j < model.dim; ++j) s[j] = 0.0;
  for (int k = 0; k < model.components; ++k) {
    if (terms[k] == 0.0) continue;
    if (model.layout == VarianceLayout::factored) {
      const FactoredComponent component{model, k, r};
      second = fma(terms[k], component.add_pull(y, terms[k], s) - component.inverse_trace(), second);
      continue;
    }
    for (int j = 0; j < model.dim; ++j) {
      const double inverse = 1.0 / (model.variance(k, j) + r);
      const double pull = (model.mean(k)[j] - y[j]) * inverse;
      s[j] = fma(terms[k], pull, s[j]);
      second = fma(terms[k], pull * pull - inverse, second);
    }
  }
  for (int j = 0; j < model.dim; ++j) second = fma(-s[j], s[j], second);
  return second;
}

/// Mean and coordinate-wise variance [dim] of the mixture whose component probabilities are `weights` [K].
inline void moments(const MixtureModel& model, const double* weights, double* mean, double* variance) {
  for (int j = 0; j < model.dim; ++j) mean[j] = variance[j] = 0.0;
  for (int k = 0; k < model.components; ++k) {
    if (weights[k] == 0.0) continue;
    for (int j = 0; j < model.dim; ++j) mean[j] = fma(weights[k], model.mean(k)[j], mean[j]);
  }
  for (int k = 0; k < model.components; ++k) {
    if (weights[k] == 0.0) continue;
    for (int j = 0; j < model.dim; ++j) {
      const double difference = model.mean(k)[j] - mean[j];
      variance[j] = fma(weights[k], fma(difference, difference, model.variance(k, j)), variance[j]);
    }
  }
}

/// The finest variance that a posterior over components [K] sees at noise level r: the smallest over coordinates of the
/// components' harmonic mean. Of factored models, whose narrow directions differ, the harmonic mean of the narrowest:
/// at most the finest.
inline double finest_variance(const MixtureModel& model, const double* posterior, double r) {
  double steepest = 0.0;
  if (model.layout == VarianceLayout::factored) {
    for (int k = 0; k < model.components; ++k) steepest = fma(posterior[k], 1.0 / (model.narrowest(k) + r), steepest);
    return 1.0 / steepest;
  }
  for (int j = 0; j < model.dim; ++j) {
    double precision = 0.0;
    for (int k = 0; k < model.components; ++k)
      precision = fma(posterior[k], 1.0 / (model.variance(k, j) + r), precision);
    steepest = max(precision, steepest);
  }
  return 1.0 / steepest;
}

/// The finest variance that y meets on its way from noise level `start` to `end`. Noise can bring a component into play
/// that is far narrower than those the point itself belongs to: it rules from the level at which it reaches the point.
/// posterior [K]: that at `start`, then scratch. Levels double; `levels` counts the posteriors that were taken.
inline double finest_variance_on_the_way(const MixtureModel& model, const double* y, double start, double end,
                                         double* posterior, int& levels) {
  double finest = finest_variance(model, posterior, start);
  levels = 0;
  if (model.layout == VarianceLayout::shared || model.components == 1) return finest;  // noise only widens these
  for (double rho = model.narrowest(); rho < min(finest, end); rho *= 2.0) {
    posterior_weights(model, y, start + rho, posterior);
    finest = min(finest_variance(model, posterior, start + rho), finest);
    levels += 1;
  }
  return finest;
}

}  // namespace scorepath::kernels
