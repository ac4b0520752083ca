// The tables that lanes read instead of a schedule: steps of a path (of every kind), nodes of a ray, and the law of a
// slice's noise level.
#pragma once

namespace scorepath::kernels {

/// One row of a step table (transition.hpp): eight numbers, so that CUDA threads load it in two pieces.
template <class T>
struct Step {
  T noise, on_cross, on_square, weight;  // C, c1, c2, w: all that plain steps need
  T state, shift, on_noise;              // A, b, c0
  T unused = T(0);
};

/// An exact transition without the |n|^2 term.
template <class T>
bool is_plain(const Step<T>& step) {
  return step.state == T(1) && step.shift == T(0) && step.on_noise == T(0);
}

/// One row of a table of increments (estimator/pathwise.hpp): eight numbers too.
template <class T>
struct Increment {
  T noise, on_square, on_step, on_previous;         // C, W/2, a C, b' C (b' of the node before)
  T on_divergence, reference_divergence, on_noise;  // W - a C^2, div g; alpha
  T unused = T(0);
};

/// One node of a ray (estimator/ray.hpp).
template <class T>
struct RayNode {
  T deviation, weight, on_rest, reference_divergence;  // tau, w, w tau, div g
};

/// One row of a table of path weights (estimator/path_weights.hpp): C, and rho_k - rho_{k-m} for m = 1, 2, 4 where k is
/// a multiple of m.
template <class T>
struct WeightStep {
  T noise, one, two, four;
};
/// Chains that weigh a path.
inline constexpr int weight_chains = 3;

/// One row of a table of steered steps: what the step does (step/reverse.hpp), the inner points of methods with two
/// stages, and, where a density is carried along, the row's part in it (estimator/carried.hpp). Whole blocks of four
/// numbers, as CUDA threads load them.
template <class T>
struct SteeredStep {
  T state, score, noise, second_score, area;                              // A, B, C; B2, E
  T first_area, stage_state, stage_score, stage_noise, stage_area;        // e1; a2, b2, c2, e2
  T on_square, on_divergence, reference_divergence, on_after, on_before;  // W/2, w, div g, a, b
  T width, scale;                                                         // of the step in u; v at the node
  T on_spread, on_pair;                                                   // of the correction, and of a pair's square
  T unused = T(0);
};

/// rho as a function of position: 2^cells_log2 cells of equal probability, in each rho = a + v (b + v c), v in (0, 1).
template <class T>
struct LawTable {
  int cells_log2;
  const T* a;
  const T* b;
  const T* c;
};

}  // namespace scorepath::kernels
