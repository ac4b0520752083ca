// a(t) and sigma(t) of every schedule, written apart from the library.
#pragma once

#include <scorepath/problem.hpp>

#include <cmath>
#include <cstddef>
#include <variant>

#include "tests/support/statistics.hpp"

namespace scorepath::test {

/// a(t) and sigma(t)^2 of the table of schedules (Song et al. 2021 and the others named in problem.hpp).
struct Signal {
  double a, sigma2;
};
struct SignalAt {
  double t;
  static Signal variance_preserving(double a2) { return {std::sqrt(a2), 1.0 - a2}; }
  template <class Betas>
  double integral(const Betas& s) const {
    return s.beta_min * t + 0.5 * (s.beta_max - s.beta_min) * t * t;
  }
  Signal operator()(const VpLinear& s) const { return variance_preserving(std::exp(-integral(s))); }
  Signal operator()(const VpCosine& s) const {
    const auto angle = [&s](double at) { return pi / 2.0 * (at + s.offset) / (1.0 + s.offset); };
    const double a = std::cos(angle(t)) / std::cos(angle(0.0));
    return variance_preserving(a * a);
  }
  Signal operator()(const SubVp& s) const {
    const double e = std::exp(-integral(s));
    return {std::sqrt(e), (1.0 - e) * (1.0 - e)};
  }
  Signal operator()(const Ve& s) const {
    const double sigma = s.sigma_min * std::pow(s.sigma_max / s.sigma_min, t);
    return {1.0, sigma * sigma};
  }
  Signal operator()(const Edm&) const { return {1.0, t * t}; }
  /// On the nodes t = k/T.
  Signal operator()(const Ddpm& s) const {
    double product = 1.0;
    const auto k = static_cast<std::size_t>(std::lround(t * static_cast<double>(s.betas.size())));
    for (std::size_t i = 0; i < k; ++i) product *= 1.0 - s.betas[i];
    return variance_preserving(product);
  }
  Signal operator()(const LiYan&) const { return {std::sqrt(1.0 - t), t}; }
  Signal operator()(const FlowMatching&) const { return {1.0 - t, t * t}; }
};

/// What the point's density is of: the data, or X at t_min where that is set.
inline Signal start_of(const Schedule& schedule) {
  return schedule.t_min ? std::visit(SignalAt{*schedule.t_min}, schedule.kind) : Signal{1.0, 0.0};
}

}  // namespace scorepath::test
