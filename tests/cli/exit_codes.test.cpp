// The exit codes beyond usage and input: outputs (4), resources (5), flagged (6), target (7), stopped (8).
#include <csignal>

#include <nlohmann/json.hpp>

#include "tests/cli/cli_fixture.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using std::chrono_literals::operator""ms;

class ExitCodes : public CliTest {
 protected:
  void expect_refused(const ProcessResult& result, int code, const std::vector<std::string>& fragments) {
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(lines_of(result.err).size(), 1u) << result.err;
    EXPECT_THAT(result.err, ::testing::StartsWith("scorepath: "));
    for (const std::string& fragment : fragments) EXPECT_THAT(result.err, HasSubstr(fragment));
  }
};

TEST_F(ExitCodes, ExistingOutputsAreFourAndStayAsTheyAre) {
  for (const auto& [flag, name] : {std::pair{"--json", "r.json"}, {"--out", "r.npz"}, {"--plot", "r.svg"}}) {
    folder_.write(name, "precious");
    const auto before = snapshot();
    expect_refused(density({flag, "@" + std::string(name)}), 4, {name, "exists", "--force"});
    EXPECT_EQ(snapshot(), before);
  }
}

TEST_F(ExitCodes, OneExistingOutputStopsTheOthersToo) {
  folder_.write("r.npz", "precious");
  const auto before = snapshot();
  expect_refused(density({"--json", "@new.json", "--out", "@r.npz"}), 4, {"r.npz"});
  EXPECT_EQ(snapshot(), before);
}

TEST_F(ExitCodes, ImpossiblePlacesAreFour) {
  std::filesystem::create_directory(folder_.file("d"));
  const auto before = snapshot();
  expect_refused(density({"--json", "@d"}), 4, {"folder"});
  expect_refused(density({"--json", "@d", "--force"}), 4, {"folder"});
  expect_refused(density({"--out", "@no/r.npz"}), 4, {"r.npz", "folder"});
  expect_refused(density({"--out", "@points.npy/r.npz"}), 4, {"r.npz"});
  expect_refused(density({"--json", "/dev/full"}), 4, {"/dev/full"});
  expect_refused(density({"--json", "/proc/r.json"}), 4, {"/proc/r.json"});
  EXPECT_EQ(snapshot(), before);
}

/// A day of computing must not end at a bad file name: the check comes first.
TEST_F(ExitCodes, OutputsAreCheckedBeforeComputing) {
  folder_.write("r.json", "precious");
  ProcessOptions options;
  options.timeout = 20000ms;
  const ProcessResult result = density({"--paths", "1000000000000", "--json", "@r.json"}, options);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 4);
}

TEST_F(ExitCodes, FullStdoutIsFour) {
  for (const char* more : {"", " --json -"}) {
    const std::string command = std::string("exec '") + SCOREPATH_BINARY + "' density --model '" +
                                folder_.file("model.toml") + "' --points '" + folder_.file("points.npy") +
                                "' --paths 256 --quiet --out '" + folder_.file("r.npz") + "' --force" + more +
                                " > /dev/full";
    const ProcessResult result = run_process({"/bin/sh", "-c", command});
    expect_refused(result, 4, {"stdout"});
    EXPECT_TRUE(std::filesystem::exists(folder_.file("r.npz"))) << "what was computed is not lost";
  }
}

TEST_F(ExitCodes, FullStdoutIsFourForEveryCommand) {
  for (const char* words : {"info", "info --json", "--help", "--version", "density --help", "selftest --quick"}) {
    const std::string command = std::string("exec '") + SCOREPATH_BINARY + "' " + words + " > /dev/full";
    expect_refused(run_process({"/bin/sh", "-c", command}), 4, {"stdout"});
  }
}

TEST_F(ExitCodes, CudaWithoutADeviceIsFive) {
  const ProcessResult info = run({"info", "--json"});
  const json report = json::parse(info.out);
  for (const json& backend : report["backends"]) {
    const std::string name = backend["name"];
    const ProcessResult result = density({"--backend", name, "--quiet"});
    if (backend["available"]) {
      EXPECT_EQ(result.exit_code, 0) << result.err;
    } else {
      expect_refused(result, 5, {"--backend " + name, backend["reason"].get<std::string>()});
    }
  }
}

TEST_F(ExitCodes, InstructionSetOfAnotherProcessorIsFive) {
  const json isa = json::parse(run({"info", "--json"}).out)["isa"];
  for (const char* name : {"baseline", "avx2", "avx512"}) {
    ProcessOptions options;
    options.environment["SCOREPATH_ISA"] = name;
    const ProcessResult result = density({"--quiet"}, options);
    const auto& supported = isa["supported"];
    const bool runs = std::find(supported.begin(), supported.end(), name) != supported.end();
    EXPECT_EQ(result.exit_code, runs ? 0 : 5) << name << result.err;
  }
}

