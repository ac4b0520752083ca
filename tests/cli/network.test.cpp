// Networks from the command line: the method that takes them, flags that they have not, files that do not fit.
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/cli/cli_fixture.hpp"
#include "tests/support/places.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class NetworkRun : public CliTest {
 protected:
  void SetUp() override {
    const std::string from = scorepath::test::source_folder() + "/tests/networks/edm-f/";
    for (const char* file : {"model.toml", "net.safetensors", "points.npy"})
      std::filesystem::copy_file(from + file, folder_.path() + "/" + file);
  }
  ProcessResult network(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"density", "--model", "@model.toml", "--points", "@points.npy"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  void expect_refused(const std::vector<std::string>& more, int exit_code,
                      const std::vector<std::string>& fragments) const {
    const auto before = snapshot();
    const ProcessResult result = network(more);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    for (const std::string& fragment : fragments) EXPECT_THAT(result.err, HasSubstr(fragment));
    EXPECT_EQ(snapshot(), before);
  }
  /// The model file with `from` replaced.
  void edit(const std::string& from, const std::string& to) {
    std::string text = folder_.read("model.toml");
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos);
    folder_.write("model.toml", text.replace(at, from.size(), to));
  }
};

TEST_F(NetworkRun, AutoTakesTheFlow) {
  const ProcessResult result = network({"--json", "-", "--method", "auto"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("--method auto took ode (the one that takes networks"));
  const json whole = json::parse(result.out);
  EXPECT_EQ(whole["method"], "ode");
  EXPECT_EQ(whole["quantity"], "flow-likelihood");
  EXPECT_EQ(whole["job"]["end"], "prior");
  const std::string table = network({}).out;
  for (const std::vector<std::string>& same :
       {std::vector<std::string>{"--method", "ode"}, {"--end", "prior"}, {"--method", "ode", "--end", "prior"}}) {
    const ProcessResult again = network(same);
    EXPECT_EQ(again.exit_code, 0) << again.err;
    EXPECT_EQ(again.out.substr(0, again.out.find(" points,")), table.substr(0, table.find(" points,")));
  }
}

TEST_F(NetworkRun, FlagsThatItHasNotAreRefused) {
  expect_refused({"--end", "exact"}, 2, {"--end exact does not apply to a network"});
  expect_refused({"--steps", "100"}, 2, {"--steps"});
  expect_refused({"--time-law", "uniform"}, 2, {"--time-law does not apply to --method ode"});
  expect_refused({"--method", "pathwise"}, 2, {"method is pathwise", "networks"});
  expect_refused({"--divergence", "hutchinson"}, 2, {"hutchinson", "networks"});
  const ProcessResult samples = run({"sample", "--model", "@model.toml", "--count", "4", "--out", "@s.npz"});
  EXPECT_EQ(samples.exit_code, 2);
  EXPECT_THAT(samples.err, HasSubstr("samples of networks are not built"));
}

TEST_F(NetworkRun, AForgottenLayerOrTensorIsNoOtherNetwork) {
  edit(
      "{kind = \"residual\", layers = [{kind = \"linear\", name = \"layers.3.layers.0\"}, {kind = \"film\", name = "
      "\"layers.3.layers.1.linear\"}, {kind = \"silu\"}]},",
      "");
  expect_refused({}, 3, {"model.toml", "score.weights", "'layers.3.layers.0.bias'", "no layer or embedding takes it"});
}

TEST_F(NetworkRun, FilesThatDoNotFitAreNamed) {
  edit("name = \"layers.4\"", "name = \"layers.5\"");
  expect_refused({}, 3, {"net.safetensors", "layers.5.weight"});
  edit("name = \"layers.5\"", "name = \"layers.0\"");
  expect_refused({}, 3, {"model.toml"});
  folder_.write("net.safetensors", "no tensors");
  expect_refused({}, 3, {"net.safetensors"});
}

TEST_F(NetworkRun, ShortMemoryIsNoCrash) {
  for (const char* limit : {"250000", "300000", "400000"}) {
    const std::string command = std::string("cd '") + folder_.path() + "'; ulimit -v " + limit + "; exec '" +
                                SCOREPATH_BINARY +
                                "' density --model wide.toml --points wide.npy --atol 100 --rtol 1 --threads 1 --quiet";
    folder_.write("wide.toml",
                  "[schedule]\nkind = 'edm'\n[score]\nkind = 'network'\nweights = 'wide.safetensors'\n"
                  "parameterization = 'edm-f'\ntime_input = 'sigma'\nlayers = [{kind = 'linear', name = 'a'}]\n");
    constexpr std::size_t dim = 900;
    const std::string header = "{\"a.weight\":{\"dtype\":\"F32\",\"shape\":[900,901],\"data_offsets\":[0," +
                               std::to_string(4 * dim * (dim + 1)) + "]}}";
    std::string bytes(8, '\0');
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
    folder_.write("wide.safetensors", bytes + header + std::string(4 * dim * (dim + 1), '\0'));
    folder_.write("wide.npy", npy_doubles("(1, 900)", std::vector<double>(dim, 0.1)));
    const ProcessResult result = run_process({"bash", "-c", command});
    EXPECT_TRUE(result.exit_code == 5 || result.exit_code == 0) << limit << ": " << result.exit_code << result.err;
  }
}

}  // namespace
}  // namespace scorepath::testing
