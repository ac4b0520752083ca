// The table that estimators compete in: for every combination of options its variance, bias, and the score evaluations
// to a given total error, on the shipped mixtures (row 0 of their points).
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <nlohmann/json.hpp>

#include "bench/jobs.hpp"
#include "bench/rows.hpp"

namespace scorepath::bench {
namespace {

using Json = nlohmann::ordered_json;

constexpr double target = 1e-2;  // nat, root mean square, bias included

/// The prototypes' figures, variance x evaluations (docs/theory.md, "Reference figures"), and which of our rows each
/// stands beside.
struct Prototype {
  const char* name;
  double uniform, stratified, control_variate;
};
constexpr Prototype prototypes[] = {
    {"ring-2", 1.9e5, 249.0, 114.0}, {"cloud-16", 3.7e6, 1337.0, 723.0}, {"cloud-64", 1.5e5, 6199.0, 2885.0}};

double prototype_for(const Prototype& p, const Options& o) {
  if (o.sampler != Sampler::slices || o.antithetic != Antithetic::off) return 0.0;
  const bool stratified = o.time_law == TimeLaw::log_snr && o.time_points == TimePoints::stratified;
  if (o.control_variate == ControlVariate::gaussian) return stratified ? p.control_variate : 0.0;
  if (stratified && o.cancellation == Cancellation::on) return p.stratified;
  if (o.time_law == TimeLaw::uniform && o.time_points == TimePoints::plain && o.cancellation == Cancellation::off)
    return p.uniform;
  return 0.0;
}

/// `repeats` independent estimates of one point.
struct Spread {
  double mean = 0.0, variance = 0.0;  // over repeats
  double evaluations = 0.0;           // of one repeat, all that it spent
  double paths = 0.0;
  bool infinite = false;
  int finite = 0;
};

Spread repeat(const Problem& problem, const std::vector<double>& point, Options options, int repeats) {
  Spread out;
  double m2 = 0.0;
  for (int i = 0; i < repeats; ++i) {
    options.seed = 1000003u * static_cast<std::uint64_t>(i) + 17u;
    const Result result = estimate_log_density(problem, {point.data(), 1, point.size()}, options);
    const PointResult& p = result.points[0];
    out.infinite = std::count(p.flags.begin(), p.flags.end(), "infinite-variance") > 0;
    out.evaluations = static_cast<double>(p.score_evaluations);
    out.paths = static_cast<double>(p.paths);
    if (!p.log_density.has_value()) continue;
    out.finite += 1;
    const double difference = *p.log_density - out.mean;
    out.mean += difference / out.finite;
    m2 += difference * (*p.log_density - out.mean);
  }
  out.variance = out.finite > 1 ? m2 / (out.finite - 1) : HUGE_VAL;
  return out;
}

struct Entry {
  Options options;
  Spread spread;
  double bias = 0.0, bias_se = 0.0;
  double variance_times_evaluations = 0.0;
  std::optional<double> evaluations_to_target = std::nullopt;  // none: the bias alone exceeds the target
};

/// A first look of `first` paths says how many the target needs; the repeats then run at about that size, so that 1/n
/// is trusted over a short stretch only (tied sample times gain more than 1/n, so a long one would mislead).
Entry measure(const Problem& problem, const std::vector<double>& point, double exact, Options options, int repeats) {
  const bool paths = options.sampler == Sampler::paths;
  const double per_path = paths ? static_cast<double>(options.steps) : 1.0;
  const double fewest = paths ? 64.0 : 1024.0;
  const double most = paths ? 1024.0 : 16384.0;
  options.paths = static_cast<std::uint64_t>(fewest);
  const Spread look = repeat(problem, point, options, std::max(repeats / 8, 16));
  const double wanted = look.variance * fewest / (target * target);
  options.paths = static_cast<std::uint64_t>(std::clamp(wanted, fewest, most));

  Entry e{options, repeat(problem, point, options, repeats)};
  e.bias = e.spread.mean - exact;
  e.bias_se = std::sqrt(e.spread.variance / e.spread.finite);
  const double variance_of_path = e.spread.variance * e.spread.paths;
  e.variance_times_evaluations = variance_of_path * per_path;
  // A bias counts where the repeats can tell it from nothing (three standard errors; one row in 370 counts one that is
  // not there); what their own scatter adds to its square is taken off.
  const double bias_square = std::abs(e.bias) > 3.0 * e.bias_se ? e.bias * e.bias - e.bias_se * e.bias_se : 0.0;
  const double room = target * target - bias_square;
  if (room > 0.0 && e.spread.finite == repeats) {
    const double fixed = e.spread.evaluations - e.spread.paths * per_path;  // pilots, ends, checks
    // No fewer than a pair: an error bar needs two samples.
    const double pair = options.antithetic != Antithetic::off ? 4.0 : 2.0;
    e.evaluations_to_target = fixed + std::max(variance_of_path / room, pair) * per_path;
  }
  return e;
}

std::string describe(const Options& o) {
  const std::string pairs = o.antithetic != Antithetic::off ? ", antithetic" : "";
  const std::string reference = o.control_variate == ControlVariate::gaussian ? ", control variate"
                                : o.cancellation == Cancellation::on          ? ""
                                                                              : ", no cancellation";
  if (o.sampler == Sampler::slices)
    return fmt::format("slices {} {}{}{}", name_of(o.time_law), name_of(o.time_points), pairs, reference);
  return fmt::format("paths {} {} {}{}{}", name_of(o.grid), o.transition == Transition::exact ? "exact" : "euler",
                     o.steps, pairs, reference);
}

/// Every combination of slices and of paths, each path at a few numbers of steps.
std::vector<Options> combinations() {
  std::vector<Options> slices, paths;
  for (const Antithetic pairs : {Antithetic::on, Antithetic::off}) {
    for (const int reference : {2, 1, 0}) {
      Options base;
      base.threads = 1;
      base.antithetic = pairs;
      base.control_variate = reference == 2 ? ControlVariate::gaussian : ControlVariate::none;
      base.cancellation = reference == 0 ? Cancellation::off : Cancellation::on;
      for (const TimeLaw law : {TimeLaw::log_snr, TimeLaw::uniform, TimeLaw::debiased, TimeLaw::importance}) {
        for (const TimePoints points : {TimePoints::stratified, TimePoints::plain, TimePoints::sobol}) {
          Options o = base;
          o.time_law = law;
          o.time_points = points;
          slices.push_back(o);
        }
      }
      for (const Grid grid : {Grid::stationary, Grid::adaptive, Grid::log_snr, Grid::uniform_t}) {
        for (const Transition transition : {Transition::exact, Transition::euler_maruyama}) {
          for (const std::uint64_t steps : {32, 128}) {
            Options o = base;
            o.sampler = Sampler::paths;
            o.grid = grid;
            o.transition = transition;
            o.steps = steps;
            paths.push_back(o);
          }
        }
      }
    }
  }
  slices.insert(slices.end(), paths.begin(), paths.end());
  return slices;
}

Json to_json(const std::string& mixture, const Entry& e, const Prototype& prototype) {
  Json j{{"mixture", mixture},
         {"combination", describe(e.options)},
         {"paths", e.spread.paths},
         {"evaluations_of_a_repeat", e.spread.evaluations},
         {"bias", e.bias},
         {"bias_se", e.bias_se},
         {"standard_deviation_of_a_repeat", std::sqrt(e.spread.variance)},
         {"variance_times_evaluations", e.variance_times_evaluations},
         {"evaluations_to_target", nullptr},
         {"infinite_variance", e.spread.infinite}};
  if (e.evaluations_to_target.has_value()) j["evaluations_to_target"] = *e.evaluations_to_target;
  if (prototype_for(prototype, e.options) > 0.0)
    j["prototype_variance_times_evaluations"] = prototype_for(prototype, e.options);
  return j;
}

void write_markdown(std::ostream& out, const std::string& mixture, std::vector<Entry> entries,
                    const Prototype& prototype) {
  const auto cost = [](const Entry& e) { return e.evaluations_to_target.value_or(HUGE_VAL); };
  std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) { return cost(a) < cost(b); });
  fmt::print(out, "\n## {}\n\n", mixture);
  fmt::print(
      out,
      "| combination | evaluations to {} nat | bias (standard error) [nat] | variance x evaluations | prototype |\n",
      target);
  fmt::print(out, "|---|---|---|---|---|\n");
  for (const Entry& e : entries) {
    const double reference = prototype_for(prototype, e.options);
    const char* star = e.bias_se > target / 2 ? "*" : "";
    fmt::print(out, "| {}{} | {}{} | {:+.5f} ({:.5f}) | {:.4g} | {} |\n", describe(e.options),
               e.spread.infinite ? " (infinite variance)" : "",
               e.evaluations_to_target.has_value() ? fmt::format("{:.4g}", *e.evaluations_to_target) : "bias is larger",
               star, e.bias, e.bias_se, e.variance_times_evaluations,
               reference > 0.0 ? fmt::format("{:.4g}", reference) : "");
  }
}

}  // namespace