TEST_F(ExitCodes, PlotWithoutGnuplotIsFive) {
  ProcessOptions options;
  options.environment["PATH"] = folder_.path();
  const auto before = snapshot();
  expect_refused(density({"--plot", "@r.png"}, options), 5, {"gnuplot", "--plot"});
  EXPECT_EQ(snapshot(), before);
}

/// The remedies are what this job can have less of: one point and two paths are not.
TEST_F(ExitCodes, OutOfMemoryIsFiveAndNamesWhatTakesIt) {
#if defined(SCOREPATH_SANITIZED)
  GTEST_SKIP() << "sanitizers reserve more address space than any limit leaves";
#endif
  std::string weights = "weights = [", means = "means = [", variances = "variances = [";
  constexpr int components = 256, dim = 64;
  for (int k = 0; k < components; ++k) {
    std::string mean, variance;
    for (int j = 0; j < dim; ++j) {
      mean += std::to_string(k) + ".0,";
      variance += std::to_string(1 + k + j) + ".0,";  // all different: tables of every component and coordinate
    }
    weights += "0.00390625,";
    means += "[" + mean + "],";
    variances += "[" + variance + "],";
  }
  folder_.write("model.toml", toml(plain_schedule, "kind = \"gaussian-mixture\"\n" + weights + "]\n" + means + "]\n" +
                                                       variances + "]"));
  folder_.write("points.npy", npy_doubles("(1, 64)", std::vector<double>(dim, 0.5)));
  const auto before = snapshot();
  const std::string command = std::string("ulimit -v 4000000; exec '") + SCOREPATH_BINARY + "' density --model '" +
                              folder_.file("model.toml") + "' --points '" + folder_.file("points.npy") +
                              "' --paths 2 --sampler paths --steps 200000";
  const ProcessResult result = run_process({"/bin/sh", "-c", command});
  expect_refused(result, 5,
                 {"out of memory (200000 steps, 256 components of dimension 64, 1 point", "--steps, components"});
  EXPECT_THAT(result.err, ::testing::Not(HasSubstr("paths")));
  EXPECT_THAT(result.err, ::testing::Not(HasSubstr("fewer points")));
  EXPECT_EQ(snapshot(), before);
}

/// 128 MiB of samples within 400 MiB of address space: no output makes a copy of them. Where even they do not fit, the
/// remedy is fewer paths.
TEST_F(ExitCodes, KeptSamplesAreWrittenWithoutACopyOrNameTheirRemedy) {
#if defined(SCOREPATH_SANITIZED)
  GTEST_SKIP() << "sanitizers reserve more address space than any limit leaves";
#endif
  folder_.write("model.toml", toml(plain_schedule, "kind = \"gaussian\"\nmean = [0.0]\nvariance = 1.0"));
  folder_.write("points.npy", npy_doubles("(1, 1)", {0.5}));
  const auto run = [&](const char* paths) {
    return run_process({"/bin/sh", "-c",
                        std::string("cd '") + folder_.path() + "'; ulimit -v 400000; exec '" + SCOREPATH_BINARY +
                            "' density --model model.toml --points points.npy --threads 1 --keep-samples --out r.npz "
                            "--force --paths " +
                            paths});
  };
  const ProcessResult fits = run("33554432");
  EXPECT_EQ(fits.exit_code, 0) << fits.err;
  EXPECT_GT(std::filesystem::file_size(folder_.file("r.npz")), std::uintmax_t{8} * 16777216);
  expect_refused(run("536870912"), 5, {"out of memory", "--paths"});
}

TEST_F(ExitCodes, TheHighestCodeWins) {
  folder_.write("r.json", "precious");
  folder_.write("model.toml", "[schedule\n");
  expect_refused(density({"--json", "@new.json"}), 3, {"model.toml"});
  expect_refused(density({"--json", "@new.json", "--paths", "0"}), 3, {"model.toml"});
  expect_refused(density({"--json", "@r.json"}), 4, {"r.json"});
  ProcessOptions no_gnuplot;
  no_gnuplot.environment["PATH"] = folder_.path();
  expect_refused(density({"--json", "@r.json", "--plot", "@r.png"}, no_gnuplot), 5, {"gnuplot"});
}

TEST_F(ExitCodes, InfiniteVarianceIsSixAndWritten) {
  const ProcessResult result = density({"--time-law", "uniform", "--antithetic", "off", "--control-variate", "none",
                                        "--cancellation", "off", "--json", "@r.json"});
  EXPECT_EQ(result.exit_code, 6) << result.err;
  EXPECT_THAT(result.out, HasSubstr("infinite-variance"));
  const json report = json::parse(folder_.read("r.json"));
  for (const json& point : report["points"]) {
    EXPECT_EQ(point["flags"].at(0), "infinite-variance");
    EXPECT_TRUE(point["std_error"].is_null());
    EXPECT_TRUE(point["ci95"].is_null() || point["ci95"][0].is_null());
  }
}

