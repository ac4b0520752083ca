// How far a path's quadrature and steps are off, from the same quadrature along rays.
//
// The mean of a quadrature sum_k w_k T(n_k) depends on the law of each n_k alone, not on how they hang together. Along
// a ray, n_k = tau_k z with one z for all nodes, every n_k has the law that it has along the path, and the integrand is
// a smooth function of rho: there the difference between a quadrature and a fine one is known to a few digits from a
// few rays, where along paths it would drown in their noise. It holds everything: the grid, the transition's own error,
// and step counts at which a coarser grid happens to agree.
#pragma once

#include <cstdint>
#include <vector>

#include "host/point_plan.hpp"

namespace scorepath {

/// The check of one point's quadrature (paths only), in rounds of antithetic pairs of rays: a first one, then as many
/// as there were, until the mean excess is known to a half or to `tolerance`. Who runs it computes the rays.
class QuadratureCheck {
 public:
  struct Budget {
    double tolerance;           ///< [nat]
    std::uint64_t least, most;  ///< score evaluations: rare components are met on few rays
  };
  QuadratureCheck(const PointPlan& plan, const Budget& budget);

  /// The pairs of the next round, [first(), first() + pairs()); none where the check is done.
  std::uint64_t first() const { return excess_.count; }
  std::size_t pairs() const { return pairs_; }
  /// No round has more.
  std::uint64_t most_pairs() const;
  /// The point's own quadrature along rays, and the fine one that it is held against.
  const PointPlan::Quadrature& own() const { return own_; }
  const PointPlan::Quadrature& fine() const { return fine_; }
  /// Their values [pairs()] on the pairs of a round.
  void take(std::vector<double> own, const std::vector<double>& fine);
  /// All rounds that are left, on the calling thread; false where they were broken off.
  bool run(const GoOn& go_on);

  /// Moments of the excess of the value [nat] over pairs.
  const kernels::Moments& excess() const { return excess_; }
  std::uint64_t evaluations() const { return spent_; }
  const Budget& budget() const { return budget_; }

 private:
  /// Score evaluations.
  std::uint64_t per_pair() const { return plan_.rays_of_pair() * (own_.steps() + fine_.steps()); }

  const PointPlan& plan_;
  Budget budget_;
  PointPlan::Quadrature own_, fine_;
  kernels::Moments excess_;
  std::size_t pairs_;
  std::uint64_t spent_ = 0;
};

}  // namespace scorepath
