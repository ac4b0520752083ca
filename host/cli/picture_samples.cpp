#include "host/cli/picture_samples.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/check.hpp"
#include "host/cli/picture_style.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

constexpr std::size_t most_samples = 4000, most_bins = 80;
constexpr std::size_t most_trajectories = 40;  // --trajectories says how many there are: fewer hide one another less

void check_shape(const Archive& archive, const std::string& array, const Array& read, bool fits,
                 const std::string& wanted) {
  SP_VALIDATE(fits, input,
              fmt::format("{}: {} has the wrong shape (it is {}, not {}) give what scorepath sample --out wrote",
                          archive.name(), array, shape_text(read.shape), wanted));
}

std::vector<double> read_column(const Archive& archive, const std::string& array, std::size_t length) {
  Array column = archive.array(array);
  check_shape(archive, array, column, column.shape.size() == 1 && column.values.size() == length,
              fmt::format("[{}]", length));
  return std::move(column.values);
}

/// What the archive's job says of where the samples come from.
void describe(const Archive& archive, SavedSamples& saved) {
  const std::optional<std::string> text = archive.text("job");
  if (!text) return;
  const nlohmann::json job = nlohmann::json::parse(*text, nullptr, false);
  if (!job.is_object()) return;
  const auto said = [&](const char* key) -> std::string {
    if (!job.contains(key)) return "unknown";
    return printable(job[key].is_string() ? job[key].get<std::string>() : job[key].dump(), 60);
  };
  saved.model = job.contains("model") ? short_model(said("model")) : saved.model;
  saved.how = fmt::format("{}, lambda {}, {} steps, schedule {}", said("sampler"), said("lambda"), said("steps"),
                          said("schedule"));
}

std::string titled(const SavedSamples& saved, const std::string& what) {
  return gnuplot_title(fmt::format("{} of {}", what, saved.model), saved.how);
}

/// Rows: x_1, x_2, log-density (0 where there is none).
std::string sample_block(const SavedSamples& s, const Thinned& thin) {
  const std::size_t d = s.samples.shape[1];
  std::string block = "$samples << END\n";
  for (std::size_t i = 0; i < s.samples.shape[0]; i += thin.stride)
    block += fmt::format("{} {} {}\n", s.samples.values[i * d], s.samples.values[i * d + 1],
                         s.log_density.empty() ? 0.0 : s.log_density[i]);
  return block + "END\n";
}

/// Rows: coordinate, second coordinate (0 of one dimension), t; an empty line after each path.
std::string path_block(const SavedSamples& s, const Thinned& thin) {
  const Array& paths = *s.trajectories;
  const std::size_t times = paths.shape[1], d = paths.shape[2];
  std::string block = "$paths << END\n";
  for (std::size_t i = 0; i < paths.shape[0]; i += thin.stride) {
    for (std::size_t t = 0; t < times; ++t) {
      const double* x = paths.values.data() + (i * times + t) * d;
      block += fmt::format("{} {} {}\n", x[0], d > 1 ? x[1] : 0.0, s.times[t]);
    }
    block += "\n";
  }
  return block + "END\n";
}

/// The states of every path at one time.
std::string state_block(const char* name, const SavedSamples& s, const Thinned& thin, std::size_t time) {
  const Array& paths = *s.trajectories;
  std::string block = fmt::format("${} << END\n", name);
  for (std::size_t i = 0; i < paths.shape[0]; i += thin.stride) {
    const double* x = paths.values.data() + (i * paths.shape[1] + time) * paths.shape[2];
    block += fmt::format("{} {}\n", x[0], x[1]);
  }
  return block + "END\n";
}

std::string plane_of_samples(const SavedSamples& s) {
  const Thinned thin = thinned(s.samples.shape[0], most_samples);
  const std::string head =
      titled(s, share(thin.count, s.samples.shape[0], "sample")) + plane_axes + sample_block(s, thin);
  if (s.log_density.empty()) return head + "plot $samples using 1:2 with points pt 7 ps 0.3 lc '#1f5fa8' notitle\n";
  return head +
         "set palette defined (0 '#fde725', 0.25 '#5ec962', 0.5 '#21918c', 0.75 '#3b528b', 1 '#440154')\n"
         "set cblabel 'log-density [nat]' offset 1.5,0\n"
         "plot $samples using 1:2:3 with points pt 7 ps 0.3 lc palette notitle\n";
}

