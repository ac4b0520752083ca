// --version, --help with its working example, info and selftest.
#include <nlohmann/json.hpp>

#include "tests/cli/cli_fixture.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

using Commands = CliTest;

TEST_F(Commands, VersionIsOneLine) {
  const ProcessResult result = run({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "scorepath 0.1.0\n");
  EXPECT_EQ(result.err, "");
}

TEST_F(Commands, NoCommandPrintsHelpAndIsTwo) {
  const ProcessResult result = run({});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.out, HasSubstr("Usage: scorepath"));
  EXPECT_EQ(lines_of(result.err).size(), 1u);
  EXPECT_THAT(result.err, ::testing::StartsWith("scorepath: no command"));
}

/// The example is run as it stands, from the repository's root; only the program's name becomes its path.
TEST_F(Commands, EveryHelpEndsWithAnExampleThatWorks) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{}, {"density"}, {"compare"}, {"info"}, {"selftest"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    const ProcessResult help = run(arguments);
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_THAT(help.out, HasSubstr("Usage: "));
    const std::string example = lines_of(help.out).back();
    ASSERT_THAT(example, ::testing::StartsWith("  scorepath "));
    EXPECT_THAT(example, HasSubstr(command.empty() ? "density" : command.front()));
    ProcessOptions options;
    options.folder = SCOREPATH_SOURCE_DIR;
    options.timeout = std::chrono::milliseconds(120000);
    const ProcessResult ran =
        run_process({"/bin/sh", "-c", "exec '" SCOREPATH_BINARY "' " + example.substr(12)}, options);
    EXPECT_EQ(ran.exit_code, 0) << example << '\n' << ran.err << ran.out;
    EXPECT_NE(ran.out, "");
  }
}

TEST_F(Commands, DensityHelpNamesEveryFlag) {
  const std::string help = run({"density", "--help"}).out;
  for (const char* flag :
       {"--model",      "--points",       "--method",          "--sampler",    "--time-law",   "--time-points",
        "--antithetic", "--cancellation", "--control-variate", "--transition", "--steps",      "--grid",
        "--end",        "--paths",        "--target-se",       "--form",       "--divergence", "--seed",
        "--backend",    "--threads",      "--arithmetic",      "--json",       "--out",        "--force",
        "--quiet",      "--progress",     "--dry-run",         "--plot",       "--probes",     "--probe-plan",
        "--rtol",       "--atol",         "--start",           "--keep-terms"})
    EXPECT_THAT(help, HasSubstr(std::string("  ") + flag + " ")) << flag;
}

TEST_F(Commands, HelpSaysHowManyStepsAPathMayHave) {
  EXPECT_THAT(run({"density", "--help"}).out, HasSubstr("at least 4: 128"));
  for (const char* steps : {"4", "5", "31"})
    EXPECT_EQ(density({"--sampler", "paths", "--steps", steps, "--paths", "256"}).err.find("steps is"),
              std::string::npos);
}

TEST_F(Commands, OnlyAWrittenMethodAutoIsExplained) {
  EXPECT_THAT(density({}).err, ::testing::Not(HasSubstr("--method")));
  EXPECT_THAT(density({"--method", "auto"}).err, HasSubstr("note: --method auto took pathwise (along rays"));
  EXPECT_THAT(density({"--method", "auto", "--sampler", "slices"}).err,
              HasSubstr("note: --method auto took density-formula (which has --sampler"));
  EXPECT_THAT(density({"--method", "auto", "--end", "prior"}).err, HasSubstr("took pathwise (which has --end prior"));
  EXPECT_THAT(density({"--method", "auto", "--grid", "log-snr"}).err, HasSubstr("took pathwise (which has --grid"));
  EXPECT_THAT(density({"--method", "auto", "--steps", "2052", "--paths", "32"}).err,
              HasSubstr("took pathwise (which has --steps of more than 2048"));
  EXPECT_THAT(density({"--method", "auto", "--lambda", "0"}).err, HasSubstr("took elbo (which has --lambda"));
  EXPECT_THAT(density({"--method", "auto", "--form", "ray"}).err, HasSubstr("note: --method auto took pathwise"));
  EXPECT_THAT(density({"--method", "density-formula"}).err, ::testing::Not(HasSubstr("--method")));
}

TEST_F(Commands, InfoSaysWhatRunsHere) {
  const ProcessResult text = run({"info"});
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_EQ(text.err, "");
  for (const char* fragment : {"0.1.0", "instruction sets", "baseline", "active", "backend cpu", "backend cuda",
                               "density-formula", "Apache-2.0"})
    EXPECT_THAT(text.out, HasSubstr(fragment));

  const json info = json::parse(run({"info", "--json"}).out);
  EXPECT_EQ(info["version"], "0.1.0");
  EXPECT_GE(info["usable_cores"], 1);
  EXPECT_EQ(info["isa"]["supported"][0], "baseline");
  EXPECT_EQ(info["isa"]["forced"], false);
  EXPECT_EQ(info["methods"], json::array({"density-formula", "pathwise", "path-weights", "elbo", "ddpm", "ode"}));
  EXPECT_EQ(info["backends"][0]["name"], "cpu");
  EXPECT_EQ(info["backends"][0]["available"], true);
}

TEST_F(Commands, InfoShowsAForcedInstructionSet) {
  ProcessOptions options;
  options.environment["SCOREPATH_ISA"] = "baseline";
  const json isa = json::parse(run({"info", "--json"}, options).out)["isa"];
  EXPECT_EQ(isa["active"], "baseline");
  EXPECT_EQ(isa["forced"], true);
  EXPECT_THAT(run({"info"}, options).out, HasSubstr("baseline active, forced by SCOREPATH_ISA"));
}

TEST_F(Commands, SelftestPassesWithALineACase) {
  ProcessOptions options;
  options.timeout = std::chrono::milliseconds(300000);
  const ProcessResult result = run({"selftest"}, options);
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_EQ(result.err, "");
  const std::vector<std::string> lines = lines_of(result.out);
  ASSERT_GE(lines.size(), 100u);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) EXPECT_THAT(lines[i], ::testing::StartsWith("ok "));
  const std::string count = std::to_string(lines.size() - 1);
  EXPECT_THAT(lines.back(), ::testing::StartsWith(count + " of " + count + " cases passed"));
  for (const char* covered : {"vp-linear",
                              "vp-cosine",
                              "sub-vp",
                              "ve,",
                              "edm",
                              "ddpm",
                              "li-yan",
                              "flow-matching",
                              "slices",
                              "paths",
                              "importance",
                              "debiased",
                              "sobol",
                              "plain",
                              "adaptive",
                              "euler-maruyama",
                              "gaussian-2",
                              "anisotropic-16",
                              "data-set-3",
                              "flagged infinite-variance",
                              "agree bit for bit"})
    EXPECT_THAT(result.out, HasSubstr(covered));
}

}  // namespace
}  // namespace scorepath::testing
