// Increments along paths in reproducible arithmetic, for every score and dimension.
#include "kernels/cuda/engine.cuh"
#include "kernels/cuda/kernels.hpp"

namespace scorepath::kernels::cuda {

const void* reproducible_increments(ScoreKind kind, int dim, int panels, bool divergence) {
  return visit_device_score<float>(kind, dim, panels, [&]<class Score>(ScoreType<Score>) {
    return divergence ? reinterpret_cast<const void*>(increments<Score, float>)
                      : reinterpret_cast<const void*>(score_increments<Score, float>);
  });
}

}  // namespace scorepath::kernels::cuda
