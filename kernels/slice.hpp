// One pack of slices of the density formula: a time and a noise for each lane, no path.
//
//   position p in [0, 1) (stratified, plain or Sobol')  ->  rho = A + v (B + v C) within the cell of p, v its place;
//     at least the job's: a score that is not to be used below counts there as it is at that level (D28)
//   there n = sqrt(rho) z,   value = (drho/dp) * ( n.(s - g)/rho + (|s|^2 - |g|^2)/2 [ + (|n|^2/rho - d)/(2 rho) ] )
// The law of rho is the table's own density, known exactly, whatever law the table was made to follow
// (kernels/step/time_law.hpp): the estimate has no discretisation error.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/estimator/density_formula.hpp"
#include "kernels/jobs.hpp"
#include "kernels/random/sobol_draws.hpp"
#include "kernels/step_normals.hpp"

namespace scorepath::kernels {

/// The 32-bit position of each sample of the pack within [0, 1).
template <class F, class T>
static SP_HD_CALL word_t<F> slice_positions(const SliceJob<T>& job, std::uint64_t first, word_t<F> place) {
  word_t<F> words[1][4];
  random_words<F, 1>(job.time, first, 0, words);
  if (job.points == Points::plain || job.log2_length == 0) return words[0][0];
  return (place << (32 - job.log2_length)) | (words[0][0] >> job.log2_length);
}

/// Dimension 0 is time, dimension 1 + j coordinate j: the normals of the caller's coordinates to z [dim]; returns the
/// position.
template <class F, class Team>
static SP_HD_CALL word_t<F> sobol_draws(const Team& team, int path_dim, int dim, const SobolDraws<F>& draws, F* z) {
  word_t<F> seeds[1][4];
  draws.seeds(0, seeds);
  const word_t<F> position = draws.word(0, seeds[0][0], seeds[0][1]);
  if (team.first() > 0) draws.seeds(team.first(), seeds);
  for (int j = 0; j < dim; ++j) {
    const int i = team.first() + j + 1;
    if (i % 2 == 0) draws.seeds(i, seeds);
    z[j] = team.has(j, path_dim)
               ? normal_quantile_from_word<F>(draws.word(i, seeds[0][i % 2 * 2], seeds[0][i % 2 * 2 + 1]))
               : constant<F>(0.0);
  }
  return position;
}

template <class Score, class F>
SP_HD F run_slices(const Score& score, const SliceJob<typename Score::Scalar>& job, std::uint64_t first,
                   const Workspace<F>& work) {
  using W = word_t<F>;
  constexpr int D = Score::static_dim;
  const int d = score.dim();
  const auto& team = score.team;
  Coordinates<F, D> n(work.state), delta(work.delta), s(work.score);

  // 1. Where: the position in [0, 1) and the normals.
  const W place = places_of<F>(first, job.log2_length);
  W position;
  if (job.points == Points::sobol) {
    const SobolDraws<F> draws{job.directions, job.log2_length, job.scramble, first, place};
    Coordinates<F, D> z(work.noise);
    position = sobol_draws<F>(team, score.path_dim, d, draws, z.data());
    for (int j = 0; j < d; ++j) n[j] = z[j];
  } else {
    position = slice_positions<F>(job, first, place);
    StepNormals<F, D, std::decay_t<decltype(team)>> normals(team, score.path_dim, job.noise, first, 1, work.noise);
    const F* z = normals.at(0);
    for (int j = 0; j < d; ++j) n[j] = z[j];
  }
  // 2. Noise level: rho and the length of [0, 1) at it.
  const W cell = position >> (32 - job.law.cells_log2);
  const W rest = (position << job.law.cells_log2) >> 10;
  const F v = fma(to_real_signed<F>(rest), constant<F>(0x1p-22), constant<F>(0x1p-23));
  const F b = gather<F>(job.law.b, cell);
  const F c = gather<F>(job.law.c, cell);
  const F rho = max(fma(v, fma(v, c, b), gather<F>(job.law.a, cell)), broadcast<F>(job.least));
  const F rate = fma(v, c + c, b) * constant<F>(static_cast<double>(std::uint32_t{1} << job.law.cells_log2));
  const F inverse_rho = constant<F>(1.0) / rho;
  const F scale = sqrt(rho);
  const F r = broadcast<F>(job.start) + rho;
  for (int j = 0; j < d; ++j) n[j] = n[j] * scale;
  const LaneLevel<F> level = work.level;  // the team's: every thread writes a part
  team.meet();
  score.template fill_level<F>(r, level);
  const LaneLevel<F> reference_inverse = level.from(score.level_size());
  if (job.reference.present) {
    for (int j = 0; j < d; ++j) {
      const int at = team.first() + j;
      reference_inverse[at] = constant<F>(1.0) / (broadcast<F>(job.reference.variances[at]) + r);
    }
  }
  team.meet();
  // 3. The integrand, at +n and -n.
  const F on_cross = rate * inverse_rho;
  const F on_square = rate * constant<F>(0.5);
  F value = constant<F>(0.0);
  for (int mirror = 0; mirror < (job.antithetic ? 2 : 1); ++mirror) {
    const F sign = constant<F>(mirror == 0 ? 1.0 : -1.0);
    for (int j = 0; j < d; ++j) delta[j] = sign * n[j];
    F unused;
    score.template evaluate<false>(delta.data(), level, work.scratch, s.data(), unused);
    NodeSums<F> sums;
    if (job.reference.present) {
      sums = node_sums(team, d, sign, n.data(), s.data(), delta.data(), job.reference.mean, reference_inverse);
    } else {
      sums = job.cancellation ? node_sums<false>(team, d, sign, n.data(), s.data())
                              : node_sums<true>(team, d, sign, n.data(), s.data());
      if (!job.cancellation) {
        const F noise = fma(sums.noise, inverse_rho, constant<F>(-score.path_dim));
        value = fma(noise * on_square, inverse_rho, value);
      }
    }
    value = fma(on_cross, sums.cross, value);
    value = fma(on_square, sums.square, value);
  }
  return job.antithetic ? value * constant<F>(0.5) : value;
}

}  // namespace scorepath::kernels
