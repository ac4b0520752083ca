// Step grids of the path sampler: where along rho (the noise variance added to the query point) a path stops to take
// the score, and the quadrature weights of those nodes.
//
//   stationary  rho = r0 (e^u - 1), u uniform (THEORY "stationary frame")
//   tapered     r0 + rho = V/sinh^2 eta, eta uniform: like stationary up to the data's largest variance V, and wider
//   and
//               wider in u beyond, where what is left to do falls like V/rho
//   adaptive    stationary, warped so that every step has the same share of the spread that a pilot found
//   log-snr     ln rho uniform above r0/1000, rho linear below
//   uniform-t   the schedule's t uniform; what lies outside the schedule gets an eighth of the steps at each end
// A grid is made of pieces, each the image of a uniform mesh of w in [0, 1] under a smooth rho(w). Either rule in w has
// a quadrature error of O(Delta^4):
//   simpson   composite
//   gregory   the trapezoid, its ends corrected by differences of second order (Gregory 1670): weights 3/8, 7/6, 23/24,
//             1, 1, ... For increments, whose weights must be next to the steps: Simpson's 4/3 and 2/3 would leave a
//             third of a path's noise.
#pragma once

#include "kernels/schedule/schedule.hpp"
#include "kernels/step/time_law.hpp"

namespace scorepath::kernels {

/// [steps + 1] each; node 0 is the query point.
struct GridNodes {
  double* rho;
  double* weight;  // of the integral over rho
};

enum class Rule { simpson, gregory };

/// Adds one piece of n steps from node `first` on; map(w, rho, rate) gives rho(w) and drho/dw. A single step is a
/// trapezoid. Simpson: an odd n ends in three steps of the 3/8 rule, which is of order 4 too.
template <class Map>
void add_piece(const GridNodes& nodes, int first, int n, const Map& map, Rule rule = Rule::simpson) {
  const double h = 1.0 / n;
  const auto add = [&](int i, double share) {
    double rho, rate;
    map(i * h, rho, rate);
    nodes.weight[first + i] += share * h * rate;
  };
  for (int i = 0; i <= n; ++i) {
    double rate;
    map(i * h, nodes.rho[first + i], rate);
  }
  if (n == 1) {
    add(0, 0.5);
    add(1, 0.5);
    return;
  }
  if (rule == Rule::gregory) {
    for (int i = 0; i <= n; ++i) add(i, i == 0 || i == n ? 0.5 : 1.0);
    constexpr double correction[] = {-1.0 / 8.0, 1.0 / 6.0, -1.0 / 24.0};
    for (int i = 0; i < 3; ++i) {
      add(i, correction[i]);
      add(n - i, correction[i]);
    }
    return;
  }
  const int simpson = n % 2 == 0 ? n : n - 3;
  for (int i = 0; i < simpson; i += 2) {
    add(i, 1.0 / 3.0);
    add(i + 1, 4.0 / 3.0);
    add(i + 2, 1.0 / 3.0);
  }
  for (int i = simpson; i < n; i += 3) {
    add(i, 3.0 / 8.0);
    add(i + 1, 9.0 / 8.0);
    add(i + 2, 9.0 / 8.0);
    add(i + 3, 3.0 / 8.0);
  }
}

inline void clear(const GridNodes& nodes, int steps) {
  for (int k = 0; k <= steps; ++k) nodes.rho[k] = nodes.weight[k] = 0.0;
}

/// rho and drho/dw of the stationary grid on [0, end].
struct StationaryMap {
  double r0, end;
  void operator()(double w, double& rho, double& rate) const {
    const double length = log1p(end / r0);
    rho = w < 1.0 ? r0 * expm1(length * w) : end;
    rate = length * (r0 + rho);
  }
};
/// rho and drho/dw of the tapered grid on [0, end].
struct TaperedMap {
  double r0, wide, end;
  void operator()(double w, double& rho, double& rate) const {
    const auto sinh = [](double x) {
      const double e = expm1(x);
      return 0.5 * (e + e / (1.0 + e));
    };
    const auto inverse_sinh = [](double x) { return log(x + sqrt(fma(x, x, 1.0))); };
    const double first = inverse_sinh(sqrt(wide / r0)), last = inverse_sinh(sqrt(wide / (r0 + end)));
    const double way = (first - last) * w;
    const double here = sinh(first - way), begin = sinh(first);
    // sinh^2 a - sinh^2 b = sinh(a + b) sinh(a - b)
    rho = w < 1.0 ? wide * sinh(2.0 * first - way) * sinh(way) / (begin * begin * here * here) : end;
    rate = 2.0 * wide * (first - last) * sqrt(fma(here, here, 1.0)) / (here * here * here);
  }
};
/// Uniform in ln rho on [begin, end].
struct GeometricMap {
  double begin, end;
  void operator()(double w, double& rho, double& rate) const {
    const double length = log(end / begin);
    rho = w > 0.0 ? (w < 1.0 ? begin * exp(length * w) : end) : begin;
    rate = length * rho;
  }
};
/// Uniform in rho on [0, end].
struct LinearMap {
  double end;
  void operator()(double w, double& rho, double& rate) const {
    rho = w < 1.0 ? end * w : end;
    rate = end;
  }
};
/// Uniform in t.
struct TimeMap {
  const NoiseSchedule* schedule;
  NoiseRange range;
  void operator()(double w, double& rho, double& rate) const {
    const double t = w < 1.0 ? fma(range.t_max - range.t_min, w, range.t_min) : range.t_max;
    rho = w > 0.0 ? (w < 1.0 ? rho_of_time(*schedule, range, t) : range.body_end) : range.body_begin;
    rate = (range.t_max - range.t_min) * range.scale * schedule->noise_ratio_rate(t);
  }
};

/// Monotone cubic (Fritsch & Carlson 1980) through points (x_i = cumulative share, y_i = i/bins): the place in the old
/// grid of a position in the new one. cumulative [bins + 1] rises strictly from 0 to 1; slope [bins + 1] is scratch
/// that make() fills.
struct WarpMap {
  StationaryMap base;
  int bins;
  const double* cumulative;
  const double* slope;

