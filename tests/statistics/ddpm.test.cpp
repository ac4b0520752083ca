// Method ddpm against the chain as its paper writes it: ancestral and forward kernels in the data's own frame, in plain
// double, none of the library's numerics; and against what Li & Yan's sums are known to leave.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

Options ddpm(Form form, std::uint64_t paths) {
  Options o;
  o.method = Method::ddpm;
  o.form = form;
  o.paths = paths;
  o.seed = test_seed();
  return o;
}

/// Score of X_k, abar = a^2, as the mixture's definition has it.
std::vector<double> score_of(const Components& c, const std::vector<double>& x, double abar) {
  std::vector<double> log_terms(c.weights.size()), s(x.size(), 0.0);
  double most = -HUGE_VAL, sum = 0.0;
  for (std::size_t k = 0; k < log_terms.size(); ++k) {
    log_terms[k] = std::log(c.weights[k]);
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double v = abar * c.variances(k, j) + 1.0 - abar, z = x[j] - std::sqrt(abar) * c.means(k, j);
      log_terms[k] -= 0.5 * (std::log(v) + z * z / v);
    }
    most = std::max(most, log_terms[k]);
  }
  for (double& term : log_terms) sum += term = std::exp(term - most);
  for (std::size_t k = 0; k < log_terms.size(); ++k) {
    for (std::size_t j = 0; j < x.size(); ++j) {
      const double v = abar * c.variances(k, j) + 1.0 - abar, z = x[j] - std::sqrt(abar) * c.means(k, j);
      s[j] -= log_terms[k] / sum * z / v;
    }
  }
  return s;
}

double log_normal(double z, double variance) { return -0.5 * (std::log(2.0 * pi * variance) + z * z / variance); }

/// log p(x_{0:T})/q(x_{1:T} | x_0) of `paths` forward paths, the prior N(0, I) at their end.
std::vector<double> textbook_log_weights(const Components& c, const std::vector<double>& betas, const double* x0,
                                         int paths) {
  Draws draws(test_seed());
  const std::size_t d = c.means.columns;
  std::vector<double> weights;
  for (int i = 0; i < paths; ++i) {
    std::vector<double> x(x0, x0 + d);
    double log_weight = 0.0, abar = 1.0;
    for (const double beta : betas) {
      const std::vector<double> before = x;
      for (double& at : x) at = std::sqrt(1.0 - beta) * at + std::sqrt(beta) * draws.normal();
      abar *= 1.0 - beta;
      const std::vector<double> s = score_of(c, x, abar);
      for (std::size_t j = 0; j < d; ++j) {
        const double mean = (x[j] + beta * s[j]) / std::sqrt(1.0 - beta);
        log_weight += log_normal(before[j] - mean, beta) - log_normal(x[j] - std::sqrt(1.0 - beta) * before[j], beta);
      }
    }
    for (const double at : x) log_weight += log_normal(at, 1.0);
    weights.push_back(log_weight);
  }
  return weights;
}

Problem with_table(const Problem& problem, std::size_t steps, double last_beta) {
  return {{ddpm_linear(steps, 1e-2, last_beta), {}, {}}, problem.score};
}

/// The log of a mean of weights, and its standard error.
Sample log_mean(const std::vector<double>& log_weights) {
  std::vector<double> relative;
  double most = -HUGE_VAL;
  for (const double w : log_weights) most = std::max(most, w);
  for (const double w : log_weights) relative.push_back(std::exp(w - most));
  Sample s = summarise(relative);
  s.variance /= s.mean * s.mean;
  s.mean = most + std::log(s.mean) + s.variance / (2.0 * s.n);
  return s;
}

