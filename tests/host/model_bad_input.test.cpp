// Everything that can be wrong with a model file: one table of texts and the fragments of their messages.
#include <gtest/gtest.h>

#include <scorepath/files.hpp>

#include "tests/support/expect_error.hpp"
#include "tests/support/npy_literals.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

struct BadModel {
  std::string name;
  std::string text;
  std::vector<std::string> fragments;
};
void PrintTo(const BadModel& bad, std::ostream* out) { *out << bad.name; }

std::string repeated(const std::string& piece, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += piece;
  return out;
}

const std::string score = "[score]\nkind = 'gaussian'\nmean = [0.0, 1.0]\nvariance = 2\n";
const std::string schedule = "[schedule]\nkind = 'vp-linear'\n";
std::string with_schedule(const std::string& lines) { return "[schedule]\n" + lines + "\n" + score; }
std::string with_score(const std::string& lines) { return schedule + "[score]\n" + lines + "\n"; }
std::string gaussian(const std::string& lines) { return with_score("kind = 'gaussian'\n" + lines); }
std::string mixture(const std::string& weights, const std::string& means, const std::string& variances) {
  return with_score("kind = 'gaussian-mixture'\nweights = " + weights + "\nmeans = " + means +
                    "\nvariances = " + variances);
}
std::string data_set(const std::string& lines) { return with_score("kind = 'data-set'\n" + lines); }

std::string correlated(const std::string& lines) {
  return with_score("kind = 'gaussian-mixture'\nweights = [0.5, 0.5]\nmeans = [[0, 0], [1, 1]]\n" + lines);
}

std::vector<BadModel> bad_structure() {
  return {
      {"Empty", "", {"schedule is missing"}},
      {"NoScore", schedule, {"score is missing"}},
      {"SyntaxError", "[schedule]\nkind = \n", {"TOML", "line 2", "column"}},
      {"OpenTable", "[schedule\nkind = 'a'\n", {"TOML", "line 1"}},
      {"RepeatedKey", "[schedule]\nkind = 've'\nkind = 've'\n", {"TOML", "line 3"}},
      {"NotUtf8", "[schedule]\nkind = '\xff\xfe'\n", {"TOML", "line 2"}},
      {"KeyIsNoKey", "[!]\n", {"TOML", "line 1 column 2", "expected bare key"}},
      {"LetterForValue", "x = \xc3\xa9\n", {"TOML", "line 1"}},
      {"LetterInTableHeader", "[s\xc7\x9c]\n", {"TOML", "line 1"}},
      {"LetterBehindBackslash", "x = \"\"\"\\\xc3\xa9\"\"\"\n", {"TOML", "line 1"}},
      {"BinaryFile", std::string("\x7f\x45LF\0\0\1", 7), {"TOML", "line 1"}},
      {"DeepKey", repeated("a.", 100) + "a = 1\n", {"line 1", "16 parts"}},
      {"DeepKeyBehindStrings", "\"#\"." + repeated("\"x\".'\"'.", 50) + "a = 1\n", {"line 1", "16 parts"}},
      {"DeepKeyBehindLongString",
       "x = [ \"\"\"b\"\"\"\", {" + repeated("a.", 100) + "a = 1} ]\n",
       {"line 1", "16 parts"}},
      {"DeepArrays", "x = " + repeated("[", 5000) + repeated("]", 5000), {"TOML", "line 1"}},
      {"UnknownTable",
       schedule + "[scoer]\nkind = 'gaussian'\n",
       {"line 3", "scoer is unknown", "did you mean 'score'?"}},
      {"UnknownTopLevelKey", "verbosity = 3\n" + schedule + score, {"verbosity is unknown", "schedule, score"}},
      {"ScheduleIsNoTable",
       "schedule = 'vp-linear'\n" + score,
       {"line 1", "schedule must be a table (it is a string)"}},
      {"NoKind", with_schedule("t_min = 0.1"), {"schedule.kind is missing"}},
      {"KindIsNumber", with_schedule("kind = 3"), {"schedule.kind must be a string (it is a number)"}},
      {"ControlCharactersInKind", with_schedule("kind = \"\\u001b[31m\\n\""), {"schedule.kind is '\\x1b[31m\\x0a'"}},
      {"UnknownSchedule", with_schedule("kind = 'vp-linaer'"), {"'vp-linaer'", "did you mean 'vp-linear'?"}},
      {"ForeignSchedule", with_schedule("kind = 'karras'"), {"'karras'", "vp-linear, vp-cosine"}},
      {"NoScoreKind", with_score("mean = [1]"), {"line 3", "score.kind is missing"}},
      {"UnknownScore", with_score("kind = 'gausian'"), {"score.kind", "did you mean 'gaussian'?"}},
      {"NetworkWithoutFile",
       with_score("kind = 'network'\nweights = 'n.safetensors'"),
       {"n.safetensors", "score.weights", "cannot be opened"}},
      {"UserNotBuilt", with_score("kind = 'user'"), {"score.kind", "'user'", "not built yet"}},
  };
}

