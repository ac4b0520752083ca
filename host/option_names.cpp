// The names of option values and quantities, as the command line spells them.
#include <string_view>

#include <fmt/format.h>

#include <scorepath/options.hpp>
#include <scorepath/result.hpp>

#include "host/check.hpp"

namespace scorepath {
namespace {

/// A value outside its enumeration can only come from a cast in the caller's code.
[[noreturn]] void no_such_value(std::string_view option, int value) {
  throw Error(ErrorKind::usage,
              fmt::format("{} has no value {} (it is outside its enumeration) use a named value", option, value));
}

}  // namespace

std::string name_of(Method value) {
  switch (value) {
    case Method::automatic:
      return "auto";
    case Method::density_formula:
      return "density-formula";
    case Method::pathwise:
      return "pathwise";
    case Method::path_weights:
      return "path-weights";
    case Method::elbo:
      return "elbo";
    case Method::ddpm:
      return "ddpm";
    case Method::ode:
      return "ode";
  }
  no_such_value("method", static_cast<int>(value));
}

std::string name_of(Form value) {
  switch (value) {
    case Form::automatic:
      return "auto";
    case Form::stratonovich:
      return "stratonovich";
    case Form::forward_ito:
      return "forward-ito";
    case Form::backward_ito:
      return "backward-ito";
    case Form::multilevel:
      return "multilevel";
    case Form::ray:
      return "ray";
    case Form::extrapolated:
      return "extrapolated";
    case Form::chain:
      return "chain";
    case Form::denoising:
      return "denoising";
    case Form::implicit:
      return "implicit";
    case Form::feynman_kac:
      return "feynman-kac";
    case Form::vlb:
      return "vlb";
    case Form::li_yan:
      return "li-yan";
    case Form::li_yan_corrected:
      return "li-yan-corrected";
  }
  no_such_value("form", static_cast<int>(value));
}

std::string name_of(Sampler value) {
  switch (value) {
    case Sampler::slices:
      return "slices";
    case Sampler::paths:
      return "paths";
  }
  no_such_value("sampler", static_cast<int>(value));
}

std::string name_of(TimeLaw value) {
  switch (value) {
    case TimeLaw::log_snr:
      return "log-snr";
    case TimeLaw::uniform:
      return "uniform";
    case TimeLaw::debiased:
      return "debiased";
    case TimeLaw::importance:
      return "importance";
  }
  no_such_value("time_law", static_cast<int>(value));
}

std::string name_of(PathPoints value) {
  switch (value) {
    case PathPoints::plain:
      return "plain";
    case PathPoints::sobol:
      return "sobol";
  }
  no_such_value("path_points", static_cast<int>(value));
}
std::string name_of(TimePoints value) {
  switch (value) {
    case TimePoints::stratified:
      return "stratified";
    case TimePoints::plain:
      return "plain";
    case TimePoints::sobol:
      return "sobol";
  }
  no_such_value("time_points", static_cast<int>(value));
}

std::string name_of(Antithetic value) {
  switch (value) {
    case Antithetic::automatic:
      return "auto";
    case Antithetic::on:
      return "on";
    case Antithetic::off:
      return "off";
  }
  no_such_value("antithetic", static_cast<int>(value));
}

std::string name_of(Cancellation value) {
  switch (value) {
    case Cancellation::on:
      return "on";
    case Cancellation::off:
      return "off";
  }
  no_such_value("cancellation", static_cast<int>(value));
}

std::string name_of(ControlVariate value) {
  switch (value) {
    case ControlVariate::gaussian:
      return "gaussian";
    case ControlVariate::none:
      return "none";
  }
  no_such_value("control_variate", static_cast<int>(value));
}

std::string name_of(Transition value) {
  switch (value) {
    case Transition::exact:
      return "exact";
    case Transition::euler_maruyama:
      return "euler-maruyama";
  }
  no_such_value("transition", static_cast<int>(value));
}

std::string name_of(Grid value) {
  switch (value) {
    case Grid::automatic:
      return "auto";
    case Grid::stationary:
      return "stationary";
    case Grid::adaptive:
      return "adaptive";
    case Grid::log_snr:
      return "log-snr";
    case Grid::uniform_t:
      return "uniform-t";
    case Grid::tapered:
      return "tapered";
  }
  no_such_value("grid", static_cast<int>(value));
}

std::string name_of(End value) {
  switch (value) {
    case End::exact:
      return "exact";
    case End::prior:
      return "prior";
  }
  no_such_value("end", static_cast<int>(value));
}

std::string name_of(Start value) {
  switch (value) {
    case Start::t_min:
      return "t-min";
    case Start::data:
      return "data";
  }
  no_such_value("start", static_cast<int>(value));
}

std::string name_of(Divergence value) {
  switch (value) {
    case Divergence::exact:
      return "exact";
    case Divergence::hutchinson:
      return "hutchinson";
  }
  no_such_value("divergence", static_cast<int>(value));
}

std::string name_of(ProbePlan value) {
  switch (value) {
    case ProbePlan::hadamard:
      return "hadamard";
    case ProbePlan::fresh:
      return "fresh";
    case ProbePlan::fixed:
      return "fixed";
  }
  no_such_value("probe_plan", static_cast<int>(value));
}

std::string name_of(Arithmetic value) {
  switch (value) {
    case Arithmetic::reproducible:
      return "reproducible";
    case Arithmetic::fast:
      return "fast";
  }
  no_such_value("arithmetic", static_cast<int>(value));
}

std::string name_of(Quantity value) {
  switch (value) {
    case Quantity::log_density:
      return "log-density";
    case Quantity::lower_bound:
      return "lower-bound";
    case Quantity::chain_likelihood:
      return "chain-likelihood";
    case Quantity::sde_likelihood:
      return "sde-likelihood";
    case Quantity::path_estimate:
      return "path-estimate";
    case Quantity::flow_likelihood:
      return "flow-likelihood";
  }
  no_such_value("quantity", static_cast<int>(value));
}

}  // namespace scorepath
