#include "host/cli/picture_runs.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

/// Exact values of the same points differ by rounding at most, wherever they were computed.
constexpr double exact_agreement = 1e-6;

[[noreturn]] void refuse_file(const SavedFile& file, const std::string& key, const std::string& why,
                              const std::string& remedy) {
  throw Error(ErrorKind::input, fmt::format("{}: {} {} {}", file.name, key, why, remedy));
}

void check_same_points(const SavedFile& file, std::size_t entry, const SavedFile& first) {
  const std::vector<PointResult>& own = file.saved.comparison.entries[entry].result.points;
  const std::vector<PointResult>& others = first.saved.comparison.entries.front().result.points;
  const std::string key = file.saved.compares ? fmt::format("results[{}].points", entry) : "points";
  const std::string remedy = "give results of the same points";
  if (own.size() != others.size())
    refuse_file(file, key, fmt::format("has {} entries ({} has {})", own.size(), first.name, others.size()), remedy);
  for (std::size_t i = 0; i < own.size(); ++i) {
    const std::optional<double> a = own[i].exact_log_density, b = others[i].exact_log_density;
    if (a && b && std::abs(*a - *b) > exact_agreement * (1.0 + std::abs(*b)))
      refuse_file(file, fmt::format("{}[{}].exact_log_density", key, i),
                  fmt::format("is {} (in {} it is {})", *a, first.name, *b), remedy);
  }
}

/// Not a method's properties, or part of the label anyway.
bool is_no_property(const std::string& key) {
  static const std::set<std::string> keys = {"model", "points", "method", "form", "backend"};
  return keys.count(key) != 0;
}

/// The keys whose values differ between the given jobs; absence is a value.
std::set<std::string> differing_keys(const std::vector<JobChoices>& jobs) {
  std::set<std::string> keys;
  for (const JobChoices& a : jobs)
    for (const auto& [key, value] : a)
      for (const JobChoices& b : jobs)
        if (const auto found = b.find(key); found == b.end() || found->second != value) keys.insert(key);
  return keys;
}

std::string with_properties(const std::string& base, const JobChoices& job, const std::set<std::string>& keys) {
  std::string label = base;
  for (const std::string& key : keys) {
    const auto found = job.find(key);
    if (is_no_property(key) || found == job.end()) continue;
    std::string name = key;
    std::replace(name.begin(), name.end(), '_', '-');
    label += fmt::format(", {} {}", printable(name, 40), printable(found->second, 40));
  }
  return label;
}

}  // namespace

std::vector<std::string> Runs::labels() const {
  std::vector<std::string> names;
  for (const Run& run : all)
    if (std::find(names.begin(), names.end(), run.label) == names.end()) names.push_back(run.label);
  return names;
}

std::string method_label(const Result& result) {
  return result.options.form == Form::automatic ? result.method : result.method + ":" + name_of(result.options.form);
}

bool is_lambda_curve(const std::vector<SavedFile>& files) {
  std::set<double> lambdas;
  for (const SavedFile& file : files)
    for (const Comparison::Entry& entry : file.saved.comparison.entries) {
      if (entry.result.options.method != Method::elbo) return false;
      lambdas.insert(entry.result.options.lambda);
    }
  return lambdas.size() > 1;
}

Runs gather_runs(const std::vector<SavedFile>& files, bool against_lambda) {
  const SavedFile& first = files.front();
  Runs runs{first.saved.comparison.model, {}};
  std::map<std::string, std::vector<JobChoices>> jobs_of;  // by method and form
  std::vector<JobChoices> jobs;
  for (const SavedFile& file : files) {
    const Comparison& comparison = file.saved.comparison;
    if (comparison.model != runs.model)
      refuse_file(file, file.saved.compares ? "model" : "job.model",
                  fmt::format("is {} (that of {} is {})", scorepath::quoted(comparison.model), first.name,
                              scorepath::quoted(runs.model)),
                  "give results of one model");
    for (std::size_t m = 0; m < comparison.entries.size(); ++m) {
      check_same_points(file, m, first);
      const Result& result = comparison.entries[m].result;
      jobs.push_back(file.saved.choices[m]);
      jobs_of[method_label(result)].push_back(jobs.back());
      runs.all.push_back({method_label(result), result});
    }
  }
  if (against_lambda) return runs;
  std::map<std::string, std::set<std::string>> keys_of;
  for (const auto& [label, all] : jobs_of) keys_of[label] = differing_keys(all);
  for (std::size_t i = 0; i < runs.all.size(); ++i)
    runs.all[i].label = with_properties(runs.all[i].label, jobs[i], keys_of[runs.all[i].label]);
  return runs;
}

}  // namespace scorepath::cli
