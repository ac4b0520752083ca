// The command line on the real devices.
#include <scorepath/files.hpp>

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "tests/cli/cli_fixture.hpp"
#include "tests/gpu/gpu_test.hpp"
#include "tests/support/places.hpp"

namespace scorepath::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class GpuCommand : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    test::need_device();
  }
};

TEST_F(GpuCommand, InfoListsTheDevices) {
  const std::vector<CudaDevice> devices = cuda_devices();
  const json info = json::parse(run({"info", "--json"}).out);
  EXPECT_EQ(info["backends"][1]["name"], "cuda");
  EXPECT_EQ(info["backends"][1]["available"], true);
  ASSERT_EQ(info["devices"].size(), devices.size());
  const std::string text = run({"info"}).out;
  for (std::size_t i = 0; i < devices.size(); ++i) {
    EXPECT_EQ(info["devices"][i]["name"], devices[i].name);
    EXPECT_EQ(info["devices"][i]["multiprocessors"], devices[i].multiprocessors);
    EXPECT_THAT(text, HasSubstr(devices[i].name));
  }
}

/// The digits of data/digits: 1500 for the model, the next eight asked about.
TEST_F(GpuCommand, DigitsHaveTheNumbersOfTheProcessor) {
  const Matrix digits = load_points(test::source_folder() + "/data/digits/digits_x.npy");
  const auto write_rows = [&](const char* name, std::size_t first, std::size_t count) {
    const double* from = digits.row(first);
    folder_.write(name, npy_doubles("(" + std::to_string(count) + ", " + std::to_string(digits.columns) + ")",
                                    std::vector<double>(from, from + count * digits.columns)));
  };
  write_rows("train.npy", 0, 1500);
  write_rows("points.npy", 1500, 8);
  folder_.write("model.toml", toml(plain_schedule, "kind = \"data-set\"\ndata = \"train.npy\"\nbandwidth = 2.25"));
  for (const char* sampler : {"slices", "paths"}) {
    json points[2];
    for (const bool on_device : {false, true}) {
      ProcessOptions patient;
      patient.timeout = std::chrono::minutes(5);
      const ProcessResult result = density({"--sampler", sampler, "--backend", on_device ? "cuda" : "cpu", "--steps",
                                            "16", "--seed", "5", "--json", "--paths", "2048"},
                                           patient);
      ASSERT_EQ(result.exit_code, 0) << result.err;
      const json whole = json::parse(result.out);
      EXPECT_EQ(whole["backend"], on_device ? "cuda" : "cpu");
      points[on_device ? 1 : 0] = whole["points"];
      for (json& point : points[on_device ? 1 : 0]) point.erase("seconds");
    }
    ASSERT_EQ(points[0].size(), 8u);
    EXPECT_EQ(points[0], points[1]) << sampler;
  }
}

}  // namespace
}  // namespace scorepath::testing
