// Faults planted in the PTX of the library's kernels: each must show as an error of the interpreter or as other bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/ptx/ptx_job.hpp"

namespace scorepath::test {
namespace {

#if !defined(SCOREPATH_PTX_FOLDER)
#define SCOREPATH_PTX_FOLDER ""
#endif

using Lines = std::vector<std::string>;

/// The head of a .ptx file and the kernels whose names have one of `parts`.
Lines kernel_text(const std::string& name, const Lines& parts) {
  std::ifstream file(std::string(SCOREPATH_PTX_FOLDER) + "/" + name + "/" + name + ".ptx");
  Lines lines;
  bool inside = false, found = false;
  for (std::string line; std::getline(file, line);) {
    const bool entry = line.find(".entry") != std::string::npos;
    if (entry) {
      inside = std::any_of(parts.begin(), parts.end(),
                           [&](const std::string& part) { return line.find(part) != std::string::npos; });
    }
    found = found || entry;
    if (!found || inside || line.find(".extern .shared") != std::string::npos) lines.push_back(line);
    if (inside && line == "}") inside = false;
  }
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

class PlantedFault : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_library_kernels()) GTEST_SKIP() << "nvcc is not installed";
    take({problem_, "MixtureSharedIfLi2ENS0_4SoloELi1E"});
  }
  /// A problem, and what the names of its kernels have in them.
  struct Subject {
    Problem problem;
    std::string kernels;
  };
  void take(const Subject& subject) {
    problem_ = subject.problem;
    points_ = draw_points(problem_, 1, 3);
    paths_source_ = "reproducible_paths";
    paths_ = kernel_text(paths_source_, {subject.kernels});
    sums_ = kernel_text("reproducible_slices", {"6reduceE", "6slicesINS0_13" + subject.kernels});
    jobs_.clear();
    Options o;
    o.sampler = Sampler::paths;
    o.paths = 600;
    o.steps = 10;
    o.threads = 1;
    o.keep_samples = true;
    // Every loop over steps that a kernel has, and every branch in it.
    for (const Transition transition : {Transition::exact, Transition::euler_maruyama}) {
      for (const Antithetic antithetic : {Antithetic::on, Antithetic::off}) {
        for (const ControlVariate reference : {ControlVariate::gaussian, ControlVariate::none}) {
          o.transition = transition;
          o.antithetic = antithetic;
          o.control_variate = reference;
          add_job(o);
        }
      }
    }
    o.cancellation = Cancellation::off;
    add_job(o);
    o.cancellation = Cancellation::on;
    o.sampler = Sampler::slices;  // samples in groups of four: records by every branch
    add_job(o);
  }
  void add_job(const Options& options) {
    jobs_.push_back({options, estimate_log_density(problem_, points_, options)});
    jobs_.back().options.backend = Backend::cuda;
  }
  /// Drops each barrier of `lines` alone; how many there are, and how many of them nothing tells about.
  std::pair<std::size_t, std::size_t> drop_barriers(const Lines& lines, bool of_paths) {
    std::size_t barriers = 0, silent = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].find("bar.sync") == std::string::npos && lines[i].find("barrier.sync") == std::string::npos)
        continue;
      ++barriers;
      Lines without = lines;
      without[i].clear();
      const std::string seen = of_paths ? symptom(without, sums_) : symptom(paths_, without);
      silent += seen.empty() ? 1 : 0;
      EXPECT_TRUE(seen.empty() || seen.find("race") != std::string::npos) << "barrier " << barriers << ": " << seen;
    }
    return {barriers, silent};
  }

  /// What the jobs on these kernels give away; empty where nothing.
  std::string symptom(const Lines& paths, const Lines& sums) {
    try {
      const ptx::Module of_paths = ptx::parse(joined(paths), "paths.ptx");
      const ptx::Module of_sums = ptx::parse(joined(sums), "slices.ptx");
      const KernelModules modules = [&](const std::string& source) -> const ptx::Module& {
        return source == paths_source_ ? of_paths : of_sums;
      };
      CudaDevices devices;
      devices.push_back(std::make_unique<PtxDevice>(modules));
      for (const Job& job : jobs_) {
        const PointResult got = estimate_on(problem_, points_, job.options, &devices).points.front();
        const PointResult& want = job.want.points.front();
        if (got.samples != want.samples) return "other samples";
        if (got.log_density != want.log_density || got.std_error != want.std_error) return "another record";
      }
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  }

  Problem problem_{schedule_of(VpLinear{}), mixture(Layout::shared, 2, 5, 3)};
  Matrix points_;
  struct Job {
    Options options;
    Result want;
  };
  std::vector<Job> jobs_;
  std::string paths_source_;
  Lines paths_, sums_;  // kernels of paths_source_; slices and records
};

