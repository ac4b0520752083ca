// One pack of paths that a score steers: samples of a model, from noise to data, and the log-density that each carries
// along; or paths from a point to noise, for its log-density.
//
//   y = start;  for every row of the table, at its noise level
//     one stage    y' = A y + B s(y) + C z
//     two stages   q = y + e1 e,  s1 = s(q);  q = a2 y + b2 s1 + c2 z + e2 e,  s2 = s(q)
//                  y' = A y + B s1 + B2 s2 + C z + E e
//     with a density, d = s - g at y, dy = y' - y
//       value += W/2 (|s|^2 - |g|^2) + w (div s - div g) - b d.dy_before - a d.dy
// Which method it is, a table says (step/reverse.hpp, estimator/carried.hpp). What the steps are off by is taken out of
// the sum where a job asks for it: without noise by their pairs, with noise by the same paths in a second, coarse pass.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/estimator/density_formula.hpp"
#include "kernels/estimator/step_pairs.hpp"
#include "kernels/jobs.hpp"
#include "kernels/lane/compensated_sum.hpp"
#include "kernels/step_normals.hpp"

namespace scorepath::kernels {

/// Of a path's log-density: what is taken from a constant, and the differences of its pairs of steps, summed and
/// squared (estimator/carried.hpp).
template <class F>
struct Carried {
  F value, sum, square;
};

/// Numbers of a path beside its coordinates.
inline constexpr int carried_values = 3;

/// The job of a path's second pass, with every second node.
template <class T>
SP_HD SteeredJob<T> coarse_of(SteeredJob<T> job) {
  job.table = job.coarse_table;
  job.levels = job.coarse_levels;
  job.reference_inverse = job.coarse_inverse;
  job.steps = job.coarse_steps;
  job.two_stages = true;
  return job;
}

/// The paths first_path, first_path + 1, ... of a pack; keep(j, y_j) takes the caller's coordinates of their ends.
/// carries: for jobs of two stages or with a density too; others need no more than state and score.
template <bool carries, class Score, class F, class Store>
SP_HD Carried<F> run_steered(const Score& score, const SteeredJob<typename Score::Scalar>& given,
                             std::uint64_t first_path, const Workspace<F>& given_work, const Store& keep) {
  using T = typename Score::Scalar;
  using Team = std::decay_t<decltype(score.team)>;
  constexpr int D = Score::static_dim;
  constexpr int more = carries ? D : 0;  // coordinates in registers of what plain jobs do without
  const SteeredJob<T> job = given;       // copies: stores of lanes may alias anything else
  const Workspace<F> work = given_work;
  const int d = score.dim();
  const auto row = static_cast<std::size_t>(score.row());
  const int first = score.team.first();
  const F zero = constant<F>(0.0);
  const bool two_stages = carries && job.two_stages, density = carries && job.density;
  Coordinates<F, D> y(work.state), s(work.score);
  Coordinates<F, more> moved(work.delta), older(work.spare), field(work.field), older_field(work.older_field),
      stage(work.stage);
  {
    StepNormals<F, D, Team> prior(score.team, score.path_dim, job.prior, first_path, 1, work.noise);
    const F* z = prior.at(0);
    for (int j = 0; j < d; ++j)
      y[j] = fma(broadcast<F>(job.start_deviation[first + j]), z[j], broadcast<F>(job.start_mean[first + j]));
  }
  if constexpr (carries) {
    for (int j = 0; j < d; ++j) s[j] = moved[j] = older[j] = field[j] = older_field[j] = zero;
  }
  CompensatedSum<F> value;
  StepPairs<F, T> pairs;
  const auto far_end = [&]() __attribute__((always_inline)) {
    return sum_over_coordinates<F>(
               score.team, d,
               [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
                 const F slope =
                     fma(broadcast<F>(job.far_square[first + j]), y[j], broadcast<F>(job.far_slope[first + j]));
                 to.cross = fma(y[j], slope, to.cross);
               })
        .cross;
  };
  if (density && !job.ends_far) value.add(far_end());
  StepNormals<F, D, Team> normals(score.team, score.path_dim, job.noise, first_path, job.steps * (two_stages ? 2 : 1),
                                  work.noise);
  const SteeredStep<T>* node = job.table;
  const T* level_row = job.levels;
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
  for (std::uint32_t k = 0; k < job.steps; ++k, ++node) {
    const SteeredStep<T> step = *SP_ALIGNED(node, 16);
    const SharedLevel<F> level{SP_ALIGNED(level_row, Score::level_alignment)};
    level_row += score.level_size();
    F unused, rate = zero, spread = zero, before = zero, divergence = zero;
    // 1. The score where the path stands, and what it adds to the density.
    if (density) {
      score.template evaluate<true>(y.data(), level, work.scratch, s.data(), divergence);
      const SharedLevel<F> inverse{SP_ALIGNED(job.reference_inverse + k * row, row_alignment<D>)};
      const NodeSums<F> sums = sum_over_coordinates<F>(
          score.team, d, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
            const F g = (broadcast<F>(job.reference.mean[first + j]) - y[j]) * inverse[first + j];
            const F difference = s[j] - g;
            to.square = fma(difference, s[j] + g, to.square);
            to.cross = fma(difference, moved[j], to.cross);
            to.noise = fma(difference, older[j], to.noise);
            field[j] = difference;
            older[j] = moved[j];
          });
      before = sums.cross;
      const F excess = divergence - broadcast<F>(step.reference_divergence);
      rate = broadcast<F>(T(0.5) * step.scale) * (excess + sums.square);
      spread = broadcast<F>(step.scale) * excess;
      value.add(fma(broadcast<F>(step.on_square), sums.square,
                    fma(broadcast<F>(step.on_divergence), excess, broadcast<F>(-step.on_before) * before)));
      if (k % 2 == 0 && k > 0) pairs.close(rate, spread, before, sums.noise, step);
    }
    // 2. The step.
    const F on_state = broadcast<F>(step.state), on_score = broadcast<F>(step.score), noise = broadcast<F>(step.noise);
    if constexpr (!carries) {
      score.template evaluate<false>(y.data(), level, work.scratch, s.data(), unused);
      const F* z = normals.at(k);
      for (int j = 0; j < d; ++j) y[j] = fma(noise, z[j], fma(on_score, s[j], on_state * y[j]));
    } else if (!two_stages) {
      const F* z = normals.at(k);
      for (int j = 0; j < d; ++j) moved[j] = fma(noise, z[j], fma(on_score, s[j], on_state * y[j]));
    } else {
      const F* z = normals.at(2 * k);
      for (int j = 0; j < d; ++j) moved[j] = z[j];
      const F* e = normals.at(2 * k + 1);
      const int stages = step.second_score != T(0) ? 2 : 1;
      for (int j = 0; j < d; ++j) stage[j] = fma(broadcast<F>(step.first_area), e[j], y[j]);
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
      for (int second = 0; second < stages; ++second) {  // one place where the score is compiled for both
        const SharedLevel<F> here{SP_ALIGNED(level_row - (1 - second) * score.level_size(), Score::level_alignment)};
        score.template evaluate<false>(stage.data(), here, work.scratch, s.data(), unused);
        if (second == 1) {
          for (int j = 0; j < d; ++j) moved[j] = fma(broadcast<F>(step.second_score), s[j], moved[j]);
          break;
        }
        for (int j = 0; j < d; ++j) {
          const F inner = fma(broadcast<F>(step.stage_score), s[j], broadcast<F>(step.stage_state) * y[j]);
          stage[j] = fma(broadcast<F>(step.stage_area), e[j], fma(broadcast<F>(step.stage_noise), moved[j], inner));
          const F outer = fma(on_score, s[j], on_state * y[j]);
          moved[j] = fma(broadcast<F>(step.area), e[j], fma(noise, moved[j], outer));
        }
      }
      level_row += score.level_size();
    }
    // 3. The move itself; what it adds to the density.
    if constexpr (carries) {
      if (density) {
        const NodeSums<F> sums = sum_over_coordinates<F>(
            score.team, d, [&](int j, NodeSums<F>& to) __attribute__((always_inline)) {
              const F there = moved[j], move = there - y[j];
              to.cross = fma(field[j], move, to.cross);
              to.noise = fma(older_field[j], move, to.noise);
              older_field[j] = field[j];
              moved[j] = move;
              y[j] = there;
            });
        value.add(broadcast<F>(-step.on_after) * sums.cross);
        if (k % 2 == 0) {
          pairs.first(rate, spread, sums.cross, step);
        } else {
          pairs.middle(rate, spread, before, sums.cross, sums.noise, step);
        }
      } else {
        for (int j = 0; j < d; ++j) y[j] = moved[j];
      }
    }
  }
  if (density && job.ends_far) value.add(far_end());
  if (!carries || job.keeps_ends) {
    for (int j = 0; j < d; ++j) keep(j, y[j]);
  }
  if (job.extrapolates) value.add(constant<F>(-1.0 / 3.0) * pairs.sum);
  return {value.value - value.lost, pairs.sum, pairs.square};
}

