// The result as a table for people: two significant digits of each error, decimal points aligned.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <scorepath/result.hpp>

namespace scorepath::cli {

/// What an estimate may be off by, all in all: its standard error and the systematic ones that are known [nat]. Absent
/// where there is no standard error.
std::optional<double> whole_error(const PointResult& point);

enum class Length { whole, shortened };

/// Rows: index, log_density +- std_error, 95% interval, exact and z = (log_density - exact) / std_error where exact
/// values are known, flags; then one line of totals. `shortened` leaves out the middle of a long table and says so.
std::string table(const Result& result, Length length, const std::string& where_all_points_are);

/// Columns right-aligned under their names, the last one left-aligned; no spaces at the end of a line.
std::string lay_out(const std::vector<std::vector<std::string>>& rows);

/// What the table shows and how it was computed, in one line.
std::string heading(const Result& result, bool at_t_min);

}  // namespace scorepath::cli
