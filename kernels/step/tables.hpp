// The two tables that lanes read instead of a schedule: steps of a path, and the law of a slice's noise level.
#pragma once

namespace scorepath::kernels {

/// One row of a step table (transition.hpp): eight numbers, so that CUDA threads load it in two pieces.
template <class T>
struct Step {
  T state, noise, shift;            // A, C, b
  T on_noise, on_cross, on_square;  // c0, c1, c2
  T weight;                         // w
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