std::vector<BadModel> bad_covariances() {
  const std::string sound = "[[1, 0.5], [0.5, 1]]";
  return {
      {"Twice",
       correlated("variances = [1, 1]\ncovariances = [" + sound + ", " + sound + "]"),
       {"line 7", "score.variances excludes score.covariances"}},
      {"FactorsTwice",
       correlated("factors = [[[1], [1]], [[1], [1]]]\ncovariances = [" + sound + ", " + sound + "]"),
       {"score.factors excludes score.covariances"}},
      {"FactorsAlone", correlated("factors = [[[1], [1]], [[1], [1]]]"), {"score.variances is missing"}},
      {"NeitherOfThem", correlated(""), {"score.variances is missing"}},
      {"NoBlocks", correlated("covariances = " + sound), {"score.covariances", "[2 x 2]", "[K x dim x dim]"}},
      {"OneBlock", correlated("covariances = [" + sound + "]"), {"[1 x 2 x 2]", "score.means [2 x 2]"}},
      {"BlocksDiffer",
       correlated("covariances = [" + sound + ", [[1, 2, 3]]]"),
       {"has a block of [1 x 3] at index 1", "block 0 is [2 x 2]"}},
      {"NumberAmongBlocks", correlated("covariances = [" + sound + ", 3]"), {"holds no block of rows at index 1"}},
      {"RaggedBlock", correlated("covariances = [[[1, 0], [0]], " + sound + "]"), {"1 numbers in row 1 of block 0"}},
      {"NotSymmetric",
       correlated("covariances = [" + sound + ", [[1, 0.5], [0.4, 1]]]"),
       {"score.covariances[1] is not symmetric", "[1][0] is 0.4", "[0][1] is 0.5"}},
      {"NotPositive",
       correlated("covariances = [" + sound + ", [[1, 1.5], [1.5, 1]]]"),
       {"score.covariances[1] is not positive definite"}},
      {"Singular",
       correlated("covariances = [[[1, 1], [1, 1]], " + sound + "]"),
       {"score.covariances[0] is not positive definite", "add a little to its diagonal"}},
      {"NegativeDiagonal",
       correlated("covariances = [[[-1, 0], [0, 1]], " + sound + "]"),
       {"score.covariances[0] is not positive definite"}},
      {"NanInCovariance",
       correlated("covariances = [[[nan, 0], [0, 1]], " + sound + "]"),
       {"score.covariances[0][0][0] is nan"}},
      {"TooWide",
       correlated("variances = [1e-12, 1]\nfactors = [[[1], [1]], [[1], [1]]]"),
       {"score.variances[0] falls to 1e-12", "score.factors"}},
      {"WideBlocks",
       correlated("covariances = [[[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 1, 0]]]"),
       {"line 7", "[2 x 2 x 3]", "[K x dim x dim]"}},
      {"TextInBlock", correlated("covariances = [" + sound + ", [[1, 0], 'b']]"), {"a string at index 1 of block 1"}},
      {"TinyCovariance",
       correlated("covariances = [[[1e-19, 0], [0, 1e-19]], " + sound + "]"),
       {"score.covariances[0] is not positive definite", "1e-18"}},
      {"MissingFile", correlated("covariances = 'nowhere.npy'"), {"nowhere.npy", "score.covariances"}},
  };
}

