// Model files that are sound: every kind of schedule and score, every way to write an array.
#include "host/model_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <scorepath/files.hpp>

#include "tests/support/npy_literals.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

const std::string usual_score = "\n[score]\nkind = 'gaussian'\nmean = [0.0, 1.0]\nvariance = 2\n";
const std::string usual_schedule = "[schedule]\nkind = 'vp-linear'\n";

Problem problem_of(const std::string& text) { return parse_problem(text, "'m.toml'", "/nonexistent"); }
Schedule schedule_of(const std::string& lines) { return problem_of("[schedule]\n" + lines + usual_score).schedule; }
Score score_of(const std::string& lines) { return problem_of(usual_schedule + "[score]\n" + lines).score; }

TEST(ModelFile, ScheduleDefaults) {
  const auto vp = std::get<VpLinear>(schedule_of("kind = 'vp-linear'").kind);
  EXPECT_EQ(vp.beta_min, 0.1);
  EXPECT_EQ(vp.beta_max, 20.0);
  const auto sub = std::get<SubVp>(schedule_of("kind = 'sub-vp'").kind);
  EXPECT_EQ(sub.beta_min, 0.1);
  EXPECT_EQ(sub.beta_max, 20.0);
  EXPECT_EQ(std::get<VpCosine>(schedule_of("kind = 'vp-cosine'").kind).offset, 0.008);
  const auto ve = std::get<Ve>(schedule_of("kind = 've'").kind);
  EXPECT_EQ(ve.sigma_min, 0.01);
  EXPECT_EQ(ve.sigma_max, 50.0);
  const auto edm = std::get<Edm>(schedule_of("kind = 'edm'").kind);
  EXPECT_EQ(edm.sigma_min, 0.002);
  EXPECT_EQ(edm.sigma_max, 80.0);
  const auto ddpm = std::get<Ddpm>(schedule_of("kind = 'ddpm'").kind);
  ASSERT_EQ(ddpm.betas.size(), 1000U);
  EXPECT_EQ(ddpm.betas.front(), 1e-4);
  EXPECT_DOUBLE_EQ(ddpm.betas.back(), 0.02);
  EXPECT_DOUBLE_EQ(ddpm.betas[1] - ddpm.betas[0], (0.02 - 1e-4) / 999);
  EXPECT_TRUE(std::holds_alternative<LiYan>(schedule_of("kind = 'li-yan'").kind));
  EXPECT_TRUE(std::holds_alternative<FlowMatching>(schedule_of("kind = 'flow-matching'").kind));
  EXPECT_FALSE(schedule_of("kind = 've'").t_min.has_value());
  EXPECT_FALSE(schedule_of("kind = 've'").t_max.has_value());
}

TEST(ModelFile, ScheduleParameters) {
  // Whole numbers are numbers too.
  const auto vp = std::get<VpLinear>(schedule_of("kind = 'vp-linear'\nbeta_min = 1\nbeta_max = 12.5").kind);
  EXPECT_EQ(vp.beta_min, 1.0);
  EXPECT_EQ(vp.beta_max, 12.5);
  const auto sub = std::get<SubVp>(schedule_of("kind = 'sub-vp'\nbeta_min = 0.2\nbeta_max = 10").kind);
  EXPECT_EQ(sub.beta_min, 0.2);
  EXPECT_EQ(sub.beta_max, 10.0);
  EXPECT_EQ(std::get<VpCosine>(schedule_of("kind = 'vp-cosine'\noffset = 0.02").kind).offset, 0.02);
  const auto ve = std::get<Ve>(schedule_of("kind = 've'\nsigma_min = 0.1\nsigma_max = 9").kind);
  EXPECT_EQ(ve.sigma_min, 0.1);
  EXPECT_EQ(ve.sigma_max, 9.0);
  const Schedule edm = schedule_of("kind = 'edm'\nsigma_min = 0.1\nsigma_max = 9\nt_min = 0.1\nt_max = 8");
  EXPECT_EQ(std::get<Edm>(edm.kind).sigma_min, 0.1);
  EXPECT_EQ(std::get<Edm>(edm.kind).sigma_max, 9.0);
  EXPECT_EQ(edm.t_min, 0.1);
  EXPECT_EQ(edm.t_max, 8.0);
  const auto table = std::get<Ddpm>(schedule_of("kind = 'ddpm'\nbetas = [0.1, 0.2, 0.3]").kind);
  EXPECT_THAT(table.betas, ElementsAre(0.1, 0.2, 0.3));
  const auto line = std::get<Ddpm>(schedule_of("kind = 'ddpm'\nsteps = 3\nbeta_start = 0.125\nbeta_end = 0.375").kind);
  EXPECT_THAT(line.betas, ElementsAre(0.125, 0.25, 0.375));
  const auto one = std::get<Ddpm>(schedule_of("kind = 'ddpm'\nsteps = 1\nbeta_start = 0.125\nbeta_end = 0.375").kind);
  EXPECT_THAT(one.betas, ElementsAre(0.125));
}