/// The same, of which a coarse pass takes out what the steps are off by: error O(Delta^2), so that of every second node
/// is four times as large, (4 fine - coarse)/3 (Richardson). sum: what was taken out.
template <bool carries, class Score, class F, class Store>
SP_HD Carried<F> run_passes(const Score& score, const SteeredJob<typename Score::Scalar>& job, std::uint64_t first_path,
                            const Workspace<F>& work, const Store& keep) {
  if constexpr (!carries) {
    return run_steered<false>(score, job, first_path, work, keep);
  } else {
    const int passes = job.coarse_steps > 0 ? 2 : 1;
    Carried<F> result{constant<F>(0.0), constant<F>(0.0), constant<F>(0.0)};
#if defined(__CUDA_ARCH__)
#pragma unroll 1
#endif
    for (int pass = 0; pass < passes; ++pass) {
      const SteeredJob<typename Score::Scalar> now = pass == 0 ? job : coarse_of(job);
      const Carried<F> carried = run_steered<true>(score, now, first_path, work, keep);
      if (pass == 0) {
        result = carried;
      } else {
        result.sum = (carried.value - result.value) * constant<F>(1.0 / 3.0);
        result.value = result.value - result.sum;
      }
    }
    return result;
  }
}

}  // namespace scorepath::kernels
