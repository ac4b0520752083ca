// Which thread of which block works on which sample. Pure functions of the launch: tests/kernels/geometry.test.cpp runs
// them over whole launches.
#pragma once

#include "kernels/cuda/thread_team.hpp"

namespace scorepath::kernels::cuda {

/// Threads of the block that makes a batch's record.
inline constexpr std::uint32_t reduce_threads = 256;

/// Samples first, first + stride, ... of one point.
struct Batch {
  std::uint64_t first;
  std::uint32_t point;
  std::uint32_t count;
  std::uint64_t stride;
};

/// The batches of a launch, and how the threads of blocks share them: a block works on samples of one batch, `team`
/// threads on each; blocks go on to the next piece when there are more pieces than blocks.
struct Geometry {
  const Batch* batches;  // [batch_count]
  std::uint32_t batch_count;
  std::uint32_t places;   // values kept for each batch: at least its samples
  std::uint32_t team;     // threads of a path, a power of two
  std::uint32_t threads;  // of a block

  SP_HD std::uint32_t samples_per_piece() const { return threads > team ? threads / team : 1; }
  SP_HD std::uint32_t pieces_per_batch() const { return (places + samples_per_piece() - 1) / samples_per_piece(); }
  SP_HD std::uint64_t pieces() const { return std::uint64_t{batch_count} * pieces_per_batch(); }
};

/// What one thread has to do in one piece of work.
struct Place {
  std::uint32_t batch;
  std::uint32_t sample;  // of the batch
  bool is_empty;         // the whole piece lies beyond the batch's end: for all threads of the block
  bool is_own;           // false for threads beyond the batch's end, which do the work of its last sample
  bool stores;           // what a sample has one of: is_own, on the first thread of its team
};

SP_HD Place place_of(const Geometry& g, std::uint64_t piece, std::uint32_t thread) {
  Place place;
  place.batch = static_cast<std::uint32_t>(piece / g.pieces_per_batch());
  const auto part = static_cast<std::uint32_t>(piece % g.pieces_per_batch());
  const std::uint32_t sample = part * g.samples_per_piece() + thread / g.team;
  const std::uint32_t count = g.batches[place.batch].count;
  place.is_empty = part * g.samples_per_piece() >= count;
  place.is_own = sample < count;
  place.stores = place.is_own && thread % g.team == 0;
  place.sample = sample < count ? sample : count - 1;
  return place;
}

}  // namespace scorepath::kernels::cuda
