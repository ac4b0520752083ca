// Reading models and points, writing results. Formats: docs/file-formats.md.
#pragma once

#include <string>
#include <vector>

#include <scorepath/export.hpp>
#include <scorepath/matrix_view.hpp>
#include <scorepath/problem.hpp>
#include <scorepath/result.hpp>
#include <scorepath/sample.hpp>

namespace scorepath {

/// Reads a model file (TOML) and the arrays it names. Errors: input, naming file, line, key and index.
/// `arrays`, where not null, receives the paths of the arrays that were read.
SCOREPATH_API Problem load_problem(const std::string& path, std::vector<std::string>* arrays = nullptr);

/// Reads a two-dimensional .npy array of f4, f8 or integers as doubles [n x dim]; every element must be finite.
SCOREPATH_API Matrix load_points(const std::string& path);

/// The result as JSON text (docs/file-formats.md); never contains NaN or infinity. `job` is embedded as JSON: model and
/// points paths.
SCOREPATH_API std::string to_json(const Result& result, const std::string& model_path, const std::string& points_path);

enum class Overwrite { no, yes };

/// Writes log_density, std_error, ci95, paths, score_evaluations, exact_log_density (where known) and job as .npz.
/// Nothing half-written stays behind. Errors: output (exists and not overwrite, or cannot be written).
SCOREPATH_API void write_npz(const std::string& path, const Result& result, const std::string& model_path,
                             const std::string& points_path, Overwrite overwrite = Overwrite::no);

/// Writes samples, log_density, std_error, exact_log_density, trajectories, times and job as .npz, those that there
/// are. Nothing half-written stays behind. Errors: output (exists and not overwrite, or cannot be written).
SCOREPATH_API void write_npz(const std::string& path, const Samples& samples, const std::string& model_path,
                             Overwrite overwrite = Overwrite::no);

}  // namespace scorepath
