// Progress on stderr: a bar on a terminal, plain lines, or one JSON object a line.
#include "host/cli/progress.hpp"

#include <algorithm>
#include <cmath>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/cli/text.hpp"

namespace scorepath::cli {

std::string name_of(ProgressKind kind) {
  switch (kind) {
    case ProgressKind::automatic:
      return "auto";
    case ProgressKind::bar:
      return "bar";
    case ProgressKind::plain:
      return "plain";
    case ProgressKind::json:
      return "json";
    case ProgressKind::off:
      return "off";
  }
  return "auto";
}

double seconds_left(const Progress& progress) {
  if (!progress.is_sized || progress.batches_done == 0 || progress.seconds <= 0) return -1;
  const double done = static_cast<double>(progress.batches_done);
  const double total = static_cast<double>(std::max(progress.batches_total, progress.batches_done));
  return progress.seconds * (total - done) / done;
}

namespace {

/// Path-steps are the work of a path; slices have no steps, so their paths are.
double rate(const Progress& progress, Sampler sampler) {
  const std::uint64_t work = sampler == Sampler::paths ? progress.path_steps_done : progress.paths_done;
  return progress.seconds > 0 ? static_cast<double>(work) / progress.seconds : 0.0;
}

}  // namespace

std::string describe(const Progress& progress, Sampler sampler) {
  if (!progress.is_sized) return fmt::format("sizing the job, {} batches of pilots", progress.batches_done);
  std::string text =
      fmt::format("{}/{} batches, {} {}/s", progress.batches_done, progress.batches_total,
                  short_number(rate(progress, sampler)), sampler == Sampler::paths ? "path-steps" : "paths");
  if (progress.worst_standard_error > 0)
    text += fmt::format(", worst standard error {:.2g}", progress.worst_standard_error);
  const double left = seconds_left(progress);
  if (left >= 0) text += fmt::format(", {} left", duration(left));
  return text;
}

ProgressDisplay::ProgressDisplay(ProgressKind kind, Sampler sampler, std::FILE* stream)
    : kind_(kind), sampler_(sampler), stream_(stream) {
  const bool terminal = isatty(fileno(stream)) == 1;
  final_line_ = kind == ProgressKind::plain || kind == ProgressKind::bar;
  if (kind == ProgressKind::automatic) seconds_between_lines_ = 10.0;
  if (kind == ProgressKind::automatic || kind == ProgressKind::bar)
    kind_ = terminal ? ProgressKind::bar : ProgressKind::plain;
}

ProgressDisplay::~ProgressDisplay() { clear_bar(); }

void ProgressDisplay::clear_bar() {
  if (!bar_stands_) return;
  say(stream_, "\r\x1b[K");
  std::fflush(stream_);
  bar_stands_ = false;
}

void ProgressDisplay::draw_bar(const Progress& progress) {
  constexpr int cells = 24;
  const double total = static_cast<double>(std::max<std::uint64_t>(progress.batches_total, 1));
  const double fraction = std::min(1.0, static_cast<double>(progress.batches_done) / total);
  const auto filled = static_cast<std::size_t>(std::floor(fraction * cells));
  say(stream_, fmt::format("\r\x1b[K[{}{}] {:3.0f}%  {}", std::string(filled, '#'), std::string(cells - filled, '.'),
                           std::floor(100 * fraction), describe(progress, sampler_)));
  std::fflush(stream_);
  bar_stands_ = true;
}

void ProgressDisplay::write_json(const Progress& progress, const char* state) {
  nlohmann::ordered_json line;
  line["state"] = state;
  line["batches_done"] = progress.batches_done;
  line["batches_total"] = progress.batches_total;
  line["paths_done"] = progress.paths_done;
  line["path_steps_done"] = progress.path_steps_done;
  line["seconds"] = progress.seconds;
  line["path_steps_per_second"] = rate(progress, Sampler::paths);
  line["worst_standard_error"] = nullptr;
  if (progress.worst_standard_error > 0 && std::isfinite(progress.worst_standard_error))
    line["worst_standard_error"] = progress.worst_standard_error;
  const double left = seconds_left(progress);
  line["seconds_left"] = nullptr;
  if (left >= 0) line["seconds_left"] = left;
  say(stream_, fmt::format("{}\n", line.dump()));
  std::fflush(stream_);
}

void ProgressDisplay::update(const Progress& progress) {
  latest_ = progress;
  switch (kind_) {
    case ProgressKind::bar:
      draw_bar(progress);
      break;
    case ProgressKind::json:
      write_json(progress, "running");
      break;
    case ProgressKind::plain:
      if (progress.seconds - last_line_ < seconds_between_lines_) break;
      last_line_ = progress.seconds;
      say(stream_, fmt::format("{}\n", describe(progress, sampler_)));
      std::fflush(stream_);
      break;
    case ProgressKind::automatic:
    case ProgressKind::off:
      break;
  }
}

void ProgressDisplay::finish(const Result& result) {
  clear_bar();
  latest_.paths_done = result.totals.paths;
  latest_.path_steps_done = result.totals.path_steps;
  latest_.seconds = result.totals.seconds;
  latest_.worst_standard_error = 0;
  for (const PointResult& point : result.points)
    latest_.worst_standard_error = std::max(latest_.worst_standard_error, point.std_error.value_or(0.0));
  write_last(result.stopped, result.totals.seconds, fmt::format("{} points, ", result.totals.points));
}

void ProgressDisplay::finish(const Samples& samples) {
  clear_bar();
  latest_.paths_done = samples.samples.rows;
  latest_.path_steps_done = samples.samples.rows * samples.options.steps;
  latest_.seconds = samples.seconds;
  write_last(samples.stopped, samples.seconds, "");
}

/// points: what stands before the paths.
void ProgressDisplay::write_last(bool stopped, double seconds, const std::string& points) {
  // The last report came before the last batch: a whole run has done all that was planned.
  if (!stopped) latest_.batches_done = latest_.batches_total;
  if (kind_ == ProgressKind::json) write_json(latest_, stopped ? "stopped" : "done");
  if (kind_ == ProgressKind::off || kind_ == ProgressKind::json || !final_line_) return;
  std::string text =
      fmt::format("{} after {}: {}{} paths, {} {}/s", stopped ? "stopped" : "done", duration(seconds), points,
                  short_number(static_cast<double>(latest_.paths_done)), short_number(rate(latest_, sampler_)),
                  sampler_ == Sampler::paths ? "path-steps" : "paths");
  if (latest_.worst_standard_error > 0 || !points.empty())
    text += fmt::format(", worst standard error {:.2g}", latest_.worst_standard_error);
  say(stream_, text + "\n");
}

}  // namespace scorepath::cli
