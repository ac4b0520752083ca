// Models and points that cannot be used: one line that names file, key or index and the remedy, exit 3.
#include <limits>

#include "tests/cli/bad_run.hpp"

namespace scorepath::testing {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// A bad run on the standard points with another model file (and other files that it names).
BadRun model(const std::string& name, const std::string& bytes, std::vector<std::string> fragments,
             std::map<std::string, std::string> files = {}) {
  files["model.toml"] = bytes;
  const std::vector<std::string> arguments = {"density", "--model", "@model.toml", "--points", "@points.npy",
                                              "--json",  "@r.json", "--out",       "@r.npz"};
  return {name, arguments, files, 3, std::move(fragments)};
}
BadRun score(const std::string& name, const std::string& score, std::vector<std::string> fragments,
             std::map<std::string, std::string> files = {}) {
  return model(name, toml(plain_schedule, score), std::move(fragments), std::move(files));
}
BadRun schedule(const std::string& name, const std::string& schedule, std::vector<std::string> fragments,
                std::map<std::string, std::string> files = {}) {
  return model(name, toml(schedule, plain_score), std::move(fragments), std::move(files));
}
BadRun points(const std::string& name, const std::string& bytes, std::vector<std::string> fragments) {
  fragments.push_back("points.npy");
  BadRun bad = model(name, toml(plain_schedule, plain_score), std::move(fragments));
  bad.files["points.npy"] = bytes;
  return bad;
}

/// A mixture of two components in two dimensions with three lines to get wrong.
std::string mixture(const std::string& weights, const std::string& means, const std::string& variances) {
  return "kind = \"gaussian-mixture\"\nweights = " + weights + "\nmeans = " + means + "\nvariances = " + variances;
}
const std::string good_means = "[[0.0, 0.0], [1.0, 1.0]]";

using BadInput = BadRunTest;

TEST_P(BadInput, IsRefusedInOneLineAndNothingIsWritten) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    ModelFile, BadInput,
    ::testing::Values(
        BadRun{"Missing", {"density", "--model", "@no.toml", "--points", "@points.npy"}, {}, 3, {"no.toml"}},
        BadRun{"Folder", {"density", "--model", "@d", "--points", "@points.npy"}, {{"d/", ""}}, 3, {"d'", "folder"}},
        model("Empty", "", {"model.toml"}), model("NotToml", std::string("\x89PNG\r\n\x1a\n\0\0", 10), {"model.toml"}),
        model("SyntaxError", "[schedule]\nkind = \"vp-linear\"\n[score\nkind = 1\n", {"model.toml", "3"}),
        model("KeyTwice", "[schedule]\nkind = \"li-yan\"\nkind = \"ve\"\n", {"model.toml", "3"}),
        model("NoSchedule", "[score]\n" + std::string(plain_score) + "\n", {"schedule"}),
        model("NoScore", "[schedule]\nkind = \"li-yan\"\n", {"score"}),
        model("UnknownTable", toml(plain_schedule, plain_score) + "[shedule]\n", {"shedule", "schedule"}),
        score("UnknownKey", "kind = \"gaussian\"\nmean = [0.0, 0.0]\nvarience = 1.0", {"varience", "variance"}),
        score("UnknownScore", "kind = \"gausian\"\nmean = [0.0, 0.0]\nvariance = 1.0", {"gausian", "gaussian"}),
        score("MissingKey", "kind = \"gaussian\"\nmean = [0.0, 0.0]", {"variance"}),
        score("WrongType", "kind = \"gaussian\"\nmean = \"zero\"\nvariance = 1.0", {"mean"}),
        score("KindIsNumber", "kind = 3", {"kind"})),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Schedule, BadInput,
    ::testing::Values(schedule("UnknownKind", "kind = \"vp-linaer\"", {"vp-linaer", "vp-linear"}),
                      schedule("UnknownKey", "kind = \"vp-linear\"\nbetamin = 0.1", {"betamin", "beta_min"}),
                      schedule("BetaNegative", "kind = \"vp-linear\"\nbeta_min = -1.0", {"beta_min"}),
                      schedule("BetaFalling", "kind = \"sub-vp\"\nbeta_min = 3.0\nbeta_max = 1.0", {"beta_m"}),
                      schedule("SigmaZero", "kind = \"ve\"\nsigma_min = 0.0", {"sigma_min"}),
                      schedule("SigmaFalling", "kind = \"edm\"\nsigma_min = 2.0\nsigma_max = 1.0", {"sigma_m"}),
                      schedule("OffsetNan", "kind = \"vp-cosine\"\noffset = nan", {"offset", "nan"}),
                      schedule("TimesReversed", "kind = \"vp-linear\"\nt_min = 0.9\nt_max = 0.1", {"t_m"}),
                      schedule("TimeOutside", "kind = \"vp-linear\"\nt_max = 2.0", {"t_max", "2"}),
                      schedule("TimeNegative", "kind = \"li-yan\"\nt_min = -0.5", {"t_min", "-0.5"}),
                      schedule("TimeInfinite", "kind = \"vp-linear\"\nt_max = inf", {"t_max"}),
                      schedule("FlowToTheEnd", "kind = \"flow-matching\"\nt_max = 1.0", {"t_max"}),
                      schedule("DdpmBetaAboveOne", "kind = \"ddpm\"\nbetas = [0.1, 1.5]", {"betas"}),
                      schedule("DdpmEmpty", "kind = \"ddpm\"\nbetas = []", {"betas"}),
                      schedule("DdpmStepsZero", "kind = \"ddpm\"\nsteps = 0", {"steps"}),
                      schedule("DdpmStepsAbsurd", "kind = \"ddpm\"\nsteps = 1000000000000000000", {"steps"}),
                      schedule("DdpmTableAndSteps", "kind = \"ddpm\"\nbetas = [0.1]\nsteps = 10", {"betas", "steps"})),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Score, BadInput,
    ::testing::Values(
        score("VarianceZero", "kind = \"gaussian\"\nmean = [0.0, 0.0]\nvariance = 0.0", {"variance", "positive"}),
        score("VarianceNegative", "kind = \"gaussian\"\nmean = [0.0, 0.0]\nvariance = [1.0, -2.0]", {"variance[1]"}),
        score("VarianceLength", "kind = \"gaussian\"\nmean = [0.0, 0.0]\nvariance = [1.0, 1.0, 1.0]", {"variance"}),
        score("MeanNan", "kind = \"gaussian\"\nmean = [0.0, nan]\nvariance = 1.0", {"mean[1]", "nan"}),
        score("MeanInfinite", "kind = \"gaussian\"\nmean = [-inf, 0.0]\nvariance = 1.0", {"mean[0]"}),
        score("WeightsSum", mixture("[0.5, 0.4]", good_means, "[1.0, 1.0]"), {"weights", "0.9"}),
        score("WeightNegative", mixture("[1.5, -0.5]", good_means, "[1.0, 1.0]"), {"weights[1]", "-0.5"}),
        score("WeightsLength", mixture("[0.5, 0.25, 0.25]", good_means, "[1.0, 1.0]"), {"weights", "3"}),
        score("VariancesRows", mixture("[0.5, 0.5]", good_means, "[1.0]"), {"variances"}),
        score("VariancesColumns", mixture("[0.5, 0.5]", good_means, "[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]"),
              {"variances", "3"}),
        score("VariancesZero", mixture("[0.5, 0.5]", good_means, "[[1.0, 1.0], [0.0, 1.0]]"), {"variances[1", "0"}),
        score("RaggedMeans", mixture("[0.5, 0.5]", "[[0.0, 0.0], [1.0]]", "[1.0, 1.0]"), {"means"}),
        score("NoComponents", mixture("[]", "[]", "[]"), {"score"}),
        score("ArrayMissing", mixture("\"w.npy\"", good_means, "[1.0, 1.0]"), {"w.npy"}),
        score("ArrayTruncated", mixture("\"w.npy\"", good_means, "[1.0, 1.0]"), {"w.npy"},
              {{"w.npy", npy_file(npy_header("<f8", "(2,)"), "12345678")}}),
        score("ArrayNan", mixture("\"w.npy\"", good_means, "[1.0, 1.0]"), {"w.npy", "nan"},
              {{"w.npy", npy_doubles("(2,)", {0.5, nan})}}),
        score("BandwidthZero", "kind = \"data-set\"\ndata = [[0.0, 0.0]]\nbandwidth = 0.0", {"bandwidth"}),
        score("BandwidthNegative", "kind = \"data-set\"\ndata = [[0.0, 0.0]]\nbandwidth = -1.0", {"bandwidth"}),
        score("DataOneDimensional", "kind = \"data-set\"\ndata = [0.0, 0.0]\nbandwidth = 1.0",
              {"model of dimension 1"}),
        score("DataWeightsLength", "kind = \"data-set\"\ndata = [[0.0, 0.0]]\nbandwidth = 1.0\nweights = [0.5, 0.5]",
              {"weights"})),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Points, BadInput,
    ::testing::Values(
        BadRun{"Missing", {"density", "--model", "@model.toml", "--points", "@no.npy"}, {}, 3, {"no.npy"}},
        BadRun{"Folder", {"density", "--model", "@model.toml", "--points", "@d"}, {{"d/", ""}}, 3, {"folder"}},
        points("Empty", "", {}), points("NotNpy", "x,y\n1,2\n", {}),
        points("Dimension", npy_doubles("(2, 3)", {1, 2, 3, 4, 5, 6}), {"dimension 3", "dimension 2", "model.toml"}),
        points("OneDimensional", npy_doubles("(2,)", {1, 2}), {"dim"}),
        points("ThreeDimensional", npy_doubles("(1, 1, 2)", {1, 2}), {"dim"}),
        points("NoRows", npy_doubles("(0, 2)", {}), {}), points("NoColumns", npy_doubles("(2, 0)", {}), {}),
        points("Nan", npy_doubles("(2, 2)", {1, 2, nan, 4}), {"nan", "[1][0]"}),
        points("Infinite", npy_doubles("(2, 2)", {1, infinity, 3, 4}), {"inf", "[0][1]"}),
        points("Truncated", npy_file(npy_header("<f8", "(2, 2)"), raw_bytes(std::vector<double>{1, 2, 3})), {}),
        points("TooLong", npy_file(npy_header("<f8", "(1, 2)"), raw_bytes(std::vector<double>{1, 2, 3})), {}),
        points("TwoToTheSixty", npy_file(npy_header("<f8", "(1152921504606846976, 2)"), "12345678"), {}),
        points("OverflowingShape", npy_file(npy_header("<f8", "(4294967296, 4294967296)"), ""), {}),
        points("NegativeShape", npy_file(npy_header("<f8", "(-1, 2)"), ""), {}),
        points("HeaderTruncated", npy_file(npy_header("<f8", "(1, 2)"), "").substr(0, 30), {}),
        points("HeaderHuge", std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12), {}),
        points("HeaderNonsense", npy_file("import os; os.system('true')\n", ""), {}),
        points("Complex", npy_file(npy_header("<c16", "(1, 1)"), std::string(16, '\0')), {"c16"}),
        points("Objects", npy_file(npy_header("|O", "(1, 2)"), std::string(16, '\0')), {"O"}),
        points("BigEndian", npy_file(npy_header(">f8", "(1, 2)"), std::string(16, '\0')), {">f8"}),
        points("Version9", npy_file(npy_header("<f8", "(1, 2)"), std::string(16, '\0'), 9), {"9"})),
    name_of_case);

}  // namespace
}  // namespace scorepath::testing
