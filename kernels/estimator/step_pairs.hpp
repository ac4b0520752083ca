// What pairs of steps tell of a carried log-density's error (the second half of estimator/carried.hpp), lane by lane.
#pragma once

#include "kernels/lane/lane.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

/// The differences of pairs of steps (estimator/carried.hpp), from what rows tell in turn: first() where a pair opens,
/// middle(), close(). A rate is v (D + S)/2 at the row's node, a spread v D; products are of the difference d there
/// with moves.
template <class F, class T>
struct StepPairs {
  F sum, square;
  F first_rate, first_spread, first_after, middle_rate, middle_spread, middle_products, outer;
  T on_first, on_middle, first_width, middle_width, on_spread, on_pair;

  SP_HD StepPairs() {
    sum = square = constant<F>(0.0);
    first_rate = first_spread = first_after = middle_rate = middle_spread = middle_products = outer = sum;
    on_first = on_middle = first_width = middle_width = on_spread = on_pair = T(1);
  }
  /// after: d . the row's own move.
  SP_HD void first(F rate, F spread, F after, const SteeredStep<T>& row) {
    first_rate = rate;
    first_spread = spread;
    first_after = after;
    on_first = row.on_after;
    first_width = row.width;
    on_spread = row.on_spread;
    on_pair = row.on_pair;
  }
  /// before: d . the move before; of_first: d of the first row . the own move of this one.
  SP_HD void middle(F rate, F spread, F before, F after, F of_first, const SteeredStep<T>& row) {
    middle_rate = rate;
    middle_spread = spread;
    middle_products = fma(broadcast<F>(row.on_before), before, broadcast<F>(row.on_after) * after);
    outer = of_first;
    on_middle = row.on_after;
    middle_width = row.width;
  }
  /// older: d . the move before the last one.
  SP_HD void close(F rate, F spread, F before, F older, const SteeredStep<T>& row) {
    const T both = T(2) * on_first * (on_middle < T(0) ? -on_middle : on_middle);
    const F time = fma(broadcast<F>(middle_width), first_rate, broadcast<F>(first_width) * rate) -
                   broadcast<F>(first_width + middle_width) * middle_rate;
    const F apart = fma(broadcast<F>(on_first), first_after, fma(broadcast<F>(row.on_before), before, middle_products));
    const F together = fma(broadcast<F>(both), first_after + outer, broadcast<F>(T(0.25) / both) * (older + before));
    const F corrected = fma(broadcast<F>(first_width), spread - middle_spread,
                            broadcast<F>(middle_width) * (middle_spread - first_spread));
    const F difference = fma(broadcast<F>(on_spread), corrected, fma(constant<F>(0.5), time, apart - together));
    sum = sum + difference;
    square = fma(broadcast<F>(on_pair) * difference, difference, square);
  }
};

}  // namespace scorepath::kernels
