// The main call: log-densities of points under a diffusion model, each with an error bar.
#pragma once

#include <vector>

#include <scorepath/export.hpp>
#include <scorepath/matrix_view.hpp>
#include <scorepath/options.hpp>
#include <scorepath/problem.hpp>
#include <scorepath/result.hpp>

namespace scorepath {

/// Estimates log p_0 at every row of `points` [n x dim] by the score-based density formula (Li & Yan 2024,
/// Theorem 1) for the problem's schedule and score. Values in, values out; no global state; may be called
/// from several threads. The numbers depend on (problem, point, options) alone: not on threads, instruction
/// set, or the other points (IEEE rounding to nearest is assumed, the default).
/// Errors: input (problem or points), usage (options), resource (the backend is not there, or fails at the first
/// points), OutOfMemory (for not even the first points). Where memory runs out or a device fails later, what is
/// finished is returned, and Result::out_of_memory or device_failed set.
SCOREPATH_API Result estimate_log_density(const Problem& problem, MatrixView points, const Options& options = {});

/// The oracle: exact log-density of every row of `points` [n x dim] [nat] at the schedule's t_min (at zero noise
/// where t_min is not set), in double. It checks estimates; it never answers for them.
SCOREPATH_API std::vector<double> exact_log_density(const Problem& problem, MatrixView points);

/// log-density [nat] of `dim` coordinates -> bits per dimension, -log p / (dim ln 2), for data that were divided by
/// `scale` (1: as given) before the model saw them: the original data's density is lower by dim ln(scale).
/// Errors: usage, unless dim is at least 1 and scale is positive and finite.
SCOREPATH_API double bits_per_dimension(double log_density, std::size_t dim, double scale = 1.0);

}  // namespace scorepath
