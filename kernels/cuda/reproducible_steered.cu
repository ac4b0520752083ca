// Steered paths in reproducible arithmetic, for every score and dimension.
#include "kernels/cuda/kernels.hpp"
#include "kernels/cuda/steered.cuh"

namespace scorepath::kernels::cuda {

const void* reproducible_steered(ScoreKind kind, int dim, int panels) {
  return visit_device_score<float, Takes::score>(kind, dim, panels, []<class Score>(ScoreType<Score>) {
    return reinterpret_cast<const void*>(steered<Score, float>);
  });
}

}  // namespace scorepath::kernels::cuda
