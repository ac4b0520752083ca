#include "host/cli/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <scorepath/estimate.hpp>

#include "host/cli/plot.hpp"
#include "host/cli/table.hpp"
#include "host/cli/text.hpp"
#include "host/sample_report.hpp"

namespace scorepath::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t most_rows = 16;

/// Mean, standard deviation and count of the finite values of one column.
struct Column {
  double mean = 0.0, deviation = 0.0;
  std::size_t count = 0;
  /// None of a single value.
  double error() const { return count > 1 ? deviation / std::sqrt(static_cast<double>(count)) : HUGE_VAL; }
};

template <class Value>
Column column_of(std::size_t rows, const Value& value) {
  Column c;
  double squares = 0.0;
  for (std::size_t i = 0; i < rows; ++i) {
    const double x = value(i);
    if (!std::isfinite(x)) continue;
    ++c.count;
    const double off = x - c.mean;
    c.mean += off / static_cast<double>(c.count);
    squares += off * (x - c.mean);
  }
  if (c.count > 1) c.deviation = std::sqrt(squares / static_cast<double>(c.count - 1));
  return c;
}

Column coordinate(const Samples& s, std::size_t j) {
  return column_of(s.samples.rows, [&](std::size_t i) { return s.samples(i, j); });
}

/// How carried log-densities compare with the exact ones.
struct CarriedErrors {
  Column log_density, difference;
  double typical_error = 0.0, rms = 0.0, scaled = 0.0;  ///< root mean squares; scaled: by the standard errors
};

std::optional<CarriedErrors> comparison_of(const Samples& s) {
  if (s.log_density.empty()) return std::nullopt;
  CarriedErrors c;
  c.log_density = column_of(s.log_density.size(), [&](std::size_t i) { return s.log_density[i]; });
  const auto difference = [&](std::size_t i) { return s.log_density[i] - s.exact_log_density[i]; };
  c.difference = column_of(s.log_density.size(), difference);
  const auto root_of_mean = [&](const auto& value) {
    return std::sqrt(column_of(s.log_density.size(), [&](std::size_t i) { return value(i) * value(i); }).mean);
  };
  c.typical_error = root_of_mean([&](std::size_t i) { return s.std_error[i]; });
  c.rms = root_of_mean(difference);
  c.scaled = root_of_mean([&](std::size_t i) { return difference(i) / s.std_error[i]; });
  return c;
}

std::string with_error(const Column& c) {
  if (c.count == 0) return "-";
  if (c.count < 2) return fixed(c.mean, decimals_for(0.0));
  const int decimals = decimals_for(c.error());
  return fmt::format("{} +- {}", fixed(c.mean, decimals), fixed(c.error(), decimals));
}

double steps_per_second(const Samples& s) {
  return static_cast<double>(s.samples.rows) * static_cast<double>(s.options.steps) / std::max(s.seconds, 1e-9);
}

}  // namespace

std::string sample_table(const Samples& s) {
  std::vector<std::vector<std::string>> rows = {{"coordinate", "mean", "standard deviation"}};
  const std::size_t d = s.samples.columns;
  for (std::size_t j = 0; j < std::min(d, most_rows); ++j) {
    const Column c = coordinate(s, j);
    rows.push_back({std::to_string(j), with_error(c), fmt::format("{:.4g}", c.deviation)});
  }
  std::string text = lay_out(rows);
  if (d > most_rows) text += fmt::format("... {} more coordinates\n", d - most_rows);
  if (const std::optional<CarriedErrors> c = comparison_of(s)) {
    text += fmt::format("mean log-density {} nat; of one sample, standard error {:.2g} nat\n",
                        with_error(c->log_density), c->typical_error);
    if (s.quantity == Quantity::log_density)
      text +=
          fmt::format("against the exact values: mean {} nat, root mean square {:.2g} nat, {:.2f} standard errors\n",
                      with_error(c->difference), c->rms, c->scaled);
  }
  return text + fmt::format("{} samples, {} score evaluations, {} ({} path-steps/s)\n", s.samples.rows,
                            short_number(static_cast<double>(s.score_evaluations)), duration(s.seconds),
                            short_number(steps_per_second(s)));
}

std::string sample_json(const Samples& s, const std::string& model_path) {
  Json json = sample_job(s, model_path);
  json["warnings"] = s.warnings;
  json["count"] = s.samples.rows;
  json["mean"] = json["mean_std_error"] = json["standard_deviation"] = Json::array();
  const auto number = [](double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); };
  for (std::size_t j = 0; j < s.samples.columns; ++j) {
    const Column c = coordinate(s, j);
    json["mean"].push_back(number(c.mean));
    json["mean_std_error"].push_back(number(c.error()));
    json["standard_deviation"].push_back(number(c.deviation));
  }
  if (const std::optional<CarriedErrors> c = comparison_of(s)) {
    json["mean_log_density"] = number(c->log_density.mean);
    json["mean_log_density_std_error"] = number(c->log_density.error());
    json["log_density_std_error"] = number(c->typical_error);
    json["log_density_error"] = number(c->rms);
    json["log_density_error_in_std_errors"] = number(c->scaled);
  }
  json["non_finite"] = s.non_finite;
  json["largest_noise"] = number(s.largest_noise.value_or(HUGE_VAL));
  json["score_evaluations"] = s.score_evaluations;
  json["seconds"] = s.seconds;
  json["path_steps_per_second"] = number(steps_per_second(s));
  json["stopped"] = s.stopped;
  return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// ---- the picture ---------------------------------------------------------------------------------------

