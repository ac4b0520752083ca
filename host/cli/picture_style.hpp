// What pictures have in common: colours of series, titles of two lines, short names, how many of many are drawn.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "host/cli/plot.hpp"

namespace scorepath::cli {

inline constexpr const char* series_colours[] = {"#1f5fa8", "#c0392b", "#2e8b57", "#e08a00", "#7d3c98", "#555555"};
inline constexpr int series_marks[] = {7, 5, 9, 13};  ///< filled; each one's hollow form is the one before

/// Of the n-th series: all colours with one mark, then with the next.
inline const char* series_colour(std::size_t n) { return series_colours[n % std::size(series_colours)]; }
inline int series_mark(std::size_t n) { return series_marks[n / std::size(series_colours) % std::size(series_marks)]; }

/// What is shown, and below it how it was computed.
inline std::string gnuplot_title(const std::string& what, const std::string& how) {
  return fmt::format("set title {} . \"\\n\" . {} noenhanced\n", gnuplot_literal(what), gnuplot_literal(how));
}

/// Subscripts and powers in the texts of axes; names from outside, in titles and legend, stay as they are.
inline constexpr const char* gnuplot_formulas = "set termoption enhanced\nset key noenhanced\n";

/// "Log-density", as a title begins.
inline std::string capitalised(std::string text) {
  text.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(text.front())));
  return text;
}

/// Of many things every how manieth is drawn, and how many those are.
struct Thinned {
  std::size_t stride, count;
};
inline Thinned thinned(std::size_t all, std::size_t most) {
  const std::size_t stride = std::max<std::size_t>((all + most - 1) / most, 1);
  return {stride, (all + stride - 1) / stride};
}

/// "40 of 100 samples", "100 samples", "1 sample", "2 trajectories".
inline std::string share(std::size_t drawn, std::size_t all, std::string what) {
  if (all != 1 && what.back() == 'y') what.replace(what.size() - 1, 1, "ie");
  if (all != 1) what += 's';
  return drawn == all ? fmt::format("{} {}", all, what) : fmt::format("{} of {} {}", drawn, all, what);
}

/// A legend of one row under the picture's only axes.
inline constexpr const char* legend_below =
    "set bmargin 6\nset key at screen 0.5, screen 0.035 center horizontal Left reverse samplen 1\n";

/// Axes of the plane that lengths can be compared in.
inline constexpr const char* plane_axes =
    "set size ratio -1\nset xlabel 'x_1 [units of the data]'\nset ylabel 'x_2 [units of the data]'\n"
    "set bmargin 6\nset key at screen 0.5, screen 0.035 center horizontal Left reverse samplen 1\n";

/// "ring-2/model.toml": a model's folder tells more than its file.
inline std::string short_model(const std::string& path) {
  const std::filesystem::path model(path);
  return (model.parent_path().filename() / model.filename()).string();
}

/// Light to dark, for values on white paper that dots lie on: [fraction of the range, colour].
inline constexpr const char* map_palette =
    "set palette defined (0 '#e9f1f7', 0.25 '#b5d1e4', 0.5 '#6ea6cd', 0.75 '#2f6fac', 1 '#0a2e5c')\n";

}  // namespace scorepath::cli
