// Tables of steered paths: from noise level r' to r < r', a step is y = A y' + B s(y', r') + C z, its coefficients
// filled in double on the host; a method with two stages has a second score in between. Coordinates are displacements
// from the model's mean m in the canonical frame.
//
// All of them follow the lambda family of Huang, Lim & Courville 2021 (docs/theory.md, D26), which has the same
// marginals for every lambda <= 1 where the score is exact,
//   dY = (1 - lambda/2) s dtau + sqrt(1 - lambda) dB,   tau = -r
//   reverse_gaussian  exact for data N(m, V) of any m and one V; with v = V + r, v' = V + r', c = 1 - lambda/2:
//                       B = v' (1 - (v/v')^c),  C^2 = v (1 - (v/v')^{1-lambda}),  A = 1
//                     V = 0: the ancestral sampler (lambda = 0; Ho, Jain & Abbeel 2020) and DDIM (lambda = 1, and its
//                     eta in between; Song, Meng & Ermon 2021). V the finest variance: an exponential integrator.
//   reverse_euler_maruyama  of the schedule's own SDE in t, for X - a(t) m [Maruyama 1955]
//   reverse_shark     ShARK (Foster, dos Reis & Strange 2024, arXiv 2210.17543) in the stationary frame
//                     Z = Y/sqrt(v), u = ln v, where noise is additive: strong order 1.5
//   inference_gaussian  the same family's paths from data to noise, dY = -lambda/2 s dr + sqrt(1 - lambda) dB, from v
//   to
//                     v': B = -v ((v'/v)^{lambda/2} - 1),  C^2 = v' (1 - (v/v')^{1-lambda}),  A = 1
//   feynman_kac_gaussian  upwards, dY = -s dr + dB: B = -(v' - v),  C^2 = v' (v' - v)/v,  A = 1
//   langevin          at one noise level: the exact step of N(m, v)'s Langevin equation, over a time delta v
#pragma once

#include "kernels/schedule/schedule.hpp"
#include "kernels/step/tables.hpp"
#include "kernels/step/time_law.hpp"

