// The one list of what is instantiated: score x dimension. Every back end goes through visit_score; a new score is one
// header in kernels/score and one case here.
#pragma once

#include "kernels/score/gaussian.hpp"
#include "kernels/score/mixture_diagonal.hpp"
#include "kernels/score/mixture_factored.hpp"
#include "kernels/score/mixture_isotropic.hpp"
#include "kernels/score/mixture_shared.hpp"
#include "kernels/score/tables.hpp"

namespace scorepath::kernels {

/// visitor(score functor with compile-time dimension D).
template <int D, class T, class Visitor>
SP_HD void visit_score_of_dimension(const ScoreTables<T>& t, const Visitor& visitor) {
  switch (t.kind) {
    case ScoreKind::gaussian:
      return visitor(GaussianScore<T, D>(t));
    case ScoreKind::mixture_shared:
      return visitor(MixtureShared<T, D>(t));
    case ScoreKind::mixture_isotropic:
      return visitor(MixtureIsotropic<T, D>(t));
    case ScoreKind::mixture_diagonal:
      return visitor(MixtureDiagonal<T, D>(t));
    case ScoreKind::mixture_factored:
      return visitor(MixtureFactored<T, D>(t));
  }
}

/// The same for the scores that gain from larger compile-time dimensions too; false for the others.
template <int D, class T, class Visitor>
SP_HD bool visit_plain_score_of_dimension(const ScoreTables<T>& t, const Visitor& visitor) {
  if (t.kind == ScoreKind::gaussian) {
    visitor(GaussianScore<T, D>(t));
    return true;
  }
  if (t.kind == ScoreKind::mixture_shared) {
    visitor(MixtureShared<T, D>(t));
    return true;
  }
  return false;
}

/// Dimensions 1, 2 and 4 (8 and 16 where the variance is one number: 1.05 to 1.17 times at 8, rows pathwise/K16-d8 of
/// bench/results) keep a path's state in registers; every other one runs from memory (the first-level cache).
template <class T, class Visitor>
SP_HD void visit_score(const ScoreTables<T>& tables, const Visitor& visitor) {
  switch (tables.dim) {
    case 1:
      return visit_score_of_dimension<1>(tables, visitor);
    case 2:
      return visit_score_of_dimension<2>(tables, visitor);
    case 4:
      return visit_score_of_dimension<4>(tables, visitor);
    case 8:
      if (visit_plain_score_of_dimension<8>(tables, visitor)) return;
      break;
    case 16:
      if (visit_plain_score_of_dimension<16>(tables, visitor)) return;
      break;
    default:
      break;
  }
  visit_score_of_dimension<0>(tables, visitor);  // named once: what is visited is compiled in place
}

}  // namespace scorepath::kernels
