// One pack of rays, from the query point to infinite noise: the pathwise log-density along y = x + tau z, z one
// standard normal for all of a ray (estimator/ray.hpp).
//
//   for every node k of the table
//     d = s - g at y_k = x + tau_k z                      canonical frame; g: the reference Gaussian's score
//     value += w_k ( z.d + tau_k ( d.(s + g) + div s - div g ) )
// An antithetic pair is z and -z. The mean of the pair is one sample.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/estimator/density_formula.hpp"
#include "kernels/jobs.hpp"
#include "kernels/lane/compensated_sum.hpp"
#include "kernels/step_normals.hpp"

namespace scorepath::kernels {

/// The samples first_path, first_path + 1, ... of a pack.
template <class Score, class F>
SP_HD F run_rays(const Score& score, const RayJob<typename Score::Scalar>& given, std::uint64_t first_path,
                 const Workspace<F>& given_work) {
  using T = typename Score::Scalar;
  constexpr int D = Score::static_dim;
  const RayJob<T> job = given;  // copies: stores of lanes may alias anything else
  const Workspace<F> work = given_work;
  const int d = score.dim();
  const auto row = static_cast<std::size_t>(score.row());
  const int first = score.team.first();
  Coordinates<F, D> delta(work.delta), s(work.score);
  StepNormals<F, D, std::decay_t<decltype(score.team)>> normals(score.team, score.path_dim, job.noise, first_path, 1,
                                                                work.noise);
  const F* z = normals.at(0);
  CompensatedSum<F> value;

  const int mirrors = job.antithetic ? 2 : 1;
  const RayNode<T>* nodes = job.table;
  const T* level_row = job.levels;
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
  for (std::uint32_t k = 0; k < job.steps; ++k, ++nodes, level_row += score.level_size()) {
    const RayNode<T> node = *SP_ALIGNED(nodes, 16);
    const SharedLevel<F> level{SP_ALIGNED(level_row, Score::level_alignment)};
    const SharedLevel<F> inverse{SP_ALIGNED(job.reference_inverse + k * row, row_alignment<D>)};
    F increment = -value.lost;
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
    for (int mirror = 0; mirror < mirrors; ++mirror) {
      const F sign = constant<F>(mirror == 0 ? 1.0 : -1.0);
      const F tau = sign * broadcast<F>(node.deviation);
      for (int j = 0; j < d; ++j) delta[j] = tau * z[j];
      F divergence = constant<F>(0.0);
      score.template evaluate<true>(delta.data(), level, work.scratch, s.data(), divergence);
      const NodeSums<F> sums = sum_over_coordinates<F>(
          score.team, d, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
            const F g = (broadcast<F>(job.reference.mean[first + j]) - delta[j]) * inverse[first + j];
            const F difference = s[j] - g;
            to.cross = fma(z[j], difference, to.cross);
            to.square = fma(difference, s[j] + g, to.square);
          });
      const F rest = sums.square + (divergence - broadcast<F>(node.reference_divergence));
      increment = fma(sign * broadcast<F>(node.weight), sums.cross, increment);
      increment = fma(broadcast<F>(node.on_rest), rest, increment);
    }
    value.take(increment);
  }
  return job.antithetic ? value.value * constant<F>(0.5) : value.value;
}

}  // namespace scorepath::kernels
