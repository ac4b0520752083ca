// What a host hands to a back end: numbers and pointers to tables, no formula. What is done with them stands in
// kernels/path.hpp and kernels/slice.hpp.
#pragma once

#include "kernels/random/noise.hpp"
#include "kernels/score/tables.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

/// Sobol' points for the normals of paths (kernels/bridge.hpp).
struct SobolPaths {
  const std::uint32_t* directions = nullptr;  // [nodes x dim][32]; null: independent paths
  std::uint32_t nodes = 0;                    // of the bridge that have them
  int log2_length = 0;                        // paths of one randomisation, as a power of two
  Stream scramble = {};
};

/// Forward paths of one point.
template <class T>
struct PathJob {
  ScoreTables<T> score;
  ReferenceTables<T> reference;
  const T* reference_inverse;  // [steps x dim] 1/(V_j + r_k)
  const T* levels;             // [steps x level_size]
  const Step<T>* table;        // [steps]
  const T* position;           // [dim] x, canonical frame
  std::uint32_t steps;
  Stream noise;
  bool antithetic;
  SobolPaths sobol = {};  // not on devices
};

/// Forward paths of one point, along which differences from a Gaussian are summed (kernels/increments.hpp).
template <class T>
struct IncrementJob {
  ScoreTables<T> score;
  ReferenceTables<T> reference;  // always there
  const T* reference_inverse;    // [steps x dim] 1/(V_j + r_k)
  const T* levels;               // [steps x level_size]
  const Increment<T>* table;     // [steps]
  const T* first_difference;     // [dim] s - g at the point
  std::uint32_t steps;
  Stream noise;
  bool antithetic;
  bool divergence;        // the table asks for it
  SobolPaths sobol = {};  // not on devices
};

/// Rays of one point (kernels/rays.hpp).
template <class T>
struct RayJob {
  ScoreTables<T> score;
  ReferenceTables<T> reference;  // always there
  const T* reference_inverse;    // [steps x dim] 1/(V_j + r_k)
  const T* levels;               // [steps x level_size]
  const RayNode<T>* table;       // [steps]
  std::uint32_t steps;
  Stream noise;
  bool antithetic;
};

/// Weights of forward paths of one point (kernels/weights.hpp).
template <class T>
struct WeightJob {
  ScoreTables<T> score;
  ReferenceTables<T> reference;     // always there
  const T* reference_inverse;       // [steps + 1][dim] 1/(V_j + r_k), node 0 included
  const T* levels;                  // [steps x level_size]
  const WeightStep<T>* table;       // [steps], a multiple of 4
  const T *far_slope, *far_square;  // [dim]
  std::uint32_t steps;
  Stream noise;
  bool antithetic;
};

/// Paths that a score steers (kernels/steered.hpp): samples, from noise to data, seen from the model's mean; or from a
/// point to noise, seen from the point.
template <class T>
struct SteeredJob {
  ScoreTables<T> score;
  ReferenceTables<T> reference;           // where a density is carried along
  const T* reference_inverse;             // [steps x dim] 1/(V_j + r_k)
  const T* levels;                        // [steps][stages][level_size]
  const SteeredStep<T>* table;            // [steps]
  const T *start_mean, *start_deviation;  // [dim] of the Gaussian that paths start from
  const T *far_slope, *far_square;        // [dim] of the density's far end: what it and the reference differ by
  std::uint32_t steps;
  Stream noise, prior;
  bool two_stages, density;
  bool ends_far;      // the far end is where paths end, not where they start
  bool keeps_ends;    // where paths end is wanted
  bool extrapolates;  // without noise: a third of what pairs of steps differ by is taken out (Richardson)
  // With noise: the same paths once more with every second node, whose steps draw two normals; none where coarse_steps
  // is 0.
  const SteeredStep<T>* coarse_table = nullptr;
  const T *coarse_levels = nullptr, *coarse_inverse = nullptr;
  std::uint32_t coarse_steps = 0;
};

enum class Points { stratified, plain, sobol };

/// Slices of one point.
template <class T>
struct SliceJob {
  ScoreTables<T> score;
  ReferenceTables<T> reference;
  LawTable<T> law;
  T start;  // r_s: noise level of the query point
  Points points;
  int log2_length;                  // samples of one randomisation, as a power of two
  const std::uint32_t* directions;  // [1 + dim][32] Sobol' direction words (reversed bits), or null
  Stream noise, time, scramble;
  bool antithetic;
  bool cancellation;
  T least = T(0);  // rho below it counts as this: where the score that may be used begins
};

}  // namespace scorepath::kernels
