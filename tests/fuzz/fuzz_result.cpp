// Results that `scorepath plot` reads: any text at all is read or refused, never anything else.
#include "host/cli/saved_result.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace scorepath;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const cli::SavedResult saved = cli::parse_saved_result({reinterpret_cast<const char*>(data), size}, "'r.json'");
    testing::require(saved.choices.size() == saved.comparison.entries.size(), "a result without its job");
    testing::require(!saved.comparison.entries.empty() && !saved.comparison.entries.front().result.points.empty(),
                     "a result without points");
  } catch (const Error& error) {
    testing::require_input_error(error);
  }
  return 0;
}

namespace scorepath::testing {

std::vector<std::string> fuzz_seeds() {
  const std::string result =
      "{\"command\": \"density\", \"method\": \"ode\", \"schedule\": \"ve\", \"sampler\": \"paths\", \"quantity\": "
      "\"log-density\", \"job\": {\"model\": \"m\", \"divergence\": \"exact\", \"lambda\": 0.5}, \"totals\": "
      "{\"paths\": 3}, "
      "\"points\": "
      "[{\"index\": 0, \"log_density\": 1.5, \"std_error\": null, \"ci95\": [0.5, 2.5], \"score_evaluations\": 7, "
      "\"exact_log_density\": null, "
      "\"flags\": [\"stopped\"]}]}";
  return {result, "{\"command\": \"compare\", \"model\": \"m\", \"methods\": [\"a\"], \"results\": [" + result + "]}"};
}

std::vector<std::string> fuzz_tokens() {
  return {"{",       "}",    "[",          "]",           ",",           ":",
          "\"",      "null", "true",       "1e999",       "-1",          "18446744073709551616",
          "\\ud800", "\xff", "\"points\"", "\"results\"", "\"compare\"", "[[[[[[[["};
}

}  // namespace scorepath::testing
