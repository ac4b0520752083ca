// Which methods have which flags, and what a command line without a method asks for.
#include "host/cli/method_choice.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cli/flag_values.hpp"
#include "host/cli/spelling.hpp"
#include "host/cli/text.hpp"
#include "host/quoted.hpp"
#include "host/sampling.hpp"

namespace scorepath::cli {
namespace {

struct FlagOfMethods {
  const char* name;
  std::vector<Method> methods;
};
/// Flags that not every method has.
const std::vector<FlagOfMethods>& flags_of_methods() {
  static const std::vector<FlagOfMethods> flags = {
      {"--form", {Method::pathwise, Method::path_weights, Method::elbo, Method::ddpm}},
      {"--sampler", {Method::density_formula, Method::elbo}},
      {"--time-law", {Method::density_formula, Method::elbo}},
      {"--time-points", {Method::density_formula, Method::elbo}},
      {"--path-points", {Method::pathwise, Method::density_formula, Method::elbo}},
      {"--cancellation", {Method::density_formula, Method::elbo}},
      {"--control-variate", {Method::density_formula, Method::elbo, Method::ddpm}},
      {"--transition", {Method::density_formula, Method::elbo}},
      {"--antithetic", {Method::pathwise, Method::path_weights, Method::density_formula, Method::elbo, Method::ddpm}},
      {"--grid", {Method::pathwise, Method::path_weights, Method::density_formula, Method::elbo}},
      {"--divergence", {Method::pathwise, Method::elbo, Method::ode}},
      {"--probes", {Method::ode}},
      {"--probe-plan", {Method::ode}},
      {"--rtol", {Method::ode}},
      {"--atol", {Method::ode}},
      {"--lambda", {Method::elbo}},
      {"--start", {Method::elbo}},
      {"--keep-terms", {Method::ddpm}},
  };
  return flags;
}

bool has_flag(Method method, const FlagOfMethods& flag) {
  return std::find(flag.methods.begin(), flag.methods.end(), method) != flag.methods.end();
}

std::string names_of_built(const std::vector<Method>& methods) {
  std::vector<std::string> names;
  for (const Method method : methods) names.push_back(name_of(method));
  return join(names);
}

}  // namespace

Method parse_method(const std::string& text) { return parse_choice<Method>("--method", text); }

Form parse_form(const std::string& text) { return parse_choice<Form>("--form", text); }

void choose_method(const Arguments& arguments, DensityJob& job) {
  Options& options = job.options;
  if (options.form != Form::automatic) {
    options.method = with_method(options).method;
    job.why_method = "the method that has --form";
    return;
  }
  struct Candidate {
    Method method;
    Form form;
  };
  // A flag that was given and that the candidate does not have, if its method has it at all; or its form.
  const auto unknown_to = [&](Method method) -> const char* {
    for (const FlagOfMethods& flag : flags_of_methods())
      if (arguments.given(flag.name) && !has_flag(method, flag)) return flag.name;
    return nullptr;
  };
  const auto obstacle = [&](const Candidate& candidate) -> const char* {
    if (const char* flag = unknown_to(candidate.method)) return flag;
    if (options.divergence == Divergence::hutchinson && candidate.method != Method::ode)
      return "--divergence hutchinson";
    const auto any = [&](std::initializer_list<const char*> flags) -> const char* {
      for (const char* flag : flags)
        if (arguments.given(flag)) return flag;
      return nullptr;
    };
    if (candidate.form == Form::ray) {
      if (arguments.given("--grid")) return "--grid";
      if (has_sobol_paths(options)) return "--path-points sobol";
      if (options.end == End::prior) return "--end prior";
      return options.steps > most_ray_nodes ? "--steps of more than 2048" : nullptr;
    }
    if (candidate.form == Form::implicit) {
      if (arguments.given("--sampler") && options.sampler == Sampler::slices) return "--sampler slices";
      return any({"--time-law", "--time-points", "--cancellation", "--control-variate", "--transition", "--start"});
    }
    if (candidate.form == Form::denoising && arguments.given("--divergence")) return "--divergence";
    if (candidate.form == Form::denoising && options.lambda != 0.0) return "--lambda";
    const bool sliced = candidate.method == Method::density_formula || candidate.form == Form::denoising;
    return sliced && options.sampler == Sampler::slices ? any({"--grid", "--steps", "--path-points"}) : nullptr;
  };
  constexpr Candidate by_favour[] = {{Method::pathwise, Form::ray},   {Method::pathwise, Form::stratonovich},
                                     {Method::ode, Form::automatic},  {Method::density_formula, Form::automatic},
                                     {Method::elbo, Form::denoising}, {Method::elbo, Form::implicit}};
  const auto take = [&](const Candidate& candidate) {
    options.method = candidate.method;
    options.form = candidate.form;
    const char* none_of_rays = obstacle(by_favour[0]);
    job.why_method = none_of_rays == nullptr
                         ? "along rays: the fewest score evaluations for an error"
                         : fmt::format("which has {}, as pathwise along rays has not", none_of_rays);
  };
  for (const Candidate& candidate : by_favour)
    if (obstacle(candidate) == nullptr) return take(candidate);
  // None has all: the first whose method knows the flags will say what does not go together.
  for (const Candidate& candidate : by_favour)
    if (unknown_to(candidate.method) == nullptr) return take(candidate);
  take(by_favour[0]);
}

void refuse_flags_of_other_methods(const Arguments& arguments, Method method, Checks& checks) {
  for (const FlagOfMethods& flag : flags_of_methods()) {
    const std::string built = names_of_built(flag.methods);
    checks.attempt([&] {
      SP_VALIDATE(!arguments.given(flag.name) || has_flag(method, flag), usage,
                  fmt::format("{0} does not apply to --method {1} (it belongs to --method {2}) leave it out or choose "
                              "--method {2}",
                              flag.name, name_of(method), built));
    });
  }
}

void check_divergence(const Arguments& arguments, const Options& options, Checks& checks) {
  const bool probes = options.divergence == Divergence::hutchinson;
  checks.attempt([&] {
    SP_VALIDATE(!probes || options.method == Method::ode, usage,
                fmt::format("--divergence hutchinson is not built for --method {} (it has the exact one) use "
                            "--divergence exact, or --method ode",
                            name_of(options.method)));
  });
  if (options.method != Method::ode || probes) return;
  for (const char* flag : {"--steps", "--probes", "--probe-plan"})
    checks.attempt([&] {
      SP_VALIDATE(
          !arguments.given(flag), usage,
          fmt::format("{} does not apply to --divergence exact (it belongs to --divergence hutchinson) leave it "
                      "out or choose --divergence hutchinson",
                      flag));
    });
}

void read_lambda(const Arguments& arguments, Options& options, Checks& checks) {
  checks.attempt([&] {
    if (arguments.given("--lambda")) options.lambda = parse_number("--lambda", arguments.text("--lambda"));
  });
}

}  // namespace scorepath::cli
