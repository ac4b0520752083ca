// The result as a table for people.
#include "host/cli/table.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "host/cli/text.hpp"
#include "host/sampling.hpp"

namespace scorepath::cli {

namespace {

constexpr std::size_t head_rows = 20;
constexpr std::size_t tail_rows = 5;
constexpr const char* absent = "-";

/// `value` padded on the right, so that the decimal points of a column meet.
std::string aligned(const std::optional<double>& value, int decimals, int most_decimals) {
  const auto padding = [&](int places) {
    return std::string(static_cast<std::size_t>(std::max(0, most_decimals - places)) + (places == 0 ? 1 : 0), ' ');
  };
  if (!value) return absent + (most_decimals == 0 ? std::string() : padding(0));
  const std::string text = fixed(*value, decimals);
  return most_decimals == 0 ? text : text + padding(decimals);
}

/// The systematic errors that are known of, added up; absent where one of them is.
std::optional<double> systematic_error(const PointResult& point) {
  if (!point.discretization_error || !point.truncation_error) return std::nullopt;
  return *point.discretization_error + *point.truncation_error + point.arithmetic_error.value_or(0.0);
}

int decimals_of(const PointResult& point) { return decimals_for(whole_error(point).value_or(0.0)); }

/// Which columns a table has beside those of every table.
struct Columns {
  bool systematic, exact, z;
};

std::vector<std::string> row_of(const PointResult& point, int most_decimals, const Columns& columns) {
  const int decimals = decimals_of(point);
  const auto number = [&](const std::optional<double>& value) { return aligned(value, decimals, most_decimals); };
  std::vector<std::string> row = {
      std::to_string(point.index), number(point.log_density), "+-",
      point.std_error && *whole_error(point) > 1e-10 && *point.std_error < 0.5 * std::pow(0.1, decimals)
          ? fmt::format("{:.1e}", *point.std_error)
          : number(point.std_error)};
  row.push_back(point.ci95_lower && point.ci95_upper
                    ? fmt::format("[{}, {}]", fixed(*point.ci95_lower, decimals), fixed(*point.ci95_upper, decimals))
                    : absent);
  if (columns.systematic) {
    const std::optional<double> error = systematic_error(point);
    row.push_back(error ? fmt::format("{:.1g}", *error) : absent);
  }
  if (columns.exact) row.push_back(number(point.exact_log_density));
  if (columns.z) {
    // An error at the rounding of double precision, as for a Gaussian under its own control variate, is no yardstick.
    const double least = 1e-12 * (1.0 + std::abs(point.log_density.value_or(0.0)));
    const bool comparable = point.exact_log_density && point.log_density && point.std_error.value_or(0.0) > least;
    row.push_back(comparable
                      ? fmt::format("{:+.2f}", (*point.log_density - *point.exact_log_density) / *whole_error(point))
                      : absent);
  }
  std::string flags;
  for (const std::string& flag : point.flags) flags += (flags.empty() ? "" : ", ") + flag;
  row.push_back(flags.empty() ? absent : flags);
  return row;
}

std::string totals_line(const Result& result) {
  std::string worst = "no standard error";
  double largest = 0.0;
  for (const PointResult& point : result.points) {
    if (!point.std_error) continue;
    largest = std::max(largest, *point.std_error);
    worst = fmt::format("worst standard error {:.2g}", largest);
  }
  const bool stepped = result.options.sampler == Sampler::paths;
  const std::uint64_t work = stepped ? result.totals.path_steps : result.totals.paths;
  const double rate = result.totals.seconds > 0 ? static_cast<double>(work) / result.totals.seconds : 0.0;
  return fmt::format("{} point{}, {} paths, {} score evaluations, {}, {} {}/s, {}\n", result.totals.points,
                     result.totals.points == 1 ? "" : "s", result.totals.paths, result.totals.score_evaluations,
                     duration(result.totals.seconds), short_number(rate), stepped ? "path-steps" : "paths", worst);
}

}  // namespace

std::optional<double> whole_error(const PointResult& point) {
  if (!point.std_error) return std::nullopt;
  return std::hypot(*point.std_error, systematic_error(point).value_or(0.0));
}

std::string lay_out(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t j = 0; j < row.size(); ++j) widths[j] = std::max(widths[j], row[j].size());
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t j = 0; j + 1 < row.size(); ++j) line += fmt::format("{:>{}}  ", row[j], widths[j]);
    line += row.back();
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string table(const Result& result, Length length, const std::string& where_all_points_are) {
  const std::vector<PointResult>& points = result.points;
  const auto any = [&](auto holds) { return std::any_of(points.begin(), points.end(), holds); };
  Columns columns{};
  columns.exact = any([](const PointResult& point) { return point.exact_log_density.has_value(); });
  columns.z = columns.exact && result.quantity == Quantity::log_density;  // a bound is no estimate of the exact value
  columns.systematic = any([](const PointResult& point) {
    const bool inexact = std::find(point.flags.begin(), point.flags.end(), "arithmetic") != point.flags.end();
    return inexact || point.discretization_error.value_or(0.0) + point.truncation_error.value_or(0.0) > 0.0;
  });
  const bool shorten = length == Length::shortened && points.size() > head_rows + tail_rows;
  const auto is_shown = [&](std::size_t i) { return !shorten || i < head_rows || i + tail_rows >= points.size(); };

  int most_decimals = 0;
  for (std::size_t i = 0; i < points.size(); ++i)
    if (is_shown(i)) most_decimals = std::max(most_decimals, decimals_of(points[i]));

  std::vector<std::vector<std::string>> rows = {{"index", "log_density", "", "std_error", "95% interval"}};
  if (columns.systematic) rows.front().push_back("systematic");
  if (columns.exact) rows.front().push_back("exact");
  if (columns.z) rows.front().push_back("z");
  rows.front().push_back("flags");
  for (std::size_t i = 0; i < points.size(); ++i)
    if (is_shown(i)) rows.push_back(row_of(points[i], most_decimals, columns));

  std::string text = lay_out(rows);
  if (shorten) {
    std::size_t at = 0;
    for (std::size_t line = 0; line < 1 + head_rows; ++line) at = text.find('\n', at) + 1;
    text.insert(at, fmt::format("  ... {} points not shown: {}\n", points.size() - head_rows - tail_rows,
                                where_all_points_are));
  }
  return text + totals_line(result);
}

