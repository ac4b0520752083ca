// What is asked about: a noise schedule and a score model, as plain values.
//
// The forward process is dX = f(t) X dt + g(t) dW with X_t | X_0 = x ~ N(a(t) x, sigma(t)^2 I). A schedule
// is the pair (a, sigma) as functions of t; a score is s(x, t) = grad log p_t(x) of a known p_0.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <scorepath/export.hpp>
#include <scorepath/matrix_view.hpp>
#include <scorepath/network.hpp>

namespace scorepath {

// ---- schedules (docs/theory.md, table of schedules) -----------------------------------------------------

/// a^2 = exp(-I), sigma^2 = 1 - exp(-I), I = beta_min t + (beta_max - beta_min) t^2 / 2; t in [0, 1].
struct VpLinear {
  double beta_min = 0.1;
  double beta_max = 20.0;
};
/// a = cos(pi/2 (t + s)/(1 + s)) / cos(pi/2 s/(1 + s)), sigma^2 = 1 - a^2; t in [0, 1), s = offset.
struct VpCosine {
  double offset = 0.008;
};
/// a^2 = exp(-I), sigma = 1 - exp(-I), I as for VpLinear; t in [0, 1].
struct SubVp {
  double beta_min = 0.1;
  double beta_max = 20.0;
};
/// a = 1, sigma = sigma_min (sigma_max / sigma_min)^t; t in [0, 1].
struct Ve {
  double sigma_min = 0.01;
  double sigma_max = 50.0;
};
/// a = 1, sigma = t; t in [sigma_min, sigma_max].
struct Edm {
  double sigma_min = 0.002;
  double sigma_max = 80.0;
};
/// a^2 = prod_{i <= k} (1 - beta_i) at t = k/T, sigma^2 = 1 - a^2; between the nodes ln(sigma^2/a^2) is
/// linear in k from k = 1 on, and sigma^2/a^2 itself is linear below.
struct Ddpm {
  std::vector<double> betas;  ///< [T], each in (0, 1)
};
/// a^2 = 1 - t, sigma^2 = t; t in [0, 1).
struct LiYan {};
/// a = 1 - t, sigma = t; t in [0, 1), t = 0 is data.
struct FlowMatching {};

using ScheduleKind = std::variant<VpLinear, VpCosine, SubVp, Ve, Edm, Ddpm, LiYan, FlowMatching>;

/// A schedule and the range of t that is used. Where a reaches 0 the default t_max has sigma^2/a^2 = 1e8.
struct Schedule {
  ScheduleKind kind = VpLinear{};
  std::optional<double> t_min;  ///< set: densities are those of X_{t_min}; unset: those of the data
  std::optional<double> t_max;
};

/// Steps of the longest table that ddpm_linear makes.
inline constexpr std::size_t most_ddpm_steps = 1'000'000;
/// The usual DDPM table: `steps` betas evenly spaced from beta_start to beta_end. Errors: usage, unless steps is 1 to
/// most_ddpm_steps.
SCOREPATH_API Ddpm ddpm_linear(std::size_t steps = 1000, double beta_start = 1e-4, double beta_end = 0.02);

/// The schedule's name as in model files: "vp-linear", "vp-cosine", "sub-vp", "ve", "edm", "ddpm", "li-yan",
/// "flow-matching".
SCOREPATH_API std::string name_of(const ScheduleKind& kind);

// ---- scores ---------------------------------------------------------------------------------------------

/// N(mean, diag(variance)).
struct Gaussian {
  std::vector<double> mean;      ///< [dim]
  std::vector<double> variance;  ///< [1] (isotropic) or [dim]
};
/// Sum of weights[k] N(means[k], Sigma_k), Sigma_k = diag(variances[k]), or covariances[k], or
/// diag(variances[k]) + factors[k] factors[k]^T. Covariances are diagonalised once for all noise levels; what few
/// factors on isotropic variances cost a score evaluation is in proportion to their number.
struct GaussianMixture {
  std::vector<double> weights;  ///< [K], sum 1 within 1e-6 (then renormalised)
  Matrix means;                 ///< [K x dim]
  Matrix variances;             ///< [K x 1] (isotropic) or [K x dim]; empty where covariances are given
  Matrix covariances = {};      ///< empty, or [K dim x dim]: K blocks [dim x dim], symmetric, positive definite
  Matrix factors = {};          ///< empty, or [K dim x rank]: K blocks [dim x rank]
};
/// The kernel density of a data set: every row a component of standard deviation `bandwidth`.
struct DataSet {
  Matrix data;                  ///< [n x dim]
  double bandwidth = 1.0;       ///< a standard deviation
  std::vector<double> weights;  ///< [n] or empty (equal weights)
};

using Score = std::variant<Gaussian, GaussianMixture, DataSet, Network>;

struct Problem {
  Schedule schedule;
  Score score;
};

/// Number of coordinates of a point of this model.
SCOREPATH_API std::size_t dimension(const Score& score);

/// Throws Error(input) that names the offending key and index unless the problem is well posed: finite
/// numbers, positive variances, covariances that are symmetric and positive definite, weights that are not negative and
/// sum to one, shapes that fit, a schedule inside its range.
SCOREPATH_API void validate(const Problem& problem);

}  // namespace scorepath