/// A histogram; over it the density that each sample carries.
std::string line_of_samples(const SavedSamples& s) {
  const auto [low, high] = std::minmax_element(s.samples.values.begin(), s.samples.values.end());
  const std::size_t n = s.samples.values.size();
  // Divided before they are subtracted: numbers from a file may be as large as they like.
  const double width = *high > *low ? *high / most_bins - *low / most_bins : 1.0;
  std::vector<std::size_t> counts(most_bins, 0);
  for (const double x : s.samples.values) {
    const double place = x / width - *low / width;
    ++counts[place >= 0.0 && place < most_bins ? static_cast<std::size_t>(place) : most_bins - 1];
  }
  std::string text = "$bins << END\n";
  for (std::size_t i = 0; i < most_bins; ++i)
    text += fmt::format("{} {}\n", *low + (static_cast<double>(i) + 0.5) * width,
                        static_cast<double>(counts[i]) / (static_cast<double>(n) * width));
  const Thinned thin = thinned(n, most_samples);
  text += "END\n$carried << END\n";
  for (std::size_t i = 0; i < s.log_density.size(); i += thin.stride)
    if (std::isfinite(std::exp(s.log_density[i])))
      text += fmt::format("{} {}\n", s.samples.values[i], std::exp(s.log_density[i]));
  text += "END\n" + titled(s, share(n, n, "sample")) +
          fmt::format(
              "{}set xlabel 'x [units of the data]'\nset ylabel 'density [1 / units of the "
              "data]'\nset yrange [0:*]\nset style fill solid 0.6 noborder\nset boxwidth {}\n"
              "plot $bins using 1:2 with boxes lc '#9bb8dd' title 'histogram of the samples'",
              legend_below, width);
  if (!s.log_density.empty())
    text += fmt::format(", $carried using 1:2 with points pt 7 ps 0.3 lc '#c0392b' title {}",
                        gnuplot_literal("exp(log_density) of " + share(thin.count, n, "sample")));
  return text + "\n";
}

std::string line_of_paths(const SavedSamples& s) {
  const std::size_t all = s.trajectories->shape[0];
  const Thinned thin = thinned(all, most_trajectories);
  return path_block(s, thin) + titled(s, share(thin.count, all, "trajectory")) +
         "set key off\nset xlabel 't [of the schedule]: noise on the right, data on the left'\n"
         "set ylabel 'X_t [units of the data]'\n"
         "plot $paths using 3:1 with lines lw 1 lc rgb '#501f5fa8' notitle\n";
}

std::string plane_of_paths(const SavedSamples& s) {
  const std::size_t all = s.trajectories->shape[0], n = s.samples.shape[0];
  const Thinned paths = thinned(all, most_trajectories), samples = thinned(n, most_samples);
  return sample_block(s, samples) + path_block(s, paths) + state_block("starts", s, paths, 0) +
         state_block("ends", s, paths, s.times.size() - 1) +
         titled(s, share(paths.count, all, "trajectory") + " over " + share(samples.count, n, "sample")) + plane_axes +
         legend_below +
         fmt::format(
             "set palette defined (0 '#08306b', 0.5 '#4a97c9', 1 '#c6dbef')\nset cblabel 't [of the schedule]' offset "
             "1.5,0\n"
             "plot $samples using 1:2 with points pt 7 ps 0.25 lc rgb '#80808080' notitle, "
             "keyentry with points pt 7 ps 0.5 lc rgb '#888888' title 'samples', "
             "$paths using 1:2:3 with lines lw 1 lc palette notitle, "
             "$starts using 1:2 with points pt 6 ps 0.9 lw 1.5 lc '#555555' title 'start, t = {:.4g}', "
             "$ends using 1:2 with points pt 7 ps 0.9 lc '#c0392b' title 'end, t = {:.4g}'\n",
             s.times.front(), s.times.back());
}

}  // namespace

SavedSamples read_samples(const Archive& archive) {
  SavedSamples saved;
  saved.samples = archive.array("samples");
  check_shape(archive, "samples", saved.samples, saved.samples.shape.size() == 2, "[n x dim]");
  const std::size_t n = saved.samples.shape[0], d = saved.samples.shape[1];
  if (archive.has("log_density")) saved.log_density = read_column(archive, "log_density", n);
  if (archive.has("trajectories")) {
    Array paths = archive.array("trajectories");
    check_shape(archive, "trajectories", paths, paths.shape.size() == 3 && paths.shape[2] == d,
                fmt::format("[m x times x {}]", d));
    saved.times = read_column(archive, "times", paths.shape[1]);
    saved.trajectories = std::move(paths);
  }
  describe(archive, saved);
  return saved;
}

std::string draw_samples(const SavedSamples& saved, const std::string& path) {
  const bool plane = saved.samples.shape[1] > 1;
  const std::string head = gnuplot_terminal(path) + gnuplot_formulas + "set grid lt 1 lc rgb '#dddddd'\n";
  if (saved.trajectories) return picture_of(head + (plane ? plane_of_paths(saved) : line_of_paths(saved)));
  return picture_of(head + (plane ? plane_of_samples(saved) : line_of_samples(saved)));
}

}  // namespace scorepath::cli
