// The log-density along the probability flow (docs/theory.md, D22): dY/drho = -s/2 from Y = y at rho = 0, r = r_s +
// rho,
//   d log p_r(Y)/drho = 1/2 div s,   log p(y) = log p_R(Y_R) - int 1/2 div s drho.
// With a Gaussian g of the data's moments (m, V): its own flow only stretches Y - m by sqrt(V + r), so
//   W = (Y - m)/sqrt(V + r)          dW/drho = -(s - s_g)/(2 sqrt(V + r))
//   e = int 1/2 (div s - div g)      log p(y) = log g-part in closed form + (log p_R - log g_R)(Y_R) - e
// stand still where p looks like g: steps and errors are spent on what differs. An error dW of the state costs
// (d log p/dW).dW nat whatever comes later, since log p_r(Y) is constant along the flow but for the integral; with the
// error of e that is a step's whole effect on the result, to first order, known from the score that is there anyway.
#pragma once

#include "kernels/score/reference.hpp"

namespace scorepath::kernels {

/// rho of the variable in which steps are of about one length: u = ln((r0 + rho)/r0) - ln((C + rho)/C), geometric
/// between the finest variance r0 and the largest scale C, and bounded as rho -> inf.
struct FlowMap {
  double finest, largest;  // r0 < C
  double of(double rho) const { return log1p(rho / finest) - log1p(rho / largest); }
  void operator()(double u, double& rho, double& rate) const {
    const double grown = expm1(u);
    rho = finest * largest * grown / (largest - finest * (grown + 1.0));
    rate = (finest + rho) * (largest + rho) / (largest - finest);
  }
};

/// The frame of W.
struct FlowFrame {
  ReferenceGaussian g;
  double start;  // r_s

  /// Y of W at rho.
  void position(const double* w, double rho, double* at) const {
    for (int j = 0; j < g.dim; ++j) at[j] = fma(w[j], sqrt(g.variance[j] + start + rho), g.mean[j]);
  }
  /// log g-part: what the result would be if p were g throughout, as a function of W alone.
  double gaussian_part(const double* w) const {
    double sum = 0.0;
    for (int j = 0; j < g.dim; ++j) sum += log_two_pi + log(g.variance[j] + start) + w[j] * w[j];
    return -0.5 * sum;
  }
};

/// The flow's right-hand side: state [dim + 1] = (W, e) over u. score(y, r, s) gives s [dim] and returns its
/// divergence. What it points to is the caller's: scratch y, pull [dim].
template <class Score>
struct FlowField {
  Score& score;
  FlowFrame frame;
  FlowMap map;
  double *y, *pull;

  /// rate [dim + 1]; leaves d log p_r/dW in pull [dim] and Y in y. One evaluation.
  void operator()(double u, const double* state, double* rate) const {
    double rho, speed;
    map(u, rho, speed);
    frame.position(state, rho, y);
    const ReferenceGaussian& g = frame.g;
    double difference = score(y, frame.start + rho, pull);
    for (int j = 0; j < g.dim; ++j) {
      const double total = g.variance[j] + frame.start + rho;
      const double root = sqrt(total);
      difference += 1.0 / total;
      rate[j] = -0.5 * speed * fma(state[j], 1.0 / root, pull[j]) / root;
      pull[j] *= root;
    }
    rate[g.dim] = 0.5 * speed * difference;
  }
  /// What an error [dim + 1] of the state here does to the result [nat]; `pull` is that of the last evaluation.
  double effect(const double* error) const {
    double sum = -error[frame.g.dim];
    for (int j = 0; j < frame.g.dim; ++j) sum = fma(pull[j], error[j], sum);
    return sum;
  }
};

/// Midpoint rule over `count` equal parts of [0, length], its first and last three weights corrected so that a slope at
/// the ends costs nothing: order 4. Weights are equal but for those, as Hadamard cycles want them. Expects count >= 6.
inline double trace_weight(int k, int count) {
  constexpr double ends[3] = {13.0 / 12, 7.0 / 8, 25.0 / 24};
  const int from_end = k < count - 1 - k ? k : count - 1 - k;
  return from_end < 3 ? ends[from_end] : 1.0;
}

}  // namespace scorepath::kernels
