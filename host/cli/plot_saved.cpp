// `scorepath plot`: the picture of results and samples that were written before.
#include <algorithm>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/flag_values.hpp"
#include "host/cli/picture_convergence.hpp"
#include "host/cli/picture_lambda.hpp"
#include "host/cli/picture_map.hpp"
#include "host/cli/picture_runs.hpp"
#include "host/cli/picture_samples.hpp"
#include "host/cli/plot.hpp"
#include "host/cli/saved_result.hpp"
#include "host/input_file.hpp"
#include "host/output_file.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

constexpr std::uint64_t largest_result = std::uint64_t{1} << 32;

struct PlotJob {
  std::vector<std::string> results;
  std::string points, samples, picture;
  Overwrite overwrite = Overwrite::no;
};

PlotJob plot_job(const Arguments& arguments, Checks& checks) {
  PlotJob job{arguments.operands(), arguments.text("--points"), arguments.text("--samples"), arguments.text("--out"),
              arguments.given("--force") ? Overwrite::yes : Overwrite::no};
  checks.attempt([&] {
    SP_VALIDATE(!job.results.empty(), usage,
                "no RESULT (plot draws files that density, compare or sample wrote) name one");
  });
  checks.attempt([&] {
    SP_VALIDATE(!job.picture.empty(), usage,
                "--out is missing (scorepath plot needs a picture's name) give --out FILE");
  });
  checks.attempt([&] {
    SP_VALIDATE(job.samples.empty() || !job.points.empty(), usage,
                "--samples without --points (samples lie on the map of a result's points) give --points, or the "
                "samples as the RESULT");
  });
  checks.attempt([&] {
    SP_VALIDATE(job.points.empty() || job.results.size() < 2, usage,
                fmt::format("--points with {} results (a map is of one) give one result", job.results.size()));
  });
  if (job.picture.empty()) return job;
  checks.attempt([&] { check_picture_name(job.picture, "--out"); });
  for (const std::string& result : job.results)
    checks.attempt([&] {
      SP_VALIDATE(!is_same_file(result, job.picture), usage,
                  "--out names the result itself (it would be lost) change --out");
    });
  for (const auto& [flag, file] : {std::pair{"--points", job.points}, std::pair{"--samples", job.samples}})
    checks.attempt([&] {
      SP_VALIDATE(file.empty() || !is_same_file(file, job.picture), usage,
                  fmt::format("--out and {} name one file (it would be lost) change --out", flag));
    });
  checks.attempt([&] { check_writable(job.picture, job.overwrite); });
  return job;
}

std::string bytes_of(const std::string& path) {
  return read_input_file(path, scorepath::quoted(path), "a result", largest_result);
}

bool has_estimate(const SavedResult& saved) {
  const std::vector<Comparison::Entry>& entries = saved.comparison.entries;
  return std::any_of(entries.begin(), entries.end(),
                     [](const Comparison::Entry& entry) { return can_draw(entry.result); });
}

SavedFile result_from(std::string_view bytes, const std::string& path) {
  const std::string name = scorepath::quoted(path);
  SP_VALIDATE(!is_archive(bytes), input,
              fmt::format("{} is a .npz archive (a result as JSON is needed here) give what density or compare wrote "
                          "with --json, or the archive alone",
                          name));
  SavedFile file{name, parse_saved_result(std::string(bytes), name)};
  SP_VALIDATE(has_estimate(file.saved), input,
              fmt::format("{} has no point with an estimate (there is nothing to draw) give another", name));
  return file;
}

std::string map_from(const PlotJob& job, const SavedFile& file) {
  const Comparison& comparison = file.saved.comparison;
  SP_VALIDATE(comparison.entries.size() == 1, input,
              fmt::format("{} has results of {} methods (a map is of one) give what density --json wrote", file.name,
                          comparison.entries.size()));
  const Result& result = comparison.entries.front().result;
  const Matrix points = load_points(job.points);
  SP_VALIDATE(points.rows == result.points.size(), input,
              fmt::format("{} has {} points (points of {} has {}) give the points of that result",
                          scorepath::quoted(job.points), points.rows, file.name, result.points.size()));
  SP_VALIDATE(points.columns == 2, input,
              fmt::format("{} has points of {} coordinates (a map has two) leave out --points",
                          scorepath::quoted(job.points), points.columns));
  DensityMap map{result, comparison.model, points};
  if (job.samples.empty()) return draw_map(map, job.picture);
  const Array samples = Archive(bytes_of(job.samples), scorepath::quoted(job.samples)).array("samples");
  SP_VALIDATE(samples.shape.size() == 2 && samples.shape[1] == 2, input,
              fmt::format("{}: samples has the wrong shape (it is {}, not [n x 2]) give samples of the same model",
                          scorepath::quoted(job.samples), shape_text(samples.shape)));
  const Matrix dots{samples.shape[0], 2, samples.values};
  map.samples = &dots;
  return draw_map(map, job.picture);
}

std::string picture_from(const PlotJob& job) {
  std::vector<SavedFile> files;
  for (const std::string& path : job.results) {
    const std::string bytes = bytes_of(path);
    if (is_archive(bytes) && job.results.size() == 1 && job.points.empty())
      return draw_samples(read_samples(Archive(bytes, scorepath::quoted(path))), job.picture);
    files.push_back(result_from(bytes, path));
  }
  if (!job.points.empty()) return map_from(job, files.front());
  if (files.size() == 1) {
    const SavedResult& saved = files.front().saved;
    return saved.compares ? draw(saved.comparison, job.picture)
                          : draw(saved.comparison.entries.front().result, job.picture, saved.comparison.model);
  }
  const bool against_lambda = is_lambda_curve(files);
  const Runs runs = gather_runs(files, against_lambda);
  return against_lambda ? draw_lambda_curve(runs, job.picture) : draw_convergence(runs, job.picture);
}

ExitCode run_plot(const Arguments& arguments) {
  Checks before;
  const PlotJob job = plot_job(arguments, before);
  before.attempt([] { check_gnuplot(""); });
  before.throw_worst();
  write_text_file(job.picture, picture_from(job), job.overwrite);
  return ExitCode::done;
}

}  // namespace

Command plot_command() {
  return {"plot",
          "pictures of results and samples that density, compare and sample have written",
          {{"--out", "FILE", "the picture, .png or .svg; required"},
           {"--points", "FILE",
            "the points (.npy, two coordinates) of the one RESULT: draws a map of its log-density, as cells where the "
            "points fill a rectangular grid, else as coloured points"},
           {"--samples", "FILE.npz", "with --points: samples, drawn on the map as dots, 4000 of them at most"},
           {"--force", "", "overwrite a picture that exists"}},
          "scorepath plot result.json --out result.png",
          run_plot,
          "RESULT",
          "what density --json FILE, compare --json or sample --out wrote; required. One result: its estimates with "
          "their error bars. Several of one model and the same points: bounds (elbo) whose lambdas differ against "
          "lambda, all else as errors against score evaluations, on log axes with the slopes -1/2 and -1. Samples "
          "(.npz): their trajectories where they were kept, else the samples, coloured by their log-density where "
          "it was carried"};
}

}  // namespace scorepath::cli