TEST(DdpmChain, HasTheLikelihoodAndTheBoundOfTheTextbook) {
  double squares = 0.0, count = 0.0;
  for (const Variances layout : {Variances::isotropic, Variances::diagonal}) {
    const Problem problem = with_table({{}, random_mixture(4, 2, layout, hash_of_name("ddpm"))}, 40, 0.35);
    const auto& betas = std::get<Ddpm>(problem.schedule.kind).betas;
    const Matrix points = draw_points(problem, 3, 5, 1.2);
    Options chain = ddpm(Form::chain, 1u << 14), vlb = ddpm(Form::vlb, 1u << 14);
    chain.end = vlb.end = End::prior;
    const Result chains = estimate_log_density(problem, points, chain),
                 bounds = estimate_log_density(problem, points, vlb);
    EXPECT_EQ(chains.quantity, Quantity::chain_likelihood);
    EXPECT_EQ(bounds.quantity, Quantity::lower_bound);
    EXPECT_EQ(chains.options.steps, 40u);
    for (std::size_t i = 0; i < points.rows; ++i) {
      const std::vector<double> weights =
          textbook_log_weights(components_of(problem.score), betas, points.row(i), 1 << 14);
      const Sample likelihood = log_mean(weights), bound = summarise(weights);
      const PointResult &c = chains.points[i], &b = bounds.points[i];
      const double z_chain = (*c.log_density - likelihood.mean) / std::hypot(*c.std_error, likelihood.standard_error());
      const double z_bound_of = (*b.log_density - bound.mean) / std::hypot(*b.std_error, bound.standard_error());
      std::printf("  chain %.4f for %.4f (z %+.2f), bound %.4f for %.4f (z %+.2f)\n", *c.log_density, likelihood.mean,
                  z_chain, *b.log_density, bound.mean, z_bound_of);
      EXPECT_LE(std::abs(z_chain), z_bound);
      EXPECT_LE(std::abs(z_bound_of), z_bound);
      EXPECT_LT(*b.log_density, *c.log_density + z_bound * std::hypot(*b.std_error, *c.std_error));
      const ImportanceBound& first = c.weights.value().importance_bounds.front();
      EXPECT_EQ(first.weights, 1u);
      EXPECT_LE(std::abs(first.value - *b.log_density), z_bound * std::hypot(*first.std_error, *b.std_error));
      squares += z_chain * z_chain + z_bound_of * z_bound_of;
      count += 2.0;
    }
  }
  EXPECT_LE(std::abs(z_of_chi_square(squares, count)), z_bound);
}

/// Li & Yan's sum as it reads: every expectation by textbook draws.
TEST(LiYanSums, AreThoseOfTheTextbook) {
  const Problem problem = with_table({{}, random_mixture(4, 2, Variances::diagonal, hash_of_name("li-yan"))}, 30, 0.3);
  const Components c = components_of(problem.score);
  const auto& betas = std::get<Ddpm>(problem.schedule.kind).betas;
  const Matrix points = draw_points(problem, 2, 5, 1.2);
  for (const ControlVariate control : {ControlVariate::gaussian, ControlVariate::none}) {
    for (const Form form : {Form::li_yan, Form::li_yan_corrected}) {
      Options o = ddpm(form, 1u << 15);
      o.control_variate = control;
      const Result result = estimate_log_density(problem, points, o);
      EXPECT_EQ(result.quantity, Quantity::path_estimate);
      for (std::size_t i = 0; i < points.rows; ++i) {
        Draws draws(test_seed() + i);
        std::vector<double> sums;
        const auto d = static_cast<double>(points.columns);
        for (int path = 0; path < 1 << 14; ++path) {
          double sum = -0.5 * d * (1.0 + std::log(2.0 * pi * betas[0])), abar = 1.0;
          for (std::size_t k = 1; k < betas.size(); ++k) {
            abar *= 1.0 - betas[k - 1];
            std::vector<double> x, noise;
            for (std::size_t j = 0; j < points.columns; ++j) {
              noise.push_back(draws.normal());
              x.push_back(std::sqrt(abar) * points(i, j) + std::sqrt(1.0 - abar) * noise[j]);
            }
            const std::vector<double> s = score_of(c, x, abar);
            double square = 0.0;
            for (std::size_t j = 0; j < x.size(); ++j) square += std::pow(noise[j] / std::sqrt(1.0 - abar) + s[j], 2);
            sum -= 0.5 * betas[k] * square;
            if (form == Form::li_yan_corrected) {
              const double t = 1.0 - abar, t_next = 1.0 - abar * (1.0 - betas[k]);
              sum += 0.5 * d * ((t_next - t) / t - std::log(t_next / t));
            }
          }
          sums.push_back(sum);
        }
        const Sample want = summarise(sums);
        const PointResult& p = result.points[i];
        const double z = (*p.log_density - want.mean) / std::hypot(*p.std_error, want.standard_error());
        std::printf("  %s %s: %.4f for %.4f, z %+.2f\n", name_of(form).c_str(), name_of(control).c_str(),
                    *p.log_density, want.mean, z);
        EXPECT_LE(std::abs(z), z_bound);
      }
    }
  }
}

/// On the usual linear table the raw sum is off by -0.465 per dimension at T = 1000 (docs/theory.md D25), the corrected
/// one by 5e-4.
TEST(LiYanSums, LeaveWhatTheyAreKnownToLeave) {
  for (const char* name : {"ring-2", "cloud-16"}) {
    const NamedProblem np = load_mixture(name);
    const Problem problem{{ddpm_linear(), {}, {}}, np.problem.score};
    const Matrix some(4, np.points.columns,
                      std::vector<double>(np.points.row(0), np.points.row(0) + 4 * np.points.columns));
    for (const Form form : {Form::li_yan, Form::li_yan_corrected}) {
      double error = 0.0, variance = 0.0;
      for (const PointResult& p : estimate_log_density(problem, some, ddpm(form, 512)).points) {
        error += (*p.log_density - true_log_density(problem, some.row(p.index))) / 4.0;
        variance += *p.std_error * *p.std_error / 16.0;
      }
      const auto d = static_cast<double>(np.points.columns);
      const double se = std::sqrt(variance) / d;
      std::printf("  %-9s %-17s error per dimension %+.4f (%.4f)\n", name, name_of(form).c_str(), error / d, se);
      EXPECT_NEAR(error / d, form == Form::li_yan ? -0.465 : 0.0, 0.006 + 4.0 * se) << name;
    }
  }
}

