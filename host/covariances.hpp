// Correlated components of a mixture: their check, and their diagonalisation, once for all noise levels.
#pragma once

#include <vector>

#include <scorepath/problem.hpp>

namespace scorepath {

/// Of every variance, in any direction.
inline constexpr double smallest_variance = 1e-18;

/// Covariances v_k I + sum_i (m_ki - v_k) q_ki q_ki^T: the smallest eigenvalue, and the axes along which there is more.
struct FactoredCovariances {
  std::size_t rank = 0;                ///< axes of a component: as many as the component with most has, 0 to dim - 1
  std::vector<double> variances;       ///< [K] v_k
  std::vector<double> axes;            ///< [K x rank x dim] orthonormal; zeros where a component has fewer
  std::vector<double> axis_variances;  ///< [K x rank] m_ki >= v_k
};

/// Does the mixture give covariances or factors?
inline bool is_correlated(const GaussianMixture& mixture) {
  return !mixture.covariances.values.empty() || !mixture.factors.values.empty();
}

/// Throws Error(input) that names key and component unless covariances are symmetric within 1e-9 and no direction has
/// less than 1e-18, or 1e-10 of a bound of the component's largest variance in any direction: of covariances the
/// largest sum of a row's magnitudes, of factors the largest variance and the sum of their squares. Expects shapes that
/// fit and finite numbers.
void check_covariances(const GaussianMixture& mixture);

/// The covariances of a correlated mixture that has been checked. dim^3 operations for each component, rank^2 dim where
/// factors stand on isotropic variances.
FactoredCovariances diagonalised(const GaussianMixture& mixture);

}  // namespace scorepath
