// Problems of the statistical tests, points to ask about, and their log-densities by the textbook formula in plain
// double: nothing of the library's numerics is used.
#pragma once

#include <scorepath/files.hpp>
#include <scorepath/problem.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "tests/support/places.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/signals.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {

/// Independent uniforms and normals for inputs of tests (splitmix64, Box and Muller).
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  double uniform() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (static_cast<double>((z ^ z >> 31) >> 11) + 0.5) * 0x1p-53;
  }
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log(uniform()));
    return radius * std::cos(2.0 * pi * uniform());
  }

 private:
  std::uint64_t state_;
};

/// Any score as a mixture with a variance for every coordinate; correlated ones with their covariances.
struct Components {
  std::vector<double> weights;
  Matrix means, variances;  // [K x dim]
  Matrix covariances = {};  // empty, or [K dim x dim]
};

/// Covariances [K dim x dim] of a mixture that has covariances or factors, as the definitions have them.
inline Matrix covariances_of(const GaussianMixture& m) {
  if (!m.covariances.values.empty()) return m.covariances;
  const std::size_t d = m.means.columns;
  Matrix all(m.means.rows * d, d);
  for (std::size_t row = 0; row < all.rows; ++row) {
    const std::size_t first = row / d * d;
    for (std::size_t j = 0; j < d; ++j) {
      for (std::size_t i = 0; i < m.factors.columns; ++i) all(row, j) += m.factors(row, i) * m.factors(first + j, i);
    }
    all(row, row % d) += m.variances(row / d, m.variances.columns == 1 ? 0 : row % d);
  }
  return all;
}

inline Components components_of(const Score& score) {
  if (const auto* g = std::get_if<Gaussian>(&score)) {
    const std::size_t d = g->mean.size();
    Components c{{1.0}, Matrix(1, d, g->mean), Matrix(1, d)};
    for (std::size_t j = 0; j < d; ++j) c.variances(0, j) = g->variance[g->variance.size() == 1 ? 0 : j];
    return c;
  }
  if (const auto* m = std::get_if<GaussianMixture>(&score)) {
    Components c{m->weights, m->means, Matrix(m->means.rows, m->means.columns)};
    if (!m->covariances.values.empty() || !m->factors.values.empty()) {
      c.covariances = covariances_of(*m);
      for (std::size_t row = 0; row < c.covariances.rows; ++row)
        c.variances.values[row] = c.covariances(row, row % c.means.columns);
      return c;
    }
    for (std::size_t k = 0; k < c.means.rows; ++k) {
      for (std::size_t j = 0; j < c.means.columns; ++j)
        c.variances(k, j) = m->variances(k, m->variances.columns == 1 ? 0 : j);
    }
    return c;
  }
  const auto& s = std::get<DataSet>(score);
  Components c{s.weights, s.data, Matrix(s.data.rows, s.data.columns)};
  if (c.weights.empty()) c.weights.assign(s.data.rows, 1.0 / static_cast<double>(s.data.rows));
  std::fill(c.variances.values.begin(), c.variances.values.end(), s.bandwidth * s.bandwidth);
  return c;
}

/// The lower triangle L [dim x dim], L L^T = a^2 Sigma_k + sigma^2 I.
inline Matrix noisy_root(const Components& c, std::size_t k, const Signal& s) {
  const std::size_t d = c.means.columns;
  Matrix root(d, d);
  for (std::size_t i = 0; i < d; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = s.a * s.a * c.covariances(k * d + i, j) + (i == j ? s.sigma2 : 0.0);
      for (std::size_t h = 0; h < j; ++h) rest -= root(i, h) * root(j, h);
      root(i, j) = i == j ? std::sqrt(rest) : rest / root(j, j);
    }
  }
  return root;
}

/// log N(x; a c_k, a^2 Sigma_k + sigma^2 I) of a correlated component: forward substitution.
inline double correlated_log_density(const Components& c, std::size_t k, const Signal& s, const double* x) {
  const Matrix root = noisy_root(c, k, s);
  std::vector<double> z(c.means.columns);
  double sum = 0.0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    z[i] = x[i] - s.a * c.means(k, i);
    for (std::size_t j = 0; j < i; ++j) z[i] -= root(i, j) * z[j];
    z[i] /= root(i, i);
    sum -= 0.5 * (z[i] * z[i] + std::log(2.0 * pi)) + std::log(root(i, i));
  }
  return sum;
}

