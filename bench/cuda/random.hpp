// Kernels that make random numbers and nothing else.
#pragma once

#include <cstdint>

#include "kernels/random/noise.hpp"

namespace scorepath::bench {

struct RandomLaunch {
  kernels::Stream stream;
  std::uint32_t rounds;
  float* sums;  // [threads]
};

/// As the CUDA runtime knows them; each takes a RandomLaunch.
struct RandomKernels {
  const void *words, *normals;
  int per_round;  // numbers of a thread in a round
};
/// Each from the source that is compiled with its arithmetic's flags.
RandomKernels reproducible_random();
RandomKernels fast_random();

}  // namespace scorepath::bench
