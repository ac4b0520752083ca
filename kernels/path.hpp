// The heart: one pack of forward paths, from the query point to the value of the density formula along each of them.
//
//   n_0 = 0;  for every node k = 1 .. N of the step table
//     n_k = A_k n_{k-1} + C_k z_k                      forward transition of the noise part (exact, or Euler-Maruyama)
//     y_k = x + n_k + b_k x                            canonical frame; b_k = 0 unless the transition is inexact
//     T_k = c1_k n.(s - g) + c2_k (|s|^2 - |g|^2) + c0_k |n|^2   integrand of kernels/estimator/density_formula.hpp
//     value += w_k T_k
// An antithetic pair shares its normals: the mirrored path has -n. The mean of the pair is one sample.
//
// A loop may be compiled for jobs whose steps all have A = 1 and b = c0 = 0, exact transitions without the mean-zero
// term: a CUDA thread has nobody to share the cost of a test with. The bits are the same.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/estimator/density_formula.hpp"
#include "kernels/jobs.hpp"
#include "kernels/step_normals.hpp"

namespace scorepath::kernels {

/// What a loop over steps is compiled for: any job, or one of plain steps (is_plain(Step)), path by path or in pairs.
enum class PathForm { any, plain, plain_pairs };

/// The form of a job whose table is in the host's memory.
template <class T>
PathForm form_of(const PathJob<T>& job) {
  for (std::uint32_t k = 0; k < job.steps; ++k) {
    if (!is_plain(job.table[k])) return PathForm::any;
  }
  return job.antithetic ? PathForm::plain_pairs : PathForm::plain;
}

/// The samples first_path, first_path + 1, ... of a pack; form: any, or form_of(given).
template <class Score, class F, PathForm form = PathForm::any>
SP_HD F run_paths(const Score& score, const PathJob<typename Score::Scalar>& given, std::uint64_t first_path,
                  const Workspace<F>& given_work) {
  using T = typename Score::Scalar;
  constexpr int D = Score::static_dim;
  constexpr bool plain = form != PathForm::any;
  const PathJob<T> job = given;  // copies: stores of lanes may alias anything else
  const Workspace<F> work = given_work;
  const int d = score.dim();
  const auto row = static_cast<std::size_t>(score.row());
  const int first = score.team.first();
  Coordinates<F, D> n(work.state), delta(work.delta), s(work.score);
  StepNormals<F, D, std::decay_t<decltype(score.team)>> normals(score.team, score.path_dim, job.noise, first_path,
                                                                job.steps, work.noise, work.normals);
  F value = constant<F>(0.0);
  for (int j = 0; j < d; ++j) n[j] = constant<F>(0.0);

  const int mirrors = form == PathForm::plain ? 1 : form == PathForm::plain_pairs || job.antithetic ? 2 : 1;
  const Step<T>* node = job.table;
  const T* level_row = job.levels;
  constexpr bool by_coordinate = requires(const T* at) { score.coordinate(0, n[0], SharedLevel<F>{at}); };
  // Short bodies, straight: normals that serve several steps are not moved about, a mirror's sign is a constant.
  [[maybe_unused]] constexpr bool is_short = plain && by_coordinate;
#if defined(__CUDA_ARCH__)
#pragma unroll(is_short ? decltype(normals)::chunk : 1)
#endif
  for (std::uint32_t k = 0; k < job.steps; ++k, ++node, level_row += score.level_size()) {
    const F* z = normals.at(k);
    Step<T> step = *SP_ALIGNED(node, 16);
    if constexpr (plain) step.state = T(1), step.shift = step.on_noise = T(0);
    const F noise = broadcast<F>(step.noise);
    if (step.state != 1) {
      for (int j = 0; j < d; ++j) n[j] = fma(noise, z[j], broadcast<F>(step.state) * n[j]);
    } else {
      for (int j = 0; j < d; ++j) n[j] = fma(noise, z[j], n[j]);
    }

    const SharedLevel<F> level{SP_ALIGNED(level_row, Score::level_alignment)};
    NodeSums<F> total{constant<F>(0.0), constant<F>(0.0), constant<F>(0.0)};
#if defined(__CUDA_ARCH__)
#pragma unroll(is_short ? 2 : 1)
#endif
    for (int mirror = 0; mirror < mirrors; ++mirror) {
      const F sign = constant<F>(mirror == 0 ? 1.0 : -1.0);
      const Computed moved([&](int j) __attribute__((always_inline)) {
        return plain ? sign * n[j] : fma(sign, n[j], broadcast<F>(step.shift * job.position[first + j]));
      });
      const bool is_n = step.shift == 0 && mirror == 0;
      const auto sums_at = [&](const auto& y, const auto& field) __attribute__((always_inline)) {
        if (job.reference.present) {
          const SharedLevel<F> inverse{SP_ALIGNED(job.reference_inverse + k * row, row_alignment<D>)};
          return node_sums(score.team, d, sign, n.data(), field, y, job.reference.mean, inverse);
        }
        return step.on_noise != 0 ? node_sums<true>(score.team, d, sign, n.data(), field)
                                  : node_sums<false>(score.team, d, sign, n.data(), field);
      };
      NodeSums<F> sums;
      if constexpr (by_coordinate) {
        // A coordinate's score depends on that coordinate alone: one loop does it all, and stores nothing.
        const auto lazy_sums_at = [&](const auto& y) __attribute__((always_inline)) {
          return sums_at(
              y, Computed([&](int j) __attribute__((always_inline)) { return score.coordinate(j, y[j], level); }));
        };
        sums = is_n ? lazy_sums_at(n.data()) : lazy_sums_at(moved);
      } else {
        if (is_n) {
          for (int j = 0; j < d; ++j) delta[j] = n[j];
        } else if (step.shift == 0) {
          for (int j = 0; j < d; ++j) delta[j] = -n[j];
        } else {
          for (int j = 0; j < d; ++j) delta[j] = moved[j];
        }
        F unused;
        score.template evaluate<false>(delta.data(), level, work.scratch, s.data(), unused);
        sums = sums_at(delta.data(), s.data());
      }
      total = mirror == 0 ? sums
                          : NodeSums<F>{total.cross + sums.cross, total.square + sums.square, total.noise + sums.noise};
    }
    F term = broadcast<F>(step.on_cross) * total.cross;
    term = fma(broadcast<F>(step.on_square), total.square, term);
    if constexpr (!plain) term = fma(broadcast<F>(step.on_noise), total.noise, term);
    value = fma(broadcast<F>(step.weight), term, value);
  }
  return job.antithetic ? value * constant<F>(0.5) : value;
}

}  // namespace scorepath::kernels
