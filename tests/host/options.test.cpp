// The options' names and what validate(Options) refuses.
#include <scorepath/options.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <scorepath/result.hpp>

#include "tests/support/expect_error.hpp"

namespace scorepath::testing {
namespace {

template <class Change>
void expect_bad(Change change, const std::vector<std::string>& fragments) {
  Options options;
  change(options);
  expect_error(ErrorKind::usage, fragments, [&] { validate(options); });
}

TEST(ValidateOptions, AcceptsDefaultsAndBorders) {
  Options options;
  EXPECT_NO_THROW(validate(options));
  options.paths = 1;
  options.steps = 4;
  options.threads = 4096;
  options.target_se = 1e-9;
  EXPECT_NO_THROW(validate(options));
  options.paths = std::uint64_t{1} << 40;
  options.steps = std::uint64_t{1} << 20;
  EXPECT_NO_THROW(validate(options));
}

TEST(ValidateOptions, OdeHasItsOwnAndNothingElse) {
  Options good;
  good.method = Method::ode;
  good.rtol = good.atol = 1e-12;
  EXPECT_NO_THROW(validate(good));
  good.divergence = Divergence::hutchinson;
  good.steps = 6;
  good.probes = 3;
  EXPECT_NO_THROW(validate(good));
  const auto expect_bad_ode = [](auto change, const std::vector<std::string>& fragments) {
    expect_bad(
        [&](Options& o) {
          o.method = Method::ode;
          change(o);
        },
        fragments);
  };
  for (const double bad : {0.0, -1.0, 1e-13, 1e-20, 1e300, std::nan("")}) {
    expect_bad_ode([&](Options& o) { o.rtol = bad; }, {"rtol is", "1e-12"});
    expect_bad_ode([&](Options& o) { o.atol = bad; }, {"atol is", "1e-12"});
  }
  expect_bad_ode([](Options& o) { o.form = Form::ray; }, {"form is ray", "method ode"});
  expect_bad_ode([](Options& o) { o.grid = Grid::log_snr; }, {"grid is log-snr"});
  expect_bad_ode([](Options& o) { o.transition = Transition::euler_maruyama; }, {"transition is euler-maruyama"});
  expect_bad_ode([](Options& o) { o.control_variate = ControlVariate::none; }, {"control_variate is none"});
  expect_bad_ode([](Options& o) { o.arithmetic = Arithmetic::fast; }, {"arithmetic is fast"});
  expect_bad_ode([](Options& o) { o.probes = 0; }, {"probes is 0"});
  expect_bad_ode([](Options& o) { o.probes = 2; }, {"divergence hutchinson"});
  expect_bad_ode([](Options& o) { o.probe_plan = ProbePlan::fixed; }, {"divergence hutchinson"});
  expect_bad_ode([](Options& o) { o.divergence = Divergence::hutchinson, o.steps = 5; }, {"steps is 5"});
  expect_bad_ode([](Options& o) { o.divergence = Divergence::hutchinson, o.paths = 1u << 25; }, {"repetitions"});
  expect_bad([](Options& o) { o.divergence = Divergence::hutchinson; }, {"divergence is hutchinson", "method ode"});
  expect_bad([](Options& o) { o.rtol = 1e-3; }, {"rtol, atol", "method ode"});
}

TEST(ValidateOptions, RefusesImpossibleValues) {
  expect_bad([](Options& o) { o.form = Form::ray; }, {"form is ray", "density-formula"});
  const auto expect_bad_pathwise = [](auto change, const std::vector<std::string>& fragments) {
    expect_bad(
        [&](Options& o) {
          o.method = Method::pathwise;
          change(o);
        },
        fragments);
  };
  expect_bad_pathwise([](Options& o) { o.transition = Transition::euler_maruyama; }, {"transition is euler-maruyama"});
  expect_bad_pathwise([](Options& o) { o.cancellation = Cancellation::off; }, {"cancellation is off"});
  expect_bad_pathwise([](Options& o) { o.control_variate = ControlVariate::none; }, {"control_variate is none"});
  expect_bad_pathwise(
      [](Options& o) {
        o.form = Form::ray;
        o.steps = 4096;
      },
      {"steps is 4096", "2048"});
  expect_bad_pathwise(
      [](Options& o) {
        o.form = Form::ray;
        o.end = End::prior;
      },
      {"end is prior", "infinite"});
  const auto expect_bad_multilevel = [&](auto change, const std::vector<std::string>& fragments) {
    expect_bad_pathwise(
        [&](Options& o) {
          o.form = Form::multilevel;
          change(o);
        },
        fragments);
  };
  for (const std::uint64_t steps : {4, 64, 66, 130, 192 + 1})
    expect_bad_multilevel([&](Options& o) { o.steps = steps; }, {"steps is " + std::to_string(steps), "multiple of 4"});
  expect_bad_multilevel([](Options& o) { o.paths = 383; }, {"paths is 383", "3 levels", "384"});
  expect_bad_multilevel([](Options& o) { o.end = End::prior; }, {"end is prior"});
  expect_bad_multilevel([](Options& o) { o.antithetic = Antithetic::on; }, {"antithetic is on"});
  expect_bad_multilevel([](Options& o) { o.keep_samples = true; }, {"keep_samples is set"});
  expect_bad([](Options& o) { o.paths = (std::uint64_t{1} << 40) + 1; }, {"paths is 1099511627777", "2^40"});
  expect_bad([](Options& o) { o.steps = 0; }, {"steps is 0", "--steps"});
  expect_bad([](Options& o) { o.steps = 3; }, {"steps is 3", "4 to 2^20"});
  expect_bad([](Options& o) { o.steps = (std::uint64_t{1} << 20) + 1; }, {"steps is 1048577", "2^20"});
  expect_bad([](Options& o) { o.threads = -1; }, {"threads is -1", "--threads"});
  expect_bad([](Options& o) { o.threads = 4097; }, {"threads is 4097"});
  expect_bad([](Options& o) { o.target_se = 0.0; }, {"target_se is 0", "--target-se"});
  expect_bad([](Options& o) { o.target_se = -1.0; }, {"target_se is -1"});
  expect_bad([](Options& o) { o.target_se = HUGE_VAL; }, {"target_se is inf"});
  expect_bad([](Options& o) { o.target_se = std::nan(""); }, {"target_se is nan"});
  expect_bad([](Options& o) { o.grid = static_cast<Grid>(17); }, {"grid has no value 17"});
  expect_bad([](Options& o) { o.method = static_cast<Method>(-1); }, {"method has no value -1"});
  expect_bad([](Options& o) { o.backend = static_cast<Backend>(77); }, {"backend has no value 77"});
}

TEST(ValidateOptions, FastArithmeticNeedsCuda) {
  const auto fast_on_cpu = [](Options& options) {
    options.arithmetic = Arithmetic::fast;
    options.backend = Backend::cpu;
  };
  expect_bad(fast_on_cpu, {"arithmetic is fast", "CUDA", "--arithmetic reproducible"});
  Options options;
  options.arithmetic = Arithmetic::fast;
  options.backend = Backend::cuda;
  EXPECT_NO_THROW(validate(options));  // whether CUDA is there is another question
  if (!available(Backend::cuda)) {
    expect_bad([](Options& o) { o.arithmetic = Arithmetic::fast; }, {"arithmetic is fast"});
  }
}

TEST(OptionNames, AreTheCommandLines) {
  EXPECT_EQ(name_of(Method::automatic), "auto");
  EXPECT_EQ(name_of(Method::density_formula), "density-formula");
  EXPECT_EQ(name_of(Sampler::slices), "slices");
  EXPECT_EQ(name_of(Sampler::paths), "paths");
  EXPECT_EQ(name_of(TimeLaw::log_snr), "log-snr");
  EXPECT_EQ(name_of(TimeLaw::uniform), "uniform");
  EXPECT_EQ(name_of(TimeLaw::debiased), "debiased");
  EXPECT_EQ(name_of(TimeLaw::importance), "importance");
  EXPECT_EQ(name_of(TimePoints::stratified), "stratified");
  EXPECT_EQ(name_of(TimePoints::plain), "plain");
  EXPECT_EQ(name_of(TimePoints::sobol), "sobol");
  EXPECT_EQ(name_of(Antithetic::on), "on");
  EXPECT_EQ(name_of(Antithetic::off), "off");
  EXPECT_EQ(name_of(Cancellation::on), "on");
  EXPECT_EQ(name_of(Cancellation::off), "off");
  EXPECT_EQ(name_of(ControlVariate::gaussian), "gaussian");
  EXPECT_EQ(name_of(ControlVariate::none), "none");
  EXPECT_EQ(name_of(Transition::exact), "exact");
  EXPECT_EQ(name_of(Transition::euler_maruyama), "euler-maruyama");
  EXPECT_EQ(name_of(Grid::stationary), "stationary");
  EXPECT_EQ(name_of(Grid::adaptive), "adaptive");
  EXPECT_EQ(name_of(Grid::log_snr), "log-snr");
  EXPECT_EQ(name_of(Grid::uniform_t), "uniform-t");
  EXPECT_EQ(name_of(End::exact), "exact");
  EXPECT_EQ(name_of(End::prior), "prior");
  EXPECT_EQ(name_of(Arithmetic::reproducible), "reproducible");
  EXPECT_EQ(name_of(Arithmetic::fast), "fast");
  EXPECT_EQ(name_of(Quantity::log_density), "log-density");
  EXPECT_EQ(name_of(Quantity::lower_bound), "lower-bound");
}

}  // namespace
}  // namespace scorepath::testing
