// A picture of the estimates with their error bars, drawn by gnuplot.
#include "host/cli/plot.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "host/check.hpp"
#include "host/cli/picture_style.hpp"
#include "host/cli/text.hpp"
#include "host/quoted.hpp"

extern char** environ;  // NOLINT: what the gnuplot process inherits

namespace scorepath::cli {

namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

File temporary_file() {
  File file(std::tmpfile(), std::fclose);
  SP_VALIDATE(file, resource, "no temporary file for gnuplot (the temporary folder is full or locked) make room there");
  return file;
}

std::string contents(std::FILE* file) {
  std::string bytes;
  char block[65536];
  std::rewind(file);
  while (const std::size_t n = std::fread(block, 1, sizeof block, file)) bytes.append(block, n);
  return bytes;
}

bool has_interval(const PointResult& point) { return point.log_density && point.ci95_lower && point.ci95_upper; }

/// Columns: index, estimate, interval ends, exact (or NaN); the interval of a point without one is the point itself.
std::string data_block(const char* name, const Result& result, bool with_interval) {
  std::string block = fmt::format("${} << END_OF_POINTS\n", name);
  for (const PointResult& point : result.points)
    if (point.log_density && has_interval(point) == with_interval)
      block += fmt::format("{} {} {} {} {}\n", point.index, *point.log_density, point.ci95_lower.value_or(0.0),
                           point.ci95_upper.value_or(0.0),
                           point.exact_log_density ? fmt::format("{}", *point.exact_log_density) : "NaN");
  return block + "END_OF_POINTS\n";
}

struct Drawn {
  std::size_t with_interval = 0, without_interval = 0;
  std::size_t exact = 0, exact_without_interval = 0;  ///< of these, those whose exact value is known
};

Drawn count_drawn(const Result& result) {
  Drawn drawn;
  for (const PointResult& point : result.points) {
    if (!point.log_density) continue;
    ++(has_interval(point) ? drawn.with_interval : drawn.without_interval);
    if (point.exact_log_density) ++(has_interval(point) ? drawn.exact : drawn.exact_without_interval);
  }
  return drawn;
}

/// Terminal, axes and a title of two lines: what is shown, and how it was computed.
std::string preamble(const Result& result, const std::string& path, const std::string& model, const Drawn& drawn) {
  const std::string what =
      fmt::format("{} of {} points under {}", capitalised(name_of(result.quantity)),
                  drawn.with_interval + drawn.without_interval, std::filesystem::path(model).filename().string());
  const std::string how = fmt::format("{}, {}, schedule {}: {} paths in all", result.method,
                                      result.options.form != Form::automatic ? name_of(result.options.form)
                                      : result.options.method == Method::ode ? name_of(result.options.divergence)
                                                                             : result.sampler,
                                      result.schedule, short_number(static_cast<double>(result.totals.paths)));
  const double last = static_cast<double>(std::max<std::size_t>(result.points.size(), 1)) - 0.5;
  return gnuplot_terminal(path) + gnuplot_title(what, how) +
         fmt::format(
             "set grid ytics lt 1 lc rgb '#dddddd'\nset bars small\n"
             "set key outside top right horizontal\nset lmargin 12\nset rmargin 3\nset xlabel 'point (row of the "
             "points "
             "file)'\n"
             "set ylabel {}\nset xrange [-0.5:{}]\nset offsets 0, 0, graph 0.05, graph 0.05\n",
             gnuplot_literal(name_of(result.quantity) + " [nat]"), last);
}

std::string script(const Result& result, const std::string& path, const std::string& model, const Drawn& drawn) {
  const double size = result.points.size() > 200 ? 0.25 : 0.7;
  std::vector<std::string> layers;
  if (drawn.with_interval > 0)
    layers.push_back(fmt::format(
        "$points using 1:2:3:4 with yerrorbars pt 7 ps {} lc '#1f5fa8' title 'estimate, 95% interval'", size));
  if (drawn.without_interval > 0)
    layers.push_back(fmt::format(
        "$bare using 1:2 with points pt 6 ps {} lc '#e08a00' title 'estimate without a valid error bar'", size));
  const auto exact = [&](const char* block, const char* title) {
    layers.push_back(fmt::format("${} using 1:5 with points pt 2 ps {} lc '#c0392b' {}", block, 1.6 * size, title));
  };
  if (drawn.exact > 0) exact("points", "title 'exact'");
  if (drawn.exact_without_interval > 0) exact("bare", drawn.exact > 0 ? "notitle" : "title 'exact'");

  std::string text = preamble(result, path, model, drawn);
  text += data_block("points", result, true) + data_block("bare", result, false);
  if (drawn.exact > 0) text += "set multiplot layout 2,1\n";
  text += fmt::format("plot {}\n", fmt::join(layers, ", "));
  if (drawn.exact == 0) return text;
  text += fmt::format("set title {}\nset ylabel 'difference [nat]'\n",
                      result.quantity == Quantity::log_density
                          ? "'Estimate minus exact: 95 of 100 intervals should reach zero'"
                          : gnuplot_literal(name_of(result.quantity) + " minus the exact log-density of the data"));
  text += fmt::format(
      "plot 0 lc '#c0392b' notitle, $points using 1:($2-$5):($3-$5):($4-$5) with yerrorbars pt 7 ps {} "
      "lc '#1f5fa8' title 'estimate - exact'\n",
      size);
  return text + "unset multiplot\n";
}

/// Runs gnuplot with the three streams given; true when it ended well.
bool run_gnuplot(std::FILE* in, std::FILE* out, std::FILE* err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(in), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(err), STDERR_FILENO);
  char name[] = "gnuplot";
  char* const arguments[] = {name, nullptr};
  pid_t child = 0;
  const int failed = posix_spawnp(&child, name, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return false;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void check_gnuplot(const std::string& otherwise) {
  const char* path = std::getenv("PATH");
  const std::string folders = path == nullptr ? "" : path;
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const std::string candidate = folders.substr(begin, end - begin) + "/gnuplot";
    if (access(candidate.c_str(), X_OK) == 0) return;
    begin = end + 1;
  }
  throw Error(ErrorKind::resource,
              fmt::format("gnuplot not found (pictures are drawn with it, and it is not on PATH) install gnuplot-nox{}",
                          otherwise));
}

bool can_draw(const Result& result) {
  return std::any_of(result.points.begin(), result.points.end(),
                     [](const PointResult& point) { return point.log_density.has_value(); });
}

std::string gnuplot_literal(const std::string& text) {
  std::string out = "'";
  for (const char c : one_line(text)) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string gnuplot_terminal(const std::string& path) {
  const bool svg = std::filesystem::path(path).extension() == ".svg";
  return svg ? "set terminal svg size 1000,750 background '#ffffff' noenhanced font 'sans,14'\n"
             : "set terminal pngcairo size 1000,750 noenhanced font 'sans,12'\n";
}

void check_picture_name(const std::string& path, const std::string& flag) {
  const std::string extension = std::filesystem::path(path).extension();
  SP_VALIDATE(
      extension == ".png" || extension == ".svg", usage,
      fmt::format("{} {} has no known extension (pictures are .png or .svg) rename it", flag, scorepath::quoted(path)));
}

std::string picture_of(const std::string& script) {
  const File in = temporary_file(), out = temporary_file(), err = temporary_file();
  std::fputs(script.c_str(), in.get());
  std::fflush(in.get());
  std::rewind(in.get());
  const bool drawn = run_gnuplot(in.get(), out.get(), err.get());
  const std::string picture = contents(out.get());
  std::string complaint = one_line(contents(err.get()));
  while (!complaint.empty() && complaint.back() == ' ') complaint.pop_back();
  if (complaint.size() > 200) complaint.resize(200);
  SP_VALIDATE(drawn && !picture.empty(), resource,
              fmt::format("gnuplot failed ({}) mend gnuplot; what else was asked for is written",
                          complaint.empty() ? "it gave no reason" : complaint));
  return picture;
}

std::string draw(const Result& result, const std::string& path, const std::string& model) {
  return picture_of(script(result, path, model, count_drawn(result)));
}

}  // namespace scorepath::cli
