// Step tables of the path sampler: x' = A x + C z for the noise part n = Y - x of a forward path (canonical frame),
// filled in double on the host. Neither schedule nor transition is a template parameter of a kernel.
//
//   exact            n' = n + sqrt(rho' - rho) z: Brownian motion, order infinity, marginal variance rho
//   Euler-Maruyama   X' = (1 + f dt) X + g sqrt(dt) z in the schedule's own frame [Maruyama 1955], weak order 1,
//   written for n = X/a - b x:
//                    A = a (1 + f dt)/a', C = g sqrt(dt)/a', and x is scaled by 1 + b, 1 + b' = A (1 + b)
// Both tables are validated by their marginal variance tau^2' = A^2 tau^2 + C^2 (tests/kernels/transition.test.cpp).
#pragma once

#include "kernels/step/grid.hpp"
#include "kernels/step/tables.hpp"

namespace scorepath::kernels {

/// Coefficients of one transition in double, before they are rounded for the lanes.
struct TransitionStep {
  double state, noise, shift;  // A, C, b after the step
  double variance;             // tau^2 of n after the step
};

/// steps [count]; rho [count + 1].
inline void exact_transitions(const double* rho, int count, TransitionStep* steps) {
  for (int k = 0; k < count; ++k) steps[k] = {1.0, sqrt(rho[k + 1] - rho[k]), 0.0, rho[k + 1]};
}

/// Outside the schedule the transition is exact.
inline void euler_maruyama_transitions(const NoiseSchedule& schedule, const NoiseRange& range, const double* rho,
                                       int count, TransitionStep* steps) {
  double scale = 1.0;  // 1 + b
  double variance = 0.0;
  for (int k = 0; k < count; ++k) {
    TransitionStep& step = steps[k];
    if (!lies_in_schedule(range, rho[k]) || !lies_in_schedule(range, rho[k + 1])) {
      step.state = 1.0;
      step.noise = sqrt(rho[k + 1] - rho[k]);
    } else {
      const double t = time_of_rho(schedule, range, rho[k]), t_next = time_of_rho(schedule, range, rho[k + 1]);
      const double dt = t_next - t;
      const double a_next = schedule.a(t_next);
      step.state = schedule.a(t) * fma(schedule.drift(t), dt, 1.0) / a_next;
      step.noise = sqrt(schedule.diffusion(t) * dt * range.scale) / a_next;
    }
    scale *= step.state;
    variance = fma(step.state * step.state, variance, step.noise * step.noise);
    step.shift = scale - 1.0;
    step.variance = variance;
  }
}

/// The same marginal laws on a ray: n_k = (tau_k/tau_{k-1}) n_{k-1}, every node from the first one's normals. The mean
/// of a quadrature is that of the path, since it depends on the marginals alone; its integrand is smooth along the ray.
inline void ray_transitions(const TransitionStep* steps, int count, TransitionStep* rays) {
  double before = 0.0;
  for (int k = 0; k < count; ++k) {
    const double deviation = sqrt(steps[k].variance);
    rays[k] = steps[k];
    rays[k].state = before > 0.0 ? deviation / before : 0.0;
    rays[k].noise = before > 0.0 ? 0.0 : deviation;
    before = deviation;
  }
}

/// The lanes' table for nodes 1 .. count: the integrand's coefficients (density_formula.hpp) with eps = n/tau, so that
/// E|eps|^2 = d holds for the discrete law too. rho, weight [count + 1]. Without cancellation the |eps|^2
/// term's mean, d sum_k w_k/(2 rho_k), is left to the caller.
template <class T>
void make_step_table(const double* rho, const double* weight, const TransitionStep* steps, int count, bool cancellation,
                     Step<T>* table) {
  for (int k = 0; k < count; ++k) {
    const double variance = steps[k].variance;
    // A first Euler-Maruyama step where g(0) = 0 adds no noise at all: there n = 0, and with it its terms.
    const bool noisy = variance > 0.0;
    const double on_noise = cancellation || !noisy ? 0.0 : 0.5 / (rho[k + 1] * variance);
    const double on_cross = noisy ? 1.0 / (sqrt(variance) * sqrt(rho[k + 1])) : 0.0;
    table[k] = {.noise = static_cast<T>(steps[k].noise),
                .on_cross = static_cast<T>(on_cross),
                .on_square = static_cast<T>(0.5),
                .weight = static_cast<T>(weight[k + 1]),
                .state = static_cast<T>(steps[k].state),
                .shift = static_cast<T>(steps[k].shift),
                .on_noise = static_cast<T>(on_noise)};
  }
}

}  // namespace scorepath::kernels
