// What every point of a job shares.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <scorepath/options.hpp>

#include "host/cuda_devices.hpp"
#include "host/model.hpp"
#include "host/sampling.hpp"
#include "kernels/cpu/cpu_kernels.hpp"

namespace scorepath {

/// Gauss and Legendre's nodes and weights on (0, 1) for rays: a point's own, and those of its check. Empty for others.
struct RayRules {
  struct Rule {
    std::vector<double> nodes, weights;
    explicit Rule(std::size_t n = 0);
  };
  Rule own, fine;
  explicit RayRules(const Options& resolved);
};

/// Which steps of the grid a path takes (Form::multilevel; others take all of them).
struct PathLevel {
  std::uint64_t every = 1;         ///< one for so many of the grid's
  bool coupled = true;             ///< with noise: the same paths once more, with half as many steps
  std::uint64_t first_sample = 0;  ///< levels have draws of their own
};

/// What every point of a job shares.
struct JobContext {
  const Model& model;
  const Options& options;
  const kernels::CpuKernels& cpu;
  Sampling sampling;
  const CudaDevices* cuda = nullptr;  ///< what runs the batches; null: the CPU
  PathLevel level = {};
  RayRules rays = RayRules(options);
};

/// Samples on which float is compared with double, and how far they are apart: over the strata of the first
/// randomisation, since neighbours alone would see one noise level.
inline constexpr int arithmetic_samples = 16;
/// Rays are alike; where one costs much in double, as of many components in many dimensions, two have to do.
inline int arithmetic_rays(const JobContext& job) {
  constexpr int cheap = 4096, many = 8, few = 2;  // components times dimensions
  return job.model.mixture().components * job.model.dim() <= cheap ? many : few;
}
inline std::uint64_t arithmetic_stride(const Sampling& s, int count) {
  return std::max<std::uint64_t>(s.length / static_cast<std::uint64_t>(count), 1);
}

}  // namespace scorepath
