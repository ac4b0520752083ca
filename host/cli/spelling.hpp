// The values of every choice, spelled by name_of() alone: the same list serves parsing, help and messages.
#pragma once

#include <string>
#include <vector>

#include <scorepath/options.hpp>
#include <scorepath/result.hpp>

namespace scorepath::cli {

/// All values of a choice, the default first. Names come from name_of().
template <typename Choice>
std::vector<Choice> values_of();

template <>
inline std::vector<Method> values_of() {
  return {
      Method::automatic, Method::density_formula, Method::pathwise, Method::path_weights, Method::elbo, Method::ddpm,
      Method::ode};
}
template <>
inline std::vector<Quantity> values_of() {
  return {Quantity::log_density,    Quantity::lower_bound,     Quantity::chain_likelihood,
          Quantity::sde_likelihood, Quantity::flow_likelihood, Quantity::path_estimate};
}
template <>
inline std::vector<Form> values_of() {
  return {Form::stratonovich, Form::forward_ito, Form::backward_ito,    Form::multilevel, Form::ray,
          Form::extrapolated, Form::chain,       Form::feynman_kac,     Form::denoising,  Form::implicit,
          Form::vlb,          Form::li_yan,      Form::li_yan_corrected};
}
template <>
inline std::vector<Sampler> values_of() {
  return {Sampler::slices, Sampler::paths};
}
template <>
inline std::vector<TimeLaw> values_of() {
  return {TimeLaw::log_snr, TimeLaw::uniform, TimeLaw::debiased, TimeLaw::importance};
}
template <>
inline std::vector<PathPoints> values_of() {
  return {PathPoints::plain, PathPoints::sobol};
}
template <>
inline std::vector<TimePoints> values_of() {
  return {TimePoints::stratified, TimePoints::plain, TimePoints::sobol};
}
template <>
inline std::vector<Antithetic> values_of() {
  return {Antithetic::automatic, Antithetic::on, Antithetic::off};
}
template <>
inline std::vector<Cancellation> values_of() {
  return {Cancellation::on, Cancellation::off};
}
template <>
inline std::vector<ControlVariate> values_of() {
  return {ControlVariate::gaussian, ControlVariate::none};
}
template <>
inline std::vector<Transition> values_of() {
  return {Transition::exact, Transition::euler_maruyama};
}
template <>
inline std::vector<Grid> values_of() {
  return {Grid::automatic, Grid::stationary, Grid::adaptive, Grid::log_snr, Grid::uniform_t, Grid::tapered};
}
template <>
inline std::vector<End> values_of() {
  return {End::exact, End::prior};
}
template <>
inline std::vector<Start> values_of() {
  return {Start::t_min, Start::data};
}
template <>
inline std::vector<Divergence> values_of() {
  return {Divergence::exact, Divergence::hutchinson};
}
template <>
inline std::vector<ProbePlan> values_of() {
  return {ProbePlan::hadamard, ProbePlan::fresh, ProbePlan::fixed};
}
template <>
inline std::vector<Arithmetic> values_of() {
  return {Arithmetic::reproducible, Arithmetic::fast};
}
template <>
inline std::vector<Backend> values_of() {
  return {Backend::automatic, Backend::cpu, Backend::cuda};
}

template <typename Choice>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for (const Choice value : values_of<Choice>()) names.push_back(name_of(value));
  return names;
}

}  // namespace scorepath::cli
