// What the lanes are given of reverse paths, and what their numbers say.
#include <algorithm>
#include <cmath>

#include "host/reverse_plan.hpp"
#include "kernels/score/point_tables.hpp"
#include "kernels/score/reference.hpp"
#include "kernels/step/reverse.hpp"

namespace scorepath {

void ReversePlan::fill_tables(const kernels::CpuKernels& cpu) {
  const kernels::MixtureModel& mixture = model_.mixture();
  const std::size_t d = dim();
  score_.resize(static_cast<std::size_t>(kernels::table_size(mixture)));
  view_ = kernels::make_score_tables(mixture, model_.mean().data(), score_.data());
  for (const kernels::SteeredStep<double>& row : rows_) table_.push_back(kernels::rounded<float>(row));
  const std::vector<float> r(levels_.begin(), levels_.end());
  level_rows_.resize(r.size() * static_cast<std::size_t>(kernels::level_size(view_)));
  cpu.levels(view_, r.data(), static_cast<std::uint32_t>(r.size()), level_rows_.data());
  start_.assign(start_mean_.begin(), start_mean_.end());
  for (const double variance : start_variance_) start_.push_back(static_cast<float>(kernels::sqrt(variance)));
  far_.assign(far_slope_.begin(), far_slope_.end());
  far_.insert(far_.end(), far_square_.begin(), far_square_.end());
  reference_mean_.assign(d, 0.0f);
  if (!options_.log_density) return;
  for (const kernels::RowPlace& place : places_) {
    for (const double variance : model_.variance()) {
      const double total = variance + range_.start + rho_[static_cast<std::size_t>(place.node)];
      reference_inverse_.push_back(static_cast<float>(1.0 / total));
    }
  }
}

kernels::SteeredJob<float> ReversePlan::job() const {
  using kernels::Purpose;
  const auto stream = [&](Purpose purpose) { return kernels::make_stream(options_.seed, 0, purpose, false); };
  return {.score = view_,
          .reference = {options_.log_density, reference_mean_.data(), nullptr},
          .reference_inverse = reference_inverse_.data(),
          .levels = level_rows_.data(),
          .table = table_.data(),
          .start_mean = start_.data(),
          .start_deviation = start_.data() + dim(),
          .far_slope = far_.data(),
          .far_square = far_.data() + dim(),
          .steps = static_cast<std::uint32_t>(table_.size()),
          .noise = stream(Purpose::reverse),
          .prior = stream(Purpose::prior),
          .two_stages = two_stages(),
          .density = options_.log_density,
          .ends_far = false,
          .keeps_ends = true,
          .extrapolates = false};
}

std::uint64_t ReversePlan::evaluations(std::uint32_t rows) const {
  std::uint64_t count = 0;
  for (std::uint32_t i = 0; i < rows; ++i) {
    const std::uint64_t stages = two_stages() ? (rows_[i].second_score != 0.0 ? 2 : 1) : options_.log_density ? 0 : 1;
    count += stages + (options_.log_density ? 1 : 0);
  }
  return count;
}

void ReversePlan::state_at(const Stop& stop, const float* numbers, std::size_t stride, double* x) const {
  const float* coordinates = coordinates_of(numbers, stride);
  for (std::size_t j = 0; j < dim(); ++j)
    x[j] = (model_.mean()[j] + static_cast<double>(coordinates[j * stride])) * stop.scale;
}

bool ReversePlan::end_of(const float* numbers, std::size_t stride, double* x) const {
  state_at({0, 0.0, model_.a_start() * model_.unit(), 0.0}, numbers, stride, x);
  // So far out (in the data's deviations) that steps have blown up, if not to infinity yet.
  constexpr double farthest = 1e6;
  const float* coordinates = coordinates_of(numbers, stride);
  const double spread = std::sqrt(*std::max_element(model_.variance().begin(), model_.variance().end()) + range_.start);
  bool is_finite = true;
  for (std::size_t j = 0; j < dim(); ++j)
    is_finite = is_finite && std::abs(static_cast<double>(coordinates[j * stride])) < farthest * spread;
  if (!is_finite) std::fill(x, x + dim(), std::nan(""));
  return is_finite;
}

/// log p_R - log g_R [nat] where path `index` starts, which its draws tell: noise is 10^4 times the data's variance
/// there, and what it leaves of their shape would be the largest error of many steps.
double ReversePlan::far_difference(std::uint64_t index) const {
  if (options_.end == End::prior) return far_constant_;
  const kernels::Stream stream = job().prior;
  std::vector<double> y(dim());
  for (std::size_t j = 0; j < dim(); j += 4) {
    float z[1][4];
    kernels::random_normals<float, 1>(stream, index, static_cast<std::uint32_t>(j / 4), z);
    for (std::size_t q = 0; q < 4 && j + q < dim(); ++q)
      y[j + q] = model_.mean()[j + q] + static_cast<double>(start_[dim() + j + q] * z[0][q]);
  }
  const kernels::ReferenceGaussian g = model_.gaussian();
  const double r = range_.start + range_.end;
  std::vector<double> terms(static_cast<std::size_t>(model_.mixture().components));
  return kernels::log_density(model_.mixture(), y.data(), r, terms.data()) - kernels::log_density(g, y.data(), r);
}

ReversePlan::Density ReversePlan::density_of(std::uint64_t index, const float* numbers, std::size_t stride) const {
  std::vector<double> y(dim());
  const float* coordinates = coordinates_of(numbers, stride);
  for (std::size_t j = 0; j < dim(); ++j) y[j] = model_.mean()[j] + static_cast<double>(coordinates[j * stride]);
  const kernels::ReferenceGaussian g = model_.gaussian();
  const double value = kernels::log_density(g, y.data(), range_.start) + model_.log_jacobian() + far_difference(index) -
                       static_cast<double>(numbers[0]);
  const double of_steps =
      kernels::carried_error(static_cast<double>(numbers[stride]), static_cast<double>(numbers[2 * stride]));
  // Sums of so many coordinates in float, whatever the steps.
  constexpr double float_rounding = 1e-7;
  const double error = std::hypot(
      of_steps, float_rounding * std::max(static_cast<double>(dim()), std::abs(static_cast<double>(numbers[0]))));
  if (!std::isfinite(value) || !std::isfinite(error)) return {std::nan(""), std::nan(""), std::nan("")};
  return {value, error, model_.log_density(y.data())};
}

}  // namespace scorepath
