// The numbers of one score model as seen from one query point, in the layout that kernels/score reads. Plain pointers
// into arrays that kernels/score/point_tables.hpp fills; T is the scalar of the lanes that read them.
#pragma once

#include "kernels/score/level.hpp"

namespace scorepath::kernels {

enum class ScoreKind { gaussian, mixture_shared, mixture_isotropic, mixture_diagonal, mixture_factored };

/// What the sizes of a score's tables follow from.
struct ScoreShape {
  ScoreKind kind;
  int dim;
  int panels;      // of components
  int components;  // mixture_factored, whose tables are by component, not by panel
  int rank;        // mixture_factored: axes of a component
};

template <class T>
struct ScoreTables : ScoreShape {
  T variance;               // mixture_shared
  const T* reference;       // [dim] gaussian: the mean; mixture_shared: the nearest mean
  const T* means;           // [panels x dim x 8]; mixture_factored [K x dim]
  const T* variances;       // gaussian [dim]; mixture_isotropic [panels x 8]; mixture_diagonal [panels x dim x 8];
                            // mixture_factored [K]
  const T* log2_weights;    // [panels x 8]; mixture_factored [K]
  const T* negative_norms;  // [panels x 8] mixture_shared
  const T* square_norms;    // [panels x 8] mixture_shared
  const T* axes;            // [K x rank x dim] mixture_factored
  const T* axis_variances;  // [K x rank] mixture_factored
};

/// The Gaussian of the control variate; `present` false: no control variate.
template <class T>
struct ReferenceTables {
  bool present;
  const T* mean;       // [dim] displacement from the point
  const T* variances;  // [dim]
};

/// Scalars (or lanes) of one noise level of tables of this shape.
inline long level_size(const ScoreShape& shape) {
  switch (shape.kind) {
    case ScoreKind::gaussian:
      return shape.dim;
    case ScoreKind::mixture_shared:
      return 2;
    case ScoreKind::mixture_isotropic:
      return 2L * shape.panels * panel_width;
    case ScoreKind::mixture_factored:
      return shape.components * (2L * shape.rank + 4);
    case ScoreKind::mixture_diagonal:
      break;
  }
  return static_cast<long>(shape.panels) * panel_width * (shape.dim + 1L);
}

}  // namespace scorepath::kernels
