// Steered paths with two stages or a density in reproducible arithmetic, for every score and dimension.
#include "kernels/cuda/kernels.hpp"
#include "kernels/cuda/steered.cuh"

namespace scorepath::kernels::cuda {

const void* reproducible_carried(ScoreKind kind, int dim, int panels) {
  return visit_device_score<float, Takes::divergence>(kind, dim, panels, []<class Score>(ScoreType<Score>) {
    return reinterpret_cast<const void*>(carried<Score, float>);
  });
}

}  // namespace scorepath::kernels::cuda
