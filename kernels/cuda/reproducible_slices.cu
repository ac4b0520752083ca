// Slices in reproducible arithmetic, for every score and dimension; and the sums of batches.
#include "kernels/cuda/engine.cuh"
#include "kernels/cuda/kernels.hpp"
#include "kernels/cuda/reduction.cuh"

namespace scorepath::kernels::cuda {

const void* reproducible_slices(ScoreKind kind, int dim, int panels) {
  return visit_device_score<float, Takes::score>(kind, dim, panels, []<class Score>(ScoreType<Score>) {
    return reinterpret_cast<const void*>(slices<Score, float>);
  });
}

const void* reduction() { return reinterpret_cast<const void*>(reduce); }

}  // namespace scorepath::kernels::cuda