std::string heading(const Result& result, bool at_t_min) {
  const Options& options = result.options;
  const bool has_formula = options.method == Method::density_formula || options.form == Form::denoising;
  std::string how = options.form == Form::automatic ? "" : name_of(options.form) + ", ";
  if (options.method == Method::ode) {
    how = fmt::format("rtol {:g}, atol {:g}, divergence {}", options.rtol, options.atol, name_of(options.divergence));
    if (options.divergence == Divergence::hutchinson)
      how += fmt::format(" by {} probes over {} nodes", name_of(options.probe_plan), options.steps);
  } else if (options.form == Form::ray) {
    how += fmt::format("{} nodes", options.steps);
  } else if (options.sampler == Sampler::slices) {
    how += fmt::format("time law {}, points {}", name_of(options.time_law), name_of(options.time_points));
  } else {
    how += fmt::format("{} steps", options.steps);
    if (options.method != Method::ddpm) how += fmt::format(", grid {}", name_of(options.grid));
    if (has_formula) how += fmt::format(", transition {}", name_of(options.transition));
    if (has_sobol_paths(options)) how += ", Sobol' paths";
  }
  return fmt::format("{} [nat]{}: {}{} ({}), schedule {}, {} {}, {} thread{}, seed {}", name_of(result.quantity),
                     at_t_min && options.start == Start::t_min ? " of X at the model's t_min" : "", result.method,
                     has_formula ? " by " + result.sampler : "", how, result.schedule, result.backend, result.isa,
                     result.threads, result.threads == 1 ? "" : "s", options.seed);
}

}  // namespace scorepath::cli
