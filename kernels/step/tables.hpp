// The two tables that lanes read instead of a schedule: steps of a path, and the law of a slice's noise level.
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

/// rho as a function of position: 2^cells_log2 cells of equal probability, in each rho = a + v (b + v c), v in (0, 1).
template <class T>
struct LawTable {
  int cells_log2;
  const T* a;
  const T* b;
  const T* c;
};

}  // namespace scorepath::kernels