/// A mixture's estimate keeps its noise (a Gaussian's own control variate takes all of it away).
constexpr const char* two_humps =
    "kind = \"gaussian-mixture\"\nweights = [0.5, 0.5]\nmeans = [[-1.0, 0.0], [1.0, 0.5]]\nvariances = [0.1, 0.3]";

TEST_F(ExitCodes, MissedTargetIsSevenAndWritten) {
  folder_.write("model.toml", toml(plain_schedule, two_humps));
  const ProcessResult rays =
      density({"--target-se", "1e-12", "--steps", "32", "--paths", "64", "--method", "pathwise", "--form", "ray"});
  EXPECT_EQ(rays.exit_code, 7) << rays.err;
  EXPECT_THAT(rays.err, HasSubstr("give rays more nodes with --steps"));
  const ProcessResult result =
      density({"--method", "density-formula", "--paths", "4096", "--target-se", "1e-7", "--json", "@r.json"});
  EXPECT_EQ(result.exit_code, 7) << result.err;
  EXPECT_THAT(result.err, HasSubstr("--paths"));
  const json written = json::parse(folder_.read("r.json"));
  EXPECT_EQ(written["points"].size(), 3u);
  for (const json& point : written["points"]) EXPECT_GT(point["std_error"], 1e-7);
}

/// More paths are no remedy where the variance is infinite, and a run that was stopped has missed nothing.
TEST_F(ExitCodes, TheNoteOnAMissedTargetKnowsTheRemedy) {
  folder_.write("model.toml", toml(plain_schedule, two_humps));
  const ProcessResult result = density({"--cancellation", "off", "--control-variate", "none", "--target-se", "0.01"});
  EXPECT_EQ(result.exit_code, 7) << result.err;
  EXPECT_THAT(result.err, HasSubstr("variance is infinite"));
  EXPECT_THAT(result.err, ::testing::Not(HasSubstr("allow more")));
}

TEST_F(ExitCodes, ReachedTargetIsZero) {
  folder_.write("model.toml", toml(plain_schedule, two_humps));
  const ProcessResult result = density({"--paths", "1000000", "--target-se", "0.05", "--json", "-", "--quiet"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const json report = json::parse(result.out);
  for (const json& point : report["points"]) {
    EXPECT_LE(point["std_error"], 0.05);
    EXPECT_LE(point["paths"], 1000000);
  }
}

TEST_F(ExitCodes, SignalsStopWithEightAndWhatWasFinishedIsWritten) {
  folder_.write("model.toml", toml(plain_schedule, two_humps));
  for (const int signal : {SIGINT, SIGTERM}) {
    ProcessOptions options;
    options.signal = signal;
    options.signal_after = 1500ms;
    options.timeout = 60000ms;
    const ProcessResult result = density(
        {"--sampler", "paths", "--paths", "100000000", "--json", "@r.json", "--out", "@r.npz", "--force"}, options);
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, 8) << result.err;
    EXPECT_THAT(result.err, HasSubstr("stopped"));
    EXPECT_THAT(result.out, HasSubstr("stopped"));
    const json written = json::parse(folder_.read("r.json"));
    EXPECT_EQ(written["points"].size(), 3u);
    EXPECT_GT(written["totals"]["paths"], 0);
    EXPECT_TRUE(std::filesystem::exists(folder_.file("r.npz")));
  }
}

/// Those who signal a process and its group send two at once; both are one wish. (Not at the very same time: of two
/// pending signals the system delivers one.)
TEST_F(ExitCodes, TwoSignalsAtOnceStopLikeOne) {
  folder_.write("model.toml", toml(plain_schedule, two_humps));
  for (const char* signal : {"INT", "HUP"}) {
    const ProcessResult result = run_process(
        {"/bin/sh", "-c",
         std::string("cd '") + folder_.path() + "'; '" + SCOREPATH_BINARY +
             "' density --model model.toml --points points.npy --sampler paths --paths 100000000 --json r.json --force "
             "--quiet > /dev/null & child=$!; sleep 0.5; kill -" +
             signal + " $child; sleep 0.01; kill -" + signal + " $child; wait $child"});
    EXPECT_EQ(result.exit_code, 8) << signal << ": " << result.err;
    EXPECT_EQ(json::parse(folder_.read("r.json"))["stopped"], true);
  }
}

/// Nobody listens: that costs the words, not the file.
TEST_F(ExitCodes, ClosedStreamsAreAnOutputErrorAndFilesAreWritten) {
  const std::string command = std::string("cd '") + folder_.path() + "'; '" + SCOREPATH_BINARY +
                              "' density --model model.toml --points points.npy --json r.json --force ";
  EXPECT_EQ(run_process({"/bin/sh", "-c", command + ">&- 2>&-"}).exit_code, 4);
  EXPECT_EQ(json::parse(folder_.read("r.json"))["points"].size(), 3u);
  EXPECT_EQ(run_process({"/bin/sh", "-c", command + "2>&-"}).exit_code, 0);
}

}  // namespace
}  // namespace scorepath::testing
