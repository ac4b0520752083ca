// An adaptive step of an ordinary differential equation y' = f(t, y): the embedded pair of Dormand & Prince (1980),
// order 5 with an estimate of order 4 for its error, first same as last, and its continuous extension of order 4
// (Hairer, Norsett & Wanner, Solving ODEs I, II.6). All in double.
#pragma once

#include "kernels/lane/elementary.hpp"

namespace scorepath::kernels {

struct DormandPrince {
  static constexpr int stages = 7;
  static constexpr double nodes[stages] = {0.0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1.0, 1.0};
  /// Row i: the weights of the stages before i; the last row is the step of order 5 itself.
  static constexpr double rows[stages][stages - 1] = {
      {},
      {1.0 / 5},
      {3.0 / 40, 9.0 / 40},
      {44.0 / 45, -56.0 / 15, 32.0 / 9},
      {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
      {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
      {35.0 / 384, 0.0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};
  /// Order 5 minus order 4.
  static constexpr double error[stages] = {71.0 / 57600,      0.0,        -71.0 / 16695, 71.0 / 1920,
                                           -17253.0 / 339200, 22.0 / 525, -1.0 / 40};
  /// The last term of the continuous extension.
  static constexpr double dense[stages] = {-12715105075.0 / 11282082432,  0.0,
                                           87487479700.0 / 32700410799,   -10690763975.0 / 1880347072,
                                           701980252875.0 / 199316789632, -1453857185.0 / 822651844,
                                           69997945.0 / 29380423};
};

/// sum_i weights[i] k_i [n] of the stages k [stages x n], times h -> sum [n].
inline void combine_stages(const double* weights, int count, double h, const double* k, int n, double* sum) {
  for (int j = 0; j < n; ++j) sum[j] = 0.0;
  for (int i = 0; i < count; ++i) {
    if (weights[i] == 0.0) continue;
    for (int j = 0; j < n; ++j) sum[j] = fma(h * weights[i], k[static_cast<long>(i) * n + j], sum[j]);
  }
}

/// One trial step of length h from (t, y [n]). k [7 x n]: row 0 is f(t, y) and is kept, the others are filled; row 6 is
/// f at the new state, the next step's row 0. next, error [n]: the new state and what order 4 would differ by.
/// f(t, y, rate) is called six times, last at the new state.
template <class Field>
void embedded_step(const Field& f, double t, double h, int n, const double* y, double* k, double* next, double* error) {
  using Pair = DormandPrince;
  for (int i = 1; i < Pair::stages; ++i) {
    combine_stages(Pair::rows[i], i, h, k, n, next);
    for (int j = 0; j < n; ++j) next[j] += y[j];
    f(fma(Pair::nodes[i], h, t), next, k + static_cast<long>(i) * n);
  }
  combine_stages(Pair::error, Pair::stages, h, k, n, error);
}

/// What gives the state anywhere in a step that was made: coefficients [5 x n], and at the fraction theta of it y [n].
inline void dense_coefficients(double h, int n, const double* y, const double* next, const double* k, double* c) {
  const long m = n, last = 6L * n;
  combine_stages(DormandPrince::dense, DormandPrince::stages, h, k, n, c + 4 * m);
  for (int j = 0; j < n; ++j) {
    const double difference = next[j] - y[j];
    const double bend = fma(h, k[j], -difference);
    c[j] = y[j];
    c[m + j] = difference;
    c[2 * m + j] = bend;
    c[3 * m + j] = difference - h * k[last + j] - bend;
  }
}
inline void dense_state(const double* c, int n, double theta, double* y) {
  const long m = n;
  const double left = 1.0 - theta;
  for (int j = 0; j < n; ++j) {
    const double inner = fma(left, c[4 * m + j], c[3 * m + j]);
    y[j] = fma(theta, fma(left, fma(theta, inner, c[2 * m + j]), c[m + j]), c[j]);
  }
}

/// How long the next step is, from errors over what is allowed: proportional and integral (Gustafsson 1991), since
/// lengths that swing waste evaluations. The exponents and the caution are those that measured best of a few
/// (docs/methods.md).
class StepControl {
 public:
  /// True where a step with this error over the allowed one stands; then the factor for the next one is that of
  /// a step that was made, else that of one to be made anew. NaN is refused.
  bool accepts(double error) {
    if (!(error <= 1.0)) {
      const bool is_number = error < 1e300;
      factor_ = is_number ? max(least, caution * power(error, -1.0 / 5.0)) : least;
      return false;
    }
    const double e = max(error, 1e-10);
    factor_ = min(most, max(least, caution * power(e, -0.17) * power(before_, 0.04)));
    before_ = max(error, 1e-4);
    return true;
  }
  double factor() const { return factor_; }

 private:
  static constexpr double caution = 0.9, least = 0.2, most = 5.0;
  static double power(double x, double p) { return exp(p * log(x)); }
  double before_ = 1.0, factor_ = 1.0;
};

}  // namespace scorepath::kernels
