// Every combination of the estimator's options, and which of them have no variance, as theory has it.
#pragma once

#include <scorepath/options.hpp>

#include <string>
#include <vector>

namespace scorepath::test {

/// "log-snr/stratified/anti/cancel/cv", or "paths/exact/stationary/...".
inline std::string describe(const Options& o) {
  if (o.method != Method::density_formula) {
    return name_of(o.method) + "/" + name_of(o.form) + "/" + name_of(o.grid) +
           (o.antithetic == Antithetic::on ? "/pairs" : "/single") +
           (o.path_points == PathPoints::sobol ? "/sobol" : "");
  }
  std::string text = o.sampler == Sampler::slices ? name_of(o.time_law) + "/" + name_of(o.time_points)
                                                  : "paths/" + name_of(o.transition) + "/" + name_of(o.grid);
  text += o.antithetic == Antithetic::on ? "/pairs" : "/single";
  text += o.cancellation == Cancellation::on ? "/cancelled" : "/raw";
  text += o.path_points == PathPoints::sobol ? "/sobol" : "";
  return text + (o.control_variate == ControlVariate::gaussian ? "/gaussian" : "/none");
}

/// The last three axes: 8 combinations.
inline void add_switches(const Options& base, std::vector<Options>& all) {
  for (const Antithetic a : {Antithetic::on, Antithetic::off}) {
    for (const Cancellation c : {Cancellation::on, Cancellation::off}) {
      for (const ControlVariate v : {ControlVariate::gaussian, ControlVariate::none}) {
        Options o = base;
        o.antithetic = a;
        o.cancellation = c;
        o.control_variate = v;
        all.push_back(o);
      }
    }
  }
}

/// 96 combinations of slices.
inline std::vector<Options> slice_combinations() {
  std::vector<Options> all;
  for (const TimeLaw law : {TimeLaw::log_snr, TimeLaw::uniform, TimeLaw::debiased, TimeLaw::importance}) {
    for (const TimePoints points : {TimePoints::stratified, TimePoints::plain, TimePoints::sobol}) {
      Options o;
      o.sampler = Sampler::slices;
      o.time_law = law;
      o.time_points = points;
      add_switches(o, all);
    }
  }
  return all;
}

/// 32 combinations of paths with one transition.
inline std::vector<Options> path_combinations(Transition transition) {
  std::vector<Options> all;
  for (const Grid grid : {Grid::stationary, Grid::adaptive, Grid::log_snr, Grid::uniform_t}) {
    Options o;
    o.sampler = Sampler::paths;
    o.transition = transition;
    o.grid = grid;
    add_switches(o, all);
  }
  return all;
}

/// 26 combinations of the pathwise estimator: three forms on every grid, and rays.
inline std::vector<Options> pathwise_combinations() {
  std::vector<Options> all;
  for (const Form form : {Form::stratonovich, Form::forward_ito, Form::backward_ito, Form::ray}) {
    for (const Grid grid : {Grid::stationary, Grid::adaptive, Grid::log_snr, Grid::uniform_t}) {
      if (form == Form::ray && grid != Grid::stationary) continue;
      for (const Antithetic antithetic : {Antithetic::on, Antithetic::off}) {
        Options o;
        o.method = Method::pathwise;
        o.form = form;
        o.grid = grid;
        o.antithetic = antithetic;
        all.push_back(o);
      }
    }
  }
  return all;
}

/// 20 combinations of path weights: both forms on every grid.
inline std::vector<Options> weight_combinations() {
  std::vector<Options> all;
  for (const Form form : {Form::extrapolated, Form::chain}) {
    for (const Grid grid : {Grid::tapered, Grid::stationary, Grid::adaptive, Grid::log_snr, Grid::uniform_t}) {
      for (const Antithetic antithetic : {Antithetic::on, Antithetic::off}) {
        Options o;
        o.method = Method::path_weights;
        o.form = form;
        o.grid = grid;
        o.antithetic = antithetic;
        all.push_back(o);
      }
    }
  }
  return all;
}

/// All 207.
inline std::vector<Options> every_estimator() {
  std::vector<Options> all = slice_combinations();
  for (const Transition t : {Transition::exact, Transition::euler_maruyama}) {
    for (const Options& o : path_combinations(t)) all.push_back(o);
  }
  for (const Options& o : pathwise_combinations()) all.push_back(o);
  for (const Options& o : weight_combinations()) all.push_back(o);
  Options plain;
  plain.method = Method::path_weights;
  plain.form = Form::feynman_kac;
  plain.end = End::prior;
  plain.grid = Grid::tapered;
  plain.antithetic = Antithetic::off;
  all.push_back(plain);
  return all;
}

/// Near zero noise rho the integrand of one sample is (|eps|^2 - d)/(2 rho) where that term is left in, else
/// eps.s(x)/sqrt(rho), which pairs cancel; a law that is uniform in t there has density about rho^0 and a log-snr law
/// about rho^(-1/2). The second moment, an integral of the integrand's square over the law's density, is finite or not
/// by that.
inline bool has_no_variance(const Options& o) {
  if (o.sampler == Sampler::paths || o.method != Method::density_formula) return false;
  const double density = o.time_law == TimeLaw::uniform || o.time_law == TimeLaw::debiased ? 0.0 : -0.5;
  double integrand = o.antithetic == Antithetic::on ? 0.0 : -0.5;
  if (o.cancellation == Cancellation::off && o.control_variate == ControlVariate::none) integrand = -1.0;
  return 2.0 * integrand - density <= -1.0;
}

}  // namespace scorepath::test
