// One pack of forward paths, from the query point to the weights that reversed chains of N, N/2 and N/4 steps give
// them.
//
//   n_0 = 0;  for every node k = 1 .. N of the table
//     n_k = n_{k-1} + C_k z_k                                  Brownian motion in rho, exact
//     s, g at y_k = x + n_k                                    canonical frame; g: the reference Gaussian's score
//     for every chain that stops there, m = 1, 2, 4 nodes after it did last, D = rho_k - rho_{k-m}
//       value += sum_j (1 + D/(V_j + r_{k-m})) (s_j - g_j) ( n_k,j - n_{k-m,j} + D/2 (s_j + g_j) )
//   value += sum_j n_N,j (a_j + b_j n_N,j)                     what p and g differ by at the far end
// so that a path's log-weight is a constant minus value (estimator/path_weights.hpp). What a sum loses to rounding is
// added to the next increment, as in increments.hpp. An antithetic pair is one sample: the mean of its two weights.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/estimator/density_formula.hpp"
#include "kernels/jobs.hpp"
#include "kernels/lane/compensated_sum.hpp"
#include "kernels/lane/elementary.hpp"
#include "kernels/step_normals.hpp"

namespace scorepath::kernels {

/// Minus the log-weight of a sample under each chain: of all steps, every second, every fourth.
template <class F>
struct ChainValues {
  F chain[weight_chains];
};

/// Minus the logarithm of the mean of e^-a and e^-b.
template <class F>
SP_HD F pair_value(F a, F b) {
  const auto less = a < b;
  const F minus_distance = select(less, a - b, b - a);  // <= 0
  const F ratio = exp2_nonpositive(minus_distance * constant<F>(1.4426950408889634));
  return fma(log2(fma(ratio, constant<F>(0.5), constant<F>(0.5))), constant<F>(-0.69314718055994531),
             select(less, a, b));
}

/// The samples first_path, first_path + 1, ... of a pack.
template <class Score, class F>
SP_HD ChainValues<F> run_weights(const Score& score, const WeightJob<typename Score::Scalar>& given,
                                 std::uint64_t first_path, const Workspace<F>& given_work) {
  using T = typename Score::Scalar;
  constexpr int D = Score::static_dim;
  const WeightJob<T> job = given;  // copies: stores of lanes may alias anything else
  const Workspace<F> work = given_work;
  const int d = score.dim();
  const auto row = static_cast<std::size_t>(score.row());
  const int first = score.team.first();
  Coordinates<F, D> n(work.state), s(work.score), of_two(work.delta), of_four(work.spare);
  const F zero = constant<F>(0.0);
  ChainValues<F> result;
  for (F& value : result.chain) value = zero;

  // A pair's members one after the other: the second one's normals are made anew, but neither waits in registers.
  const int mirrors = job.antithetic ? 2 : 1;
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
  for (int mirror = 0; mirror < mirrors; ++mirror) {
    const F sign = constant<F>(mirror == 0 ? 1.0 : -1.0);
    StepNormals<F, D, std::decay_t<decltype(score.team)>> normals(score.team, score.path_dim, job.noise, first_path,
                                                                  job.steps, work.noise);
    for (int j = 0; j < d; ++j) n[j] = of_two[j] = of_four[j] = zero;
    CompensatedSum<F> value[weight_chains];
    const WeightStep<T>* node = job.table;
    const T* level_row = job.levels;
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
    for (std::uint32_t k = 1; k <= job.steps; ++k, ++node, level_row += score.level_size()) {
      const F* z = normals.at(k - 1);
      const WeightStep<T> step = *SP_ALIGNED(node, 16);
      const F noise = sign * broadcast<F>(step.noise);
      for (int j = 0; j < d; ++j) {
        const F moved = noise * z[j];
        n[j] = n[j] + moved;
        of_two[j] = of_two[j] + moved;
        of_four[j] = of_four[j] + moved;
      }
      const SharedLevel<F> level{SP_ALIGNED(level_row, Score::level_alignment)};
      const SharedLevel<F> inverse{SP_ALIGNED(job.reference_inverse + k * row, row_alignment<D>)};
      F unused;
      score.template evaluate<false>(n.data(), level, work.scratch, s.data(), unused);

      // The chain that was here `nodes` nodes before.
      const auto add = [&](int c, std::uint32_t nodes, T width, const auto& moved) __attribute__((always_inline)) {
        const SharedLevel<F> before{SP_ALIGNED(job.reference_inverse + (k - nodes) * row, row_alignment<D>)};
        const F half = broadcast<F>(width * T(0.5));
        const NodeSums<F> sums = sum_over_coordinates<F>(
            score.team, d, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
              const F g = (broadcast<F>(job.reference.mean[first + j]) - n[j]) * inverse[first + j];
              const F scale = fma(broadcast<F>(width), before[first + j], constant<F>(1.0));
              to.cross = fma(scale * (s[j] - g), fma(half, s[j] + g, moved(j)), to.cross);
            });
        value[c].add(sums.cross);
      };
      add(
          0, 1, step.one, [&](int j) __attribute__((always_inline)) { return noise * z[j]; });
      if (k % 2 == 0) {
        add(
            1, 2, step.two, [&](int j) __attribute__((always_inline)) { return of_two[j]; });
        for (int j = 0; j < d; ++j) of_two[j] = zero;
      }
      if (k % 4 == 0) {
        add(
            2, 4, step.four, [&](int j) __attribute__((always_inline)) { return of_four[j]; });
        for (int j = 0; j < d; ++j) of_four[j] = zero;
      }
    }
    const NodeSums<F> end = sum_over_coordinates<F>(
        score.team, d, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
          const F slope = fma(broadcast<F>(job.far_square[first + j]), n[j], broadcast<F>(job.far_slope[first + j]));
          to.cross = fma(n[j], slope, to.cross);
        });
    for (int c = 0; c < weight_chains; ++c) {
      const F whole = value[c].value + (end.cross - value[c].lost);
      result.chain[c] = mirror == 0 ? whole : pair_value(result.chain[c], whole);
    }
  }
  return result;
}

}  // namespace scorepath::kernels