/// One score in all its coordinates, and one that is read coordinate by coordinate: other loops.
class PlantedFaultInPaths : public PlantedFault, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    PlantedFault::SetUp();
    if (!IsSkipped() && GetParam())
      take({{schedule_of(VpLinear{}), mixture(Layout::shared, 3, 1, 3)}, "GaussianScoreIfLi3ENS0_4SoloE"});
  }
  /// Of so many faults. A Gaussian's own score taken off it leaves nothing, and half of the loops do that.
  static std::size_t least_seen(std::size_t faults) { return GetParam() ? faults / 2 : faults; }
};
INSTANTIATE_TEST_SUITE_P(Of, PlantedFaultInPaths, ::testing::Bool(),
                         [](const auto& score) { return score.param ? "Gaussian" : "Mixture"; });

TEST_F(PlantedFault, NoneIsSeenInTheKernelsThemselves) { EXPECT_EQ(symptom(paths_, sums_), ""); }

/// Each barrier of the kernel that makes records, dropped alone: a race, though no number changes in the interpreter's
/// order. The very last one keeps memory that nobody uses any more.
TEST_F(PlantedFault, EveryDroppedBarrierIsARace) {
  const auto [barriers, silent] = drop_barriers(sums_, false);
  EXPECT_GE(barriers, 5u);
  EXPECT_EQ(silent, 1u);
}

/// The same for panels of components that the paths of a block share: more than fit, in a dimension of a team, so that
/// they are copied again and again.
TEST_F(PlantedFault, EveryDroppedBarrierOfSharedPanelsIsARace) {
  problem_.score = mixture(Layout::shared, 130, 70, 4);
  points_ = draw_points(problem_, 1, 3);
  jobs_.clear();
  Options o;
  o.sampler = Sampler::paths;
  o.paths = 40;
  o.steps = 4;
  o.threads = 1;
  add_job(o);
  paths_ = kernel_text("reproducible_paths", {"MixtureSharedIfLi32ENS1_6StagedINS1_10ThreadTeamILi128EEEEELi0E"});
  ASSERT_EQ(symptom(paths_, sums_), "");
  const auto [barriers, silent] = drop_barriers(paths_, true);
  EXPECT_GE(barriers, 2u);
  EXPECT_EQ(silent, 0u);
}

/// Each product that is added, contracted with its sum; but not those with a power of two, made of bits, which are
/// exact.
TEST_P(PlantedFaultInPaths, ContractedProductsChangeBits) {
  const std::regex product(R"(\s*mul\.rn\.f32\s+(%f\d+), (%f\d+), (%f\d+);)");
  const std::regex sum(R"(\s*add\.rn\.f32\s+(%f\d+), (%f\d+), (%f\d+);)");
  const std::regex from_bits(R"(\s*mov\.b32\s+(%f\d+), %r\d+;)");
  std::set<std::string> powers;
  for (const std::string& line : paths_) {
    std::smatch m;
    if (std::regex_match(line, m, from_bits)) powers.insert(m[1]);
  }
  std::size_t contracted = 0, seen = 0;
  std::string unseen;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    std::smatch m;
    if (!std::regex_match(paths_[i], m, product) || powers.count(m[2]) + powers.count(m[3]) > 0) continue;
    for (std::size_t k = i + 1; k < std::min(i + 20, paths_.size()); ++k) {
      std::smatch s;
      if (!std::regex_match(paths_[k], s, sum) || (s[2] != m[1] && s[3] != m[1])) continue;
      const std::string other = s[2] == m[1] ? s[3] : s[2];
      Lines with = paths_;
      with[k] = "fma.rn.f32 " + s[1].str() + ", " + m[2].str() + ", " + m[3].str() + ", " + other + ";";
      ++contracted;
      const bool is_seen = !symptom(with, sums_).empty();
      seen += is_seen ? 1 : 0;
      if (!is_seen) unseen += std::to_string(i) + paths_[i] + paths_[k] + "\n";
      break;
    }
  }
  EXPECT_GE(contracted, 8u);
  EXPECT_GE(seen, least_seen(contracted)) << unseen;
}

/// Loads and stores that are off by one number.
TEST_P(PlantedFaultInPaths, WrongIndicesAreSeen) {
  const std::regex access(R"((\s*(?:@%p\d+ )?(?:ld|st)\.global(?:\.nc)?\.[a-z0-9.]*\s.*\[%rd\d+)(?:\+(\d+))?(\].*))");
  std::size_t accesses = 0, seen = 0;
  std::string unseen;
  for (std::size_t i = 0; i < paths_.size(); ++i) {
    std::smatch m;
    if (!std::regex_match(paths_[i], m, access)) continue;
    ++accesses;
    Lines with = paths_;
    const int offset = m[2].matched ? std::stoi(m[2].str()) : 0;
    with[i] = m[1].str() + "+" + std::to_string(offset + 4) + m[3].str();
    const bool is_seen = !symptom(with, sums_).empty();
    seen += is_seen ? 1 : 0;
    if (!is_seen) unseen += paths_[i] + "\n";
  }
  EXPECT_GE(accesses, 20u);
  EXPECT_GE(seen, least_seen(accesses)) << unseen;
}

}  // namespace
}  // namespace scorepath::test
