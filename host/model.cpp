// From the user's problem to the numerics' model: components with weight, one layout of variances, units, schedule.
#include "host/model.hpp"

#include <algorithm>
#include <cmath>

#include "host/check.hpp"
#include "host/covariances.hpp"

namespace scorepath {
namespace {

using kernels::NoiseSchedule;
using kernels::VarianceLayout;

struct Components {
  std::vector<double> weights, means, variances;  // variances [K] or [K x dim]
  std::size_t dim = 0;
  bool diagonal = false;
  FactoredCovariances factored = {};  // rank 0: none
};

Components components_of(const Gaussian& g) {
  Components c{{1.0}, g.mean, g.variance, g.mean.size(), true};
  c.variances.resize(g.mean.size(), g.variance.front());
  return c;
}
/// Of covariances without correlations, the variances [K x dim]; empty for others.
std::vector<double> plain_variances(const Matrix& covariances, std::size_t dim) {
  std::vector<double> variances;
  for (std::size_t row = 0; row < covariances.rows; ++row) {
    for (std::size_t j = 0; j < dim; ++j) {
      if (j != row % dim && covariances(row, j) != 0.0) return {};
    }
    variances.push_back(covariances(row, row % dim));
  }
  return variances;
}

Components components_of(const GaussianMixture& m) {
  const std::size_t dim = m.means.columns;
  if (!is_correlated(m)) return {m.weights, m.means.values, m.variances.values, dim, m.variances.columns > 1};
  const std::vector<double> plain = plain_variances(m.covariances, dim);
  if (!plain.empty()) return {m.weights, m.means.values, plain, dim, true};
  FactoredCovariances factored = diagonalised(m);
  return {m.weights, m.means.values, factored.variances, dim, false, std::move(factored)};
}
Components components_of(const Network& n) { return {{1.0}, std::vector<double>(n.dim, 0.0), {1.0}, n.dim, false}; }
Components components_of(const DataSet& s) {
  Components c{s.weights, s.data.values, std::vector<double>(s.data.rows, s.bandwidth * s.bandwidth), s.data.columns,
               false};
  if (c.weights.empty()) c.weights.assign(s.data.rows, 1.0 / static_cast<double>(s.data.rows));
  return c;
}

/// Equal rows of variances need only one number per component.
bool rows_are_isotropic(const std::vector<double>& variances, std::size_t dim) {
  for (std::size_t i = 0; i < variances.size(); ++i) {
    if (variances[i] != variances[i / dim * dim]) return false;
  }
  return true;
}

}  // namespace

Model::Model(const Problem& problem, Start start) {
  take_components(problem);
  choose_unit();
  take_schedule(problem.schedule, start);
}

void Model::take_components(const Problem& problem) {
  network_ = std::get_if<Network>(&problem.score);
  const Components c = std::visit([](const auto& score) { return components_of(score); }, problem.score);
  const std::size_t d = c.dim, rank = c.factored.rank;
  const auto append = [](std::vector<double>& to, const std::vector<double>& from, std::size_t k, std::size_t size) {
    to.insert(to.end(), from.begin() + static_cast<long>(k * size), from.begin() + static_cast<long>((k + 1) * size));
  };
  double total = 0.0;
  for (const double w : c.weights) total += w;
  for (std::size_t k = 0; k < c.weights.size(); ++k) {
    if (c.weights[k] == 0.0) continue;
    log_weights_.push_back(kernels::log(c.weights[k] / total));
    append(means_, c.means, k, d);
    append(variances_, c.variances, k, c.diagonal ? d : 1);
    append(axes_, c.factored.axes, k, rank * d);
    append(axis_variances_, c.factored.axis_variances, k, rank);
  }
  const std::size_t count = log_weights_.size();
  bool diagonal = c.diagonal;
  if (diagonal && count > 1 && rows_are_isotropic(variances_, d)) {
    for (std::size_t k = 0; k < count; ++k) variances_[k] = variances_[k * d];
    variances_.resize(count);
    diagonal = false;
  }
  VarianceLayout layout = diagonal ? VarianceLayout::diagonal : VarianceLayout::isotropic;
  if (rank > 0) {
    layout = VarianceLayout::factored;
  } else if (!diagonal &&
             std::all_of(variances_.begin(), variances_.end(), [&](double v) { return v == variances_.front(); })) {
    layout = VarianceLayout::shared;
    variances_.resize(1);
  }
  mixture_ = {static_cast<int>(count), static_cast<int>(d),    layout,       log_weights_.data(),   means_.data(),
              variances_.data(),       static_cast<int>(rank), axes_.data(), axis_variances_.data()};
}

void Model::choose_unit() {
  std::vector<double> weights(log_weights_.size());
  for (std::size_t k = 0; k < weights.size(); ++k) weights[k] = kernels::exp(log_weights_[k]);
  mean_.resize(static_cast<std::size_t>(dim()));
  variance_.resize(mean_.size());
  kernels::moments(mixture_, weights.data(), mean_.data(), variance_.data());
  const double largest = *std::max_element(variance_.begin(), variance_.end());
  unit_ = std::ldexp(1.0, std::ilogb(kernels::sqrt(largest)));
  for (double& m : means_) m /= unit_;
  for (double& m : mean_) m /= unit_;
  for (double& v : variances_) v /= unit_ * unit_;
  for (double& v : axis_variances_) v /= unit_ * unit_;
  for (double& v : variance_) v /= unit_ * unit_;
}

void Model::take_schedule(const Schedule& schedule, Start start) {
  struct Maker {
    std::vector<double>& table;
    NoiseSchedule operator()(const VpLinear& s) { return kernels::VpLinearSchedule{s.beta_min, s.beta_max}; }
    NoiseSchedule operator()(const VpCosine& s) { return kernels::VpCosineSchedule{s.offset}; }
    NoiseSchedule operator()(const SubVp& s) { return kernels::SubVpSchedule{s.beta_min, s.beta_max}; }
    NoiseSchedule operator()(const Ve& s) { return kernels::VeSchedule{s.sigma_min, s.sigma_max}; }
    NoiseSchedule operator()(const Edm& s) { return kernels::EdmSchedule{s.sigma_min, s.sigma_max}; }
    NoiseSchedule operator()(const Ddpm& s) {
      table.resize(s.betas.size());
      kernels::fill_log_noise_ratios(s.betas.data(), s.betas.size(), table.data());
      return kernels::DdpmSchedule{table.data(), table.size()};
    }
    NoiseSchedule operator()(const LiYan&) { return kernels::LiYanSchedule{}; }
    NoiseSchedule operator()(const FlowMatching&) { return kernels::FlowMatchingSchedule{}; }
  };
  schedule_.emplace(std::visit(Maker{ddpm_table_}, schedule.kind));
  t_min_ = schedule.t_min.value_or(schedule_->t_lo());
  if (const auto* ddpm = std::get_if<Ddpm>(&schedule.kind); ddpm != nullptr && network_ != nullptr && !schedule.t_min)
    t_min_ = 1.0 / static_cast<double>(ddpm->betas.size());  // the first step of the table
  t_max_ = schedule.t_max.value_or(schedule_->default_t_max());
  const double per_unit = 1.0 / (unit_ * unit_);
  first_ratio_ = schedule_->noise_ratio(t_min_) * per_unit;
  last_ratio_ = schedule_->noise_ratio(t_max_) * per_unit;
  if (start == Start::data) {
    SP_VALIDATE(first_ratio_ > 0.0, input,
                "schedule.t_min is at zero noise (start data bridges the noise that the model starts with) set it, or "
                "use start t-min");
    least_ratio_ = first_ratio_;
    return;
  }
  // t_min = 0 of a schedule that starts at zero noise asks for the data's density, as an unset t_min does.
  // A network starts where its noise does.
  if (schedule.t_min.has_value() || network_ != nullptr) {
    start_ratio_ = first_ratio_;
    a_start_ = schedule_->a(t_min_);
  }
}

void Model::to_canonical(const double* x, double* y) const {
  const double scale = a_start_ * unit_;
  for (int j = 0; j < dim(); ++j) y[j] = x[j] / scale;
}

double Model::prior_variance() const {
  const double a = schedule_->a(t_max_), signal = a * unit_;
  return (a == 1.0 ? schedule_->sigma2(t_max_) : 1.0) / (signal * signal);
}

double Model::log_jacobian() const { return -dim() * kernels::log(a_start_ * unit_); }

double Model::log_density(const double* y) const {
  std::vector<double> terms(static_cast<std::size_t>(mixture_.components));
  return kernels::log_density(mixture_, y, start_ratio_, terms.data()) + log_jacobian();
}

}  // namespace scorepath
