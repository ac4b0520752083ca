// `scorepath selftest`: estimates against exact log-densities on the user's own machine, a line a case.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include <scorepath/scorepath.hpp>

#include "host/check.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/flag_values.hpp"
#include "host/cli/selftest_cases.hpp"
#include "host/cli/text.hpp"

namespace scorepath::cli {

namespace {

/// The one bound of every comparison, in combined errors. Seeds are fixed and results reproducible, so that a case
/// that passes once passes everywhere; 5 leaves no room for luck when numbers change on purpose.
constexpr double z_bound = 5.0;
/// Beside that bound, relative to the log-density: estimate and exact value are both rounded to double precision, and
/// a Gaussian under its own control variate has no other error.
constexpr double rounding = 1e-12;

struct Verdict {
  bool passed = false;
  std::string detail;
};

/// Statistical, discretisation, truncation and arithmetic errors in one number [nat].
double combined_error(const PointResult& point) {
  double sum = 0;
  for (const std::optional<double>& error :
       {point.std_error, point.discretization_error, point.truncation_error, point.arithmetic_error})
    sum += error.value_or(0.0) * error.value_or(0.0);
  return std::sqrt(sum);
}

Verdict compare(const Result& result, const std::vector<double>& exact) {
  Verdict verdict = {true, ""};
  double worst = -1;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const PointResult& point = result.points.at(i);
    if (!point.log_density || !point.std_error)
      return {false, fmt::format("point {} has no estimate or no error bar", i)};
    const double error = combined_error(point) + rounding * (1.0 + std::abs(exact[i]));
    const double distance = std::abs(*point.log_density - exact[i]);
    const double z = distance / error;
    if (!(z <= z_bound)) verdict.passed = false;
    if (z <= worst) continue;
    worst = z;
    const int decimals = decimals_for(error);
    verdict.detail = fmt::format("{} +- {}, exact {}, z {:.2f}", fixed(*point.log_density, decimals),
                                 fixed(error, decimals), fixed(exact[i], decimals), z);
  }
  return verdict;
}

Verdict expect_flag(const Result& result, const std::string& flag) {
  for (const PointResult& point : result.points) {
    const bool flagged = std::find(point.flags.begin(), point.flags.end(), flag) != point.flags.end();
    if (!flagged || point.std_error) return {false, fmt::format("point {} lacks the flag {}", point.index, flag)};
  }
  return {true, "flagged " + flag + ", no error bar"};
}

bool same_bits(const std::optional<double>& a, const std::optional<double>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return std::memcmp(&*a, &*b, sizeof(double)) == 0;
}

bool same_bits(const Result& a, const Result& b) {
  return std::equal(a.points.begin(), a.points.end(), b.points.begin(), b.points.end(),
                    [](const PointResult& p, const PointResult& q) {
                      return same_bits(p.log_density, q.log_density) && same_bits(p.std_error, q.std_error) &&
                             same_bits(p.ci95_lower, q.ci95_lower) && same_bits(p.ci95_upper, q.ci95_upper) &&
                             same_bits(p.discretization_error, q.discretization_error);
                    });
}

Verdict check_case(const SelftestCase& test) {
  const Result result = estimate_log_density(test.problem, test.points, test.options);
  if (test.expected == Expected::infinite_variance) return expect_flag(result, "infinite-variance");
  return compare(result, exact_log_density(test.problem, test.points));
}

/// One and two threads, twice two: the same bits.
Verdict check_repeats(const SelftestCase& test) {
  Options options = test.options;
  options.threads = 1;
  const Result alone = estimate_log_density(test.problem, test.points, options);
  options.threads = 2;
  const Result shared = estimate_log_density(test.problem, test.points, options);
  const Result again = estimate_log_density(test.problem, test.points, options);
  if (!same_bits(alone, shared)) return {false, "1 and 2 threads differ"};
  if (!same_bits(shared, again)) return {false, "two runs with 2 threads differ"};
  return {true, "1 thread, 2 threads and a repeat agree bit for bit"};
}

struct Tally {
  int passed = 0, failed = 0;

  template <typename Check>
  void run(const std::string& name, Check&& check) {
    Verdict verdict;
    try {
      verdict = check();
    } catch (const Error& error) {
      verdict = {false, one_line(error.what())};
    }
    ++(verdict.passed ? passed : failed);
    print_data(fmt::format("{:<5} {:<60} {}\n", verdict.passed ? "ok" : "FAIL", name, verdict.detail));
  }
};

ExitCode run_selftest(const Arguments& arguments) {
  const auto backend = parse_choice<Backend>("--backend", arguments.text("--backend", name_of(Backend::automatic)));
  check_available(backend);
  static_cast<void>(active_isa());  // a wrong SCOREPATH_ISA is no failure of a case
  const auto start = std::chrono::steady_clock::now();
  const std::vector<SelftestCase> cases = selftest_cases(arguments.given("--quick") ? Extent::quick : Extent::full);
  Tally tally;
  for (SelftestCase test : cases) {
    test.options.backend = backend;
    tally.run(test.name, [&] { return check_case(test); });
  }
  for (SelftestCase test : {cases[0], cases[1]}) {  // the first model's slices and paths
    test.options.backend = backend;
    tally.run(test.name + ", repeated", [&] { return check_repeats(test); });
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print_data(fmt::format("{} of {} cases passed in {} (bound: {:g} combined errors)\n", tally.passed,
                         tally.passed + tally.failed, duration(seconds), z_bound));
  SP_VALIDATE(tally.failed == 0, internal,
              fmt::format("selftest failed ({} of {} cases, marked FAIL) please report it with `scorepath info`",
                          tally.failed, tally.passed + tally.failed));
  return ExitCode::done;
}

}  // namespace

Command selftest_command() {
  return {"selftest",
          "estimates against exact log-densities on this machine, a line a case",
          {{"--backend", "NAME", "where to compute: " + choices<Backend>()}, {"--quick", "", "fewer models and paths"}},
          "scorepath selftest --quick",
          run_selftest};
}

}  // namespace scorepath::cli
