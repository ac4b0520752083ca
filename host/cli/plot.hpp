// Pictures, drawn by gnuplot: of estimates with their error bars, and what other pictures are made with.
#pragma once

#include <string>

#include <scorepath/result.hpp>

namespace scorepath::cli {

/// Errors: resource, unless a gnuplot can be found on PATH; `otherwise`: what else the caller's user could do.
void check_gnuplot(const std::string& otherwise = " or leave out --plot");

/// Errors: usage, unless the file that `flag` names is a .png or .svg.
void check_picture_name(const std::string& path, const std::string& flag = "--plot");

/// For those who draw: a string literal (single quotes doubled, no control characters), the terminal for a file of this
/// name, and what gnuplot makes of a script. Errors: resource.
std::string gnuplot_literal(const std::string& text);
std::string gnuplot_terminal(const std::string& path);
std::string picture_of(const std::string& script);

/// True where at least one point has an estimate.
bool can_draw(const Result& result);

/// The picture as bytes of a .png or .svg file, by the extension of `path`: log-density per point with 95%
/// intervals; points without one are marked; where exact values are known, they stand beside and the difference below.
/// Errors: resource.
std::string draw(const Result& result, const std::string& path, const std::string& model);

}  // namespace scorepath::cli
