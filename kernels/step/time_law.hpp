// Laws of the slice times, as tables of rho (the noise variance added to the query point) against position in [0, 1].
//
//   log-snr    rho = c sinh^2(theta p): density 1/(rho (rho + c))^{1/2}, uniform in log-SNR above the floor c and as
//   rho^{-1/2} below it,
//              where the integrand of an unpaired sample behaves like that: finite variance down to zero noise
//   uniform    uniform in t over [t_min, t_max], a quarter of it log-snr
//   debiased   proportional to g^2/sigma^2 = d ln rho/dt above a cut-off, constant in t below it [HLC, section 5], a
//              quarter of it log-snr
//   importance any of them warped by the spread that a pilot found (warp_nodes)
// The quarter sees what a law tied to the schedule's t hardly draws or never: noise below ve's and edm's first level
// and beyond t_max; the last steps where a reaches 0, the first where the schedule's noise jumps past the data's scale.
//
// A table is a set of nodes rho_0 < ... < rho_M with equal probability between neighbours. Between them rho is linear
// in p for laws that are uniform in t at zero noise, else sqrt(rho) is; so the law that lanes draw from has a density
// known exactly.
#pragma once

#include "kernels/schedule/schedule.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

/// The stretch of noise levels that is integrated: rho in [0, end], r = start + rho.
struct NoiseRange {
  double scale;                 // this r per the schedule's r: 1/unit^2 where coordinates are measured in units
  double start;                 // r_s: noise level of the query point
  double end;                   // rho at the far end
  double t_min, t_max;          // of the schedule
  double body_begin, body_end;  // rho at t_min and t_max: 0 and end unless the range goes beyond the schedule
};

/// nodes [cells + 1]: rho = floor sinh^2(theta k/cells).
inline void log_snr_nodes(double end, double floor, int cells, double* nodes) {
  const double q = sqrt(end / floor);
  const double theta = log(q + sqrt(fma(q, q, 1.0)));  // asinh q
  for (int k = 0; k < cells; ++k) {
    const double e = expm1(theta * k / cells);
    const double sinh = 0.5 * (e + e / (1.0 + e));
    nodes[k] = floor * sinh * sinh;
  }
  nodes[cells] = end;
}

inline double rho_of_time(const NoiseSchedule& schedule, const NoiseRange& range, double t) {
  return max(fma(schedule.noise_ratio(t), range.scale, -range.start), 0.0);
}

/// t of a rho that lies_in_schedule; at its ends no rounding moves it.
inline double time_of_rho(const NoiseSchedule& schedule, const NoiseRange& range, double rho) {
  if (rho <= range.body_begin) return range.t_min;
  if (rho >= range.body_end) return range.t_max;
  return schedule.time_of_noise_ratio((range.start + rho) / range.scale);
}

inline bool lies_in_schedule(const NoiseRange& range, double rho) {
  return rho >= range.body_begin && rho <= range.body_end * (1.0 + 1e-12);
}

/// Uniform in t over the body of the range.
inline void uniform_nodes(const NoiseSchedule& schedule, const NoiseRange& range, int cells, double* nodes) {
  const double dt = (range.t_max - range.t_min) / cells;
  for (int k = 0; k <= cells; ++k) nodes[k] = rho_of_time(schedule, range, fma(dt, k, range.t_min));
  nodes[0] = range.body_begin;
  nodes[cells] = range.body_end;
}

/// The cut-off of the debiased law, as a fraction of [t_min, t_max].
inline constexpr double debiased_cut = 1e-3;

/// Debiased over the body of the range.
inline void debiased_nodes(const NoiseSchedule& schedule, const NoiseRange& range, int cells, double* nodes) {
  const double t_cut = fma(range.t_max - range.t_min, debiased_cut, range.t_min);
  const double rho_cut = rho_of_time(schedule, range, t_cut);
  // Masses of the two parts: the density d ln rho/dt at the cut-off times the length below it, and ln rho above it.
  const double below = (t_cut - range.t_min) * schedule.noise_ratio_rate(t_cut) * range.scale / rho_cut;
  const double above = log(range.body_end / rho_cut);
  for (int k = 0; k <= cells; ++k) {
    const double mass = (below + above) * k / cells;
    nodes[k] = mass <= below ? rho_of_time(schedule, range, fma((t_cut - range.t_min) / below, mass, range.t_min))
                             : rho_cut * exp(mass - below);
  }
  nodes[0] = range.body_begin;
  nodes[cells] = range.body_end;
}

