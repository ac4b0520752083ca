// The numbers of one score model as seen from one query point, in the layout that kernels/score reads. Plain pointers
// into arrays that kernels/score/point_tables.hpp fills; T is the scalar of the lanes that read them.
#pragma once

#include "kernels/score/level.hpp"

namespace scorepath::kernels {

enum class ScoreKind { gaussian, mixture_shared, mixture_isotropic, mixture_diagonal };

template <class T>
struct ScoreTables {
  ScoreKind kind;
  int dim;
  int panels;
  T variance;               // mixture_shared
  const T* reference;       // [dim] gaussian: the mean; mixture_shared: the nearest mean
  const T* means;           // [panels x dim x 8]
  const T* variances;       // gaussian [dim]; mixture_isotropic [panels x 8]; mixture_diagonal [panels x dim x 8]
  const T* log2_weights;    // [panels x 8]
  const T* negative_norms;  // [panels x 8] mixture_shared
  const T* square_norms;    // [panels x 8] mixture_shared
};

/// The Gaussian of the control variate; `present` false: no control variate.
template <class T>
struct ReferenceTables {
  bool present;
  const T* mean;       // [dim] displacement from the point
  const T* variances;  // [dim]
};

/// Scalars (or lanes) of one noise level of these tables.
inline long level_size(ScoreKind kind, int dim, int panels) {
  switch (kind) {
    case ScoreKind::gaussian:
      return dim;
    case ScoreKind::mixture_shared:
      return 2;
    case ScoreKind::mixture_isotropic:
      return 2L * panels * panel_width;
    case ScoreKind::mixture_diagonal:
      break;
  }
  return static_cast<long>(panels) * panel_width * (dim + 1L);
}

}  // namespace scorepath::kernels
