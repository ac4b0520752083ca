// Which methods have which flags, and what a command line without a method asks for.
#pragma once

#include <string>
#include <vector>

#include "host/cli/command_line.hpp"
#include "host/cli/density_job.hpp"

namespace scorepath::cli {

/// The value of --method and --form.
Method parse_method(const std::string& text);
Form parse_form(const std::string& text);

/// What `auto` stands for, and why: the first of rays, Stratonovich sums, the flow, the density formula and the bound,
/// in the order of their score evaluations (docs/methods.md), that has every flag given. Sets the job's method, form
/// and why_method.
void choose_method(const Arguments& arguments, DensityJob& job);

/// A failed check for each flag given that the method does not have.
void refuse_flags_of_other_methods(const Arguments& arguments, Method method, Checks& checks);
/// --lambda, where it is given.
void read_lambda(const Arguments& arguments, Options& options, Checks& checks);
/// Probes belong to --divergence hutchinson, and that to --method ode.
void check_divergence(const Arguments& arguments, const Options& options, Checks& checks);

}  // namespace scorepath::cli
