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
  std::vector<double> log_weights;                     // [K]
  std::vector<double> means;                           // [K x dim]
  std::vector<double> variances;                       // shared [1], isotropic and factored [K], diagonal [K x dim]
  std::size_t rank = 0;                                // factored
  std::vector<double> axes = {}, axis_variances = {};  // factored [K x rank x dim], [K x rank]

  kernels::MixtureModel model() const {
    return {static_cast<int>(components), static_cast<int>(dim), layout,
            log_weights.data(),           means.data(),          variances.data(),
            static_cast<int>(rank),       axes.data(),           axis_variances.data()};
  }
  bool factored() const { return layout == kernels::VarianceLayout::factored; }
  double variance(std::size_t k, std::size_t j) const {
    if (layout == kernels::VarianceLayout::shared) return variances[0];
    if (factored()) return static_cast<double>(covariance(k, j, j));
    return layout == kernels::VarianceLayout::isotropic ? variances[k] : variances[k * dim + j];
  }
  /// An entry of a factored component's covariance.
  Real covariance(std::size_t k, std::size_t a, std::size_t b) const {
    Real sum = a == b ? variances[k] : 0;
    for (std::size_t i = 0; i < rank; ++i) {
      const double* q = axes.data() + (k * rank + i) * dim;
      sum += (static_cast<Real>(axis_variances[k * rank + i]) - variances[k]) * q[a] * q[b];
    }
    return sum;
  }
  double finest() const { return *std::min_element(variances.begin(), variances.end()); }

  /// (Sigma_k + r)^-1 (c_k - y), the inverse's trace, and log |Sigma_k + r|.
  struct Pull {
    std::vector<Real> vector;
    Real trace, log_determinant;
  };
  Pull pull(std::size_t k, const std::vector<Real>& y, Real r) const {
    Pull p{std::vector<Real>(dim), 0, 0};
    for (std::size_t j = 0; j < dim; ++j) p.vector[j] = means[k * dim + j] - y[j];
    if (factored()) return solved(k, r, std::move(p));
    for (std::size_t j = 0; j < dim; ++j) {
      const Real v = variance(k, j) + r;
      p.vector[j] /= v;
      p.trace += 1 / v;
      p.log_determinant += std::log(v);
    }
    return p;
  }
  /// Gauss and Jordan, without pivots: the matrix is positive definite. Beside it the right-hand side and the identity.
  Pull solved(std::size_t k, Real r, Pull p) const {
    const std::size_t width = 2 * dim + 1;
    std::vector<Real> rows(dim * width, 0);
    for (std::size_t a = 0; a < dim; ++a) {
      for (std::size_t b = 0; b < dim; ++b) rows[a * width + b] = covariance(k, a, b) + (a == b ? r : 0);
      rows[a * width + dim] = p.vector[a];
      rows[a * width + dim + 1 + a] = 1;
    }
    for (std::size_t a = 0; a < dim; ++a) {
      const Real pivot = rows[a * width + a];
      p.log_determinant += std::log(pivot);
      for (std::size_t j = 0; j < width; ++j) rows[a * width + j] /= pivot;
      for (std::size_t b = 0; b < dim; ++b) {
        const Real factor = rows[b * width + a];
        for (std::size_t j = a; b != a && j < width; ++j) rows[b * width + j] -= factor * rows[a * width + j];
      }
    }
    for (std::size_t a = 0; a < dim; ++a) {
      p.vector[a] = rows[a * width + dim];
      p.trace += rows[a * width + dim + 1 + a];
    }
    return p;
  }
  /// Those of all components.
  std::vector<Pull> pulls(const std::vector<Real>& y, Real r) const {
    std::vector<Pull> all;
    for (std::size_t k = 0; k < components; ++k) all.push_back(pull(k, y, r));
    return all;
  }

  /// log( w_k N(y; c_k, Sigma_k + r) ) of every component.
  std::vector<Real> terms(const std::vector<Pull>& pulls, const std::vector<Real>& y) const {
    constexpr Real two_pi = 6.283185307179586476925286766559006L;
    std::vector<Real> t(components);
    for (std::size_t k = 0; k < components; ++k) {
      t[k] = log_weights[k] - (static_cast<Real>(dim) * std::log(two_pi) + pulls[k].log_determinant) / 2;
      for (std::size_t j = 0; j < dim; ++j) t[k] -= (means[k * dim + j] - y[j]) * pulls[k].vector[j] / 2;
    }
    return t;
  }
  static Real log_sum(const std::vector<Real>& t) {
    const Real top = *std::max_element(t.begin(), t.end());
    Real sum = 0;
    for (const Real term : t) sum += std::exp(term - top);
    return top + std::log(sum);
  }
  Real log_density(const std::vector<Real>& y, Real r) const { return log_sum(terms(pulls(y, r), y)); }
  std::vector<Real> posterior(const std::vector<Real>& y, Real r) const { return posterior(pulls(y, r), y); }
  std::vector<Real> posterior(const std::vector<Pull>& pulls, const std::vector<Real>& y) const {
    std::vector<Real> p = terms(pulls, y);
    const Real total = log_sum(p);
    for (Real& term : p) term = std::exp(term - total);
    return p;
  }
  std::vector<Real> score(const std::vector<Real>& y, Real r) const { return at(y, r).score; }
  Real divergence(const std::vector<Real>& y, Real r) const { return at(y, r).divergence; }
  /// sum_j d s_j/d y_j = E_p[ |pull|^2 - tr (Sigma + r)^-1 ] - |s|^2.
  struct Both {
    std::vector<Real> score;
    Real divergence;
  };
  Both at(const std::vector<Real>& y, Real r) const {
    const std::vector<Pull> all = pulls(y, r);
    const std::vector<Real> p = posterior(all, y);
    Both out{std::vector<Real>(dim, 0), 0};
    for (std::size_t k = 0; k < components; ++k) {
      for (std::size_t j = 0; j < dim; ++j) out.score[j] += p[k] * all[k].vector[j];
    }
    for (std::size_t k = 0; k < components; ++k) {
      Real spread = 0;
      for (std::size_t j = 0; j < dim; ++j) {
        const Real deviation = all[k].vector[j] - out.score[j];  // about the mean: no cancellation
        spread += deviation * deviation;
      }
      out.divergence += p[k] * (spread - all[k].trace);
    }
    return out;
  }
};

