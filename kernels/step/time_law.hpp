// Laws of the slice times, as tables of rho (the noise variance added to the query point) against position in [0, 1].
//
//   log-snr    rho = c sinh^2(theta p): density 1/(rho (rho + c))^{1/2}, uniform in log-SNR above the floor c and as
//   rho^{-1/2} below it,
//              where the integrand of an unpaired sample behaves like that: finite variance down to zero noise
//   uniform    uniform in t over [t_min, t_max]; what lies outside (before ve's and edm's first noise level, beyond
//              t_max, and where a reaches 0 the last cells, which would double rho or more) gets a share of its own
//   debiased   proportional to g^2/sigma^2 = d ln rho/dt above a cut-off, constant in t below it [HLC, section 5]
//   importance any of them warped by the spread that a pilot found (warp_nodes)
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

/// Cells given to [0, body_begin], to the body and to [body_end, end]: a sixteenth to each end that is not empty.
struct CellShare {
  int head, body, tail;
};
inline CellShare share_cells(const NoiseRange& range, int cells) {
  CellShare share{range.body_begin > 0.0 ? cells / 16 : 0, 0,
                  range.end > range.body_end * (1.0 + 1e-12) ? cells / 16 : 0};
  share.body = cells - share.head - share.tail;
  return share;
}

/// Beyond the schedule: evenly in rho up to body_begin, evenly in ln rho from body_end on.
inline void outer_nodes(const NoiseRange& range, const CellShare& share, int cells, double* nodes) {
  for (int k = 0; k < share.head; ++k) nodes[k] = range.body_begin * k / share.head;
  const double stretch = share.tail > 0 ? log(range.end / range.body_end) : 0.0;
  for (int k = 1; k <= share.tail; ++k)
    nodes[share.head + share.body + k] = range.body_end * exp(stretch * k / share.tail);
  nodes[cells] = range.end;
}

inline double rho_of_time(const NoiseSchedule& schedule, const NoiseRange& range, double t) {
  return max(fma(schedule.noise_ratio(t), range.scale, -range.start), 0.0);
}

/// The range with its body ended where one of `cells` steps of t would more than double rho: there a reaches 0, and the
/// density of a law uniform in t falls like rho^-2, so that an integrand like 1/rho would have no variance.
inline NoiseRange end_before_jumps(const NoiseSchedule& schedule, NoiseRange range, int cells) {
  const double dt = (range.t_max - range.t_min) / cells;
  const auto rho_at = [&](int k) {
    return k == cells ? range.body_end : rho_of_time(schedule, range, fma(dt, k, range.t_min));
  };
  int last = cells;
  while (last > cells / 2 && rho_at(last) > 2.0 * rho_at(last - 1)) --last;
  if (last == cells) return range;
  range.body_end = rho_at(last);
  range.t_max = fma(dt, last, range.t_min);
  return range;
}

inline void uniform_nodes(const NoiseSchedule& schedule, const NoiseRange& whole, int cells, double* nodes) {
  const NoiseRange range = end_before_jumps(schedule, whole, cells);
  const CellShare share = share_cells(range, cells);
  outer_nodes(range, share, cells, nodes);
  for (int k = 0; k <= share.body; ++k) {
    const double t = fma((range.t_max - range.t_min) / share.body, k, range.t_min);
    nodes[share.head + k] = k == 0            ? range.body_begin
                            : k == share.body ? range.body_end
                                              : rho_of_time(schedule, range, t);
  }
}

/// The cut-off of the debiased law, as a fraction of [t_min, t_max].
inline constexpr double debiased_cut = 1e-3;

inline void debiased_nodes(const NoiseSchedule& schedule, const NoiseRange& range, int cells, double* nodes) {
  const CellShare share = share_cells(range, cells);
  outer_nodes(range, share, cells, nodes);
  const double t_cut = fma(range.t_max - range.t_min, debiased_cut, range.t_min);
  const double rho_cut = rho_of_time(schedule, range, t_cut);
  // Masses of the two parts: the density d ln rho/dt at the cut-off times the length below it, and ln rho above it.
  const double below = (t_cut - range.t_min) * schedule.noise_ratio_rate(t_cut) * range.scale / rho_cut;
  const double above = log(range.body_end / rho_cut);
  for (int k = 0; k <= share.body; ++k) {
    const double mass = (below + above) * k / share.body;
    double rho = mass <= below ? rho_of_time(schedule, range, fma((t_cut - range.t_min) / below, mass, range.t_min))
                               : rho_cut * exp(mass - below);
    if (k == 0) rho = range.body_begin;
    if (k == share.body) rho = range.body_end;
    nodes[share.head + k] = rho;
  }
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