namespace {

constexpr std::size_t drawn_samples = 4000, drawn_trajectories = 40, cells = 160;

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void add(double x) {
    if (!std::isfinite(x)) return;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  void widen() {
    const double margin = high > low ? 0.06 * (high - low) : 1.0;
    low -= margin;
    high += margin;
  }
  double at(std::size_t i) const { return low + (high - low) * (static_cast<double>(i) + 0.5) / cells; }
};

Range range_of(const Samples& s, std::size_t j) {
  Range r;
  for (std::size_t i = 0; i < s.samples.rows; ++i) r.add(s.samples(i, j));
  r.widen();
  return r;
}

/// One dimension: a histogram, and the exact density over it.
std::string line_panel(const Samples& s, const Problem& problem) {
  const Range r = range_of(s, 0);
  const double width = (r.high - r.low) / cells;
  std::vector<double> counts(cells, 0.0);
  for (std::size_t i = 0; i < s.samples.rows; ++i) {
    const double place = (s.samples(i, 0) - r.low) / width;
    if (place >= 0.0 && place < cells) counts[static_cast<std::size_t>(place)] += 1.0;
  }
  Matrix at(cells, 1);
  for (std::size_t i = 0; i < cells; ++i) at(i, 0) = r.at(i);
  const std::vector<double> exact = exact_log_density(problem, at);
  std::string text = "$bins << END\n";
  for (std::size_t i = 0; i < cells; ++i)
    text += fmt::format("{} {} {}\n", at(i, 0), counts[i] / (static_cast<double>(s.samples.rows) * width),
                        std::exp(exact[i]));
  return text + fmt::format(
                    "END\nset xlabel 'x'\nset ylabel 'density'\nset style fill solid 0.5 noborder\nset boxwidth {}\n"
                    "plot $bins using 1:2 with boxes lc '#9bb8dd' title 'samples', $bins using 1:3 with lines lw 2 lc "
                    "'#c0392b' title 'exact'\n",
                    width);
}

/// Two dimensions: samples over the exact density; more: the first two coordinates of them.
std::string plane_panel(const Samples& s, const Problem& problem) {
  const Range x = range_of(s, 0), y = range_of(s, 1);
  std::string text = "$samples << END\n";
  const std::size_t stride = std::max<std::size_t>(s.samples.rows / drawn_samples, 1);
  for (std::size_t i = 0; i < s.samples.rows; i += stride) {
    if (std::isfinite(s.samples(i, 0))) text += fmt::format("{} {}\n", s.samples(i, 0), s.samples(i, 1));
  }
  text +=
      fmt::format("END\nset xlabel 'coordinate 0'\nset ylabel 'coordinate 1'\nset xrange [{}:{}]\nset yrange [{}:{}]\n",
                  x.low, x.high, y.low, y.high);
  std::string layers;
  if (s.samples.columns == 2) {
    text += "set size ratio -1\n";
    Matrix at(cells * cells, 2);
    for (std::size_t i = 0; i < at.rows; ++i) {
      at(i, 0) = x.at(i % cells);
      at(i, 1) = y.at(i / cells);
    }
    const std::vector<double> exact = exact_log_density(problem, at);
    text += "$exact << END\n";
    for (std::size_t i = 0; i < at.rows; ++i) {
      text += fmt::format("{} {} {}\n", at(i, 0), at(i, 1), std::exp(exact[i]));
      if ((i + 1) % cells == 0) text += "\n";
    }
    text += "END\nset palette defined (0 '#ffffff', 0.5 '#f3c78f', 1 '#d9541e')\nset cblabel 'exact density'\n";
    layers = "$exact using 1:2:3 with image notitle, ";
  }
  return text + "plot " + layers + "$samples using 1:2 with points pt 7 ps 0.15 lc '#1f3f78' title 'samples'\n";
}

/// The first coordinate of the first trajectories against t.
std::string time_panel(const Samples& s) {
  const std::size_t d = s.samples.columns, times = s.times.size();
  const std::size_t kept = std::min(s.trajectories.size() / (times * d), drawn_trajectories);
  std::string text = "$trajectories << END\n";
  for (std::size_t i = 0; i < kept; ++i) {
    for (std::size_t t = 0; t < times; ++t)
      text += fmt::format("{} {}\n", s.times[t], s.trajectories[(i * times + t) * d]);
    text += "\n";
  }
  return text + fmt::format(
                    "END\nset size noratio\nset title 'Their paths from noise (right) to data (left): {} of them'\nset "
                    "xlabel 't'\n"
                    "set ylabel 'coordinate 0 of X_t'\nset xrange [*:*]\nset yrange [*:*]\n"
                    "plot $trajectories using 1:2 with lines lc '#601f5fa8' notitle\n",
                    kept);
}

}  // namespace

std::string draw(const Samples& s, const Problem& problem, const std::string& path, const std::string& model) {
  const std::string what = fmt::format("{} samples of {}", s.samples.rows, model);
  const std::string how = fmt::format("{}, lambda {}, {} steps, schedule {}", name_of(s.options.method),
                                      *s.options.lambda, s.options.steps, s.schedule);
  const bool has_paths = s.times.size() > 1 && !s.trajectories.empty();
  std::string script =
      gnuplot_terminal(path) + "set key outside top right horizontal\nset grid lt 1 lc rgb '#dddddd'\n";
  if (has_paths) script += "set multiplot layout 2,1\n";
  script += fmt::format("set title {} . \"\\n\" . {}\n", gnuplot_literal(what), gnuplot_literal(how));
  script += s.samples.columns == 1 ? line_panel(s, problem) : plane_panel(s, problem);
  if (has_paths) script += "set key off\n" + time_panel(s) + "unset multiplot\n";
  return picture_of(script);
}

}  // namespace scorepath::cli