/// The share of log-snr in the laws that are tied to the schedule's t.
inline constexpr double log_snr_share = 0.25;

/// Nodes of the mixture of two laws, `share` of it the second. Each is uniform in rho between its own nodes; the first
/// may cover a part of the second's range only. own [own_cells + 1], other [other_cells + 1], nodes [cells + 1].
inline void mix_nodes(const double* own, int own_cells, const double* other, int other_cells, double share, int cells,
                      double* nodes) {
  int i = 0, j = 0;  // cells of the two laws that rho lies in
  double rho = other[0], mass = 0.0;
  nodes[0] = other[0];
  for (int k = 1; k < cells; ++k) {
    const double wanted = static_cast<double>(k) / cells;
    for (;;) {
      while (i < own_cells && own[i + 1] <= rho) ++i;
      while (j + 1 < other_cells && other[j + 1] <= rho) ++j;
      double density = share / other_cells / (other[j + 1] - other[j]);
      double next = other[j + 1];
      if (i < own_cells && rho < own[0]) {
        next = min(next, own[0]);
      } else if (i < own_cells) {
        density += (1.0 - share) / own_cells / (own[i + 1] - own[i]);
        next = min(next, own[i + 1]);
      }
      const double ahead = density * (next - rho);
      if (mass + ahead >= wanted || next <= rho) {
        rho += min(wanted - mass, ahead) / density;
        mass = wanted;
        break;
      }
      mass += ahead;
      rho = next;
    }
    nodes[k] = rho;
  }
  nodes[cells] = other[other_cells];
}

/// Warped nodes: position p' of the new law is position P(p') of the old one, where the new law's density over the old
/// is `density` [bins] (any scale, positive). Piecewise constant between bins.
inline void warp_nodes(const double* old_nodes, int old_cells, const double* density, int bins, int cells,
                       double* nodes) {
  double total = 0.0;
  for (int b = 0; b < bins; ++b) total += density[b];
  int bin = 0;
  double before = 0.0;
  for (int k = 0; k <= cells; ++k) {
    const double mass = total * k / cells;
    while (bin + 1 < bins && mass > before + density[bin]) before += density[bin++];
    const double place = (bin + min((mass - before) / density[bin], 1.0)) / bins * old_cells;
    const int cell = place < old_cells ? static_cast<int>(place) : old_cells - 1;
    const double v = place - cell;
    const double low = sqrt(old_nodes[cell]);
    const double q = fma(sqrt(old_nodes[cell + 1]) - low, v, low);
    nodes[k] = q * q;
  }
  nodes[0] = old_nodes[0];
  nodes[cells] = old_nodes[old_cells];
}

enum class CellShape { linear_in_rho, linear_in_root };

/// memory [3 cells]; cells is a power of two, at most 1024.
template <class T>
LawTable<T> make_law_table(const double* nodes, int cells, CellShape shape, T* memory) {
  int cells_log2 = 0;
  while (1 << cells_log2 < cells) ++cells_log2;
  for (int k = 0; k < cells; ++k) {
    double b = nodes[k + 1] - nodes[k];
    double c = 0.0;
    if (shape == CellShape::linear_in_root) {
      const double low = sqrt(nodes[k]);
      const double difference = sqrt(nodes[k + 1]) - low;
      b = 2.0 * low * difference;
      c = difference * difference;
    }
    memory[k] = static_cast<T>(nodes[k]);
    memory[cells + k] = static_cast<T>(b);
    memory[2 * cells + k] = static_cast<T>(c);
  }
  return {cells_log2, memory, memory + cells, memory + 2 * cells};
}

}  // namespace scorepath::kernels
