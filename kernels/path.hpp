// The heart: one pack of forward paths, from the query point to the value of the density formula along each of them.
//
//   n_0 = 0;  for every node k = 1 .. N of the step table
//     n_k = A_k n_{k-1} + C_k z_k                      forward transition of the noise part (exact, or Euler-Maruyama)
//     y_k = x + n_k + b_k x                            canonical frame; b_k = 0 unless the transition is inexact
//     T_k = c1_k n.(s - g) + c2_k (|s|^2 - |g|^2) + c0_k |n|^2   integrand of kernels/estimator/density_formula.hpp
//     value += w_k T_k;  check += v_k T_k              v: the same integral on every second node
// An antithetic pair shares its normals: the mirrored path has -n. The mean of the pair is one sample.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/estimator/density_formula.hpp"
#include "kernels/random/noise.hpp"
#include "kernels/score/tables.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

template <class T>
struct PathJob {
  ScoreTables<T> score;
  ReferenceTables<T> reference;
  const T* reference_inverse;  // [steps x dim] 1/(V_j + r_k)
  const T* levels;             // [steps x level_size]
  const Step<T>* table;        // [steps]
  const T* position;           // [dim] x, canonical frame
  std::uint32_t steps;
  Stream noise;
  bool antithetic;
  const T* halves;  // null; or [steps x 2]: each step's normal is made of two, h0 z_{2k} + h1 z_{2k+1}, so that this
                    // path and one with twice the steps follow the same Brownian motion
};

template <class F>
struct PathValue {
  F value, check;
};

/// Normals of one step at any place of the stream, not only at the start of a chunk.
template <class F>
static SP_HD_CALL void step_normals(const Stream& stream, std::uint64_t path, std::uint32_t k, int dim, F* z) {
  const std::uint32_t first = block_of_step(k, static_cast<std::uint32_t>(dim));
  const int offset = static_cast<int>(std::uint64_t{k} * normals_per_step(static_cast<std::uint32_t>(dim)) % 4);
  for (int i = 0; i < offset + dim; i += 4) {
    F block[1][4];
    random_normals<F, 1>(stream, path, first + static_cast<std::uint32_t>(i / 4), block);
    for (int q = 0; q < 4; ++q) {
      if (i + q >= offset && i + q < offset + dim) z[i + q - offset] = block[0][q];
    }
  }
}

/// The normals of a step of twice the length: noise [2 dim], the result in its first half.
template <class F>
static SP_HD_CALL void merged_normals(const Stream& stream, std::uint64_t path, std::uint32_t k, int dim,
                                      const scalar_t<F>* halves, F* noise) {
  step_normals<F>(stream, path, 2 * k, dim, noise);
  step_normals<F>(stream, path, 2 * k + 1, dim, noise + dim);
  for (int j = 0; j < dim; ++j) {
    noise[j] = fma(broadcast<F>(halves[2 * k + 1]), noise[dim + j], broadcast<F>(halves[2 * k]) * noise[j]);
  }
}

/// The samples first_path, first_path + 1, ... of a pack.
template <class Score, class F>
SP_HD PathValue<F> run_paths(const Score& score, const PathJob<typename Score::Scalar>& given, std::uint64_t first_path,
                             const Workspace<F>& given_work) {
  constexpr int D = Score::static_dim;
  const PathJob<typename Score::Scalar> job = given;  // copies: stores of lanes may alias anything else
  const Workspace<F> work = given_work;
  const int d = score.dim();
  const auto chunk = static_cast<std::uint32_t>(steps_per_chunk(d));
  const auto level_size = static_cast<std::size_t>(score.level_size());
  Coordinates<F, D> n(work.state), delta(work.delta), s(work.score);
  PathValue<F> out{constant<F>(0.0), constant<F>(0.0)};
  for (int j = 0; j < d; ++j) n[j] = constant<F>(0.0);

  for (std::uint32_t k = 0; k < job.steps; ++k) {
    const F* z = work.noise;
    if (job.halves != nullptr) {
      merged_normals<F>(job.noise, first_path, k, d, job.halves, work.noise);
    } else {
      if (k % chunk == 0) {
        fill_normals<F>(job.noise, first_path, block_of_step(k, static_cast<std::uint32_t>(d)), noise_chunk(d),
                        work.noise);
      }
      z += (k % chunk) * static_cast<std::uint32_t>(d);
    }
    const Step<typename Score::Scalar> step = job.table[k];
    const F state = broadcast<F>(step.state);
    const F noise = broadcast<F>(step.noise);
    for (int j = 0; j < d; ++j) n[j] = fma(noise, z[j], state * n[j]);

    const SharedLevel<F> level{job.levels + k * level_size};
    NodeSums<F> total{constant<F>(0.0), constant<F>(0.0), constant<F>(0.0)};
    for (int mirror = 0; mirror < (job.antithetic ? 2 : 1); ++mirror) {
      const F sign = constant<F>(mirror == 0 ? 1.0 : -1.0);
      if (step.shift != 0) {
        for (int j = 0; j < d; ++j) delta[j] = fma(sign, n[j], broadcast<F>(step.shift * job.position[j]));
      } else {
        for (int j = 0; j < d; ++j) delta[j] = sign * n[j];
      }
      F unused;
      score.template evaluate<false>(delta.data(), level, work.scratch, s.data(), unused);
      NodeSums<F> sums;
      if (job.reference.present) {
        const SharedLevel<F> inverse{job.reference_inverse + static_cast<std::size_t>(k) * static_cast<std::size_t>(d)};
        sums = node_sums(d, sign, n.data(), s.data(), delta.data(), job.reference.mean, inverse);
      } else {
        sums = node_sums(d, sign, n.data(), s.data());
      }
      total.cross = total.cross + sums.cross;
      total.square = total.square + sums.square;
      total.noise = total.noise + sums.noise;
    }
    F term = broadcast<F>(step.on_cross) * total.cross;
    term = fma(broadcast<F>(step.on_square), total.square, term);
    term = fma(broadcast<F>(step.on_noise), total.noise, term);
    out.value = fma(broadcast<F>(step.weight), term, out.value);
    out.check = fma(broadcast<F>(step.check_weight), term, out.check);
  }
  if (job.antithetic) {
    out.value = out.value * constant<F>(0.5);
    out.check = out.check * constant<F>(0.5);
  }
  return out;
}

}  // namespace scorepath::kernels
