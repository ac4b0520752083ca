// Every sample of a launch is worked on by exactly one team, whatever the launch: run over whole grids on the host.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cuda/geometry.hpp"
#include "kernels/cuda/scores.hpp"

namespace scorepath::test {
namespace {

using namespace kernels::cuda;

/// Runs a launch of `blocks` blocks: how often each sample is stored, what each thread of its team works on, and that
/// the pieces worked on are those with something to store.
void expect_each_sample_once(const std::vector<std::uint32_t>& counts, std::uint32_t places, std::uint32_t team,
                             std::uint32_t threads, std::uint64_t blocks) {
  const std::string launch = std::to_string(counts.size()) + " batches, " + std::to_string(places) + " places, team " +
                             std::to_string(team) + ", " + std::to_string(blocks) + " blocks of " +
                             std::to_string(threads);
  std::vector<Batch> batches;
  for (std::size_t b = 0; b < counts.size(); ++b) batches.push_back({b * 10000, 0, counts[b], 1});
  const Geometry g{batches.data(), static_cast<std::uint32_t>(batches.size()), places, team, threads};
  std::vector<std::uint32_t> stored(counts.size() * places, 0), worked(counts.size() * places, 0);
  for (std::uint64_t block = 0; block < blocks; ++block) {
    for (std::uint64_t piece = block; piece < g.pieces(); piece += blocks) {
      const bool is_empty = place_of(g, piece, 0).is_empty;
      std::uint32_t first_of_team = 0, stores = 0;
      for (std::uint32_t thread = 0; thread < threads; ++thread) {
        const Place place = place_of(g, piece, thread);
        ASSERT_EQ(place.is_empty, is_empty) << "threads of a block must go on together: " << launch;
        stores += place.stores ? 1 : 0;
        if (is_empty) continue;
        ASSERT_LT(place.batch, counts.size()) << launch;
        ASSERT_LT(place.sample, counts[place.batch]) << launch;
        if (thread % team == 0) first_of_team = place.sample;
        ASSERT_EQ(place.sample, first_of_team) << launch;
        const std::size_t at = std::size_t{place.batch} * places + place.sample;
        stored[at] += place.stores ? 1 : 0;
        worked[at] += 1;
      }
      ASSERT_EQ(is_empty, stores == 0) << launch << ", piece " << piece;
    }
  }
  for (std::size_t b = 0; b < counts.size(); ++b) {
    for (std::uint32_t i = 0; i < places; ++i) {
      ASSERT_EQ(stored[b * places + i], i < counts[b] ? 1u : 0u) << launch << ", batch " << b << ", sample " << i;
      ASSERT_TRUE(i >= counts[b] || worked[b * places + i] >= team) << launch;
    }
  }
}

TEST(Geometry, EachSampleIsStoredOnce) {
  for (const std::uint32_t threads : {32u, 64u, 128u, 256u, 512u}) {
    for (std::uint32_t team = 1; team <= threads; team *= 2) {
      const std::uint32_t piece = threads / team;
      for (const std::uint64_t blocks : {1u, 3u, 1000u}) {
        expect_each_sample_once({1}, 2048, team, threads, blocks);
        expect_each_sample_once({1024, 1024, 77}, 1024, team, threads, blocks);
        // Batches that end with a piece, and next to it.
        expect_each_sample_once({piece + 1, 1, piece, 2 * piece - 1}, 1024, team, threads, blocks);
        expect_each_sample_once({16, 16}, 16, team, threads, blocks);
      }
    }
  }
}

/// Sizes for every dimension: a thread's registers hold its part, teams are powers of two, rows hold every coordinate.
TEST(Geometry, TeamsAndRowsFitEveryDimension) {
  for (int dim = 1; dim <= 1 << 14; dim = dim < 200 ? dim + 1 : dim + dim / 7) {
    for (const kernels::ScoreKind kind :
         {kernels::ScoreKind::gaussian, kernels::ScoreKind::mixture_shared, kernels::ScoreKind::mixture_isotropic,
          kernels::ScoreKind::mixture_diagonal, kernels::ScoreKind::mixture_factored}) {
      const int team = threads_per_path(dim), row = row_of(kind, dim);
      ASSERT_GE(row, dim);
      ASSERT_EQ(row % team, 0);
      ASSERT_LE(row / team, kernels::slice_width);
      ASSERT_EQ(team & (team - 1), 0);
      ASSERT_EQ(threads_per_block(dim) % team, 0);
      ASSERT_LE(threads_per_block(dim), most_threads);
      ASSERT_TRUE(team == 1 || dim > team / 2 * kernels::slice_width) << "half of the team would do, dim " << dim;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
