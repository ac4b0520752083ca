// The only place that includes Eigen.
#include "host/covariances.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include "host/check.hpp"

namespace scorepath {
namespace {

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Block = Eigen::Map<const RowMajor>;

constexpr double symmetry_tolerance = 1e-9;  // of the deviations' product
constexpr double narrowest_share = 1e-10;    // of a bound of a component's largest variance in any direction
constexpr double negligible_share = 1e-14;   // of that too: rounding of the eigenvalues themselves

/// Rows k dim to (k + 1) dim of a key's table.
Block block_of(const Matrix& table, std::size_t k, std::size_t dim) {
  return {table.values.data() + k * dim * table.columns, static_cast<Eigen::Index>(dim),
          static_cast<Eigen::Index>(table.columns)};
}

/// The variances of component k [dim], where there are factors.
Eigen::VectorXd variances_of(const GaussianMixture& mixture, std::size_t k) {
  Eigen::VectorXd variances(static_cast<Eigen::Index>(mixture.means.columns));
  for (Eigen::Index j = 0; j < variances.size(); ++j)
    variances[j] = mixture.variances(k, mixture.variances.columns == 1 ? 0 : static_cast<std::size_t>(j));
  return variances;
}

void check_symmetric(const Block& covariance, std::size_t k) {
  for (Eigen::Index i = 0; i < covariance.rows(); ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      const double scale = std::sqrt(std::abs(covariance(i, i) * covariance(j, j)));
      SP_VALIDATE(std::abs(covariance(i, j) - covariance(j, i)) <= symmetry_tolerance * scale, input,
                  fmt::format("score.covariances[{0}] is not symmetric (entry [{1}][{2}] is {3}, [{2}][{1}] is {4}) "
                              "correct it",
                              k, i, j, covariance(i, j), covariance(j, i)));
    }
  }
}

void check_positive_definite(const Block& covariance, std::size_t k) {
  // No eigenvalue exceeds the largest sum of a row's magnitudes.
  const double largest = covariance.cwiseAbs().rowwise().sum().maxCoeff();
  const double floor = std::max(narrowest_share * largest, smallest_variance);
  const Eigen::MatrixXd above = covariance - floor * Eigen::MatrixXd::Identity(covariance.rows(), covariance.cols());
  SP_VALIDATE(
      Eigen::LLT<Eigen::MatrixXd>(above).info() == Eigen::Success, input,
      fmt::format("score.covariances[{}] is not positive definite (some direction has a variance below {}, 1e-10 "
                  "of what its largest may be, or 1e-18) correct it, or add a little to its diagonal",
                  k, floor));
}

/// One component's axes, in any order.
struct Axes {
  double variance;            // across them
  Eigen::MatrixXd axes;       // [dim x rank], columns
  Eigen::VectorXd variances;  // [rank]
};

Axes axes_of(const Eigen::MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  SP_VALIDATE(solver.info() == Eigen::Success, input,
              "a covariance has no eigenvalues that can be found (it is too badly scaled) rescale the model");
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  Eigen::Index first = 1;
  while (first < values.size() && values[first] - values[0] <= negligible_share * values[values.size() - 1]) ++first;
  const Eigen::Index rank = values.size() - first;
  return {values.head(first).mean(), solver.eigenvectors().rightCols(rank), values.tail(rank)};
}

/// Of v I + F F^T with fewer columns in F than rows: the left singular vectors of F.
Axes axes_of(double variance, const Eigen::MatrixXd& factor) {
  const Eigen::BDCSVD<Eigen::MatrixXd> svd(factor, Eigen::ComputeThinU);
  const Eigen::VectorXd extra = svd.singularValues().array().square();  // descending
  Eigen::Index rank = 0;
  while (rank < extra.size() && extra[rank] > negligible_share * variance) ++rank;
  return {variance, svd.matrixU().leftCols(rank), (extra.head(rank).array() + variance).matrix()};
}

Axes component_axes(const GaussianMixture& mixture, std::size_t k) {
  const std::size_t dim = mixture.means.columns;
  if (!mixture.covariances.values.empty()) {
    const Block covariance = block_of(mixture.covariances, k, dim);
    return axes_of(0.5 * (covariance + covariance.transpose()));
  }
  const Eigen::VectorXd variances = variances_of(mixture, k);
  const Block factor = block_of(mixture.factors, k, dim);
  if (factor.cols() < factor.rows() && (variances.array() == variances[0]).all())
    return axes_of(variances[0], Eigen::MatrixXd(factor));
  Eigen::MatrixXd covariance = factor * factor.transpose();
  covariance.diagonal() += variances;
  return axes_of(covariance);
}

}  // namespace

void check_covariances(const GaussianMixture& mixture) {
  for (std::size_t k = 0; k < mixture.means.rows; ++k) {
    if (!mixture.covariances.values.empty()) {
      const Block covariance = block_of(mixture.covariances, k, mixture.means.columns);
      check_symmetric(covariance, k);
      check_positive_definite(covariance, k);
      continue;
    }
    const Eigen::VectorXd variances = variances_of(mixture, k);
    const Block factor = block_of(mixture.factors, k, mixture.means.columns);
    const double largest = variances.maxCoeff() + factor.squaredNorm();  // no eigenvalue is larger
    SP_VALIDATE(variances.minCoeff() > narrowest_share * largest, input,
                fmt::format("score.variances[{}] falls to {} (below 1e-10 of {}, what the largest variance with "
                            "score.factors may be, it cannot be resolved) raise it or lower the factors",
                            k, variances.minCoeff(), largest));
  }
}

FactoredCovariances diagonalised(const GaussianMixture& mixture) {
  const std::size_t count = mixture.means.rows, dim = mixture.means.columns;
  std::vector<Axes> components;
  FactoredCovariances all;
  for (std::size_t k = 0; k < count; ++k) {
    components.push_back(component_axes(mixture, k));
    all.variances.push_back(components.back().variance);
    all.rank = std::max(all.rank, static_cast<std::size_t>(components.back().variances.size()));
  }
  all.axes.assign(count * all.rank * dim, 0.0);
  for (std::size_t k = 0; k < count; ++k) {
    const Axes& own = components[k];
    for (std::size_t i = 0; i < all.rank; ++i) {
      const auto at = static_cast<Eigen::Index>(i);
      all.axis_variances.push_back(at < own.variances.size() ? own.variances[at] : own.variance);
      for (std::size_t j = 0; j < dim && at < own.variances.size(); ++j)
        all.axes[(k * all.rank + i) * dim + j] = own.axes(static_cast<Eigen::Index>(j), at);
    }
  }
  return all;
}

}  // namespace scorepath