/// log p of X_{t_min} (or of the data) at x: the mixture's density after the forward process, as the definition has it.
inline double true_log_density(const Problem& problem, const double* x) {
  const Components c = components_of(problem.score);
  const Signal s = start_of(problem.schedule);
  std::vector<double> terms(c.weights.size());
  for (std::size_t k = 0; k < terms.size(); ++k) {
    terms[k] = std::log(c.weights[k]);
    if (!c.covariances.values.empty()) {
      terms[k] += correlated_log_density(c, k, s, x);
      continue;
    }
    for (std::size_t j = 0; j < c.means.columns; ++j) {
      const double v = s.a * s.a * c.variances(k, j) + s.sigma2;
      const double z = x[j] - s.a * c.means(k, j);
      terms[k] -= 0.5 * (z * z / v + std::log(2.0 * pi * v));
    }
  }
  const double top = *std::max_element(terms.begin(), terms.end());
  double sum = 0.0;
  for (const double term : terms) sum += std::exp(term - top);
  return top + std::log(sum);
}

inline std::vector<double> true_log_densities(const Problem& problem, const Matrix& points) {
  std::vector<double> exact(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i) exact[i] = true_log_density(problem, points.row(i));
  return exact;
}

/// Draws of X at t_min (or of the data), with deviations `stretch` times the model's own.
inline Matrix draw_points(const Problem& problem, std::size_t count, std::uint64_t seed, double stretch = 1.0) {
  const Components c = components_of(problem.score);
  const Signal s = start_of(problem.schedule);
  Draws draws(seed);
  Matrix points(count, c.means.columns);
  for (std::size_t i = 0; i < count; ++i) {
    double left = draws.uniform();
    std::size_t k = 0;
    while (k + 1 < c.weights.size() && left > c.weights[k]) left -= c.weights[k++];
    if (!c.covariances.values.empty()) {
      const Matrix root = noisy_root(c, k, s);
      std::vector<double> z(points.columns);
      for (std::size_t j = 0; j < z.size(); ++j) {
        z[j] = stretch * draws.normal();
        points(i, j) = s.a * c.means(k, j);
        for (std::size_t h = 0; h <= j; ++h) points(i, j) += root(j, h) * z[h];
      }
      continue;
    }
    for (std::size_t j = 0; j < points.columns; ++j) {
      const double deviation = std::sqrt(s.a * s.a * c.variances(k, j) + s.sigma2);
      points(i, j) = s.a * c.means(k, j) + stretch * deviation * draws.normal();
    }
  }
  return points;
}

enum class Variances { shared, isotropic, diagonal };

/// Covariances of a mixture's components in place of its variances: squares of random roots, and a tenth of the
/// variance in every direction.
inline void correlate(GaussianMixture& m, std::uint64_t seed, double deviation) {
  Draws draws(seed);
  const std::size_t d = m.means.columns;
  m.variances = Matrix();
  m.covariances = Matrix(m.means.rows * d, d);
  for (std::size_t k = 0; k < m.means.rows; ++k) {
    std::vector<double> root(d * d);
    for (double& x : root) x = deviation * draws.normal() / std::sqrt(static_cast<double>(d));
    for (std::size_t i = 0; i < d; ++i) {
      for (std::size_t j = 0; j < d; ++j) {
        double sum = i == j ? 0.1 * deviation * deviation : 0.0;
        for (std::size_t h = 0; h < d; ++h) sum += root[i * d + h] * root[j * d + h];
        m.covariances(k * d + i, j) = sum;
      }
    }
  }
}

/// A random mixture: means N(0, 1), deviations around `deviation`.
inline GaussianMixture random_mixture(std::size_t components, std::size_t dim, Variances layout, std::uint64_t seed,
                                      double deviation = 0.4) {
  Draws draws(seed);
  GaussianMixture m{std::vector<double>(components), Matrix(components, dim),
                    Matrix(components, layout == Variances::diagonal ? dim : 1)};
  double total = 0.0;
  for (double& w : m.weights) total += w = 0.2 + draws.uniform();
  for (double& w : m.weights) w /= total;
  for (double& v : m.means.values) v = draws.normal();
  for (double& v : m.variances.values) {
    const double s = layout == Variances::shared ? deviation : deviation * std::exp(0.4 * draws.normal());
    v = s * s;
  }
  return m;
}

/// All of data/mixtures.
inline constexpr const char* mixtures[] = {"ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64"};

/// A mixture of data/mixtures with its points: model, points [16 x dim].
struct NamedProblem {
  std::string name;
  Problem problem;
  Matrix points;
};
inline NamedProblem load_mixture(const std::string& name) {
  const std::string folder = scorepath::test::source_folder() + "/data/mixtures/" + name;
  return {name, load_problem(folder + "/model.toml"), load_points(folder + "/points.npy")};
}

}  // namespace scorepath::test
