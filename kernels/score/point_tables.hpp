// From a score model to the tables that lanes read, as seen from one query point: means become displacements from the
// point, so that a point 5000 standard deviations from the origin loses no digits.
#pragma once

#include "kernels/score/mixture_model.hpp"
#include "kernels/score/tables.hpp"

namespace scorepath::kernels {

/// Scalars that the tables of a model need in all.
inline long table_size(const MixtureModel& model) {
  if (model.layout == VarianceLayout::factored)
    return model.components * (model.rank + 1L) * (model.dim + 1L) + model.components;
  const long rows = static_cast<long>(panels_of(model.components)) * panel_width;
  return rows * (2L * model.dim + 3) + 2L * model.dim;
}

inline ScoreKind kind_of(const MixtureModel& model) {
  if (model.layout == VarianceLayout::factored) return ScoreKind::mixture_factored;
  if (model.components == 1) return ScoreKind::gaussian;
  switch (model.layout) {
    case VarianceLayout::shared:
      return ScoreKind::mixture_shared;
    case VarianceLayout::isotropic:
      return ScoreKind::mixture_isotropic;
    case VarianceLayout::diagonal:
    case VarianceLayout::factored:
      break;
  }
  return ScoreKind::mixture_diagonal;
}

inline ScoreShape shape_of(const MixtureModel& model) {
  return {kind_of(model), model.dim, panels_of(model.components), model.components, model.rank};
}

/// The component nearest to the point (Euclidean).
inline int nearest_component(const MixtureModel& model, const double* point) {
  int best = 0;
  double best_square = 0.0;
  for (int k = 0; k < model.components; ++k) {
    double square = 0.0;
    for (int j = 0; j < model.dim; ++j) square = fma(model.mean(k)[j] - point[j], model.mean(k)[j] - point[j], square);
    if (k == 0 || square < best_square) {
      best = k;
      best_square = square;
    }
  }
  return best;
}

/// make_score_tables() of a factored model.
template <class T>
ScoreTables<T> make_factored_tables(const MixtureModel& model, const double* point, T* memory) {
  const long d = model.dim, k = model.components, axes = k * model.rank;
  const auto take = [&memory](long count, const auto& value) {
    for (long i = 0; i < count; ++i) memory[i] = static_cast<T>(value(i));
    memory += count;
    return memory - count;
  };
  // Rows of coordinates first: they stay aligned.
  const T* means = take(k * d, [&](long i) { return model.means[i] - point[i % d]; });
  const T* directions = take(axes * d, [&](long i) { return model.axes[i]; });
  const T* along = take(axes, [&](long i) { return model.axis_variances[i]; });
  const T* across = take(k, [&](long i) { return model.variances[i]; });
  const T* log2_weights = take(k, [&](long i) { return model.log_weights[i] * 1.4426950408889634; });
  return {shape_of(model), T(0), nullptr, means, across, log2_weights, nullptr, nullptr, directions, along};
}

/// Fills `memory` [table_size(model)] and returns the tables that point into it. Computed in double, rounded once to T.
template <class T>
ScoreTables<T> make_score_tables(const MixtureModel& model, const double* point, T* memory) {
  if (model.layout == VarianceLayout::factored) return make_factored_tables(model, point, memory);
  const int d = model.dim;
  const int panels = panels_of(model.components);
  const long rows = static_cast<long>(panels) * panel_width;
  T* reference = memory;
  T* gaussian_variances = reference + d;
  T* log2_weights = gaussian_variances + d;
  T* negative_norms = log2_weights + rows;
  T* square_norms = negative_norms + rows;
  T* means = square_norms + rows;
  T* variances = means + rows * d;
  const ScoreKind kind = kind_of(model);
  const bool relative = kind == ScoreKind::mixture_shared;
  const double* nearest = model.mean(relative ? nearest_component(model, point) : 0);

  for (int j = 0; j < d; ++j) {
    reference[j] = static_cast<T>(nearest[j] - point[j]);
    gaussian_variances[j] = static_cast<T>(model.variance(0, j));
  }
  for (int row = 0; row < rows; ++row) {
    const bool padding = row >= model.components;
    const int k = padding ? 0 : row;
    const long panel = row / panel_width;
    const int q = row % panel_width;
    double half_norm = 0.0;
    double square = 0.0;
    for (int j = 0; j < d; ++j) {
      const double from_point = model.mean(k)[j] - point[j];
      const double from_nearest = model.mean(k)[j] - nearest[j];
      half_norm = fma(0.5 * from_nearest, from_point + (nearest[j] - point[j]), half_norm);
      square = fma(from_nearest, from_nearest, square);
      const double mean = padding ? 0.0 : relative ? from_nearest : from_point;
      means[(panel * d + j) * panel_width + q] = static_cast<T>(mean);
      if (kind == ScoreKind::mixture_diagonal)
        variances[(panel * d + j) * panel_width + q] = static_cast<T>(model.variance(k, j));
    }
    if (kind == ScoreKind::mixture_isotropic) variances[row] = static_cast<T>(model.variance(k, 0));
    log2_weights[row] = static_cast<T>(padding ? -1e30 : model.log_weights[k] * 1.4426950408889634);
    negative_norms[row] = static_cast<T>(padding ? 0.0 : -half_norm);
    square_norms[row] = static_cast<T>(padding ? 0.0 : square);
  }
  return {shape_of(model),
          static_cast<T>(model.variance(0, 0)),
          reference,
          means,
          kind == ScoreKind::gaussian ? gaussian_variances : variances,
          log2_weights,
          negative_norms,
          square_norms,
          nullptr,
          nullptr};
}

}  // namespace scorepath::kernels
