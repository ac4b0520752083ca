// Increments along paths in fast arithmetic, for every score and dimension.
#include "kernels/cuda/engine.cuh"
#include "kernels/cuda/fast_lane.hpp"
#include "kernels/cuda/kernels.hpp"

namespace scorepath::kernels::cuda {

const void* fast_increments(ScoreKind kind, int dim, int panels, bool divergence) {
  if (divergence) {
    return visit_device_score<float, Takes::divergence>(kind, dim, panels, []<class Score>(ScoreType<Score>) {
      return reinterpret_cast<const void*>(increments<Score, FastReal>);
    });
  }
  return visit_device_score<float, Takes::score>(kind, dim, panels, []<class Score>(ScoreType<Score>) {
    return reinterpret_cast<const void*>(score_increments<Score, FastReal>);
  });
}

}  // namespace scorepath::kernels::cuda
