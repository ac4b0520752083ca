// Fuzz target: any text is a well-posed problem or an input error.
#include "host/model_file.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace scorepath;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    // No array file exists in this folder, so that a run does not hang on what is on the disk.
    const Problem problem = parse_problem({reinterpret_cast<const char*>(data), size}, "'m.toml'", "/nonexistent/");
    validate(problem);
    testing::require(dimension(problem.score) >= 1, "a problem without coordinates");
  } catch (const Error& error) {
    testing::require_input_error(error);
  }
  return 0;
}

namespace scorepath::testing {

std::vector<std::string> fuzz_seeds() {
  const std::string gaussian = "[score]\nkind = 'gaussian'\nmean = [0.0, 1.0]\nvariance = 2\n";
  return {
      "[schedule]\nkind = \"vp-linear\"  # comment\nbeta_min = 0.1\nbeta_max = 20.0\nt_min = 0\nt_max = 1.0\n" +
          gaussian,
      "[schedule]\nkind = 'vp-cosine'\noffset = 8e-3\n[score]\nkind = 'gaussian-mixture'\nweights = [0.25, 0.75]\n"
      "means = [[1, 2], [3, 4]]\nvariances = [0.5, 2]\n",
      "[schedule]\nkind = 'li-yan'\n[score]\nkind = 'gaussian-mixture'\nweights = [0.25, 0.75]\nmeans = [[1, 2], [3, "
      "4]]\n"
      "covariances = [[[2, 1], [1, 2]], [[3, 0.5], [0.5, 1]]]\n",
      "[schedule]\nkind = 'li-yan'\n[score]\nkind = 'gaussian-mixture'\nweights = [1]\nmeans = [[1, 2]]\n"
      "variances = [0.5]\nfactors = [[[1], [2]]]\n",
      "[schedule]\nkind = 've'\nsigma_min = 0.01\nsigma_max = 50\n[score]\nkind = 'data-set'\ndata = [[1], [2], [3]]\n"
      "bandwidth = 0.1\nweights = [0.5, 0.25, 0.25]\n",
      "[schedule]\nkind = 'ddpm'\nbetas = [0.1, 0.2, 0.3]\n" + gaussian,
      "[schedule]\nkind = 'ddpm'\nsteps = 10\nbeta_start = 1e-3\nbeta_end = 0.5\n" + gaussian,
      "schedule.kind = 'edm'\nschedule.sigma_min = 1\nscore = {kind = 'gaussian', mean = [1], variance = [1]}\n",
      "schedule = {kind = \"flow-matching\"}\n[score]\nkind = 'data-set'\ndata = 'x.npy'\nbandwidth = 1\n",
      "a = \"\"\"x\\\n  \xc3\xa9\"\"\"\n",
      "\"a\".'b'.c = \"\"\"\nlong\n\"\"\"\nd = '''x'''\n[[e]]\nf = 1979-05-27T07:32:00Z\n[[e]]\nf = [1, [2], {g = "
      "inf}]\n",
  };
}

std::vector<std::string> fuzz_tokens() {
  return {"[",
          "]",
          "[[",
          "]]",
          "{",
          "}",
          "=",
          ".",
          "\"",
          "'",
          "\"\"\"",
          "'''",
          "#",
          "\n",
          "nan",
          "inf",
          "-",
          "1e308",
          "9223372036854775807",
          "0x1F",
          "true",
          "1979-05-27",
          "\\u0000",
          "\\",
          "kind",
          "[schedule]",
          "[score]",
          "network",
          "covariances = 1\n",
          "a.a.a.a.a.a.a.a.a.",
          "[[[[[[[[",
          "\xff",
          "\xc3\xa9",
          "\xe2\x80\xa8",
          "\xef\xbb\xbf",
          "1_000"};
}

}  // namespace scorepath::testing