namespace scorepath::kernels {

/// 1 - (v/v')^p for 0 <= v <= v', p >= 0.
inline double one_minus_power(double below, double above, double p) {
  if (below == 0.0) return p > 0.0 ? 1.0 : 0.0;
  return -expm1(-p * log1p((above - below) / below));
}

/// above, below: V + r' and V + r.
inline SteeredStep<double> reverse_gaussian(double above, double below, double lambda) {
  SteeredStep<double> step{};
  step.state = 1.0;
  step.score = above * one_minus_power(below, above, 1.0 - 0.5 * lambda);
  step.noise = sqrt(below * one_minus_power(below, above, 1.0 - lambda));
  return step;
}

/// Upwards, from V + r (`below`) to V + r' (`above`).
inline SteeredStep<double> inference_gaussian(double below, double above, double lambda) {
  SteeredStep<double> step{};
  step.state = 1.0;
  step.score = -below * expm1(0.5 * lambda * log1p((above - below) / below));
  step.noise = sqrt(above * one_minus_power(below, above, 1.0 - lambda));
  return step;
}

/// The same over two steps in one, on their two normals (the second one in place of an area): what the linear equation
/// makes of their noise.
inline SteeredStep<double> inference_gaussian_of_two(double below, double middle, double above, double lambda) {
  const double first = inference_gaussian(below, middle, lambda).noise;
  SteeredStep<double> step = inference_gaussian(below, above, lambda);
  step.noise = first * exp(0.5 * lambda * log1p((above - middle) / middle));
  step.area = inference_gaussian(middle, above, lambda).noise;
  step.stage_state = 1.0;  // of a second stage, of which nothing is taken
  return step;
}

/// Upwards along the plug-in SDE's own drift, away from the data [Feynman and Kac, as in Huang, Lim & Courville].
inline SteeredStep<double> feynman_kac_gaussian(double below, double above) {
  SteeredStep<double> step{};
  step.state = 1.0;
  step.score = below - above;
  step.noise = sqrt(above * (above - below) / below);
  return step;
}

/// From t' (`above`) to t within the schedule; coefficients f and g at t'.
inline SteeredStep<double> reverse_euler_maruyama(const NoiseSchedule& schedule, const NoiseRange& range, double above,
                                                  double below, double lambda) {
  const double dt = above - below, a_above = schedule.a(above), a_below = schedule.a(below);
  const double spread = schedule.diffusion(above) * dt * range.scale;  // g^2 dt in the model's units
  SteeredStep<double> step{};
  step.state = a_above * fma(-schedule.drift(above), dt, 1.0) / a_below;
  step.score = (1.0 - 0.5 * lambda) * spread / (a_above * a_below);
  step.noise = sqrt((1.0 - lambda) * spread) / a_below;
  return step;
}

/// The noise level of ShARK's second stage: u five sixths of the way, v = r0 + r.
inline double shark_middle(double above, double below) {
  return above * exp(-5.0 / 6.0 * log1p((above - below) / below));
}

/// above, below: r0 + r' and r0 + r > 0. Over h = ln(v'/v), with sqrt(h) w the step's Brownian increment and
/// sqrt(h/12) e its space-time Levy area H, f(Z) = Z/2 + (1 - lambda/2) S, g = sqrt(1 - lambda):
///   Z1 = Z + g H,  Z2 = Z1 + 5/6 (f(Z1) h + g sqrt(h) w),  Z' = Z + h (2/5 f(Z1) + 3/5 f(Z2)) + g sqrt(h) w
inline SteeredStep<double> reverse_shark(double above, double below, double lambda) {
  const double h = log1p((above - below) / below), g = sqrt(1.0 - lambda), c = 1.0 - 0.5 * lambda;
  const double middle = shark_middle(above, below);
  const double of_above = sqrt(above), of_middle = sqrt(middle), of_below = sqrt(below);
  SteeredStep<double> step{};
  // Of Z1 and Z2 on y/sqrt(v'), s1, w, e.
  const double area = g * sqrt(h / 12.0);
  const double second_state = 1.0 + 5.0 / 12.0 * h, second_score = 5.0 / 6.0 * h * c * of_above;
  const double second_noise = 5.0 / 6.0 * g * sqrt(h), second_area = second_state * area;
  step.first_area = of_above * area;
  step.stage_state = of_middle * second_state / of_above;
  step.stage_score = of_middle * second_score;
  step.stage_noise = of_middle * second_noise;
  step.stage_area = of_middle * second_area;
  const double first = 0.2 * h, second = 0.3 * h;  // of Z1/2 and Z2/2
  step.state = of_below * (1.0 + first + second * second_state) / of_above;
  step.score = of_below * fma(2.0 * first * c, of_above, second * second_score);
  step.second_score = of_below * 2.0 * second * c * of_middle;
  step.noise = of_below * fma(g, sqrt(h), second * second_noise);
  step.area = of_below * fma(first, area, second * second_area);
  return step;
}

/// At noise level r, v = r0 + r: y' = y + v (1 - e^-delta) s + sqrt(v (1 - e^-2delta)) z, which leaves N(m, v) as it
/// is.
inline SteeredStep<double> langevin(double v, double delta) {
  SteeredStep<double> step{};
  step.state = 1.0;
  step.score = -v * expm1(-delta);
  step.noise = sqrt(-v * expm1(-2.0 * delta));
  return step;
}

/// A row that moves nothing: where the last node's score is only asked for.
inline SteeredStep<double> resting() {
  SteeredStep<double> step{};
  step.state = step.stage_state = 1.0;
  return step;
}

template <class T>
SteeredStep<T> rounded(const SteeredStep<double>& s) {
  const auto to = [](double value) { return static_cast<T>(value); };
  return {.state = to(s.state),
          .score = to(s.score),
          .noise = to(s.noise),
          .second_score = to(s.second_score),
          .area = to(s.area),
          .first_area = to(s.first_area),
          .stage_state = to(s.stage_state),
          .stage_score = to(s.stage_score),
          .stage_noise = to(s.stage_noise),
          .stage_area = to(s.stage_area),
          .on_square = to(s.on_square),
          .on_divergence = to(s.on_divergence),
          .reference_divergence = to(s.reference_divergence),
          .on_after = to(s.on_after),
          .on_before = to(s.on_before),
          .width = to(s.width),
          .scale = to(s.scale),
          .on_spread = to(s.on_spread),
          .on_pair = to(s.on_pair)};
}

}  // namespace scorepath::kernels
