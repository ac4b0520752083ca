// The normals of whole paths by Sobol' points in the order of a Brownian bridge: what moves a path most takes the
// dimensions that are spread best (Caflisch & Moskowitz 1995; Moskowitz & Caflisch 1996).
//
//   W_N = sqrt(N) xi_0;  then the middle of every interval in turn, from the widest down,
//   W_m = ((r - m) W_l + (m - l) W_r)/(r - l) + sqrt((m - l)(r - m)/(r - l)) xi_i;   z_k = W_{k+1} - W_k
// an orthogonal map of N normals xi to N normals z for each coordinate, whatever the steps do with z: steps count, not
// their widths (grids are even in what matters). The first nodes' xi are Sobol' points through the normal quantile, as
// many as there are direction numbers for; the others' are what independent paths would have.
#pragma once

#include "kernels/coordinates.hpp"
#include "kernels/jobs.hpp"
#include "kernels/lane/normal_quantile.hpp"
#include "kernels/random/sobol_draws.hpp"

namespace scorepath::kernels {

/// Lanes of memory that fill_bridged_normals() needs.
SP_HD constexpr std::size_t bridge_memory(std::uint32_t steps, int dim) {
  return 2 * (static_cast<std::size_t>(steps) * static_cast<std::size_t>(dim) + 8);
}

/// xi [nodes][dim], nodes in the bridge's order.
template <class F>
static void fill_bridge_nodes(const SobolPaths& points, const Stream& noise, std::uint64_t first, std::uint32_t steps,
                              int dim, F* xi) {
  // 1. Independent ones.
  const auto d = static_cast<std::uint32_t>(dim);
  if (normals_per_step(d) == d) {
    fill_normals<F>(noise, first, 0, static_cast<int>(steps * d), xi);
  } else {
    for (std::uint32_t node = points.nodes; node < steps; ++node)
      fill_normals<F>(noise, first, block_of_step(node, d), dim, xi + static_cast<std::size_t>(node) * d);
  }
  // 2. Sobol' points in their place.
  const SobolDraws<F> draws{points.directions, points.log2_length, points.scramble, first,
                            places_of<F>(first, points.log2_length)};
  word_t<F> seeds[1][4];
  for (int i = 0; i < static_cast<int>(points.nodes) * dim; ++i) {
    if (i % 2 == 0) draws.seeds(i, seeds);
    xi[i] = normal_quantile_from_word<F>(draws.word(i, seeds[0][i % 2 * 2], seeds[0][i % 2 * 2 + 1]));
  }
}

/// z [steps][dim] of the paths first, first + 1, .. of a pack; memory [bridge_memory(steps, dim)], of which z is the
/// beginning.
template <class F>
static const F* fill_bridged_normals(const SobolPaths& points, const Stream& noise, std::uint64_t first,
                                     std::uint32_t steps, int dim, F* memory) {
  const auto d = static_cast<std::size_t>(dim);
  F* xi = memory + bridge_memory(steps, dim) / 2;
  fill_bridge_nodes<F>(points, noise, first, steps, dim, xi);
  // 1. W_1 .. W_N, in the rows of z.
  const auto row = [&](std::uint64_t k) { return memory + (k - 1) * d; };
  const F whole = constant<F>(sqrt(static_cast<double>(steps)));
  for (std::size_t j = 0; j < d; ++j) row(steps)[j] = whole * xi[j];
  const F* node = xi + d;
  for (std::uint64_t intervals = 1; intervals < steps; intervals *= 2) {
    for (std::uint64_t i = 0; i < intervals; ++i) {
      const std::uint64_t left = i * steps / intervals, right = (i + 1) * steps / intervals;
      const std::uint64_t middle = (2 * i + 1) * steps / (2 * intervals);
      if (right - left < 2) continue;
      const double before = static_cast<double>(middle - left), after = static_cast<double>(right - middle);
      const double length = before + after;
      const F on_left = constant<F>(after / length), on_right = constant<F>(before / length);
      const F deviation = constant<F>(sqrt(before * after / length));
      const F* end = row(right);
      F* here = row(middle);
      for (std::size_t j = 0; j < d; ++j) {
        const F between = left == 0 ? on_right * end[j] : fma(on_right, end[j], on_left * row(left)[j]);
        here[j] = fma(deviation, node[j], between);
      }
      node += d;
    }
  }
  // 2. Their differences.
  for (std::uint64_t k = steps; k > 1; --k)
    for (std::size_t j = 0; j < d; ++j) row(k)[j] = row(k)[j] - row(k - 1)[j];
  return memory;
}

}  // namespace scorepath::kernels