  static void make_slopes(int bins, const double* cumulative, double* slope) {
    const auto secant = [&](int i) { return 1.0 / bins / (cumulative[i + 1] - cumulative[i]); };
    slope[0] = secant(0);
    slope[bins] = secant(bins - 1);
    for (int i = 1; i < bins; ++i)
      slope[i] = 2.0 / (1.0 / secant(i - 1) + 1.0 / secant(i));  // harmonic: stays monotone
  }

  void operator()(double w, double& rho, double& rate) const {
    int i = 0;
    while (i + 1 < bins && w > cumulative[i + 1]) ++i;
    const double h = cumulative[i + 1] - cumulative[i];
    const double s = (w - cumulative[i]) / h;
    const double y0 = static_cast<double>(i) / bins;
    const double dy = 1.0 / bins;
    const double a = h * slope[i];
    const double b = h * slope[i + 1];
    // Hermite: y0 + a s + (3 dy - 2 a - b) s^2 + (a + b - 2 dy) s^3
    const double second = 3.0 * dy - 2.0 * a - b;
    const double third = a + b - 2.0 * dy;
    const double place = y0 + s * (a + s * (second + s * third));
    const double place_rate = (a + s * (2.0 * second + 3.0 * s * third)) / h;
    double base_rate;
    base(w < 1.0 ? min(place, 1.0) : 1.0, rho, base_rate);
    rate = base_rate * place_rate;
  }
};

inline void stationary_grid(const NoiseRange& range, double r0, int steps, const GridNodes& nodes,
                            Rule rule = Rule::simpson) {
  clear(nodes, steps);
  add_piece(nodes, 0, steps, StationaryMap{r0, range.end}, rule);
}

inline void tapered_grid(const NoiseRange& range, double r0, double wide, int steps, const GridNodes& nodes,
                         Rule rule = Rule::simpson) {
  clear(nodes, steps);
  add_piece(nodes, 0, steps, TaperedMap{r0, max(wide, r0), range.end}, rule);
}

inline void log_snr_grid(const NoiseRange& range, double r0, int steps, const GridNodes& nodes,
                         Rule rule = Rule::simpson) {
  clear(nodes, steps);
  const int first = steps >= 8 ? 4 : 1;
  const double begin = 1e-3 * r0;
  add_piece(nodes, 0, first, LinearMap{begin}, rule);
  add_piece(nodes, first, steps - first, GeometricMap{begin, range.end}, rule);
}

/// Steps for [0, body_begin], the body and [body_end, end]; whole fours where there are enough.
struct StepShare {
  int head, body, tail;
};
inline StepShare share_steps(const NoiseRange& range, int steps) {
  const int outer = steps >= 32 ? steps / 32 * 4 : steps >= 8 ? 2 : 1;
  StepShare share{range.body_begin > 0.0 ? outer : 0, 0, range.end > range.body_end * (1.0 + 1e-12) ? outer : 0};
  share.body = steps - share.head - share.tail;
  return share;
}

inline void uniform_time_grid(const NoiseSchedule& schedule, const NoiseRange& range, int steps, const GridNodes& nodes,
                              Rule rule = Rule::simpson) {
  clear(nodes, steps);
  const StepShare share = share_steps(range, steps);
  if (share.head > 0) add_piece(nodes, 0, share.head, LinearMap{range.body_begin}, rule);
  add_piece(nodes, share.head, share.body, TimeMap{&schedule, range}, rule);
  if (share.tail > 0) {
    add_piece(nodes, share.head + share.body, share.tail, GeometricMap{range.body_end, range.end}, rule);
  }
}

}  // namespace scorepath::kernels
