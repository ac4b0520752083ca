// What `scorepath density` was asked to do: its flags as data, and their checked translation.
#pragma once

#include <string>
#include <vector>

#include <scorepath/options.hpp>

#include "host/cli/command_line.hpp"
#include "host/cli/progress.hpp"

namespace scorepath::cli {

enum class Notes { yes, no };

struct DensityJob {
  std::string model, points;
  Options options;
  std::string json, npz, plot;  ///< output files; empty: not asked for
  bool json_on_stdout = false;
  bool force = false;
  bool dry_run = false;
  bool steps_given = false;
  bool method_given = false;  ///< --method was written, be it auto
  std::string why_method;     ///< of a method that was not named: why this one
  Notes notes = Notes::yes;
  ProgressKind progress = ProgressKind::automatic;
};

std::vector<Flag> density_flags();

/// Translates every flag; each impossible one is a failed check of `checks` and leaves its default.
/// is_network: the model's score is one, which has a method of its own.
DensityJob density_job(const Arguments& arguments, Checks& checks, bool is_network = false);

/// --steps, --paths, --seed, --threads, --target-se and the flags of ode, where they are given.
void read_numbers(const Arguments& arguments, Options& options, Checks& checks);

/// No output may replace an array that the model names, --force or not. A usage error each.
void check_outputs_spare(const std::vector<std::string>& arrays, const DensityJob& job, Checks& checks);

}  // namespace scorepath::cli