int variance_time(int count, char** arguments) {
  bool quick = false;
  std::string stem;
  for (int i = 0; i < count; ++i) {
    if (std::string(arguments[i]) == "--quick") {
      quick = true;
    } else {
      stem = arguments[i];
    }
  }
  if (stem.empty() || stem[0] == '-') {
    std::cerr << "bench_scorepath: variance-time has no output (it writes STEM.json and STEM.md) give a file name "
                 "without ending\n";
    return 2;
  }
  const int repeats = quick ? 20 : 200;
  const std::vector<Options> all = combinations();
  Json rows = Json::array();
  std::ofstream markdown(stem + ".md");
  fmt::print(markdown,
             "# Score evaluations to {} nat, bias included\n\nscorepath {}, {}, {}; {} repeats of each row, row 0 of "
             "each mixture's "
             "points. bench/README.md says how a row is measured.\n",
             target, version(), name_of(active_isa()), processor_name(), repeats);
  for (const Prototype& prototype : prototypes) {
    const Problem problem = shipped_mixture(prototype.name);
    const std::vector<double> point = shipped_point(prototype.name);
    const double exact = exact_log_density(problem, {point.data(), 1, point.size()})[0];
    std::vector<Entry> entries;
    for (const Options& options : all) {
      try {
        entries.push_back(measure(problem, point, exact, options, repeats));
        rows.push_back(to_json(prototype.name, entries.back(), prototype));
      } catch (const Error& error) {
        std::cerr << "left out: " << describe(options) << ": " << error.what() << '\n';
      }
      if (entries.size() % 8 == 0)
        std::cerr << prototype.name << ' ' << entries.size() << '/' << all.size() << '\r' << std::flush;
    }
    write_markdown(markdown, prototype.name, entries, prototype);
  }
  std::ofstream json(stem + ".json");
  json << Json{{"target", target},
               {"repeats", repeats},
               {"version", version()},
               {"processor", processor_name()},
               {"rows", rows}}
              .dump(1)
       << '\n';
  return markdown && json ? 0 : 4;
}

}  // namespace scorepath::bench
