// A sum that adds what rounding takes from it to its next term (Kahan 1965): the increments of a fine grid's far end
// are smaller than the sum's last bit, and would be lost one by one.
#pragma once

#include "kernels/lane/lane.hpp"

namespace scorepath::kernels {

template <class F>
struct CompensatedSum {
  F value = constant<F>(0.0), lost = constant<F>(0.0);

  SP_HD void add(F term) { take(term - lost); }
  /// increment: a term from which `lost` has been taken already.
  SP_HD void take(F increment) {
    const F sum = value + increment;
    lost = (sum - value) - increment;
    value = sum;
  }
};

}  // namespace scorepath::kernels
