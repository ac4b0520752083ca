// The naive oracle of mixture scores: the formulas as they are read, in long double, and the same model for the
// library.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "kernels/combinations.hpp"
#include "kernels/score/point_tables.hpp"

namespace scorepath::test {

using Real = long double;

struct Oracle {
  kernels::VarianceLayout layout;
  std::size_t components, dim;
  std::vector<double> log_weights;  // [K]
  std::vector<double> means;        // [K x dim]
  std::vector<double> variances;    // shared [1], isotropic [K], diagonal [K x dim]

  kernels::MixtureModel model() const {
    return {static_cast<int>(components), static_cast<int>(dim), layout,
            log_weights.data(),           means.data(),          variances.data()};
  }
  double variance(std::size_t k, std::size_t j) const {
    if (layout == kernels::VarianceLayout::shared) return variances[0];
    return layout == kernels::VarianceLayout::isotropic ? variances[k] : variances[k * dim + j];
  }
  double finest() const { return *std::min_element(variances.begin(), variances.end()); }

  /// log( w_k N(y; c_k, v_k + r) ) of every component.
  std::vector<Real> terms(const std::vector<Real>& y, Real r) const {
    constexpr Real two_pi = 6.283185307179586476925286766559006L;
    std::vector<Real> t(components);
    for (std::size_t k = 0; k < components; ++k) {
      t[k] = log_weights[k];
      for (std::size_t j = 0; j < dim; ++j) {
        const Real v = variance(k, j) + r;
        const Real x = y[j] - means[k * dim + j];
        t[k] -= (std::log(two_pi * v) + x * x / v) / 2;
      }
    }
    return t;
  }
  Real log_density(const std::vector<Real>& y, Real r) const {
    const std::vector<Real> t = terms(y, r);
    const Real top = *std::max_element(t.begin(), t.end());
    Real sum = 0;
    for (const Real term : t) sum += std::exp(term - top);
    return top + std::log(sum);
  }
  std::vector<Real> posterior(const std::vector<Real>& y, Real r) const {
    std::vector<Real> p = terms(y, r);
    const Real total = log_density(y, r);
    for (Real& term : p) term = std::exp(term - total);
    return p;
  }
  std::vector<Real> score(const std::vector<Real>& y, Real r) const {
    const std::vector<Real> p = posterior(y, r);
    std::vector<Real> s(dim, 0);
    for (std::size_t k = 0; k < components; ++k) {
      for (std::size_t j = 0; j < dim; ++j) s[j] += p[k] * (means[k * dim + j] - y[j]) / (variance(k, j) + r);
    }
    return s;
  }
  /// sum_j d s_j/d y_j = E_p[ sum_j pull_j^2 - 1/v_j ] - |s|^2.
  Real divergence(const std::vector<Real>& y, Real r) const {
    const std::vector<Real> p = posterior(y, r);
    const std::vector<Real> s = score(y, r);
    Real sum = 0;
    for (std::size_t k = 0; k < components; ++k) {
      for (std::size_t j = 0; j < dim; ++j) {
        const Real v = variance(k, j) + r;
        const Real deviation = (means[k * dim + j] - y[j]) / v - s[j];  // about the mean: no cancellation
        sum += p[k] * (deviation * deviation - 1 / v);
      }
    }
    return sum;
  }
};

/// Means of standard deviation `spread`, variances in [0.3, 1.3], weights over three decades.
inline Oracle random_oracle(kernels::VarianceLayout layout, std::size_t components, std::size_t dim, double spread,
                            std::mt19937_64& words) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::normal_distribution<double> normal;
  Oracle o{layout, components, dim, {}, {}, {}};
  double total = 0.0;
  for (std::size_t k = 0; k < components; ++k) {
    o.log_weights.push_back(-7.0 * uniform(words));
    total += std::exp(o.log_weights.back());
  }
  for (double& w : o.log_weights) w -= std::log(total);
  for (std::size_t i = 0; i < components * dim; ++i) o.means.push_back(spread * normal(words));
  const std::size_t sizes[] = {1, components, components * dim};
  for (std::size_t i = 0; i < sizes[static_cast<int>(layout)]; ++i) o.variances.push_back(0.3 + uniform(words));
  return o;
}

/// What a lane makes of score and divergence.
template <class T>
struct Evaluated {
  std::vector<T> score;
  T divergence = 0;
};

/// The scalar lane T at point + delta, through the tables that are made for `point`.
template <class T>
Evaluated<T> evaluate(const Oracle& oracle, const std::vector<double>& point, const std::vector<T>& delta, T r) {
  const kernels::MixtureModel model = oracle.model();
  std::vector<T> memory(static_cast<std::size_t>(kernels::table_size(model)));
  const kernels::ScoreTables<T> tables = kernels::make_score_tables(model, point.data(), memory.data());
  Evaluated<T> out{std::vector<T>(oracle.dim), 0};
  std::vector<T> scratch(kernels::score_scratch);
  kernels::visit_score(tables, [&](const auto& functor) {
    std::vector<T> row(static_cast<std::size_t>(functor.level_size()));
    functor.template fill_level<T>(r, row.data());
    functor.template evaluate<true>(delta.data(), kernels::SharedLevel<T>{row.data()}, scratch.data(), out.score.data(),
                                    out.divergence);
  });
  return out;
}

/// Largest errors over coordinates: of the score in units of 1/sqrt(v + r), of the divergence in units of dim/(v + r);
/// v the finest variance.
struct ScoreError {
  double score = 0.0, divergence = 0.0;
  void include(const ScoreError& other) {
    score = std::max(score, other.score);
    divergence = std::max(divergence, other.divergence);
  }
};
template <class T>
ScoreError score_error(const Oracle& oracle, const std::vector<double>& point, const std::vector<T>& delta, T r) {
  std::vector<Real> y(oracle.dim);
  for (std::size_t j = 0; j < oracle.dim; ++j) y[j] = static_cast<Real>(point[j]) + static_cast<Real>(delta[j]);
  const Evaluated<T> got = evaluate(oracle, point, delta, r);
  const std::vector<Real> want = oracle.score(y, static_cast<Real>(r));
  const double scale = oracle.finest() + static_cast<double>(r);
  ScoreError error;
  for (std::size_t j = 0; j < oracle.dim; ++j) {
    const double difference = std::fabs(static_cast<double>(static_cast<Real>(got.score[j]) - want[j]));
    error.score = std::max(error.score, difference * std::sqrt(scale));
    if (std::isnan(difference)) error.score = HUGE_VAL;
  }
  const Real difference = static_cast<Real>(got.divergence) - oracle.divergence(y, static_cast<Real>(r));
  error.divergence = std::fabs(static_cast<double>(difference)) * scale / static_cast<double>(oracle.dim);
  if (std::isnan(error.divergence)) error.divergence = HUGE_VAL;
  return error;
}

}  // namespace scorepath::test
