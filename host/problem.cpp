// The check of a problem: everything that the numerics take for granted is made sure of here, once.
#include <scorepath/problem.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/covariances.hpp"
#include "host/network.hpp"
#include "kernels/schedule/schedule.hpp"

namespace scorepath {
namespace {

constexpr std::size_t most_coordinates = 16384;
constexpr std::size_t most_table_numbers = std::size_t{1} << 29;
constexpr double largest_magnitude = 1e18;  // its square still fits into a float
constexpr double smallest_deviation = 1e-9;
constexpr double weight_tolerance = 1e-6;
constexpr double smallest_beta = 1e-12;
constexpr double largest_noise_ratio = 1e30;  // of sigma^2/a^2 at t_max
constexpr double smallest_noise_ratio = 1e-30;

using Key = std::string_view;

void check_number(Key key, double value) {
  SP_VALIDATE(std::isfinite(value), input, fmt::format("{} is {} (numbers must be finite) correct it", key, value));
  SP_VALIDATE(std::abs(value) <= largest_magnitude, input,
              fmt::format("{} is {} (magnitudes above 1e18 overflow) rescale the model", key, value));
}

void check_positive(Key key, double value, double smallest) {
  check_number(key, value);
  SP_VALIDATE(value > 0.0, input, fmt::format("{} is {} (it must be positive) correct it", key, value));
  SP_VALIDATE(value >= smallest, input,
              fmt::format("{} is {} (below {} it cannot be resolved) rescale the model", key, value, smallest));
}

/// `columns` 0: of a one-dimensional array; `block`: rows of a block, 0 where there are none.
std::string element_name(Key key, std::size_t index, std::size_t columns, std::size_t block) {
  if (columns == 0) return fmt::format("{}[{}]", key, index);
  const std::size_t row = index / columns, column = index % columns;
  return block == 0 ? fmt::format("{}[{}][{}]", key, row, column)
                    : fmt::format("{}[{}][{}][{}]", key, row / block, row % block, column);
}

/// Finite, not overflowing, and at least `smallest` (minus infinity: any sign). `columns` 0: one-dimensional.
/// Names are made for the offender only: a data set has millions of elements.
void check_elements(Key key, const std::vector<double>& values, std::size_t columns, bool are_variances = false,
                    std::size_t block = 0) {
  const auto bad = std::find_if(values.begin(), values.end(), [&](double v) {
    return !(std::abs(v) <= largest_magnitude) || (are_variances && v < smallest_variance);
  });
  if (bad == values.end()) return;
  const std::string name = element_name(key, static_cast<std::size_t>(bad - values.begin()), columns, block);
  if (are_variances) check_positive(name, *bad, smallest_variance);
  check_number(name, *bad);
}

void check_shape(Key key, const Matrix& matrix) {
  SP_VALIDATE(matrix.rows >= 1 && matrix.columns >= 1, input,
              fmt::format("{} is empty (it is {} x {}) give at least one row of at least one number", key, matrix.rows,
                          matrix.columns));
  SP_VALIDATE(matrix.values.size() % matrix.columns == 0 && matrix.values.size() / matrix.columns == matrix.rows, input,
              fmt::format("{} holds {} values (its shape is {} x {}) make shape and values agree", key,
                          matrix.values.size(), matrix.rows, matrix.columns));
}

void check_matrix(Key key, const Matrix& matrix, bool are_variances = false) {
  check_shape(key, matrix);
  check_elements(key, matrix.values, matrix.columns == 1 ? 0 : matrix.columns, are_variances);
}

void check_dimension(Key key, std::size_t dim) {
  SP_VALIDATE(
      dim >= 1 && dim <= most_coordinates, input,
      fmt::format("{} has {} coordinates (1 to {} are possible) reduce the dimension", key, dim, most_coordinates));
}

/// Tables hold a number for each coordinate of each component, padded to up to twice as many, and lanes count them in
/// 31 bits.
void check_table(Key key, std::size_t components, std::size_t dim) {
  SP_VALIDATE(
      components <= most_table_numbers / (dim + 1), input,
      fmt::format("{} has {} rows of {} numbers (2^29 numbers are possible) use fewer rows", key, components, dim));
}

void check_weights(Key key, const std::vector<double>& weights, std::size_t components, Key counted) {
  SP_VALIDATE(weights.size() == components, input,
              fmt::format("{} has {} entries ({} has {} rows) give one weight per row", key, weights.size(), counted,
                          components));
  check_elements(key, weights, 0);
  const auto negative = std::find_if(weights.begin(), weights.end(), [](double w) { return w < 0.0; });
  SP_VALIDATE(
      negative == weights.end(), input,
      fmt::format("{}[{}] is {} (weights cannot be negative) correct it", key, negative - weights.begin(), *negative));
  double sum = 0.0;
  for (const double w : weights) sum += w;
  SP_VALIDATE(std::abs(sum - 1.0) <= weight_tolerance, input,
              fmt::format("{} sums to {} (it must be 1 within 1e-6) divide the weights by their sum", key, sum));
}

void check_score(const Gaussian& score) {
  check_dimension("score.mean", score.mean.size());
  check_elements("score.mean", score.mean, 0);
  SP_VALIDATE(score.variance.size() == 1 || score.variance.size() == score.mean.size(), input,
              fmt::format("score.variance has {} entries (score.mean has {}) give one number or one per coordinate",
                          score.variance.size(), score.mean.size()));
  check_elements("score.variance", score.variance, 0, true);
}

/// A block of dim rows for each component.
void check_blocks(Key key, const Matrix& blocks, const Matrix& means, std::size_t columns) {
  check_table(key, blocks.rows, blocks.columns);
  check_shape(key, blocks);
  SP_VALIDATE(blocks.rows == means.rows * means.columns && blocks.columns == columns, input,
              fmt::format("{} has {} rows of {} numbers (score.means is {} x {}) give {} rows of {} for each component",
                          key, blocks.rows, blocks.columns, means.rows, means.columns, means.columns, columns));
  check_elements(key, blocks.values, columns, false, means.columns);
}

void check_score(const GaussianMixture& score) {
  check_table("score.means", score.means.rows, score.means.columns);
  check_matrix("score.means", score.means);
  check_dimension("score.means", score.means.columns);
  check_weights("score.weights", score.weights, score.means.rows, "score.means");
  if (!score.covariances.values.empty()) {
    SP_VALIDATE(score.variances.values.empty() && score.factors.values.empty(), input,
                fmt::format("score.covariances excludes score.{} (the covariances are given twice) remove one of them",
                            score.factors.values.empty() ? "variances" : "factors"));
    check_blocks("score.covariances", score.covariances, score.means, score.means.columns);
    return check_covariances(score);
  }
  check_matrix("score.variances", score.variances, true);
  SP_VALIDATE(score.variances.rows == score.means.rows, input,
              fmt::format("score.variances has {} rows (score.means has {}) give one row per component",
                          score.variances.rows, score.means.rows));
  SP_VALIDATE(score.variances.columns == 1 || score.variances.columns == score.means.columns, input,
              fmt::format("score.variances has {} columns (score.means has {}) give one number per component or one "
                          "per coordinate",
                          score.variances.columns, score.means.columns));
  if (!score.factors.values.empty()) {
    check_blocks("score.factors", score.factors, score.means, score.factors.columns);
    check_covariances(score);
  }
}

void check_score(const DataSet& score) {
  check_table("score.data", score.data.rows, score.data.columns);
  check_matrix("score.data", score.data);
  check_dimension("score.data", score.data.columns);
  check_positive("score.bandwidth", score.bandwidth, smallest_deviation);
  if (!score.weights.empty()) check_weights("score.weights", score.weights, score.data.rows, "score.data");
}

void check_score(const Network& score) {
  check_dimension("score.layers", score.dim);
  check_positive("score.sigma_data", score.sigma_data, smallest_deviation);
  check_number("score.embedding.scale", score.embedding.scale);
  check_number("score.embedding.max_period", score.embedding.max_period);
  check_elements("score.embedding.frequencies", score.embedding.frequencies, 0);
  check_network(score);
}

// ---- schedules ------------------------------------------------------------------------------------------

/// The range of t that is used lies inside the schedule's own, is not empty, and leaves some signal at its end.
/// `functions` is the schedule as the numerics see it.
template <kernels::ScheduleFunctions Functions>
void check_times(const Functions& functions, const Schedule& schedule) {
  const double lowest = functions.t_lo();
  const double highest = functions.t_hi();
  const bool open = functions.ends_at_zero_signal();
  const auto check_inside = [&](Key key, double t) {
    SP_VALIDATE(t >= lowest && t <= highest && !(open && t == highest), input,
                fmt::format("{} is {} (this schedule's t lies in [{}, {}{}) give a time inside", key, t, lowest,
                            highest, open ? ")" : "]"));
  };
  if (schedule.t_min) check_inside("schedule.t_min", *schedule.t_min);
  if (schedule.t_max) check_inside("schedule.t_max", *schedule.t_max);
  const double first = schedule.t_min.value_or(lowest);
  const double last = schedule.t_max.value_or(functions.default_t_max());
  SP_VALIDATE(
      first < last, input,
      fmt::format("schedule.t_min is {} (schedule.t_max is {}, not above it) give an increasing range", first, last));
  const double ratio = functions.noise_ratio(last);
  SP_VALIDATE(ratio <= largest_noise_ratio, input,
              fmt::format("schedule.t_max is {} (sigma^2/a^2 is {} there, no signal is left above 1e30) lower "
                          "schedule.t_max or the noise",
                          last, ratio));
  SP_VALIDATE(ratio >= smallest_noise_ratio, input,
              fmt::format("schedule.t_max is {} (sigma^2/a^2 is {} there, no noise is left below 1e-30) raise "
                          "schedule.t_max or the noise",
                          last, ratio));
}

template <class BetaRange>
void check_beta_range(const BetaRange& kind) {
  check_positive("schedule.beta_min", kind.beta_min, smallest_beta);
  check_positive("schedule.beta_max", kind.beta_max, smallest_beta);
  SP_VALIDATE(kind.beta_min <= kind.beta_max, input,
              fmt::format("schedule.beta_min is {} (schedule.beta_max is {}, below it) exchange them", kind.beta_min,
                          kind.beta_max));
}

template <class SigmaRange>
void check_sigma_range(const SigmaRange& kind) {
  check_positive("schedule.sigma_min", kind.sigma_min, smallest_deviation);
  check_positive("schedule.sigma_max", kind.sigma_max, smallest_deviation);
  SP_VALIDATE(kind.sigma_min < kind.sigma_max, input,
              fmt::format("schedule.sigma_min is {} (schedule.sigma_max is {}, not above it) give an increasing range",
                          kind.sigma_min, kind.sigma_max));
}

void check_schedule(const VpLinear& kind, const Schedule& schedule) {
  check_beta_range(kind);
  check_times(kernels::VpLinearSchedule{kind.beta_min, kind.beta_max}, schedule);
}
void check_schedule(const SubVp& kind, const Schedule& schedule) {
  check_beta_range(kind);
  check_times(kernels::SubVpSchedule{kind.beta_min, kind.beta_max}, schedule);
}
void check_schedule(const VpCosine& kind, const Schedule& schedule) {
  check_number("schedule.offset", kind.offset);
  SP_VALIDATE(kind.offset >= 0.0 && kind.offset <= 1.0, input,
              fmt::format("schedule.offset is {} (it must lie in [0, 1]) use 0.008", kind.offset));
  check_times(kernels::VpCosineSchedule{kind.offset}, schedule);
}
void check_schedule(const Ve& kind, const Schedule& schedule) {
  check_sigma_range(kind);
  check_times(kernels::VeSchedule{kind.sigma_min, kind.sigma_max}, schedule);
}
void check_schedule(const Edm& kind, const Schedule& schedule) {
  check_sigma_range(kind);
  check_times(kernels::EdmSchedule{kind.sigma_min, kind.sigma_max}, schedule);
}
void check_schedule(const Ddpm& kind, const Schedule& schedule) {
  const std::vector<double>& betas = kind.betas;
  SP_VALIDATE(!betas.empty(), input, "schedule.betas is empty (a table needs steps) give at least one beta");
  const auto bad = std::find_if(betas.begin(), betas.end(), [](double b) { return !(b > 0.0 && b < 1.0); });
  SP_VALIDATE(
      bad == betas.end(), input,
      fmt::format("schedule.betas[{}] is {} (a beta lies in (0, 1)) correct the table", bad - betas.begin(), *bad));
  std::vector<double> log_noise_ratios(betas.size());
  const std::size_t usable = kernels::fill_log_noise_ratios(betas.data(), betas.size(), log_noise_ratios.data());
  SP_VALIDATE(usable == betas.size(), input,
              fmt::format("schedule.betas[{}] is {} (the noise so far leaves it without effect) shorten the table",
                          usable, betas[usable]));
  check_times(kernels::DdpmSchedule{log_noise_ratios.data(), log_noise_ratios.size()}, schedule);
}
void check_schedule(const LiYan&, const Schedule& schedule) { check_times(kernels::LiYanSchedule{}, schedule); }
void check_schedule(const FlowMatching&, const Schedule& schedule) {
  check_times(kernels::FlowMatchingSchedule{}, schedule);
}

}  // namespace

Ddpm ddpm_linear(std::size_t steps, double beta_start, double beta_end) {
  SP_VALIDATE(steps >= 1 && steps <= most_ddpm_steps, usage,
              fmt::format("steps is {} (a table has 1 to {} steps) correct it", steps, most_ddpm_steps));
  Ddpm table;
  table.betas.resize(steps);
  const double last = steps > 1 ? static_cast<double>(steps - 1) : 1.0;
  for (std::size_t k = 0; k < steps; ++k) {
    const double share = static_cast<double>(k) / last;
    table.betas[k] = beta_start + share * (beta_end - beta_start);
  }
  return table;
}

std::string name_of(const ScheduleKind& kind) {
  constexpr std::string_view names[] = {"vp-linear", "vp-cosine", "sub-vp", "ve",
                                        "edm",       "ddpm",      "li-yan", "flow-matching"};
  static_assert(std::size(names) == std::variant_size_v<ScheduleKind>);
  return std::string(names[kind.index()]);
}

std::size_t dimension(const Score& score) {
  if (const auto* gaussian = std::get_if<Gaussian>(&score)) return gaussian->mean.size();
  if (const auto* mixture = std::get_if<GaussianMixture>(&score)) return mixture->means.columns;
  if (const auto* network = std::get_if<Network>(&score)) return network->dim;
  return std::get<DataSet>(score).data.columns;
}

void validate(const Problem& problem) {
  std::visit([&](const auto& kind) { check_schedule(kind, problem.schedule); }, problem.schedule.kind);
  std::visit([](const auto& score) { check_score(score); }, problem.score);
  const auto* network = std::get_if<Network>(&problem.score);
  if (network == nullptr) return;
  const bool is_table = std::holds_alternative<Ddpm>(problem.schedule.kind);
  const bool has_noise = is_table || std::holds_alternative<Ve>(problem.schedule.kind) ||
                         std::holds_alternative<Edm>(problem.schedule.kind);
  SP_VALIDATE(has_noise || problem.schedule.t_min.value_or(0.0) > 0.0, input,
              "schedule.t_min is at zero noise (there a network predicts no score) set the earliest time that it was "
              "trained at");
  SP_VALIDATE(is_table || network->time_input != TimeInput::step, input,
              "score.time_input is 'step' (only a ddpm schedule has steps) use another, or schedule ddpm");
}

}  // namespace scorepath