std::vector<BadModel> bad_schedules() {
  return {
      {"MistypedKey",
       with_schedule("kind = 'vp-linear'\nbeta_mni = 0.1"),
       {"line 3", "schedule.beta_mni is unknown", "kind 'vp-linear'", "did you mean 'beta_min'?"}},
      {"KeyOfAnotherKind",
       with_schedule("kind = 'vp-linear'\noffset = 0.1"),
       {"schedule.offset is unknown", "use one of"}},
      {"EmptyKey", with_schedule("kind = 'li-yan'\n\"\" = 0.1"), {"schedule. is unknown", "kind, t_min, t_max"}},
      {"TextForNumber",
       with_schedule("kind = 'vp-linear'\nbeta_min = '0.1'"),
       {"line 3", "schedule.beta_min must be a number (it is a string)"}},
      {"BooleanForNumber", with_schedule("kind = 've'\nsigma_min = true"), {"schedule.sigma_min", "it is a boolean"}},
      {"DateForNumber", with_schedule("kind = 've'\nt_max = 2024-01-01"), {"schedule.t_max", "it is a date or time"}},
      {"NanBeta", with_schedule("kind = 'vp-linear'\nbeta_max = nan"), {"schedule.beta_max is nan", "finite"}},
      {"InfiniteTime", with_schedule("kind = 'edm'\nt_max = inf"), {"schedule.t_max is inf", "finite"}},
      {"NegativeBeta", with_schedule("kind = 'sub-vp'\nbeta_min = -1"), {"schedule.beta_min is -1", "positive"}},
      {"ZeroBeta", with_schedule("kind = 'vp-linear'\nbeta_min = 0"), {"schedule.beta_min is 0", "positive"}},
      {"ReversedBetas",
       with_schedule("kind = 'vp-linear'\nbeta_min = 3\nbeta_max = 2"),
       {"schedule.beta_min is 3", "below it"}},
      {"HugeBeta", with_schedule("kind = 'vp-linear'\nbeta_max = 1e4"), {"schedule.t_max is 1", "no signal"}},
      {"OverflowingBeta", with_schedule("kind = 'vp-linear'\nbeta_max = 1e300"), {"schedule.beta_max", "1e18"}},
      {"NegativeOffset", with_schedule("kind = 'vp-cosine'\noffset = -0.1"), {"schedule.offset is -0.1", "[0, 1]"}},
      {"EqualSigmas",
       with_schedule("kind = 've'\nsigma_min = 2\nsigma_max = 2"),
       {"schedule.sigma_min is 2", "increasing"}},
      {"ZeroSigma", with_schedule("kind = 'edm'\nsigma_min = 0"), {"schedule.sigma_min is 0", "positive"}},
      {"ReversedTimes", with_schedule("kind = 've'\nt_min = 0.5\nt_max = 0.25"), {"schedule.t_min is 0.5", "0.25"}},
      {"TimeBelowRange", with_schedule("kind = 've'\nt_min = -0.5"), {"schedule.t_min is -0.5", "[0, 1]"}},
      {"TimeAboveRange", with_schedule("kind = 'sub-vp'\nt_max = 1.5"), {"schedule.t_max is 1.5", "[0, 1]"}},
      {"TimeBelowSigmaMin", with_schedule("kind = 'edm'\nt_min = 0.001"), {"schedule.t_min is 0.001", "[0.002, 80]"}},
      {"TimeAboveSigmaMax", with_schedule("kind = 'edm'\nt_max = 81"), {"schedule.t_max is 81", "[0.002, 80]"}},
      {"NoSignalLiYan", with_schedule("kind = 'li-yan'\nt_max = 1"), {"schedule.t_max is 1", "[0, 1)"}},
      {"NoSignalFlow", with_schedule("kind = 'flow-matching'\nt_max = 1.0"), {"schedule.t_max is 1", "[0, 1)"}},
      {"NoSignalCosine", with_schedule("kind = 'vp-cosine'\nt_max = 1"), {"schedule.t_max is 1", "[0, 1)"}},
      {"TimeBeyondDefaultEnd", with_schedule("kind = 'flow-matching'\nt_min = 0.99999"), {"schedule.t_min is 0.99999"}},
      {"BetasAndSteps",
       with_schedule("kind = 'ddpm'\nbetas = [0.1]\nsteps = 10"),
       {"line 4", "schedule.steps", "twice"}},
      {"BetaAboveOne", with_schedule("kind = 'ddpm'\nbetas = [0.1, 1.5]"), {"schedule.betas[1] is 1.5", "(0, 1)"}},
      {"BetaStart", with_schedule("kind = 'ddpm'\nbeta_start = 0"), {"schedule.beta_start is 0", "(0, 1)"}},
      {"LostBeta",
       with_schedule("kind = 'ddpm'\nbetas = [0.1, 1e-30]"),
       {"schedule.betas[1] is 1e-30", "without effect"}},
      {"NoBetas", with_schedule("kind = 'ddpm'\nbetas = []"), {"schedule.betas is empty"}},
      {"MatrixOfBetas", with_schedule("kind = 'ddpm'\nbetas = [[0.1]]"), {"schedule.betas", "[1 x 1]", "[T]"}},
      {"TooManySteps", with_schedule("kind = 'ddpm'\nsteps = 1_000_000_000_000"), {"schedule.steps is 1000000000000"}},
      {"NegativeSteps", with_schedule("kind = 'ddpm'\nsteps = -5"), {"schedule.steps is -5"}},
      {"FractionalSteps",
       with_schedule("kind = 'ddpm'\nsteps = 10.5"),
       {"schedule.steps", "whole number (it is 10.5)"}},
  };
}

