// What networks' predictions mean at any noise, and problems that make no sense.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <scorepath/scorepath.hpp>

#include "host/model.hpp"
#include "host/network.hpp"
#include "host/translation.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/networks.hpp"

namespace scorepath::testing {
namespace {

using test::empty_network;

Options by_flow() {
  Options o;
  o.method = Method::ode;
  return o;
}

/// Each way to say it: the same linear denoiser of N(0, v) as prediction of everything else, at any noise.
TEST(Translations, AgreeOnTheScoreOfAGaussian) {
  const double v = 0.6;
  for (const ScheduleKind& kind : {ScheduleKind{VpLinear{}}, ScheduleKind{SubVp{}}, ScheduleKind{Ve{}},
                                   ScheduleKind{FlowMatching{}}, ScheduleKind{LiYan{}}}) {
    const Problem gaussian{{kind, 0.3, {}}, Gaussian{{0.0}, {v}}};
    const Model model(gaussian);
    const kernels::NoiseSchedule& s = model.schedule();
    for (const double t : {0.31, 0.5, 0.9}) {
      const double a = s.a(t), sigma = std::sqrt(s.sigma2(t)), r = s.noise_ratio(t), y = 0.8, x = a * y;
      const double total = a * a * v + sigma * sigma;
      const double score = -x / total, eps = -sigma * score, x0 = a * v / total * x;  // of X_t, and posterior means
      const double velocity = s.drift(t) * x - 0.5 * s.diffusion(t) * score;
      const double data = 0.5, edm = ((x0 - data * data / (r + data * data) * y)) * std::sqrt(r + data * data) /
                                     (std::sqrt(r) * data);
      const std::pair<Parameterization, double> said[] = {
          {Parameterization::score, score}, {Parameterization::epsilon, eps},
          {Parameterization::x0, x0},       {Parameterization::v, a * eps - sigma * x0},
          {Parameterization::edm_f, edm},   {Parameterization::velocity, velocity}};
      for (const auto& [parameterization, value] : said) {
        Network network;
        network.parameterization = parameterization;
        const Translation is = translation(network, s, r);
        EXPECT_NEAR(is.state * y + is.output * value, -y / (v + r), 1e-11 / (v + r))
            << name_of(kind) << ", t " << t << ", " << static_cast<int>(parameterization);
        EXPECT_NEAR(is.time, t, 1e-9);
        // What the network sees is X_t, but for EDM's, whose input has a variance of one.
        const bool is_edm = parameterization == Parameterization::edm_f;
        EXPECT_NEAR(is.input, is_edm ? 1.0 / std::sqrt(r + data * data) : a, 1e-11);
      }
    }
  }
}

TEST(NetworkProblem, IsRefusedWhereItMakesNoSense) {
  const auto refused = [](Problem problem, const std::vector<std::string>& fragments) {
    expect_error(ErrorKind::input, fragments, [&] { validate(problem); });
  };
  Problem problem = empty_network(2, 0.5);
  auto network = [&]() -> Network& { return std::get<Network>(problem.score); };
  problem.schedule.kind = VpLinear{};
  refused(problem, {"schedule.t_min", "zero noise"});
  problem.schedule.t_min = 0.01;
  EXPECT_NO_THROW(validate(problem));
  network().time_input = TimeInput::step;
  refused(problem, {"score.time_input is 'step'", "ddpm"});
  problem = empty_network(2, 0.5);
  network().layers.clear();
  refused(problem, {"score.layers is empty"});
  problem = empty_network(2, 0.5);
  network().layers[0].weight = Matrix(2, 5);
  refused(problem, {"score.layers[0]", "has 5 inputs", "gives 3"});
  network().layers[0].weight = Matrix(4, 3);
  refused(problem, {"end with 4 numbers", "dimension 2"});
  network().layers[0].weight = Matrix(2, 3);
  network().layers[0].bias = {1.0};
  refused(problem, {"score.layers[0]", "bias of 1"});
  network().layers[0].bias.clear();
  Layer film;
  film.kind = LayerKind::film;
  film.name = "time";
  film.weight = Matrix(3, 1);
  network().layers.push_back(film);
  network().layers[0].weight = Matrix(2, 2);  // FiLM takes the embedding
  refused(problem, {"score.layers[1] ('time')", "has 3 outputs", "gives 4"});
  network().layers[1].weight = Matrix(4, 1);
  EXPECT_NO_THROW(validate(problem));
  Layer block;
  block.kind = LayerKind::residual;
  block.layers = {network().layers[0]};
  block.layers[0].weight = Matrix(3, 2);
  network().layers.push_back(block);
  refused(problem, {"score.layers[2]", "residual"});
}

TEST(NetworkProblem, WhatIsNotBuiltForItSaysSo) {
  const Problem problem = empty_network(2, 0.5);
  const Matrix point(1, 2);
  for (const Method method :
       {Method::density_formula, Method::pathwise, Method::path_weights, Method::elbo, Method::ddpm}) {
    Options o;
    o.method = method;
    expect_error(ErrorKind::usage, {"method is " + name_of(method), "method ode"},
                 [&] { static_cast<void>(estimate_log_density(problem, point, o)); });
  }
  Options o = by_flow();
  o.divergence = Divergence::hutchinson;
  expect_error(ErrorKind::usage, {"divergence hutchinson"},
               [&] { static_cast<void>(estimate_log_density(problem, point, o)); });
  expect_error(ErrorKind::input, {"network"}, [&] { static_cast<void>(exact_log_density(problem, point)); });
  expect_error(ErrorKind::usage, {"network"}, [&] { static_cast<void>(sample(problem, 4, {})); });
}

}  // namespace
}  // namespace scorepath::testing
