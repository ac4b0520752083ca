// Launches of samples in other shapes than the library asks for: fewer blocks, smaller blocks. No sample may change.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/cuda/launch.hpp"

namespace scorepath::test {

struct LaunchLimits {
  std::uint32_t blocks = UINT32_MAX;         ///< of a launch: blocks go on to the pieces of those that are missing
  std::uint32_t block_threads = UINT32_MAX;  ///< of a block, a power of two, where a path's team has no more
};

/// A launch within limits. Those of records stay as they are: a record is the work of one block, and needs its own.
class LimitedLaunch {
 public:
  LimitedLaunch(const kernels::cuda::Launch& wanted, const LaunchLimits& limits) : launch_(wanted) {
    switch (launch_.shape) {
      case kernels::cuda::Shape::paths:
        limit(copy(wanted, paths_).geometry, most_paths, limits);
        break;
      case kernels::cuda::Shape::increments:
      case kernels::cuda::Shape::score_increments:
        limit(copy(wanted, increments_).geometry, most_paths, limits);
        break;
      case kernels::cuda::Shape::rays:
        limit(copy(wanted, rays_).geometry, most_paths, limits);
        break;
      case kernels::cuda::Shape::weights:
        limit(copy(wanted, weights_).geometry, most_paths, limits);
        break;
      case kernels::cuda::Shape::steered:
      case kernels::cuda::Shape::carried:
        limit(copy(wanted, steered_).geometry, most_paths, limits);
        break;
      case kernels::cuda::Shape::slices:
        copy(wanted, slices_);
        limit(slices_.geometry, static_cast<std::uint64_t>(slices_.level_stride), limits);
        break;
      case kernels::cuda::Shape::reduce:
        break;
    }
  }
  LimitedLaunch(const LimitedLaunch&) = delete;
  LimitedLaunch& operator=(const LimitedLaunch&) = delete;

  const kernels::cuda::Launch& operator*() const { return launch_; }

 private:
  /// Launches of paths keep nothing for each path that is worked on: as many as a grid may have blocks.
  static constexpr std::uint64_t most_paths = std::uint64_t{1} << 30;

  template <class Arguments>
  Arguments& copy(const kernels::cuda::Launch& wanted, Arguments& arguments) {
    arguments = *static_cast<const Arguments*>(wanted.arguments);
    launch_.arguments = &arguments;
    return arguments;
  }

  /// `together`: paths that can be worked on at once.
  void limit(kernels::cuda::Geometry& geometry, std::uint64_t together, const LaunchLimits& limits) {
    if (limits.block_threads >= geometry.team && limits.block_threads < geometry.threads) {
      geometry.threads = launch_.threads = limits.block_threads;
      launch_.blocks = static_cast<std::uint32_t>(std::min(geometry.pieces(), together / geometry.samples_per_piece()));
    }
    launch_.blocks = std::min(launch_.blocks, limits.blocks);
  }

  kernels::cuda::Launch launch_;
  kernels::cuda::PathLaunch paths_{};
  kernels::cuda::SliceLaunch slices_{};
  kernels::cuda::IncrementLaunch increments_{};
  kernels::cuda::RayLaunch rays_{};
  kernels::cuda::WeightLaunch weights_{};
  kernels::cuda::SteeredLaunch steered_{};
};

}  // namespace scorepath::test
