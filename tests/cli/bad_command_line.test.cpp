// Command lines that cannot be meant: each one line on stderr with place and remedy, exit 2 or 5, nothing written.
#include "tests/cli/bad_run.hpp"

namespace scorepath::testing {
namespace {

/// A bad run of `density` on the standard model and points.
BadRun density(const std::string& name, std::vector<std::string> more, std::vector<std::string> fragments,
               int exit_code = 2) {
  std::vector<std::string> arguments = {"density", "--model", "@model.toml", "--points", "@points.npy"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return {name, arguments, {}, exit_code, fragments};
}

using BadCommandLine = BadRunTest;

TEST_P(BadCommandLine, IsRefusedInOneLineAndNothingIsWritten) { check(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Top, BadCommandLine,
    ::testing::Values(
        BadRun{"UnknownCommand", {"densty"}, {}, 2, {"unknown command 'densty'", "did you mean density"}},
        BadRun{"FarCommand", {"frobnicate"}, {}, 2, {"frobnicate", "density, compare, sample, plot, info, selftest"}},
        BadRun{"UnknownTopFlag", {"--versoin"}, {}, 2, {"--versoin", "did you mean --version"}},
        BadRun{"TwoCommands", {"info", "selftest"}, {}, 2, {"info and selftest"}},
        BadRun{"UnknownCommandWithHelp", {"nosuch", "--help"}, {}, 2, {"unknown command 'nosuch'"}},
        BadRun{"HelpBeforeUnknownCommand", {"--help", "simple"}, {}, 2, {"unknown command 'simple'"}},
        BadRun{"UnknownCommandWithVersion", {"nosuch", "--version"}, {}, 2, {"'nosuch'"}},
        BadRun{"UnknownCommandBeforeAKnownOne", {"nosuch", "info", "-h"}, {}, 2, {"'nosuch'"}},
        BadRun{"UnknownTopFlagWithHelp", {"--nosuch", "--help"}, {}, 2, {"unknown flag '--nosuch'"}},
        BadRun{"SwitchBeforeItsCommand",
               {"--quiet", "density", "--model", "@model.toml", "--points", "@points.npy"},
               {},
               2,
               {"--quiet before density", "write scorepath density --quiet"}},
        BadRun{"ValueFlagBeforeItsCommand",
               {"--paths", "10", "density"},
               {},
               2,
               {"--paths before density", "write scorepath density --paths N"}},
        BadRun{"FlagWithValueBeforeItsCommand", {"--seed=1", "density"}, {}, 2, {"--seed before density"}},
        BadRun{"FlagOfAnotherCommandBefore", {"--quick", "info"}, {}, 2, {"unknown flag '--quick'"}},
        BadRun{"InfoFlag", {"info", "--jsn"}, {}, 2, {"unknown flag '--jsn'", "did you mean --json"}},
        BadRun{"InfoSwitchValue", {"info", "--json=x"}, {}, 2, {"--json is a switch"}},
        BadRun{"SelftestBackend", {"selftest", "--backend", "gpu"}, {}, 2, {"--backend", "cpu, cuda"}},
        BadRun{"SelftestCuda", {"selftest", "--backend", "cuda"}, {}, 5, {"--backend cuda"}},
        BadRun{"ControlCharacters", {"a\nb\x1b[31m"}, {}, 2, {"unknown command 'a"}}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Flags, BadCommandLine,
    ::testing::Values(
        density("UnknownFlag", {"--path", "10"}, {"unknown flag '--path'", "did you mean --paths"}),
        density("UnknownFlagWithValue", {"--tme-law=uniform"}, {"--tme-law", "did you mean --time-law"}),
        density("FarFlag", {"--frobnicate"}, {"--frobnicate", "scorepath density --help"}),
        density("ShortFlag", {"-q"}, {"unknown flag '-q'"}), density("Stray", {"extra.npy"}, {"stray", "extra.npy"}),
        density("Twice", {"--seed", "1", "--seed", "2"}, {"--seed given 2 times", "1, 2"}),
        density("NoValueAtEnd", {"--paths"}, {"--paths without a value", "--paths N"}),
        density("NoValueBeforeFlag", {"--paths", "--quiet"}, {"--paths without a value"}),
        density("EmptyValue", {"--json="}, {"--json without a value"}),
        density("EmptyArgument", {"--json", ""}, {"--json without a value"}),
        density("SwitchWithValue", {"--force=yes"}, {"--force is a switch"}),
        BadRun{"NoModel", {"density", "--points", "@points.npy"}, {}, 2, {"--model is missing", "--model FILE"}},
        BadRun{"NoPoints", {"density", "--model", "@model.toml"}, {}, 2, {"--points is missing"}},
        BadRun{"Nothing", {"density"}, {}, 2, {"--model is missing"}}),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadCommandLine,
    ::testing::Values(density("PathsZero", {"--paths", "0"}, {"paths is 0", "change --paths"}),
                      density("PathsNegative", {"--paths", "-5"}, {"'-5' for --paths", "negative"}),
                      density("PathsSuffix", {"--paths", "12abc"}, {"12abc", "not a whole number"}),
                      density("PathsFraction", {"--paths", "1.5"}, {"1.5", "not a whole number"}),
                      density("PathsExponent", {"--paths", "1e30"}, {"1e30", "in digits"}),
                      density("PathsAbsurd", {"--paths", "99999999999999999999999"}, {"too large"}),
                      density("PathsAboveLimit", {"--paths", "2199023255552"},
                              {"paths is 2199023255552", "change --paths"}),
                      density("PathsNan", {"--paths", "nan"}, {"not a whole number"}),
                      density("PathsBlank", {"--paths", " 7"}, {"not a whole number"}),
                      density("StepsZero", {"--sampler", "paths", "--steps", "0"}, {"steps is 0", "change --steps"}),
                      density("StepsOne", {"--sampler", "paths", "--steps", "1"}, {"steps is 1", "change --steps"}),
                      density("StepsAbsurd", {"--sampler", "paths", "--steps", "1000000000"},
                              {"steps is 1000000000", "change --steps"}),
                      density("ThreadsNegative", {"--threads", "-1"}, {"--threads", "negative"}),
                      density("ThreadsAbsurd", {"--threads", "1000000"}, {"threads is 1000000", "change --threads"}),
                      density("ThreadsOverflow", {"--threads", "4294967297"}, {"--threads", "too large"}),
                      density("SeedNegative", {"--seed=-1"}, {"--seed", "negative"}),
                      density("SeedTooLarge", {"--seed", "18446744073709551616"}, {"--seed", "too large"}),
                      density("TargetZero", {"--target-se", "0"}, {"--target-se", "zero"}),
                      density("TargetNegative", {"--target-se", "-0.1"}, {"--target-se", "negative"}),
                      density("TargetNan", {"--target-se", "nan"}, {"--target-se", "not a number"}),
                      density("TargetInf", {"--target-se", "inf"}, {"--target-se", "not finite"}),
                      density("TargetAbsurd", {"--target-se", "1e30"}, {"--target-se", "too large"}),
                      density("TargetOverflow", {"--target-se", "1e999"}, {"--target-se", "range"}),
                      density("TargetText", {"--target-se", "small"}, {"--target-se", "not a number"}),
                      density("TargetSuffix", {"--target-se", "0.1nat"}, {"0.1nat", "not a number"})),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Choices, BadCommandLine,
    ::testing::Values(
        density("Method", {"--method", "magic"}, {"unknown value 'magic'", "auto, density-formula"}),
        density("ElboLambdaAboveOne", {"--method", "elbo", "--lambda", "1.5"}, {"lambda is 1.5", "at most 1"}),
        density("ElboLambdaOfDenoising", {"--method", "elbo", "--form=denoising", "--lambda=-0.5"},
                {"form is denoising", "use form implicit"}),
        density("ElboLambdaInPairs", {"--method", "elbo", "--lambda=0.5", "--antithetic", "on"}, {"antithetic is on"}),
        density("ElboLambdaOddSteps", {"--method", "elbo", "--lambda=0.5", "--steps", "65"}, {"steps is 65", "even"}),
        density("ElboLambdaFarBelow", {"--method", "elbo", "--lambda=-1e9"}, {"lambda is -1000000000"}),
        density("ElboLambdaText", {"--method", "elbo", "--lambda", "one"}, {"'one'", "--lambda", "not a number"}),
        density("ElboImplicitSlices", {"--method", "elbo", "--form", "implicit", "--sampler", "slices"},
                {"--sampler slices does not apply to --form implicit", "--sampler paths"}),
        density("ElboDenoisingDivergence", {"--method", "elbo", "--divergence", "exact"},
                {"--divergence does not apply to --form denoising", "--form implicit"}),
        density("ElboImplicitTimeLaw", {"--form", "implicit", "--time-law", "uniform"}, {"--time-law does not apply"}),
        density("ElboForm", {"--method", "elbo", "--form", "vlb"}, {"form is vlb", "use method ddpm"}),
        density("DdpmGrid", {"--method", "ddpm", "--grid", "tapered"}, {"--grid does not apply to --method ddpm"}),
        density("DdpmSampler", {"--method", "ddpm", "--sampler", "paths"},
                {"--sampler does not apply to --method ddpm"}),
        density("DdpmEnd", {"--method", "ddpm", "--form", "li-yan", "--end", "prior"}, {"end is prior", "ddpm"}),
        density("DdpmControl", {"--method", "ddpm", "--form", "vlb", "--control-variate", "none"},
                {"control_variate is none", "ddpm"}),
        density("DdpmSteps", {"--method", "ddpm", "--steps", "1"}, {"steps is 1"}),
        density("OdeForm", {"--method=ode", "--form", "ray"}, {"--form does not apply to --method ode"}),
        density("OdeGrid", {"--method=ode", "--grid", "stationary"}, {"--grid does not apply to --method ode"}),
        density("OdeAntithetic", {"--method=ode", "--antithetic", "on"}, {"--antithetic does not apply"}),
        density("OdeFast", {"--method=ode", "--arithmetic", "fast"}, {"arithmetic is fast", "method ode"}),
        density("OdeRtolZero", {"--method=ode", "--rtol", "0"}, {"--rtol", "it is zero"}),
        density("OdeRtolTiny", {"--method=ode", "--rtol", "1e-20"}, {"rtol is 1e-20", "1e-12"}),
        density("OdeRtolNan", {"--method=ode", "--rtol", "nan"}, {"--rtol", "not a number"}),
        density("OdeRtolLarge", {"--method=ode", "--rtol", "2"}, {"--rtol", "too large"}),
        density("OdeAtolNegative", {"--method=ode", "--atol", "-1"}, {"--atol", "negative"}),
        density("OdeAtolTiny", {"--method=ode", "--atol", "1e-13"}, {"atol is 1e-13", "1e-12"}),
        density("OdeStepsOfTheExactDivergence", {"--method=ode", "--steps", "64"},
                {"--steps does not apply to --divergence exact", "hutchinson"}),
        density("OdeProbesOfTheExactDivergence", {"--method=ode", "--probes", "2"}, {"--probes does not apply"}),
        density("OdePlanOfTheExactDivergence", {"--method=ode", "--probe-plan", "fresh"},
                {"--probe-plan does not apply"}),
        density("OdeNoProbes", {"--method=ode", "--divergence=hutchinson", "--probes", "0"}, {"probes is 0"}),
        density("OdeFewNodes", {"--method=ode", "--divergence=hutchinson", "--steps", "5"}, {"steps is 5", "6 nodes"}),
        density("OdeManyNodes", {"--method=ode", "--divergence=hutchinson", "--steps", "2000000"}, {"2^20"}),
        density("OdeProbePlan", {"--method=ode", "--divergence=hutchinson", "--probe-plan", "sobol"},
                {"hadamard, fresh, fixed"}),
        density("OdeLambda", {"--method=ode", "--lambda", "1"}, {"--lambda does not apply"}),
        density("Form", {"--method", "pathwise", "--form", "ito"},
                {"--form", "stratonovich, forward-ito, backward-ito, multilevel, ray"}),
        density("FormOfAnotherMethod", {"--method", "density-formula", "--form", "ray"},
                {"--form does not apply to --method density-formula", "choose --method pathwise"}),
        density("PathwiseSampler", {"--method", "pathwise", "--sampler", "paths"},
                {"--sampler does not apply to --method pathwise", "choose --method density-formula"}),
        density("PathwiseTransition", {"--method", "pathwise", "--transition", "exact"},
                {"--transition does not apply to --method pathwise"}),
        density("PathwiseControlVariate", {"--method", "pathwise", "--control-variate", "none"},
                {"--control-variate does not apply"}),
        density("PathwiseHutchinson", {"--method", "pathwise", "--divergence", "hutchinson"},
                {"hutchinson is not built", "--divergence exact"}),
        density("Divergence", {"--method", "pathwise", "--divergence", "trace"}, {"--divergence", "exact"}),
        density("PathwiseProbes", {"--method", "pathwise", "--probes", "4"}, {"--probes", "choose --method ode"}),
        density("RayGrid", {"--method", "pathwise", "--form", "ray", "--grid", "log-snr"}, {"grid is log-snr", "rays"}),
        density("RayEnd", {"--method", "pathwise", "--form", "ray", "--end", "prior"}, {"end is prior", "infinite"}),
        density("RayNodes", {"--method", "pathwise", "--form", "ray", "--steps", "5000"}, {"steps is 5000", "2048"}),
        density("WeightsSteps", {"--method", "path-weights", "--steps", "130"}, {"steps is 130", "multiple of 4"}),
        density("WeightsPaths", {"--method", "path-weights", "--paths", "300000000"}, {"paths is 300000000", "2^28"}),
        density("WeightsForm", {"--method", "path-weights", "--form", "ray"}, {"form is ray", "use method pathwise"}),
        density("WeightsOfPathwise", {"--method", "pathwise", "--form", "chain"},
                {"form is chain", "use method path-weights"}),
        density("FeynmanKacEnd", {"--method", "path-weights", "--form", "feynman-kac"}, {"end is exact", "end prior"}),
        density("FeynmanKacPairs", {"--form", "feynman-kac", "--end", "prior", "--antithetic", "on"},
                {"antithetic is on"}),
        density("MultilevelSteps", {"--method", "pathwise", "--form", "multilevel", "--steps", "66"},
                {"steps is 66", "multiple of 4", "128 or more"}),
        density("MultilevelPaths", {"--form", "multilevel", "--paths", "100"}, {"paths is 100", "at least 384"}),
        density("WeightsTimeLaw", {"--method", "path-weights", "--time-law", "uniform"},
                {"--time-law does not apply to --method path-weights"}),
        density("WeightsDivergence", {"--method", "path-weights", "--divergence", "exact"},
                {"--divergence does not apply"}),
        density("Sampler", {"--sampler", "slice"}, {"slices, paths", "write --sampler slices"}),
        density("BackendGpu", {"--backend", "gpu"}, {"write --backend cuda"}),
        density("TimeLaw", {"--time-law", "log_snr"}, {"--time-law", "log-snr, uniform, debiased, importance"}),
        density("TimePoints", {"--time-points", "halton"}, {"stratified, plain, sobol"}),
        density("Antithetic", {"--antithetic", "yes"}, {"--antithetic", "on, off"}),
        density("Cancellation", {"--cancellation", "maybe"}, {"on, off"}),
        density("ControlVariate", {"--control-variate", "gauss"}, {"gaussian, none"}),
        density("Transition", {"--sampler", "paths", "--transition", "euler"}, {"exact, euler-maruyama"}),
        density("Grid", {"--sampler", "paths", "--grid", "uniform"}, {"uniform-t, tapered"}),
        density("End", {"--end", "both"}, {"exact, prior"}),
        density("Backend", {"--backend", "gpu"}, {"auto, cpu, cuda"}),
        density("Arithmetic", {"--arithmetic", "double"}, {"reproducible, fast"}),
        density("Progress", {"--progress", "loud"}, {"auto, bar, plain, json, off"}),
        density("CaseMatters", {"--sampler", "Paths"}, {"'Paths'", "slices, paths"})),
    name_of_case);

INSTANTIATE_TEST_SUITE_P(
    Conflicts, BadCommandLine,
    ::testing::Values(
        density("StepsWithSlices", {"--steps", "64", "--sampler", "slices"},
                {"--steps does not apply to --sampler slices", "paths"}),
        density("GridWithSlices", {"--sampler", "slices", "--grid", "log-snr"}, {"--grid does not apply"}),
        density("TransitionWithSlices", {"--transition", "exact"}, {"--transition does not apply"}),
        density("TimeLawWithPaths", {"--sampler", "paths", "--time-law", "uniform"}, {"--time-law does not apply"}),
        density("TimePointsWithPaths", {"--sampler=paths", "--time-points=sobol"}, {"--time-points does not apply"}),
        density("MultilevelPairs", {"--form", "multilevel", "--antithetic", "on"}, {"antithetic is on"}),
        density("MultilevelSamples", {"--form", "multilevel", "--keep-samples", "--out", "x.npz"},
                {"keep_samples is set", "leave it out"}),
        density("MultilevelEnd", {"--form", "multilevel", "--end", "prior"}, {"end is prior", "leave it exact"}),
        density("Lambda", {"--lambda", "0", "--method", "pathwise"}, {"--lambda does not apply"}),
        density("DivergenceOfAnotherMethod", {"--divergence", "exact", "--sampler", "slices"}, {"does not apply"}),
        density("Probes", {"--probes", "2"}, {"--probes does not apply"}),
        density("ProbePlan", {"--probe-plan", "fixed"}, {"--probe-plan does not apply"}),
        density("Rtol", {"--method", "pathwise", "--rtol", "1e-6"}, {"--rtol does not apply", "ode"}),
        density("Atol", {"--method", "pathwise", "--atol", "1e-6"}, {"--atol does not apply", "ode"}),
        density("Start", {"--method", "pathwise", "--start", "data"}, {"--start does not apply", "elbo"}),
        density("TermsOfChain", {"--method", "ddpm", "--keep-terms"}, {"keep_terms is set", "form chain", "vlb"}),
        density("TermsOfRays", {"--keep-terms", "--method", "pathwise"}, {"--keep-terms does not apply", "ddpm"}),
        density("TermsOfManySteps", {"--method", "ddpm", "--form", "vlb", "--steps", "20000", "--keep-terms"},
                {"keep_terms is set", "20000 steps"}),
        density("StartValue", {"--start", "zero"}, {"t-min, data"}),
        density("StartImplicit", {"--method", "elbo", "--form", "implicit", "--start", "data"},
                {"start is data", "form implicit", "denoising"}),
        density("StartLambda", {"--method", "elbo", "--lambda", "0.5", "--start", "data"}, {"start is data"}),
        density("StartPaths", {"--method", "elbo", "--sampler", "paths", "--start", "data"},
                {"start is data", "sampler slices"}),
        density("FastOnCpu", {"--backend", "cpu", "--arithmetic", "fast"}, {"fast", "CUDA"}),
        density("SamplesWithoutOut", {"--keep-samples", "--json", "-"}, {"--keep-samples", "--out FILE.npz"}),
        density("OutOnStdout", {"--out", "-"}, {"--out -", "--json -"}),
        density("PlotExtension", {"--plot", "@figure.pdf"}, {"figure.pdf", ".png or .svg"}),
        density("PlotNoExtension", {"--plot", "@figure"}, {"figure", ".png or .svg"}),
        density("OneFileTwice", {"--json", "@r", "--out", "@r"}, {"--json and --out name one file"}),
        density("OneFileBySideways", {"--json", "@r", "--out", "@./r"}, {"--json and --out name one file"}),
        density("OutputIsModel", {"--json", "@model.toml", "--force"}, {"--model and --json name one file"}, 2),
        BadRun{"OutputIsAnArrayOfTheModel",
               {"density", "--model", "@arrays.toml", "--points", "@points.npy", "--json", "@mean.npy", "--force"},
               {{"arrays.toml", toml(plain_schedule, "kind = \"gaussian\"\nmean = \"mean.npy\"\nvariance = 0.6")},
                {"mean.npy", npy_doubles("(2,)", {0.5, -0.25})}},
               2,
               {"--json", "mean.npy", "an array of the model"}},
        density("OutputIsPoints", {"--out", "@points.npy", "--force"}, {"--points and --out name one file"}, 2)),
    name_of_case);

/// The instruction set is forced by the environment, for every command.
TEST_F(CliTest, UnknownInstructionSetIsRefused) {
  ProcessOptions options;
  options.environment["SCOREPATH_ISA"] = "sse9";
  for (const ProcessResult& result : {density({}, options), run({"info"}, options), run({"selftest"}, options)}) {
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, ::testing::StartsWith("scorepath: "));
    EXPECT_THAT(result.err, ::testing::HasSubstr("sse9"));
    EXPECT_EQ(lines_of(result.err).size(), 1u);
  }
}

}  // namespace
}  // namespace scorepath::testing
