// validate(Problem): what a caller of the library can get wrong without a file; the rest stands in
// model_bad_input.test.cpp, which ends in the same function.
#include <scorepath/problem.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/expect_error.hpp"

namespace scorepath::testing {
namespace {

const double nan = std::nan("");

Problem sound_mixture() {
  return {{VpLinear{}, {}, {}}, GaussianMixture{{0.25, 0.75}, Matrix(2, 2, {0, 1, 2, 3}), Matrix(2, 1, {1, 2})}};
}
void expect_bad(const Problem& problem, const std::vector<std::string>& fragments) {
  expect_error(ErrorKind::input, fragments, [&] { validate(problem); });
}
template <class Change>
void expect_bad_mixture(Change change, const std::vector<std::string>& fragments) {
  Problem problem = sound_mixture();
  change(std::get<GaussianMixture>(problem.score));
  expect_bad(problem, fragments);
}
template <class Kind>
void expect_bad_schedule(const Kind& kind, std::optional<double> t_min, std::optional<double> t_max,
                         const std::vector<std::string>& fragments) {
  Problem problem = sound_mixture();
  problem.schedule = {kind, t_min, t_max};
  expect_bad(problem, fragments);
}

TEST(ValidateProblem, AcceptsEveryScheduleWithItsDefaults) {
  const ScheduleKind kinds[] = {VpLinear{}, VpCosine{}, SubVp{}, Ve{}, Edm{}, ddpm_linear(), LiYan{}, FlowMatching{}};
  static_assert(std::size(kinds) == std::variant_size_v<ScheduleKind>);
  for (const ScheduleKind& kind : kinds) {
    Problem problem = sound_mixture();
    problem.schedule.kind = kind;
    EXPECT_NO_THROW(validate(problem)) << name_of(kind);
    problem.schedule.t_min = 0.25;
    problem.schedule.t_max = 0.75;
    EXPECT_NO_THROW(validate(problem)) << name_of(kind);
  }
}

TEST(DdpmLinear, TablesHaveOneToAMillionSteps) {
  EXPECT_EQ(ddpm_linear(1).betas.size(), 1u);
  for (const std::size_t steps : {std::size_t{0}, most_ddpm_steps + 1, std::size_t{1} << 62})
    expect_error(ErrorKind::usage, {"steps is " + std::to_string(steps), "1000000"}, [&] { ddpm_linear(steps); });
}

TEST(ValidateProblem, AcceptsTheBordersOfWhatIsAllowed) {
  Problem problem = sound_mixture();
  problem.schedule = {VpLinear{2.0, 2.0}, 0.0, 1.0};  // a constant beta
  EXPECT_NO_THROW(validate(problem));
  problem.schedule = {Edm{}, 0.002, 80.0};
  EXPECT_NO_THROW(validate(problem));
  problem.schedule = {LiYan{}, 0.0, 1.0 - 1e-12};
  EXPECT_NO_THROW(validate(problem));
  problem.schedule = {Ddpm{{0.5}}, {}, {}};
  EXPECT_NO_THROW(validate(problem));
  auto& mixture = std::get<GaussianMixture>(problem.score);
  mixture.weights = {0.0, 1.0 + 0.9e-6};
  mixture.means(0, 0) = -1e18;
  mixture.variances(0, 0) = 1e-18;
  EXPECT_NO_THROW(validate(problem));
  problem.score = DataSet{Matrix(1, 1, {0}), 1e-9, {1.0}};
  EXPECT_NO_THROW(validate(problem));
  problem.score = Gaussian{std::vector<double>(16384, 0.0), {1.0}};
  EXPECT_NO_THROW(validate(problem));
}

TEST(ValidateProblem, NamesWhatIsWrongWithAMixture) {
  expect_bad_mixture([](auto& m) { m.weights = {}; }, {"score.weights has 0 entries"});
  expect_bad_mixture([](auto& m) { m.weights = {0.5, -0.0, 0.5}; }, {"score.weights has 3 entries"});
  expect_bad_mixture([](auto& m) { m.weights = {nan, 1}; }, {"score.weights[0] is nan"});
  expect_bad_mixture([](auto& m) { m.weights = {0, 0}; }, {"score.weights sums to 0"});
  expect_bad_mixture([](auto& m) { m.means(1, 0) = HUGE_VAL; }, {"score.means[1][0] is inf"});
  expect_bad_mixture([](auto& m) { m.variances(1, 0) = nan; }, {"score.variances[1] is nan"});
  expect_bad_mixture([](auto& m) { m.variances(0, 0) = 1e19; }, {"score.variances[0] is 1e+19"});
  expect_bad_mixture([](auto& m) { m.means = Matrix(); }, {"score.means is empty"});
  expect_bad_mixture([](auto& m) { m.means.values.pop_back(); }, {"score.means holds 3 values", "2 x 2"});
  expect_bad_mixture([](auto& m) { m.variances.rows = std::size_t{1} << 63; }, {"score.variances holds 2 values"});
  expect_bad_mixture([](auto& m) { m.means = Matrix(2, 16385); }, {"score.means has 16385 coordinates"});
  expect_bad_mixture([](auto& m) { m.means.rows = std::size_t{1} << 20, m.means.columns = 1024; },
                     {"score.means has 1048576 rows of 1024 numbers", "use fewer rows"});
}

TEST(ValidateProblem, NamesWhatIsWrongWithTheOtherScores) {
  Problem problem;  // a default score is a Gaussian without coordinates
  expect_bad(problem, {"score.mean has 0 coordinates"});
  problem.score = Gaussian{{0, 1, 2}, {1, 2}};
  expect_bad(problem, {"score.variance has 2 entries"});
  problem.score = Gaussian{{0, 1, 2}, {}};
  expect_bad(problem, {"score.variance has 0 entries"});
  problem.score = DataSet{};
  expect_bad(problem, {"score.data is empty"});
  problem.score = DataSet{Matrix(2, 2, {1, 2, nan, 4}), 1.0, {}};
  expect_bad(problem, {"score.data[1][0] is nan"});
  problem.score = DataSet{Matrix(2, 1), nan, {}};
  expect_bad(problem, {"score.bandwidth is nan"});
  problem.score = DataSet{Matrix(2, 1), 1.0, {1.0}};
  expect_bad(problem, {"score.weights has 1 entries", "score.data"});
}

TEST(ValidateProblem, NamesWhatIsWrongWithASchedule) {
  expect_bad_schedule(VpLinear{nan, 20}, {}, {}, {"schedule.beta_min is nan"});
  expect_bad_schedule(SubVp{0.1, -1}, {}, {}, {"schedule.beta_max is -1"});
  expect_bad_schedule(VpCosine{2}, {}, {}, {"schedule.offset is 2"});
  expect_bad_schedule(Ve{1, nan}, {}, {}, {"schedule.sigma_max is nan"});
  expect_bad_schedule(Edm{3, 2}, {}, {}, {"schedule.sigma_min is 3"});
  expect_bad_schedule(Ddpm{}, {}, {}, {"schedule.betas is empty"});
  expect_bad_schedule(Ddpm{{0.1, nan}}, {}, {}, {"schedule.betas[1] is nan"});
  expect_bad_schedule(Ddpm{{0.1, 1.0}}, {}, {}, {"schedule.betas[1] is 1"});
  expect_bad_schedule(Ddpm{{1e-300, 1e-300}}, {}, {}, {"schedule.t_max is 1", "no noise is left"});
  expect_bad_schedule(Ddpm{std::vector<double>(100, 0.9)}, {}, {}, {"schedule.t_max is 1", "no signal"});
  expect_bad_schedule(VpLinear{}, nan, {}, {"schedule.t_min is nan"});
  expect_bad_schedule(VpLinear{}, {}, nan, {"schedule.t_max is nan"});
  expect_bad_schedule(VpLinear{}, 0.5, 0.5, {"schedule.t_min is 0.5"});
  expect_bad_schedule(VpLinear{}, {}, 0.0, {"schedule.t_min is 0", "schedule.t_max is 0"});
  expect_bad_schedule(LiYan{}, {}, 1.0, {"schedule.t_max is 1", "[0, 1)"});
  expect_bad_schedule(VpCosine{}, {}, 1.0, {"schedule.t_max is 1", "[0, 1)"});
  expect_bad_schedule(FlowMatching{}, {}, std::nextafter(1.0, 0.0), {"schedule.t_max is", "no signal"});
}

TEST(DdpmLinear, IsEvenlySpaced) {
  const Ddpm table = ddpm_linear(5, 0.25, 0.5);
  ASSERT_EQ(table.betas.size(), 5U);
  for (std::size_t k = 0; k < 5; ++k) EXPECT_DOUBLE_EQ(table.betas[k], 0.25 + 0.0625 * static_cast<double>(k));
}

TEST(ProblemNames, AreThoseOfModelFiles) {
  EXPECT_EQ(name_of(ScheduleKind(VpLinear{})), "vp-linear");
  EXPECT_EQ(name_of(ScheduleKind(VpCosine{})), "vp-cosine");
  EXPECT_EQ(name_of(ScheduleKind(SubVp{})), "sub-vp");
  EXPECT_EQ(name_of(ScheduleKind(Ve{})), "ve");
  EXPECT_EQ(name_of(ScheduleKind(Edm{})), "edm");
  EXPECT_EQ(name_of(ScheduleKind(Ddpm{})), "ddpm");
  EXPECT_EQ(name_of(ScheduleKind(LiYan{})), "li-yan");
  EXPECT_EQ(name_of(ScheduleKind(FlowMatching{})), "flow-matching");
}

TEST(Dimension, IsTheNumberOfCoordinates) {
  EXPECT_EQ(dimension(Gaussian{{0, 0, 0}, {1}}), 3U);
  EXPECT_EQ(dimension(sound_mixture().score), 2U);
  EXPECT_EQ(dimension(DataSet{Matrix(7, 5), 1.0, {}}), 5U);
}

}  // namespace
}  // namespace scorepath::testing
