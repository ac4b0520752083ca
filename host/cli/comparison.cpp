#include "host/cli/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <scorepath/files.hpp>

#include "host/cli/picture_style.hpp"
#include "host/cli/plot.hpp"
#include "host/cli/table.hpp"
#include "host/cli/text.hpp"

namespace scorepath::cli {
namespace {

constexpr std::size_t most_rows = 32;
constexpr const char* absent = "-";

/// What one method's points come to.
struct Summary {
  std::optional<double> worst_se;
  double squares = 0.0;
  std::size_t compared = 0, flagged = 0;
  std::vector<double> evaluations;
};

Summary summary_of(const Result& result) {
  Summary s;
  for (const PointResult& point : result.points) {
    if (point.std_error) s.worst_se = std::max(s.worst_se.value_or(0.0), *point.std_error);
    s.flagged += point.flags.empty() ? 0 : 1;
    s.evaluations.push_back(static_cast<double>(point.score_evaluations));
    if (!point.log_density || !point.exact_log_density) continue;
    const double off = *point.log_density - *point.exact_log_density;
    s.squares += off * off;
    ++s.compared;
  }
  std::sort(s.evaluations.begin(), s.evaluations.end());
  return s;
}

std::vector<std::string> summary_row(const Comparison::Entry& entry) {
  const Summary s = summary_of(entry.result);
  const double rms = std::sqrt(s.squares / static_cast<double>(std::max<std::size_t>(s.compared, 1)));
  return {entry.name,
          name_of(entry.result.quantity),
          s.worst_se ? fmt::format("{:.2g}", *s.worst_se) : absent,
          s.compared > 0 ? fmt::format("{:.2g}", rms) : absent,
          s.evaluations.empty() ? absent : short_number(s.evaluations[s.evaluations.size() / 2]),
          duration(entry.result.totals.seconds),
          fmt::format("{} of {}", s.flagged, entry.result.points.size())};
}

std::string value_with_error(const PointResult& point) {
  if (!point.log_density) return absent;
  const double error = point.std_error.value_or(0.0);
  const int decimals = decimals_for(std::hypot(error, point.discretization_error.value_or(0.0)));
  std::string text =
      fixed(*point.log_density, decimals) + " +- " + (point.std_error ? fmt::format("{:.1g}", error) : absent);
  return point.flags.empty() ? text : text + " !";
}

}  // namespace

std::string comparison_table(const Comparison& comparison) {
  std::vector<std::vector<std::string>> rows = {
      {"method", "quantity", "worst std_error", "rms error", "evaluations/point", "time", "flagged"}};
  for (const Comparison::Entry& entry : comparison.entries) rows.push_back(summary_row(entry));
  std::string text = lay_out(rows);
  if (comparison.entries.empty()) return text;

  const std::vector<PointResult>& first = comparison.entries.front().result.points;
  const bool exact = std::any_of(first.begin(), first.end(), [](const PointResult& p) { return p.exact_log_density; });
  rows = {{"index"}};
  if (exact) rows.front().push_back("exact");
  for (const Comparison::Entry& entry : comparison.entries) rows.front().push_back(entry.name);
  for (std::size_t i = 0; i < std::min(first.size(), most_rows); ++i) {
    std::vector<std::string> row = {std::to_string(i)};
    if (exact) row.push_back(first[i].exact_log_density ? fixed(*first[i].exact_log_density, 6) : absent);
    for (const Comparison::Entry& entry : comparison.entries) row.push_back(value_with_error(entry.result.points[i]));
    rows.push_back(row);
  }
  text += "\nlog-density +- standard error [nat]" + std::string(exact ? ", and the exact value" : "") +
          "; ! marks a point with flags\n" + lay_out(rows);
  if (first.size() > most_rows) text += fmt::format("... {} points more: --json has all\n", first.size() - most_rows);
  return text;
}

std::string comparison_json(const Comparison& comparison) {
  const auto quoted = [](const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  };
  std::string text =
      fmt::format("{{\"version\": {}, \"command\": \"compare\", \"model\": {}, \"points\": {},\n \"methods\": [",
                  quoted(version()), quoted(comparison.model), quoted(comparison.points));
  for (std::size_t m = 0; m < comparison.entries.size(); ++m)
    text += (m > 0 ? ", " : "") + quoted(comparison.entries[m].name);
  text += "],\n \"results\": [";
  for (std::size_t m = 0; m < comparison.entries.size(); ++m) {
    std::string result = to_json(comparison.entries[m].result, comparison.model, comparison.points);
    result.erase(result.find_last_not_of('\n') + 1);
    text += (m > 0 ? ",\n" : "\n") + result;
  }
  return text + "],\n \"stopped\": " + (comparison.stopped ? "true" : "false") + "}\n";
}

std::string draw(const Comparison& comparison, const std::string& path) {
  const std::vector<PointResult>& first = comparison.entries.front().result.points;
  const bool exact = std::all_of(first.begin(), first.end(), [](const PointResult& p) { return p.exact_log_density; });
  const std::size_t count = comparison.entries.size();
  std::string blocks;
  std::vector<std::string> layers = {"0 lc '#888888' notitle"};
  for (std::size_t m = 0; m < count; ++m) {
    std::string sound = fmt::format("$of{} << END_OF_POINTS\n", m),
                flagged = fmt::format("$flagged{} << END_OF_POINTS\n", m);
    bool any_flagged = false, any_sound = false;
    for (std::size_t i = 0; i < first.size(); ++i) {
      const PointResult& point = comparison.entries[m].result.points[i];
      const std::optional<double> base = exact ? first[i].exact_log_density : first[i].log_density;
      if (!point.log_density || !base) continue;
      const double off = *point.log_density - *base;
      // Side by side around the point's place.
      const double place =
          static_cast<double>(i) + 0.6 * ((static_cast<double>(m) + 0.5) / static_cast<double>(count) - 0.5);
      (point.flags.empty() ? any_sound : any_flagged) = true;
      (point.flags.empty() ? sound : flagged) +=
          fmt::format("{} {} {} {}\n", place, off, point.ci95_lower ? *point.ci95_lower - *base : off,
                      point.ci95_upper ? *point.ci95_upper - *base : off);
    }
    blocks += sound + "END_OF_POINTS\n" + flagged + "END_OF_POINTS\n";
    const char* colour = series_colour(m);
    const int mark = series_mark(m);
    // Flagged points are hollow: the mark before the filled one. A layer without points would leave the method unnamed.
    const std::string name = gnuplot_literal(comparison.entries[m].name);
    if (any_sound)
      layers.push_back(
          fmt::format("$of{} using 1:2:3:4 with yerrorbars pt {} ps 0.7 lc '{}' title {}", m, mark, colour, name));
    if (any_flagged)
      layers.push_back(fmt::format("$flagged{} using 1:2:3:4 with yerrorbars pt {} ps 0.9 lc '{}' {}", m, mark - 1,
                                   colour, any_sound ? "notitle" : "title " + name));
  }
  const std::string against = exact ? "the exact value" : comparison.entries.front().name;
  return picture_of(gnuplot_terminal(path) +
                    gnuplot_title(fmt::format("Estimates of {} points under {}", first.size(), comparison.model),
                                  "less " + against + ", with 95% intervals; hollow: flagged") +
                    fmt::format("set grid ytics lt 1 lc rgb '#dddddd'\nset bars small\n"
                                "set key outside right top vertical Left reverse samplen 2\nset lmargin 12\n"
                                "set xlabel 'point (row of the points file)'\nset ylabel 'log-density less {} [nat]'\n"
                                "set xrange [-0.5:{}]\nset offsets 0, 0, graph 0.05, graph 0.05\n",
                                exact ? "exact" : "the first method's",
                                static_cast<double>(std::max<std::size_t>(first.size(), 1)) - 0.5) +
                    blocks + fmt::format("plot {}\n", fmt::join(layers, ", ")));
}

}  // namespace scorepath::cli
