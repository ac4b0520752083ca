// What a person watches: progress of every kind, the plan, the picture, long tables on a terminal.
#include <csignal>

#include <nlohmann/json.hpp>

#include "tests/cli/cli_fixture.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

using Showing = CliTest;

TEST_F(Showing, JsonProgressIsOneObjectALine) {
  const ProcessResult result = density({"--progress", "json", "--quiet", "--paths", "65536"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> lines = lines_of(result.err);
  ASSERT_GE(lines.size(), 1u);
  std::uint64_t done = 0;
  for (const std::string& line : lines) {
    const json report = json::parse(line);
    for (const char* key : {"state", "batches_done", "batches_total", "paths_done", "path_steps_done", "seconds",
                            "path_steps_per_second", "worst_standard_error", "seconds_left"})
      EXPECT_TRUE(report.contains(key)) << key;
    EXPECT_GE(report["batches_done"], done);
    done = report["batches_done"];
  }
  const json last = json::parse(lines.back());
  EXPECT_EQ(last["state"], "done");
  EXPECT_GE(last["paths_done"], 3 * 65536);
}

/// An error that is flagged is shown, be it the arithmetic's alone.
TEST_F(Showing, TableHasSystematicErrorsWhereTheyAreFlagged) {
  EXPECT_THAT(density({"--method", "density-formula", "--quiet"}).out, Not(HasSubstr("systematic")));
  folder_.write("points.npy", npy_doubles("(1, 2)", {1e9, 1e9}));
  const ProcessResult far = density({"--quiet"});
  EXPECT_THAT(far.out, HasSubstr("arithmetic"));
  EXPECT_THAT(far.out, HasSubstr("systematic"));
}

TEST_F(Showing, NoTimeIsGivenWhileTheJobIsSized) {
  const ProcessResult result =
      density({"--progress", "json", "--quiet", "--paths", "100000000", "--target-se", "0.002"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<std::string> lines = lines_of(result.err);
  const json first = json::parse(lines.front());
  EXPECT_EQ(first["paths_done"], 0);
  EXPECT_TRUE(first["seconds_left"].is_null()) << lines.front();
  std::uint64_t paths = 0;
  for (const std::string& line : lines) {
    EXPECT_GE(json::parse(line)["paths_done"], paths) << line;
    paths = json::parse(line)["paths_done"];
  }
}

TEST_F(Showing, PlainProgressEndsWithALineOfTotals) {
  const ProcessResult result = density({"--sampler", "slices", "--progress", "plain", "--quiet"});
  EXPECT_EQ(lines_of(result.err).size(), 1u) << result.err;
  EXPECT_THAT(result.err, HasSubstr("done after"));
  EXPECT_THAT(result.err, HasSubstr("paths/s"));
}

TEST_F(Showing, ShortRunsAreSilentUnlessAsked) {
  for (const char* kind : {"auto", "off"}) EXPECT_EQ(density({"--progress", kind, "--quiet"}).err, "") << kind;
}

/// The run is far longer than the test: it is stopped once the bar has had time to appear.
TEST_F(Showing, BarIsDrawnOnATerminalOnly) {
  ProcessOptions options;
  options.signal = SIGINT;
  options.signal_after = std::chrono::milliseconds(1500);
  const std::vector<std::string> arguments = {"--progress", "bar", "--sampler", "paths", "--paths", "100000000"};
  EXPECT_THAT(density(arguments, options).err, Not(HasSubstr("\r")));
  options.on_terminal = true;
  const ProcessResult result = density(arguments, options);
  EXPECT_EQ(result.exit_code, 8) << result.out;
  EXPECT_THAT(result.out, HasSubstr("\r\x1b[K["));
  EXPECT_THAT(result.out, HasSubstr("path-steps/s"));
}

TEST_F(Showing, LongTablesAreShortenedOnATerminalOnly) {
  std::vector<double> values(200);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.01 * static_cast<double>(i);
  folder_.write("points.npy", npy_doubles("(100, 2)", values));
  const std::vector<std::string> arguments = {"--quiet", "--paths", "256"};
  EXPECT_EQ(lines_of(density(arguments).out).size(), 102u) << "a header, 100 points, totals";

  ProcessOptions terminal;
  terminal.on_terminal = true;
  const std::string shown = density(arguments, terminal).out;
  EXPECT_EQ(lines_of(shown).size(), 1u + 20 + 1 + 5 + 1) << shown;
  EXPECT_THAT(shown, HasSubstr("75 points not shown"));
  EXPECT_THAT(shown, HasSubstr("\n   99 "));
}

TEST_F(Showing, DryRunPrintsThePlanAndWritesNothing) {
  const auto before = snapshot();
  const ProcessResult result =
      density({"--dry-run", "--paths", "1000000", "--json", "@r.json", "--out", "@r.npz", "--plot", "@r.svg"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (const char* fragment : {"3 of dimension 2", "of 4096 paths", "paths per point", "score evaluations", "MiB",
                               "estimated time", "r.json", "r.npz", "r.svg"})
    EXPECT_THAT(result.out, HasSubstr(fragment));
  EXPECT_EQ(snapshot(), before);
}

/// The plan's counts are those of the run; its time is right within a factor that a busy machine cannot break.
TEST_F(Showing, DryRunForetellsTheRun) {
  for (const char* sampler : {"slices", "paths"}) {
    const std::vector<std::string> arguments = {"--sampler", sampler, "--paths", "99999", "--json", "-", "--quiet"};
    std::vector<std::string> dry = arguments;
    dry.push_back("--dry-run");
    const json plan = json::parse(density(dry).out)["plan"];
    const json totals = json::parse(density(arguments).out)["totals"];
    EXPECT_EQ(plan["points"], totals["points"]);
    EXPECT_EQ(3 * plan["paths_per_point"].get<std::uint64_t>(), totals["paths"]);
    EXPECT_NEAR(plan["score_evaluations"], totals["score_evaluations"],
                0.1 * totals["score_evaluations"].get<double>());
    EXPECT_LT(plan["estimated_seconds"], 30 * totals["seconds"].get<double>() + 1);
    EXPECT_GT(plan["estimated_seconds"], totals["seconds"].get<double>() / 30 - 1);
  }
}

/// Levels want more paths than a first trial of other methods has.
TEST_F(Showing, DryRunKnowsLevels) {
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{}, {"--target-se", "0.1"}, {"--steps", "2048", "--paths", "3000"}}) {
    std::vector<std::string> arguments = {"--form", "multilevel", "--dry-run"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult result = density(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("score evaluations"));
  }
}

TEST_F(Showing, DryRunGivesThePlanAsJsonToo) {
  const ProcessResult result = density({"--dry-run", "--json", "-", "--paths", "8192", "--target-se", "0.1"});
  const json plan = json::parse(result.out)["plan"];
  EXPECT_EQ(plan["points"], 3);
  EXPECT_EQ(plan["dim"], 2);
  EXPECT_GE(plan["paths_per_point"], 8192);
  EXPECT_GE(plan["batches"], 6);
  EXPECT_GE(plan["score_evaluations"], 3 * 8192);
  EXPECT_GT(plan["estimated_seconds"], 0);
  EXPECT_TRUE(plan["is_upper_bound"]);
}

TEST_F(Showing, DryRunCountsKeptSamples) {
  const std::vector<std::string> flags = {"--dry-run", "--json", "-", "--paths", "20000000", "--out", "@r.npz"};
  const double without = json::parse(density(flags).out)["plan"]["memory_bytes"];
  std::vector<std::string> keeping = flags;
  keeping.push_back("--keep-samples");
  const double with = json::parse(density(keeping).out)["plan"]["memory_bytes"];
  EXPECT_GE(with - without, 3 * 1e7 * 8 * 0.9);  // 3 points, a number for each of 1e7 pairs
}

TEST_F(Showing, DryRunRefusesWhatTheRunWouldRefuse) {
  folder_.write("r.json", "precious");
  EXPECT_EQ(density({"--dry-run", "--json", "@r.json"}).exit_code, 4);
  EXPECT_EQ(density({"--dry-run", "--sampler", "slices", "--grid", "log-snr"}).exit_code, 2);
  EXPECT_EQ(folder_.read("r.json"), "precious");
}

/// gnuplot is not needed to build or to test: where it is absent, --plot must say so.
TEST_F(Showing, PlotDrawsAPictureWhereGnuplotIs) {
  const bool gnuplot = run_process({"gnuplot", "--version"}).exit_code == 0;
  for (const auto& [name, magic] : {std::pair{"r.png", "\x89PNG\r\n"}, {"r.svg", "<?xml"}}) {
    const ProcessResult result = density({"--quiet", "--plot", "@" + std::string(name)});
    EXPECT_EQ(result.exit_code, gnuplot ? 0 : 5) << result.err;
    EXPECT_EQ(std::filesystem::exists(folder_.file(name)), gnuplot);
    if (gnuplot) {
      EXPECT_THAT(folder_.read(name), ::testing::StartsWith(magic));
    }
  }
  if (!gnuplot) return;
  const std::string picture = folder_.read("r.svg");
  for (const char* label : {"Log-density of 3 points", "log-density [nat]", "estimate, 95% interval", "exact",
                            "difference [nat]", "point (row of the points file)"})
    EXPECT_THAT(picture, HasSubstr(label));
}

/// A file name is data, not a program: quotes in it must not reach gnuplot's language.
TEST_F(Showing, PlotSurvivesStrangeFileNames) {
  const bool gnuplot = run_process({"gnuplot", "--version"}).exit_code == 0;
  const std::string name = "it's; system \"true\" `true`.toml";
  folder_.write(name, toml(plain_schedule, plain_score));
  const ProcessResult result = run({"density", "--model", "@" + name, "--points", "@points.npy", "--paths", "256",
                                    "--quiet", "--plot", "@it's a \"plot\".svg"});
  EXPECT_EQ(result.exit_code, gnuplot ? 0 : 5) << result.err;
  EXPECT_THAT(gnuplot ? folder_.read("it's a \"plot\".svg") : result.err, HasSubstr(gnuplot ? "system" : "gnuplot"));
}

}  // namespace
}  // namespace scorepath::testing