TEST(ModelFile, Gaussian) {
  const auto isotropic = std::get<Gaussian>(score_of("kind = 'gaussian'\nmean = [1, 2.5]\nvariance = 4"));
  EXPECT_THAT(isotropic.mean, ElementsAre(1, 2.5));
  EXPECT_THAT(isotropic.variance, ElementsAre(4));
  const auto diagonal = std::get<Gaussian>(score_of("kind = 'gaussian'\nmean = [1, 2.5]\nvariance = [4, 5]"));
  EXPECT_THAT(diagonal.variance, ElementsAre(4, 5));
}

TEST(ModelFile, MixtureInline) {
  const std::string head = "kind = 'gaussian-mixture'\nweights = [0.25, 0.75]\n";
  const auto isotropic =
      std::get<GaussianMixture>(score_of(head + "means = [[1, 2, 3], [4, 5, 6]]\nvariances = [0.5, 2]"));
  EXPECT_THAT(isotropic.weights, ElementsAre(0.25, 0.75));
  EXPECT_EQ(isotropic.means.rows, 2U);
  EXPECT_EQ(isotropic.means.columns, 3U);
  EXPECT_EQ(isotropic.means(1, 0), 4.0);
  EXPECT_EQ(isotropic.variances.rows, 2U);
  EXPECT_EQ(isotropic.variances.columns, 1U);
  EXPECT_EQ(isotropic.variances(1, 0), 2.0);
  const auto diagonal = std::get<GaussianMixture>(
      score_of(head + "means = [[1, 2, 3], [4, 5, 6]]\nvariances = [[1, 2, 3],\n [4, 5, 6]]"));
  EXPECT_EQ(diagonal.variances.columns, 3U);
  EXPECT_EQ(diagonal.variances(0, 2), 3.0);
}

TEST(ModelFile, CovariancesAndFactorsAreBlocks) {
  const std::string head = "kind = 'gaussian-mixture'\nweights = [0.25, 0.75]\nmeans = [[1, 2], [3, 4]]\n";
  const auto full =
      std::get<GaussianMixture>(score_of(head + "covariances = [[[2, 1], [1, 3]],\n [[4, 0.5], [0.5, 5]]]"));
  EXPECT_TRUE(full.variances.values.empty());
  EXPECT_EQ(full.covariances.rows, 4U);
  EXPECT_EQ(full.covariances.columns, 2U);
  EXPECT_THAT(full.covariances.values, ElementsAre(2, 1, 1, 3, 4, 0.5, 0.5, 5));
  const TemporaryFolder folder;
  // F[k][i][j] = 100 k + 10 i + j of shape (2, 2, 3), once in Fortran order.
  folder.write("c.npy", npy_doubles("(2, 2, 3)", {0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112}));
  folder.write("f.npy", npy_file(npy_header("<f8", "(2, 2, 3)", "True"),
                                 raw_bytes<double>({0, 100, 10, 110, 1, 101, 11, 111, 2, 102, 12, 112})));
  for (const char* name : {"c.npy", "f.npy"}) {
    const auto low = std::get<GaussianMixture>(
        parse_problem(usual_schedule + "[score]\n" + head + "variances = [1, 2]\nfactors = '" + name + "'\n",
                      "'m.toml'", folder.path())
            .score);
    EXPECT_EQ(low.factors.rows, 4U);
    EXPECT_EQ(low.factors.columns, 3U);
    EXPECT_THAT(low.factors.values, ElementsAre(0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112));
  }
}

