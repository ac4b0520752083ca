// One component of a factored mixture under noise, in double. The equations are those of mixture_factored.hpp; |e|^2,
// what the axes leave of |c - y|^2, is a difference here, good to rounding times the ratio of the largest to the
// smallest variance.
#pragma once

#include "kernels/score/mixture_model.hpp"

namespace scorepath::kernels {

struct FactoredComponent {
  const MixtureModel& model;
  int k;
  double r;

  double across() const { return model.variances[k] + r; }
  double along(int i) const { return model.axis_variance(k, i) + r; }
  /// (m_ki - v_k)/(m_ki + r), in [0, 1].
  double spread(int i) const { return (model.axis_variance(k, i) - model.variances[k]) / along(i); }
  /// q_ki.x
  double turned(int i, const double* x) const {
    double sum = 0.0;
    for (int j = 0; j < model.dim; ++j) sum = fma(model.axis(k, i)[j], x[j], sum);
    return sum;
  }
  /// q_ki.(c_k - y)
  double displacement(int i, const double* y) const {
    double sum = 0.0;
    for (int j = 0; j < model.dim; ++j) sum = fma(model.axis(k, i)[j], model.mean(k)[j] - y[j], sum);
    return sum;
  }
  double log_determinant() const {
    double sum = (model.dim - model.rank) * log(across());
    for (int i = 0; i < model.rank; ++i) sum += log(along(i));
    return sum;
  }
  double inverse_trace() const {
    double sum = (model.dim - model.rank) / across();
    for (int i = 0; i < model.rank; ++i) sum += 1.0 / along(i);
    return sum;
  }
  /// (c_k - y).(Sigma_k + r I)^-1 (c_k - y)
  double quadratic(const double* y) const {
    double rest = square_distance(y), sum = 0.0;
    for (int i = 0; i < model.rank; ++i) {
      const double p = displacement(i, y);
      rest -= p * p;
      sum = fma(p, p / along(i), sum);
    }
    return sum + max(rest, 0.0) / across();
  }
  /// Adds weight times pull = (Sigma_k + r I)^-1 (c_k - y) to `sum` [dim]; returns |pull|^2.
  double add_pull(const double* y, double weight, double* sum) const {
    double rest = square_distance(y), square = 0.0;
    for (int j = 0; j < model.dim; ++j) sum[j] = fma(weight, (model.mean(k)[j] - y[j]) / across(), sum[j]);
    for (int i = 0; i < model.rank; ++i) {
      const double p = displacement(i, y), share = weight * spread(i) * p / across();
      for (int j = 0; j < model.dim; ++j) sum[j] = fma(-share, model.axis(k, i)[j], sum[j]);
      rest -= p * p;
      square = fma(p / along(i), p / along(i), square);
    }
    return square + max(rest, 0.0) / (across() * across());
  }
  /// pull.v
  double pull_along(const double* y, const double* v) const {
    double sum = 0.0;
    for (int j = 0; j < model.dim; ++j) sum = fma(model.mean(k)[j] - y[j], v[j], sum);
    for (int i = 0; i < model.rank; ++i) sum = fma(-spread(i) * displacement(i, y), turned(i, v), sum);
    return sum / across();
  }
  /// v.(Sigma_k + r I)^-1 v
  double precision_along(const double* v) const {
    double sum = 0.0;
    for (int j = 0; j < model.dim; ++j) sum = fma(v[j], v[j], sum);
    for (int i = 0; i < model.rank; ++i) sum = fma(-spread(i) * turned(i, v), turned(i, v), sum);
    return sum / across();
  }

 private:
  double square_distance(const double* y) const {
    double sum = 0.0;
    for (int j = 0; j < model.dim; ++j) sum = fma(model.mean(k)[j] - y[j], model.mean(k)[j] - y[j], sum);
    return sum;
  }
};

}  // namespace scorepath::kernels
