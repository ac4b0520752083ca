// The kernels as the CUDA runtime knows them, each group from the source that compiles it.
#pragma once

#include "kernels/cuda/launch.hpp"

namespace scorepath::kernels::cuda {

/// In reproducible arithmetic: the bits of the CPU (compiled with --fmad=false: what is fused is written fma()).
const void* reproducible_paths(ScoreKind kind, int dim, int panels);
const void* reproducible_slices(ScoreKind kind, int dim, int panels);
const void* reproducible_rays(ScoreKind kind, int dim, int panels);
const void* reproducible_weights(ScoreKind kind, int dim, int panels);
const void* reproducible_steered(ScoreKind kind, int dim, int panels);
const void* reproducible_carried(ScoreKind kind, int dim, int panels);
const void* reproducible_increments(ScoreKind kind, int dim, int panels, bool divergence);
/// On the hardware's functions (compiled with --fmad=true -ftz=true).
const void* fast_paths(ScoreKind kind, int dim, int panels);
const void* fast_slices(ScoreKind kind, int dim, int panels);
const void* fast_rays(ScoreKind kind, int dim, int panels);
const void* fast_weights(ScoreKind kind, int dim, int panels);
const void* fast_steered(ScoreKind kind, int dim, int panels);
const void* fast_carried(ScoreKind kind, int dim, int panels);
const void* fast_increments(ScoreKind kind, int dim, int panels, bool divergence);
/// Records are always made in reproducible arithmetic.
const void* reduction();

}  // namespace scorepath::kernels::cuda
