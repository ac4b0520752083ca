// What a launch hands to a kernel, and the device that runs it: the CUDA runtime's (runtime_device.cpp), or an
// interpreter of the kernels' PTX in the tests.
#pragma once

#include <cstddef>

#include "kernels/cuda/geometry.hpp"
#include "kernels/jobs.hpp"
#include "kernels/path.hpp"
#include "kernels/reduce/batch.hpp"

namespace scorepath::kernels::cuda {

/// What tells a point from point 0: how far its tables are from point 0's, and its random numbers. Loaded, not
/// computed: what is computed the assembler would compute again in every step.
struct PointPlace {
  std::int64_t bytes;
  std::uint32_t key;  // Stream::point
};

/// Arguments of the path kernels; the job's tables are point 0's, in device memory, their rows padded (scores.hpp).
struct PathLaunch {
  PathJob<float> job;
  const PointPlace* points;  // [points]
  Geometry geometry;
  float* values;  // [batches x places]
  PathForm form;  // of the job of every point
};

/// Arguments of the kernels of increments.
struct IncrementLaunch {
  IncrementJob<float> job;
  const PointPlace* points;  // [points]
  Geometry geometry;
  float* values;  // [batches x places]
};

/// Arguments of the ray kernels.
struct RayLaunch {
  RayJob<float> job;
  const PointPlace* points;  // [points]
  Geometry geometry;
  float* values;  // [batches x places]
};

/// Arguments of the kernels of path weights.
struct WeightLaunch {
  WeightJob<float> job;
  const PointPlace* points;  // [points]
  Geometry geometry;
  float* values;  // [batches][weight_chains][places]
};

/// Arguments of the kernels of steered paths, plain, or with two stages or a density.
struct SteeredLaunch {
  SteeredJob<float> job;
  const PointPlace* points;  // [points]
  Geometry geometry;
  float* values;          // [batches][numbers][places]
  std::uint32_t numbers;  // dim, and what is carried
};

/// Arguments of the slice kernels.
struct SliceLaunch {
  SliceJob<float> job;
  const PointPlace* points;  // [points]
  Geometry geometry;
  float* values;
  float* levels;              // [level_size + row] of each path that is worked on at once, interleaved
  std::int64_t level_stride;  // paths worked on at once
};

/// Arguments of the kernel that makes records; a block for each batch.
struct ReduceLaunch {
  const Batch* batches;
  const float* values;  // [batches x stride], a batch's own first
  std::uint32_t stride;
  int log2_length;
  BatchRecord* records;  // [batches]
};

/// Increments with divergences, and without; steered paths, plain, and those that carry more along.
enum class Shape { paths, slices, increments, score_increments, rays, weights, steered, carried, reduce };
enum class Arithmetic { reproducible, fast };

/// Which kernel, and on what.
struct Launch {
  Shape shape;
  Arithmetic arithmetic;
  ScoreKind kind;  // all but reduce
  int dim;         // all but reduce
  int panels;      // all but reduce: of components
  std::uint32_t blocks, threads;
  std::size_t shared_bytes;  // dynamic
  const void* arguments;     // what the shape's kernels take
  std::size_t argument_bytes;
};

}  // namespace scorepath::kernels::cuda
