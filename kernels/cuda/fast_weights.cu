// Path weights in fast arithmetic, for every score and dimension.
#include "kernels/cuda/engine.cuh"
#include "kernels/cuda/fast_lane.hpp"
#include "kernels/cuda/kernels.hpp"

namespace scorepath::kernels::cuda {

const void* fast_weights(ScoreKind kind, int dim, int panels) {
  return visit_device_score<float, Takes::divergence>(kind, dim, panels, []<class Score>(ScoreType<Score>) {
    return reinterpret_cast<const void*>(weights<Score, FastReal>);
  });
}

}  // namespace scorepath::kernels::cuda
