// Normals of whole paths in the order of a Brownian bridge: the textbook's bridge, node by node; their Sobol' points;
// an orthogonal map.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <deque>
#include <vector>

#include "host/sobol_tables.hpp"
#include "kernels/bridge.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using kernels::Purpose;

/// What a job of `dim` coordinates has: as many nodes of Sobol' points as there are direction numbers for, or `most`.
kernels::SobolPaths sobol_paths(std::uint32_t steps, int dim, int log2_length, std::uint32_t most = 1u << 20) {
  const auto there_are = static_cast<std::uint32_t>(sobol_max_dimension) / static_cast<std::uint32_t>(dim);
  const std::uint32_t nodes = std::min({steps, there_are, most});
  return {sobol_directions(nodes * static_cast<std::uint32_t>(dim)), nodes, log2_length,
          kernels::make_stream(test_seed(), 3, Purpose::scramble, false)};
}
kernels::Stream noise() { return kernels::make_stream(test_seed(), 3, Purpose::noise, false); }

/// The bridge as textbooks have it: intervals in a queue, the widest first.
std::vector<double> bridged(const std::vector<double>& xi, std::uint32_t steps, int dim) {
  const auto d = static_cast<std::size_t>(dim);
  std::vector<double> w((steps + 1) * d, 0.0), z(steps * d);
  std::size_t node = 0;
  for (std::size_t j = 0; j < d; ++j) w[steps * d + j] = std::sqrt(static_cast<double>(steps)) * xi[j];
  struct Interval {
    std::uint64_t begin, end;  // halves of halves: of N over a power of two
    std::uint64_t parts;
  };
  std::deque<Interval> queue = {{0, 1, 1}};
  while (!queue.empty()) {
    const Interval at = queue.front();
    queue.pop_front();
    const std::uint64_t left = at.begin * steps / at.parts, right = at.end * steps / at.parts;
    if (at.parts > 2 * steps) continue;
    const std::uint64_t middle = (2 * at.begin + 1) * steps / (2 * at.parts);
    if (right - left >= 2) {
      ++node;
      const double a = static_cast<double>(middle - left), b = static_cast<double>(right - middle);
      for (std::size_t j = 0; j < d; ++j)
        w[middle * d + j] =
            (b * w[left * d + j] + a * w[right * d + j]) / (a + b) + std::sqrt(a * b / (a + b)) * xi[node * d + j];
    }
    queue.push_back({2 * at.begin, 2 * at.begin + 1, 2 * at.parts});
    queue.push_back({2 * at.begin + 1, 2 * at.begin + 2, 2 * at.parts});
  }
  EXPECT_EQ(node + 1, steps);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = w[i + d] - w[i];
  return z;
}

TEST(Bridge, IsTheTextbooksForAnyNumberOfSteps) {
  for (const std::uint32_t steps : {1u, 2u, 3u, 5u, 16u, 31u, 100u}) {
    for (const int dim : {1, 3, 16, 21}) {
      const kernels::SobolPaths points = sobol_paths(steps, dim, 4, 8);
      std::vector<double> memory(kernels::bridge_memory(steps, dim)), xi(memory.size());
      for (const std::uint64_t path : {0u, 13u}) {
        kernels::fill_bridge_nodes<double>(points, noise(), path, steps, dim, xi.data());
        const double* z = kernels::fill_bridged_normals<double>(points, noise(), path, steps, dim, memory.data());
        const std::vector<double> want = bridged(xi, steps, dim);
        double squares = 0.0, nodes = 0.0;
        for (std::size_t i = 0; i < want.size(); ++i) {
          ASSERT_NEAR(z[i], want[i], 1e-12) << steps << " steps, dimension " << dim << ", normal " << i;
          squares += z[i] * z[i];
          nodes += xi[i] * xi[i];
        }
        EXPECT_NEAR(squares / nodes, 1.0, 1e-12) << "no orthogonal map";
      }
    }
  }
}

/// Float's are those of double, rounded; those beyond the Sobol' nodes are independent paths' own.
TEST(Bridge, NodesBeyondTheTablesAreIndependent) {
  constexpr std::uint32_t steps = 64;
  for (const int dim : {2, 40}) {
    const kernels::SobolPaths points = sobol_paths(steps, dim, 6);
    EXPECT_EQ(points.nodes, dim == 2 ? steps : 27u);
    std::vector<float> xi(kernels::bridge_memory(steps, dim));
    std::vector<double> same(xi.size());
    kernels::fill_bridge_nodes<float>(points, noise(), 5, steps, dim, xi.data());
    kernels::fill_bridge_nodes<double>(points, noise(), 5, steps, dim, same.data());
    for (std::size_t i = 0; i < steps * static_cast<std::size_t>(dim); ++i)
      ASSERT_NEAR(static_cast<double>(xi[i]), same[i], 2e-6 * std::max(1.0, std::abs(same[i])));
    const auto d = static_cast<std::uint32_t>(dim);
    for (std::uint32_t node = points.nodes; node < steps; ++node) {
      std::vector<float> z(d + 8);
      kernels::fill_normals<float>(noise(), 5, kernels::block_of_step(node, d), dim, z.data());
      for (std::uint32_t j = 0; j < d; ++j) EXPECT_EQ(xi[node * d + j], z[j]) << node << ", " << j;
    }
  }
}

/// One point of each dimension in every stratum of a randomisation; randomisations differ.
TEST(Bridge, EveryDimensionIsStratified) {
  constexpr int log2_length = 5, length = 1 << log2_length, dim = 3;
  constexpr std::uint32_t steps = 20;
  const kernels::SobolPaths points = sobol_paths(steps, dim, log2_length);
  std::vector<double> xi(kernels::bridge_memory(steps, dim));
  std::vector<std::vector<int>> counts(steps * dim, std::vector<int>(length, 0));
  double first = 0.0, second = 0.0;
  for (std::uint64_t path = 0; path < 2 * length; ++path) {
    kernels::fill_bridge_nodes<double>(points, noise(), path, steps, dim, xi.data());
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double place = 0.5 * std::erfc(-xi[i] / std::sqrt(2.0));
      ++counts[i][static_cast<std::size_t>(place * length)];
    }
    if (path == 0) first = xi[0];
    if (path == length) second = xi[0];
  }
  for (const std::vector<int>& dimension : counts)
    for (const int n : dimension) ASSERT_EQ(n, 2);
  EXPECT_NE(first, second);
}

/// Steps of a path are uncorrelated normals of variance one, as those of independent paths.
TEST(Bridge, StepsAreIndependentNormals) {
  constexpr std::uint32_t steps = 6;
  constexpr std::size_t paths = 1u << 14;
  const kernels::SobolPaths points = sobol_paths(steps, 1, 0);  // every path a randomisation of its own
  std::vector<double> memory(kernels::bridge_memory(steps, 1)), sums(steps * steps, 0.0);
  for (std::uint64_t path = 0; path < paths; ++path) {
    const double* z = kernels::fill_bridged_normals<double>(points, noise(), path, steps, 1, memory.data());
    for (std::size_t a = 0; a < steps; ++a)
      for (std::size_t b = 0; b < steps; ++b) sums[a * steps + b] += z[a] * z[b];
  }
  for (std::size_t a = 0; a < steps; ++a)
    for (std::size_t b = 0; b < steps; ++b)
      EXPECT_NEAR(sums[a * steps + b] / paths, a == b ? 1.0 : 0.0, z_bound * std::sqrt((a == b ? 2.0 : 1.0) / paths));
}

}  // namespace
}  // namespace scorepath::test
