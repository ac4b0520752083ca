// scorepath: log-densities of diffusion models, with error bars. The one-page tour:
//
//   problem.hpp    a noise schedule and a score model, as plain values
//   options.hpp    how to estimate: sampler, time law, steps, paths, seed, backend
//   estimate.hpp   estimate_log_density(problem, points, options) -> Result; exact_log_density (the oracle)
//   sample.hpp     sample(problem, count, options) -> Samples, each with its log-density where asked for
//   result.hpp     per point: value [nat], standard error, interval, cost, error budget, flags
//   files.hpp      model files (TOML), points (.npy), results (.npz, JSON)
//   backend.hpp    what this machine can run
//   error.hpp      the one exception type
//   matrix_view.hpp  the one two-dimensional shape type
#pragma once

#include <scorepath/backend.hpp>
#include <scorepath/error.hpp>
#include <scorepath/estimate.hpp>
#include <scorepath/files.hpp>
#include <scorepath/matrix_view.hpp>
#include <scorepath/options.hpp>
#include <scorepath/problem.hpp>
#include <scorepath/result.hpp>
#include <scorepath/sample.hpp>
