// One pack of forward paths, from the query point to a sum of increments of log p - log g along each of them.
//
//   n_0 = 0,  d_0 = s - g at the point;  for every node k = 1 .. N of the table
//     n_k = n_{k-1} + C_k z_k                     Brownian motion in rho, exact
//     d_k = s - g at y_k = x + n_k                canonical frame; g: the reference Gaussian's score
//     value += W_k/2 d_k.(s + g) + (a_k d_k + b_{k-1} d_{k-1}).C_k z_k + (W_k - a_k C_k^2)(div s - div g)
//   without a divergence:
//     value += W_k/2 d_k.(s + g) + (a_k C_k z_k + alpha_k n_k).d_k
// Which estimator it is, a table says (estimator/pathwise.hpp).
// An antithetic pair shares its normals: the mirrored path has -n. The mean of the pair is one sample.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/estimator/density_formula.hpp"
#include "kernels/jobs.hpp"
#include "kernels/lane/compensated_sum.hpp"
#include "kernels/step_normals.hpp"

namespace scorepath::kernels {

/// The samples first_path, first_path + 1, ... of a pack; with_divergence: given.divergence.
template <bool with_divergence, class Score, class F>
SP_HD F run_increments(const Score& score, const IncrementJob<typename Score::Scalar>& given, std::uint64_t first_path,
                       const Workspace<F>& given_work) {
  using T = typename Score::Scalar;
  constexpr int D = Score::static_dim;
  const IncrementJob<T> job = given;  // copies: stores of lanes may alias anything else
  const Workspace<F> work = given_work;
  const int d = score.dim();
  const auto row = static_cast<std::size_t>(score.row());
  const int first = score.team.first();
  Coordinates<F, D> n(work.state), s(work.score);
  Coordinates<F, with_divergence ? D : 0> before(work.delta);
  CompensatedSum<F> value;

  // A pair's members one after the other: the second one's normals are made anew, but neither waits in registers.
  const int mirrors = job.antithetic ? 2 : 1;
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
  for (int mirror = 0; mirror < mirrors; ++mirror) {
    const F sign = constant<F>(mirror == 0 ? 1.0 : -1.0);
    StepNormals<F, D, std::decay_t<decltype(score.team)>> normals(score.team, score.path_dim, job.noise, first_path,
                                                                  job.steps, work.noise, work.normals);
    for (int j = 0; j < d; ++j) n[j] = constant<F>(0.0);
    if constexpr (with_divergence) {
      for (int j = 0; j < d; ++j) before[j] = broadcast<F>(job.first_difference[first + j]);
    }
    const Increment<T>* node = job.table;
    const T* level_row = job.levels;
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
    for (std::uint32_t k = 0; k < job.steps; ++k, ++node, level_row += score.level_size()) {
      const F* z = normals.at(k);
      const Increment<T> step = *SP_ALIGNED(node, 16);
      const F noise = sign * broadcast<F>(step.noise);
      for (int j = 0; j < d; ++j) n[j] = fma(noise, z[j], n[j]);

      const SharedLevel<F> level{SP_ALIGNED(level_row, Score::level_alignment)};
      const SharedLevel<F> inverse{SP_ALIGNED(job.reference_inverse + k * row, row_alignment<D>)};
      F divergence = constant<F>(0.0);
      score.template evaluate<with_divergence>(n.data(), level, work.scratch, s.data(), divergence);
      const F on_step = sign * broadcast<F>(step.on_step);
      const F on_previous = sign * broadcast<F>(step.on_previous);
      const NodeSums<F> sums = sum_over_coordinates<F>(
          score.team, d, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
            const F g = (broadcast<F>(job.reference.mean[first + j]) - n[j]) * inverse[first + j];
            const F difference = s[j] - g;
            to.square = fma(difference, s[j] + g, to.square);
            if constexpr (with_divergence) {
              to.cross = fma(z[j], fma(on_step, difference, on_previous * before[j]), to.cross);
              before[j] = difference;
            } else {
              to.cross = fma(fma(broadcast<F>(step.on_noise), n[j], on_step * z[j]), difference, to.cross);
            }
          });
      F increment = fma(broadcast<F>(step.on_square), sums.square, sums.cross) - value.lost;
      if constexpr (with_divergence) {
        increment =
            fma(broadcast<F>(step.on_divergence), divergence - broadcast<F>(step.reference_divergence), increment);
      }
      value.take(increment);
    }
  }
  return job.antithetic ? value.value * constant<F>(0.5) : value.value;
}

}  // namespace scorepath::kernels