std::vector<BadModel> bad_scores() {
  return {
      {"NoMean", gaussian("variance = 1"), {"score.mean is missing"}},
      {"KeyOfMixture", gaussian("means = [1]\nvariance = 1"), {"score.means is unknown", "did you mean 'mean'?"}},
      {"MeanIsNumber", gaussian("mean = 1\nvariance = 1"), {"score.mean", "a single number", "[dim]"}},
      {"MeanIsBoolean", gaussian("mean = false\nvariance = 1"), {"score.mean must be an array or", "a boolean"}},
      {"MeanIsText", gaussian("mean = 'mean.csv'\nvariance = 1"), {"score.mean is 'mean.csv'", ".npy"}},
      {"NanInMean", gaussian("mean = [0, nan]\nvariance = 1"), {"score.mean[1] is nan", "finite"}},
      {"HugeMean", gaussian("mean = [0, 0, -1e19]\nvariance = 1"), {"score.mean[2] is -1e+19", "1e18"}},
      {"TooManyCoordinates", gaussian("mean = [" + repeated("0,", 16385) + "]\nvariance = 1"), {"16385 coordinates"}},
      {"ZeroVariance", gaussian("mean = [0]\nvariance = 0"), {"score.variance[0] is 0", "positive"}},
      {"TinyVariance", gaussian("mean = [0]\nvariance = 1e-30"), {"score.variance[0] is 1e-30", "resolved"}},
      {"ThreeVariances", gaussian("mean = [0, 0]\nvariance = [1, 1, 1]"), {"score.variance has 3 entries"}},
      {"MatrixOfVariance", gaussian("mean = [0]\nvariance = [[1]]"), {"score.variance", "[1 x 1]"}},
      {"WeightsSum", mixture("[0.5, 0.6]", "[1, 2]", "[1, 1]"), {"score.weights sums to 1.1", "1e-6"}},
      {"WeightsJustOff", mixture("[0.5, 0.500002]", "[1, 2]", "[1, 1]"), {"score.weights sums to 1.00000", "1e-6"}},
      {"NegativeWeight", mixture("[1.5, -0.5]", "[1, 2]", "[1, 1]"), {"score.weights[1] is -0.5", "negative"}},
      {"NanWeight", mixture("[nan, 1]", "[1, 2]", "[1, 1]"), {"score.weights[0] is nan"}},
      {"OneWeightTooFew", mixture("[1]", "[[1, 2], [3, 4]]", "[1, 1]"), {"score.weights has 1 entries", "2 rows"}},
      {"MatrixOfWeights", mixture("[[0.5, 0.5]]", "[1, 2]", "[1, 1]"), {"score.weights", "[1 x 2]", "[K]"}},
      {"NegativeVariance", mixture("[0.5, 0.5]", "[1, 2]", "[1, -1]"), {"score.variances[1] is -1", "positive"}},
      {"NegativeVarianceOfCoordinate",
       mixture("[0.5, 0.5]", "[[1, 2], [3, 4]]", "[[1, 1], [-2, 1]]"),
       {"score.variances[1][0] is -2", "positive"}},
      {"NanInMeans", mixture("[0.5, 0.5]", "[[1, 2], [3, nan]]", "[1, 1]"), {"score.means[1][1] is nan"}},
      {"VarianceRows", mixture("[0.5, 0.5]", "[1, 2]", "[1, 1, 1]"), {"score.variances has 3 rows"}},
      {"VarianceColumns", mixture("[1]", "[[1, 2, 3]]", "[[1, 2]]"), {"score.variances has 2 columns"}},
      {"NumberForMeans", mixture("[1]", "3", "[1]"), {"score.means", "a single number", "[K x dim]"}},
      {"NoComponents", mixture("[]", "[]", "[]"), {"score.weights is empty"}},
      {"RaggedRows", mixture("[1, 0]", "[[1, 2], [3]]", "[1, 1]"), {"line 6", "score.means has 1 numbers in row 1"}},
      {"TextInArray", mixture("[1, 'b']", "[1, 2]", "[1, 1]"), {"score.weights holds a string at index 1"}},
      {"RowsAndNumbers", mixture("[1, 0]", "[[1], 2]", "[1, 1]"), {"score.means holds a number at index 1"}},
      {"EmptyRows", mixture("[1]", "[[]]", "[1]"), {"score.means holds an array without plain numbers at index 0"}},
      {"Cube", mixture("[1]", "[[[1]]]", "[1]"), {"score.means", "[1 x 1 x 1]", "[K x dim]"}},
      {"FourDimensions", mixture("[1]", "[[[[1]]]]", "[1]"), {"holds an array without plain numbers at index 0"}},
      {"NoBandwidth", data_set("data = [[1, 2]]"), {"score.bandwidth is missing"}},
      {"ZeroBandwidth", data_set("data = [[1, 2]]\nbandwidth = 0"), {"score.bandwidth is 0", "positive"}},
      {"TinyBandwidth", data_set("data = [[1, 2]]\nbandwidth = 1e-12"), {"score.bandwidth is 1e-12", "resolved"}},
      {"ArrayForBandwidth",
       data_set("data = [[1, 2]]\nbandwidth = [1]"),
       {"score.bandwidth must be a number (it is an array)"}},
      {"DataWeights",
       data_set("data = [[1, 2]]\nbandwidth = 1\nweights = [0.5, 0.5]"),
       {"score.weights has 2 entries"}},
      {"MissingArrayFile", data_set("data = 'no.npy'\nbandwidth = 1"), {"no.npy'", "score.data of", "No such file"}},
      {"BadArrayFile", data_set("data = 'bad.npy'\nbandwidth = 1"), {"bad.npy'", "score.data of", "[1][0]", "nan"}},
      {"CubeInFile", data_set("data = 'cube.npy'\nbandwidth = 1"), {"score.data", "[1 x 1 x 1]", "[n x dim]"}},
      {"FolderForArray", data_set("data = 'folder.npy'\nbandwidth = 1"), {"folder.npy'", "is a folder"}},
      {"NulInArrayName", data_set("data = \"a\\u0000.npy\"\nbandwidth = 1"), {"a\\x00.npy'", "NUL"}},
  };
}

