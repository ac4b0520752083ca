// The bound of Huang, Lim & Courville for lambda = 0 and an exact score, where it is tight: both forms, against log p
// and against each other.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

Options elbo(Form form, std::uint64_t paths) {
  Options o;
  o.method = Method::elbo;
  o.form = form;
  o.paths = paths;
  o.seed = test_seed();
  return o;
}

TEST(DenoisingElbo, IsTheDensityFormula) {
  const NamedProblem np = load_mixture("anisotropic-2");
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    for (const End end : {End::exact, End::prior}) {
      Options o = elbo(Form::denoising, 1024);
      o.sampler = sampler;
      o.end = end;
      const Result bound = estimate_log_density(np.problem, np.points, o);
      o.method = Method::density_formula;
      o.form = Form::automatic;
      const Result formula = estimate_log_density(np.problem, np.points, o);
      EXPECT_EQ(bound.quantity, end == End::exact ? Quantity::log_density : Quantity::lower_bound);
      for (std::size_t i = 0; i < bound.points.size(); ++i) {
        EXPECT_EQ(bound.points[i].log_density, formula.points[i].log_density);
        EXPECT_EQ(bound.points[i].std_error, formula.points[i].std_error);
        EXPECT_TRUE(bound.points[i].end_term.has_value());
        EXPECT_FALSE(formula.points[i].end_term.has_value());
      }
    }
  }
}

TEST(ImplicitElbo, IsTightAtTheExactScoreOnEveryMixture) {
  double squares = 0.0, count = 0.0;
  for (const char* name : {"ring-2", "anisotropic-2", "cloud-16", "anisotropic-16", "cloud-64"}) {
    const NamedProblem np = load_mixture(name);
    Options o = elbo(Form::implicit, 2048);
    o.threads = 0;
    const Result result = estimate_log_density(np.problem, np.points, o);
    EXPECT_EQ(result.quantity, Quantity::log_density);
    double worst = 0.0, largest = 0.0;
    for (const PointResult& p : result.points) {
      const double off = *p.log_density - true_log_density(np.problem, np.points.row(p.index));
      EXPECT_LE(std::abs(off), 5.0 * *p.std_error + *p.discretization_error) << name << p.index;
      worst = std::max(worst, std::abs(off) / *p.std_error);
      largest = std::max(largest, *p.std_error);
      squares += off * off / (*p.std_error * *p.std_error);
      count += 1.0;
    }
    std::printf("  %-14s |z| up to %.1f, standard errors up to %.1e\n", name, worst, largest);
  }
  EXPECT_LE(std::abs(z_of_chi_square(squares, count)), z_bound);
}

/// E log N(Y_T; 0, P I) of the forward process, textbook.
TEST(EndTerm, IsTheExpectedLogPrior) {
  const NamedProblem np = load_mixture("anisotropic-2");
  Options o = elbo(Form::implicit, 64);
  o.end = End::prior;
  const Problem vp{{VpLinear{}, {}, {}}, np.problem.score};
  for (const PointResult& p : estimate_log_density(vp, np.points, o).points) {
    const Signal end = std::visit(SignalAt{1.0}, vp.schedule.kind);
    double want = 0.0;
    for (std::size_t j = 0; j < 2; ++j) {
      const double mean = end.a * np.points(p.index, j);
      want += -0.5 * (std::log(2.0 * pi) + mean * mean + end.sigma2);
    }
    // In the data's frame: the volume that a takes is the integral's.
    EXPECT_NEAR(*p.end_term - 2.0 * std::log(end.a), want, 1e-9);
  }
}

}  // namespace
}  // namespace scorepath::test