/// Axes of a factored oracle: those of every component orthonormal, variances along them up to four times as large.
inline void draw_axes(Oracle& o, std::size_t rank, std::mt19937_64& words) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::normal_distribution<double> normal;
  o.rank = rank;
  for (std::size_t k = 0; k < o.components; ++k) {
    std::vector<std::vector<Real>> own;
    for (std::size_t i = 0; i < rank; ++i) {
      std::vector<Real> q(o.dim);
      for (Real& x : q) x = normal(words);
      for (int twice = 0; twice < 2; ++twice) {
        for (const std::vector<Real>& other : own) {
          Real along = 0;
          for (std::size_t j = 0; j < o.dim; ++j) along += q[j] * other[j];
          for (std::size_t j = 0; j < o.dim; ++j) q[j] -= along * other[j];
        }
      }
      Real square = 0;
      for (const Real x : q) square += x * x;
      for (Real& x : q) x /= std::sqrt(square);
      own.push_back(q);
      o.axes.insert(o.axes.end(), q.begin(), q.end());
      o.axis_variances.push_back(o.variances[k] * (1.0 + 3.0 * uniform(words)));
    }
  }
}

/// Means of standard deviation `spread`, variances in [0.3, 1.3], weights over three decades; factored: with all axes
/// that there can be, or two of them, where the count of components is even.
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
  const std::size_t sizes[] = {1, components, components * dim, components};
  for (std::size_t i = 0; i < sizes[static_cast<int>(layout)]; ++i) o.variances.push_back(0.3 + uniform(words));
  if (o.factored()) draw_axes(o, std::min(dim - 1, components % 2 == 0 ? 2 : dim - 1), words);
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
  std::vector<T> scratch(static_cast<std::size_t>(kernels::score_scratch_of(model.dim)));
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
  const Oracle::Both want = oracle.at(y, static_cast<Real>(r));
  const double scale = oracle.finest() + static_cast<double>(r);
  ScoreError error;
  for (std::size_t j = 0; j < oracle.dim; ++j) {
    const double difference = std::fabs(static_cast<double>(static_cast<Real>(got.score[j]) - want.score[j]));
    error.score = std::max(error.score, difference * std::sqrt(scale));
    if (std::isnan(difference)) error.score = HUGE_VAL;
  }
  const Real difference = static_cast<Real>(got.divergence) - want.divergence;
  error.divergence = std::fabs(static_cast<double>(difference)) * scale / static_cast<double>(oracle.dim);
  if (std::isnan(error.divergence)) error.divergence = HUGE_VAL;
  return error;
}

}  // namespace scorepath::test