class BadModelFile : public ::testing::TestWithParam<BadModel> {};

TEST_P(BadModelFile, IsAnInputErrorThatNamesTheFile) {
  const TemporaryFolder folder;
  folder.write("bad.npy", npy_doubles("(2, 1)", {1, NAN}));
  folder.write("cube.npy", npy_doubles("(1, 1, 1)", {1}));
  std::filesystem::create_directory(folder.file("folder.npy"));
  const std::string path = folder.write("model.toml", GetParam().text);
  std::vector<std::string> fragments = GetParam().fragments;
  fragments.push_back(path);
  expect_error(ErrorKind::input, fragments, [&] { static_cast<void>(load_problem(path)); });
}

const auto name_of_case = [](const auto& info) { return info.param.name; };
INSTANTIATE_TEST_SUITE_P(Structure, BadModelFile, ::testing::ValuesIn(bad_structure()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Schedules, BadModelFile, ::testing::ValuesIn(bad_schedules()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Covariances, BadModelFile, ::testing::ValuesIn(bad_covariances()), name_of_case);
INSTANTIATE_TEST_SUITE_P(Scores, BadModelFile, ::testing::ValuesIn(bad_scores()), name_of_case);

TEST(BadModelPath, FolderMissingAndTooLarge) {
  const TemporaryFolder folder;
  const auto expect_unreadable = [](const std::string& path, const std::vector<std::string>& fragments) {
    expect_error(ErrorKind::input, fragments, [&] { static_cast<void>(load_problem(path)); });
  };
  expect_unreadable(folder.path(), {folder.path(), "is a folder"});
  expect_unreadable(folder.file("none.toml"), {"none.toml", "No such file"});
  expect_unreadable(folder.write("big.toml", std::string((4U << 20U) + 1, '#')), {"big.toml", "too large", ".npy"});
}

}  // namespace
}  // namespace scorepath::testing
