// A result as NumPy arrays.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <scorepath/files.hpp>

#include "host/npy.hpp"
#include "host/npz.hpp"
#include "host/report.hpp"

namespace scorepath {
namespace {

/// One column of the table of points; absent and infinite numbers are NaN, as JSON has null for both.
template <class Field>
std::vector<double> column(const Result& result, Field field) {
  std::vector<double> values;
  values.reserve(result.points.size());
  for (const PointResult& point : result.points) {
    const double value = (point.*field).value_or(std::numeric_limits<double>::quiet_NaN());
    values.push_back(std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN());
  }
  return values;
}
template <class Field>
std::vector<std::int64_t> count_column(const Result& result, Field field) {
  std::vector<std::int64_t> values;
  values.reserve(result.points.size());
  for (const PointResult& point : result.points) values.push_back(static_cast<std::int64_t>(point.*field));
  return values;
}

/// Samples of all points as rows; shorter rows end in NaN. They may be most of the memory there is: no copy of them.
void add_samples(const Result& result, NpzWriter& archive) {
  std::size_t longest = 0;
  for (const PointResult& point : result.points) longest = std::max(longest, point.samples.size());
  const std::vector<double> absent(1024, std::numeric_limits<double>::quiet_NaN());
  archive.add_pieces("samples", [&](const NpzWriter::Sink& sink) {
    const auto write = [&](const std::vector<double>& values, std::size_t count) {
      if (count > 0) sink({reinterpret_cast<const char*>(values.data()), count * sizeof(double)});
    };
    sink(npy_header({result.points.size(), longest}));
    for (const PointResult& point : result.points) {
      write(point.samples, point.samples.size());
      for (std::size_t left = longest - point.samples.size(); left > 0;) {
        const std::size_t count = std::min(left, absent.size());
        write(absent, count);
        left -= count;
      }
    }
  });
}

/// The terms of every point's bound as rows [n x (T + 1)], NaN where a point has none; only where some point has them.
void add_bound_terms(const Result& result, NpzWriter& archive) {
  std::size_t length = 0;
  for (const PointResult& point : result.points) length = std::max(length, point.vlb_terms.size());
  if (length == 0) return;
  std::vector<double> values(result.points.size() * length, std::numeric_limits<double>::quiet_NaN()), errors = values;
  for (std::size_t p = 0; p < result.points.size(); ++p) {
    for (std::size_t k = 0; k < result.points[p].vlb_terms.size(); ++k) {
      values[p * length + k] = result.points[p].vlb_terms[k].value;
      errors[p * length + k] = result.points[p].vlb_terms[k].std_error;
    }
  }
  archive.add("vlb_terms", npy_bytes(values, {result.points.size(), length}));
  archive.add("vlb_terms_std_error", npy_bytes(errors, {result.points.size(), length}));
}

}  // namespace

void write_npz(const std::string& path, const Result& result, const std::string& model_path,
               const std::string& points_path, Overwrite overwrite) {
  const std::size_t n = result.points.size();
  const std::vector<double> lower = column(result, &PointResult::ci95_lower);
  const std::vector<double> upper = column(result, &PointResult::ci95_upper);
  std::vector<double> interval(2 * n);
  for (std::size_t i = 0; i < n; ++i) {
    interval[2 * i] = lower[i];
    interval[2 * i + 1] = upper[i];
  }
  NpzWriter archive(path, overwrite);
  archive.add("log_density", npy_bytes(column(result, &PointResult::log_density), {n}));
  archive.add("std_error", npy_bytes(column(result, &PointResult::std_error), {n}));
  archive.add("ci95", npy_bytes(interval, {n, 2}));
  archive.add("paths", npy_bytes(count_column(result, &PointResult::paths), {n}));
  archive.add("score_evaluations", npy_bytes(count_column(result, &PointResult::score_evaluations), {n}));
  const bool all_exact = std::all_of(result.points.begin(), result.points.end(),
                                     [](const PointResult& point) { return point.exact_log_density.has_value(); });
  if (n > 0 && all_exact) {
    archive.add("exact_log_density", npy_bytes(column(result, &PointResult::exact_log_density), {n}));
  }
  std::vector<std::string> flags;
  for (const PointResult& point : result.points) flags.push_back(fmt::format("{}", fmt::join(flags_of(point), ",")));
  archive.add("flags", npy_bytes(flags, {n}));
  add_bound_terms(result, archive);
  if (result.options.keep_samples) {
    archive.add("independent_samples", npy_bytes(count_column(result, &PointResult::independent_samples), {n}));
    add_samples(result, archive);
  }
  archive.add("job", npy_bytes(std::vector<std::string>{origin_json(result, model_path, points_path)}, {}));
  archive.commit();
}

}  // namespace scorepath