/// Other schedules are cut into T levels; the chain's likelihood nears log p with them.
TEST(DdpmChain, NearsTheDensityOnOtherSchedules) {
  const NamedProblem np = load_mixture("ring-2");
  const Matrix one(1, 2, std::vector<double>(np.points.row(0), np.points.row(0) + 2));
  for (const ScheduleKind& kind : std::vector<ScheduleKind>{VpLinear{}, VpCosine{}, SubVp{}, LiYan{}, FlowMatching{}}) {
    double before = HUGE_VAL;
    for (const std::uint64_t steps : {50, 400}) {
      Options o = ddpm(Form::chain, 4096);
      o.steps = steps;
      const PointResult p = estimate_log_density({{kind, {}, {}}, np.problem.score}, one, o).points.front();
      const double off = std::abs(*p.log_density - true_log_density(np.problem, one.row(0)));
      std::printf("  %-10s T = %llu: off by %.3f (%.3f)\n", name_of(kind).c_str(),
                  static_cast<unsigned long long>(steps), off, *p.std_error);
      EXPECT_LT(off, before + 3.0 * *p.std_error);
      before = off;
    }
    EXPECT_LT(before, 0.15);
  }
}

/// Kind and words of the error that a call ends with.
void expect_refused(const std::function<void()>& call, ErrorKind kind, const std::vector<std::string>& words) {
  try {
    call();
    ADD_FAILURE() << "not refused: " << words.front();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    for (const std::string& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
  }
}

TEST(Ddpm, RefusesWhatItHasNoMeaningFor) {
  const NamedProblem np = load_mixture("ring-2");
  Problem problem{{ddpm_linear(20, 1e-2, 0.3), 0.25, {}}, np.problem.score};
  const Options o = ddpm(Form::chain, 64);
  expect_refused([&] { estimate_log_density(problem, np.points, o); }, ErrorKind::input,
                 {"schedule.t_min", "zero noise"});
  problem.schedule = {ddpm_linear(20, 1e-2, 0.3), {}, 0.33};
  expect_refused([&] { estimate_log_density(problem, np.points, o); }, ErrorKind::input,
                 {"schedule.t_max is 0.33", "1/20"});
  problem.schedule.t_max = 0.5;
  EXPECT_EQ(estimate_log_density(problem, np.points, o).options.steps, 10u);
  Options grid = o;
  grid.grid = Grid::log_snr;
  expect_refused([&] { validate(grid); }, ErrorKind::usage, {"grid is log-snr", "ddpm"});
  Options prior = ddpm(Form::li_yan, 64);
  prior.end = End::prior;
  expect_refused([&] { validate(prior); }, ErrorKind::usage, {"end is prior", "ddpm"});
}

/// KL( q(x_{k-1} | x_k, x_0) || p(x_{k-1} | x_k) ) for one draw of x_k, k from 1; -log p(x_0 | x_1) for k = 1: the
/// textbook's Gaussians, their means subtracted.
double textbook_term(const Components& c, const std::vector<double>& betas, std::size_t k, const double* x0,
                     Draws& draws) {
  double before = 1.0;
  for (std::size_t i = 0; i + 1 < k; ++i) before *= 1.0 - betas[i];
  const double beta = betas[k - 1], alpha = 1.0 - beta, abar = before * alpha;
  std::vector<double> x(c.means.columns);
  for (std::size_t j = 0; j < x.size(); ++j) x[j] = std::sqrt(abar) * x0[j] + std::sqrt(1.0 - abar) * draws.normal();
  const std::vector<double> s = score_of(c, x, abar);
  const double posterior = (1.0 - before) / (1.0 - abar) * beta;
  double term = 0.0;
  for (std::size_t j = 0; j < x.size(); ++j) {
    const double mean = (x[j] + beta * s[j]) / std::sqrt(alpha);
    const double of_posterior =
        (std::sqrt(before) * beta * x0[j] + std::sqrt(alpha) * (1.0 - before) * x[j]) / (1.0 - abar);
    const double off = of_posterior - mean;
    term += k == 1 ? -log_normal(x0[j] - mean, beta)
                   : 0.5 * ((posterior + off * off) / beta - 1.0 - std::log(posterior / beta));
  }
  return term;
}

TEST(DdpmBound, HasTheTermsOfTheTextbook) {
  const Problem problem = with_table({{}, random_mixture(4, 3, Variances::diagonal, hash_of_name("terms"))}, 30, 0.3);
  const auto& betas = std::get<Ddpm>(problem.schedule.kind).betas;
  const Components c = components_of(problem.score);
  const Matrix points = draw_points(problem, 2, 7);
  Options o = ddpm(Form::vlb, 64);
  o.keep_terms = true;
  o.end = End::prior;
  const Result result = estimate_log_density(problem, points, o);
  for (const PointResult& p : result.points) {
    const double* x = points.row(p.index);
    ASSERT_EQ(p.vlb_terms.size(), 31u);
    for (const std::size_t k : {1u, 2u, 3u, 10u, 29u, 30u}) {
      Draws draws(test_seed() + k);
      std::vector<double> terms;
      for (int i = 0; i < 20'000; ++i) terms.push_back(textbook_term(c, betas, k, x, draws));
      const Sample want = summarise(terms);
      const BoundTerm& got = p.vlb_terms[k - 1];
      EXPECT_LE(std::abs(got.value - want.mean), z_bound * std::hypot(got.std_error, want.standard_error()))
          << "k " << k << ": " << got.value << " for " << want.mean;
      EXPECT_LE(got.std_error, k == 1 ? 0.05 : 0.1 * got.value) << "k " << k;
    }
    double abar = 1.0, prior = 0.0;
    for (const double beta : betas) abar *= 1.0 - beta;
    for (std::size_t j = 0; j < points.columns; ++j)
      prior += 0.5 * (1.0 - abar + abar * x[j] * x[j] - 1.0 - std::log(1.0 - abar));
    EXPECT_NEAR(p.vlb_terms.back().value, prior, 1e-9);
  }
}

TEST(DdpmBound, IsMinusTheSumOfItsTerms) {
  const NamedProblem np = load_mixture("ring-2");
  for (const std::uint64_t steps : {10u, 100u, 1000u}) {
    for (const End end : {End::exact, End::prior}) {
      Problem problem = np.problem;
      problem.schedule = {
          ddpm_linear(steps, 0.1 / static_cast<double>(steps), std::min(0.9, 20.0 / static_cast<double>(steps))),
          {},
          {}};
      Options o = ddpm(Form::vlb, 4096);
      o.keep_terms = true;
      o.end = end;
      const Matrix points(4, 2, {np.points.values.begin(), np.points.values.begin() + 8});
      for (const PointResult& p : estimate_log_density(problem, points, o).points) {
        ASSERT_EQ(p.vlb_terms.size(), steps + 1);
        double sum = 0.0, variance = *p.std_error * *p.std_error;
        for (const BoundTerm& term : p.vlb_terms) {
          sum += term.value;
          variance += term.std_error * term.std_error;
          // Divergences are not negative, but for the first term, which is none.
          EXPECT_TRUE(&term == &p.vlb_terms.front() || term.value >= -3.0 * term.std_error - 1e-9) << term.value;
        }
        EXPECT_LE(std::sqrt(variance), steps == 10 ? 0.4 : 0.12) << steps << " steps";
        EXPECT_LE(std::abs(sum + *p.log_density), z_bound * std::sqrt(variance) + 1e-4)
            << steps << " steps, point " << p.index << ": " << -sum << " for " << *p.log_density;
      }
    }
  }
  EXPECT_TRUE(estimate_log_density(np.problem, np.points, ddpm(Form::vlb, 64)).points[0].vlb_terms.empty());
}

/// Where noise drowns the data |n|^2 is no longer what varies: schedules that go on to R = 10^8.
TEST(DdpmBound, KnowsItsTermsWhateverTheNoise) {
  const NamedProblem np = load_mixture("anisotropic-2");
  for (const ScheduleKind& kind :
       {ScheduleKind(LiYan{}), ScheduleKind(FlowMatching{}), ScheduleKind(VpCosine{}), ScheduleKind(ddpm_linear())}) {
    Problem problem = np.problem;
    problem.schedule.kind = kind;
    Options o = ddpm(Form::vlb, 1024);
    o.steps = 48;
    o.keep_terms = true;
    for (const PointResult& p : estimate_log_density(problem, np.points, o).points) {
      double sum = 0.0, variance = *p.std_error * *p.std_error;
      for (const BoundTerm& term : p.vlb_terms) {
        sum += term.value;
        variance += term.std_error * term.std_error;
        EXPECT_TRUE(&term == &p.vlb_terms.front() || term.value >= -3.0 * term.std_error - 1e-9)
            << name_of(kind) << ": " << term.value << " +- " << term.std_error;
      }
      EXPECT_LE(std::abs(sum + *p.log_density), z_bound * std::sqrt(variance) + 1e-3 + 1e-3 * std::abs(sum))
          << name_of(kind) << ": " << -sum << " for " << *p.log_density;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