TEST(ModelFile, OneDimensionalArraysMayBeRowsOrColumns) {
  const std::string head = "kind = 'gaussian-mixture'\nweights = [0.25, 0.75]\n";
  for (const char* arrays : {"means = [1, 2]\nvariances = [3, 4]", "means = [[1], [2]]\nvariances = [3, 4]",
                             "means = [[1], [2]]\nvariances = [[3], [4]]", "means = [1, 2]\nvariances = [[3], [4]]"}) {
    const auto mixture = std::get<GaussianMixture>(score_of(head + arrays));
    EXPECT_EQ(mixture.means.rows, 2U);
    EXPECT_EQ(mixture.means.columns, 1U);
    EXPECT_THAT(mixture.means.values, ElementsAre(1, 2));
    EXPECT_EQ(mixture.variances.columns, 1U);
    EXPECT_THAT(mixture.variances.values, ElementsAre(3, 4));
  }
}

TEST(ModelFile, WeightsAreRenormalised) {
  const auto mixture = std::get<GaussianMixture>(
      score_of("kind = 'gaussian-mixture'\nweights = [0.25, 0.7500008]\nmeans = [1, 2]\nvariances = [3, 4]"));
  EXPECT_THAT(mixture.weights[0] + mixture.weights[1], DoubleNear(1.0, 1e-15));
  EXPECT_THAT(mixture.weights[0], DoubleNear(0.25 / 1.0000008, 1e-15));
}

TEST(ModelFile, DataSet) {
  const auto plain = std::get<DataSet>(score_of("kind = 'data-set'\ndata = [[1, 2], [3, 4]]\nbandwidth = 0.5"));
  EXPECT_EQ(plain.data.rows, 2U);
  EXPECT_EQ(plain.data(1, 0), 3.0);
  EXPECT_EQ(plain.bandwidth, 0.5);
  EXPECT_TRUE(plain.weights.empty());
  const auto weighted =
      std::get<DataSet>(score_of("kind = 'data-set'\ndata = [[1, 2], [3, 4]]\nbandwidth = 1\nweights = [0.5, 0.5]"));
  EXPECT_THAT(weighted.weights, ElementsAre(0.5, 0.5));
}

TEST(ModelFile, ArraysFromFilesRelativeToTheModelOrAbsolute) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.file("arrays"));
  folder.write("arrays/w.npy", npy_doubles("(2,)", {0.5, 0.5}));
  const std::string means =
      folder.write("m.npy", npy_file(npy_header("<f4", "(2, 2)", "True"), raw_bytes<float>({1, 3, 2, 4})));
  folder.write("v.npy", npy_file(npy_header("<i2", "(2,)"), raw_bytes<std::int16_t>({5, 6})));
  const std::string model = folder.write("model.toml", usual_schedule +
                                                           "[score]\nkind = 'gaussian-mixture'\nweights = "
                                                           "'arrays/w.npy'\nvariances = 'v.npy'\nmeans = '" +
                                                           means + "'\n");
  const auto mixture = std::get<GaussianMixture>(load_problem(model).score);
  EXPECT_THAT(mixture.weights, ElementsAre(0.5, 0.5));
  EXPECT_THAT(mixture.means.values, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(mixture.variances.values, ElementsAre(5, 6));
}

TEST(ModelFile, RankZeroVarianceAndBetasFromFiles) {
  const TemporaryFolder folder;
  folder.write("v.npy", npy_doubles("()", {2.5}));
  folder.write("b.npy", npy_doubles("(2,)", {0.1, 0.2}));
  const Problem problem = load_problem(folder.write(
      "m.toml",
      "[schedule]\nkind = 'ddpm'\nbetas = 'b.npy'\n[score]\nkind = 'gaussian'\nmean = [0]\nvariance = 'v.npy'"));
  EXPECT_THAT(std::get<Ddpm>(problem.schedule.kind).betas, ElementsAre(0.1, 0.2));
  EXPECT_THAT(std::get<Gaussian>(problem.score).variance, ElementsAre(2.5));
}

// Comments with rulers, dots in strings and long inline arrays are no dotted keys.
TEST(ModelFile, LongTextIsNoDeepKey) {
  std::string means = "[";
  for (int i = 0; i < 200; ++i) means += "0.5, ";
  const Problem problem = problem_of("# " + std::string(500, '.') + "\n[schedule] # \"\nkind = \"ve\" # '\n" +
                                     "[score]\nkind = \"gaussian\"\nmean = " + means + "]\nvariance = 1.0\n");
  EXPECT_EQ(dimension(problem.score), 200U);
}

}  // namespace
}  // namespace scorepath::testing
