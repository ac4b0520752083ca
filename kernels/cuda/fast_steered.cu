// Steered paths in fast arithmetic, for every score and dimension.
#include "kernels/cuda/fast_lane.hpp"
#include "kernels/cuda/kernels.hpp"
#include "kernels/cuda/steered.cuh"

namespace scorepath::kernels::cuda {

const void* fast_steered(ScoreKind kind, int dim, int panels) {
  return visit_device_score<float, Takes::score>(kind, dim, panels, []<class Score>(ScoreType<Score>) {
    return reinterpret_cast<const void*>(steered<Score, FastReal>);
  });
}

}  // namespace scorepath::kernels::cuda
