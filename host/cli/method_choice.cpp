// Which methods have which flags, and what a command line without a method asks for.
#include "host/cli/method_choice.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/cli/flag_values.hpp"
#include "host/cli/spelling.hpp"
#include "host/cli/text.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

/// The command's methods that this version does not have yet.
const std::vector<std::string>& methods_to_come() {
  static const std::vector<std::string> names = {"elbo", "path-weights", "ddpm"};
  return names;
}

/// Methods that are built, the one that `auto` favours first (docs/methods.md).
constexpr Method methods_by_favour[] = {Method::pathwise, Method::density_formula, Method::ode};

struct FlagOfMethods {
  const char* name;
  std::vector<Method> methods;  // that are built
  const char* to_come = "";     // where none is: those that will have it
};
/// Flags that not every method has.
const std::vector<FlagOfMethods>& flags_of_methods() {
  static const std::vector<FlagOfMethods> flags = {
      {"--form", {Method::pathwise}},
      {"--sampler", {Method::density_formula}},
      {"--time-law", {Method::density_formula}},
      {"--time-points", {Method::density_formula}},
      {"--cancellation", {Method::density_formula}},
      {"--control-variate", {Method::density_formula}},
      {"--transition", {Method::density_formula}},
      {"--antithetic", {Method::pathwise, Method::density_formula}},
      {"--grid", {Method::pathwise, Method::density_formula}},
      {"--divergence", {Method::pathwise, Method::ode}},
      {"--probes", {Method::ode}},
      {"--probe-plan", {Method::ode}},
      {"--rtol", {Method::ode}},
      {"--atol", {Method::ode}},
      {"--lambda", {}, "elbo, path-weights"},
      {"--start", {}, "elbo"},
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

std::vector<const char*> flags_to_come() {
  std::vector<const char*> names;
  for (const FlagOfMethods& flag : flags_of_methods())
    if (flag.methods.empty()) names.push_back(flag.name);
  return names;
}

Method parse_method(const std::string& text) {
  for (const std::string& name : methods_to_come())
    SP_VALIDATE(name != text, usage,
                fmt::format("--method {} is not built in this version (built: {}) use --method {}", text,
                            names_of_built({std::begin(methods_by_favour), std::end(methods_by_favour)}),
                            name_of(methods_by_favour[0])));
  return parse_choice<Method>("--method", text);
}

Form parse_form(const std::string& text) {
  constexpr std::pair<const char*, const char*> to_come[] = {{"denoising", "elbo"},
                                                             {"implicit", "elbo"},
                                                             {"extrapolated", "path-weights"},
                                                             {"chain", "path-weights, ddpm"},
                                                             {"feynman-kac", "path-weights"},
                                                             {"multilevel", "pathwise"},
                                                             {"vlb", "ddpm"},
                                                             {"li-yan", "ddpm"},
                                                             {"li-yan-corrected", "ddpm"}};
  for (const auto& [form, methods] : to_come)
    SP_VALIDATE(text != form, usage,
                fmt::format("--form {} is not built in this version (it belongs to {}) use one of {}", text, methods,
                            join(cli::names_of<Form>())));
  return parse_choice<Form>("--form", text);
}

void choose_method(const Arguments& arguments, DensityJob& job) {
  const auto foreign = [&](Method method) -> const char* {
    for (const FlagOfMethods& flag : flags_of_methods())
      if (arguments.given(flag.name) && !has_flag(method, flag)) return flag.name;
    return nullptr;
  };
  Options& options = job.options;
  const char* none_of_rays = foreign(Method::pathwise);
  if (none_of_rays == nullptr && arguments.given("--grid")) none_of_rays = "--grid";
  if (none_of_rays == nullptr && options.end == End::prior) none_of_rays = "--end prior";
  if (options.form != Form::automatic) {
    options.method = Method::pathwise;
    job.why_method = "the method that has --form";
  } else if (none_of_rays == nullptr || foreign(Method::density_formula) != nullptr) {
    options.method = Method::pathwise;
    options.form = Form::ray;
    job.why_method = "along rays: the fewest score evaluations for an error";
  } else {
    options.method = Method::density_formula;
    job.why_method = fmt::format("which has {}, as pathwise along rays has not", none_of_rays);
  }
}

void refuse_flags_of_other_methods(const Arguments& arguments, Method method, Checks& checks) {
  for (const FlagOfMethods& flag : flags_of_methods()) {
    const std::string built = names_of_built(flag.methods);
    const std::string belongs = flag.methods.empty() ? fmt::format("{}, not built in this version", flag.to_come)
                                                     : fmt::format("--method {}", built);
    const std::string remedy = flag.methods.empty() ? "leave it out" : "leave it out or choose --method " + built;
    checks.attempt([&] {
      SP_VALIDATE(!arguments.given(flag.name) || has_flag(method, flag), usage,
                  fmt::format("{} does not apply to --method {} (it belongs to {}) {}", flag.name, name_of(method),
                              belongs, remedy));
    });
  }
}

void check_divergence(const Arguments& arguments, const Options& options, Checks& checks) {
  const bool probes = options.divergence == Divergence::hutchinson;
  checks.attempt([&] {
    SP_VALIDATE(!probes || options.method != Method::pathwise, usage,
                "--divergence hutchinson is not built for --method pathwise (it has the exact one) use --divergence "
                "exact, or --method ode");
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

}  // namespace scorepath::cli
