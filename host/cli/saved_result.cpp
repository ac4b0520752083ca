#include "host/cli/saved_result.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/check.hpp"
#include "host/cli/spelling.hpp"
#include "host/quoted.hpp"

namespace scorepath::cli {
namespace {

using nlohmann::json;

/// A JSON value with its place in the file, for messages.
class Node {
 public:
  Node(const json& value, std::string file, std::string place)
      : value_(&value), file_(std::move(file)), place_(std::move(place)) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorKind::input,
                fmt::format("{}: {} {} give a file that scorepath density or compare wrote with --json", file_,
                            place_.empty() ? "the file" : place_, why));
  }
  Node at(const std::string& key) const {
    const std::string place = place_.empty() ? key : place_ + "." + key;
    if (!value_->is_object() || !value_->contains(key)) Node(*value_, file_, place).refuse("is missing (no such key)");
    return {(*value_)[key], file_, place};
  }
  Node at(std::size_t i) const { return {(*value_)[i], file_, fmt::format("{}[{}]", place_, i)}; }
  std::size_t size() const {
    if (!value_->is_array()) refuse("is no array (its type is another)");
    return value_->size();
  }
  std::string text() const {
    if (!value_->is_string()) refuse("is no string (its type is another)");
    return value_->get<std::string>();
  }
  std::optional<double> number() const {
    if (value_->is_null()) return std::nullopt;
    if (!value_->is_number()) refuse("is no number (its type is another)");
    return value_->get<double>();
  }
  std::uint64_t count() const {
    if (!value_->is_number_unsigned()) refuse("is no count (its type is another)");
    return value_->get<std::uint64_t>();
  }
  bool is_null() const { return value_->is_null(); }
  bool has(const std::string& key) const { return value_->is_object() && value_->contains(key); }
  /// Texts and numbers of an object under their keys, as text.
  JobChoices choices() const {
    JobChoices found;
    if (!value_->is_object()) return found;
    for (const auto& [key, value] : value_->items())
      if (value.is_string() || key == "lambda")
        found[key] = value.is_string() ? value.get<std::string>() : value.dump();
    return found;
  }
  template <class Choice>
  Choice choice() const {
    const std::string name = text();
    for (const Choice value : values_of<Choice>())
      if (name_of(value) == name) return value;
    refuse(fmt::format("is '{}' (this version knows no such value)", printable(name)));
  }

 private:
  const json* value_;
  std::string file_, place_;
};

PointResult point_of(const Node& node) {
  PointResult point;
  point.index = node.at("index").count();
  point.log_density = node.at("log_density").number();
  point.std_error = node.at("std_error").number();
  if (const Node interval = node.at("ci95"); !interval.is_null()) {
    if (interval.size() != 2) interval.refuse("has another length than 2 (an interval has two ends)");
    point.ci95_lower = interval.at(0).number();
    point.ci95_upper = interval.at(1).number();
  }
  const auto known = [&](const char* key) { return node.has(key) ? node.at(key).number() : std::nullopt; };
  point.discretization_error = known("discretization_error");
  point.truncation_error = known("truncation_error");
  point.arithmetic_error = known("arithmetic_error");
  point.score_evaluations = node.at("score_evaluations").count();
  point.exact_log_density = node.at("exact_log_density").number();
  const Node flags = node.at("flags");
  for (std::size_t i = 0; i < flags.size(); ++i) point.flags.push_back(flags.at(i).text());
  return point;
}

Result result_of(const Node& node) {
  Result result;
  result.method = node.at("method").text();
  result.schedule = node.at("schedule").text();
  result.sampler = node.at("sampler").text();
  result.quantity = node.at("quantity").choice<Quantity>();
  const Node job = node.at("job");
  result.options.method = node.at("method").choice<Method>();
  if (job.has("form")) result.options.form = job.at("form").choice<Form>();
  if (job.has("lambda")) result.options.lambda = job.at("lambda").number().value_or(0.0);
  if (job.has("divergence")) result.options.divergence = job.at("divergence").choice<Divergence>();
  result.totals.paths = node.at("totals").at("paths").count();
  const Node points = node.at("points");
  for (std::size_t i = 0; i < points.size(); ++i) result.points.push_back(point_of(points.at(i)));
  if (result.points.empty()) points.refuse("is empty (there is nothing to draw)");
  return result;
}

}  // namespace

SavedResult parse_saved_result(const std::string& text, const std::string& name) {
  const json tree = json::parse(text, nullptr, false);
  const Node file(tree, name, "");
  if (tree.is_discarded()) file.refuse("is no JSON (its syntax is broken)");
  const std::string command = file.at("command").text();
  if (command != "density" && command != "compare")
    file.at("command").refuse(fmt::format("is '{}' (its results are no table of points)", printable(command)));
  SavedResult saved{command == "compare", {}, {}};
  if (!saved.compares) {
    saved.comparison.model = file.at("job").at("model").text();
    saved.comparison.entries.push_back({file.at("method").text(), result_of(file)});
    saved.choices.push_back(file.at("job").choices());
    return saved;
  }
  saved.comparison.model = file.at("model").text();
  const Node methods = file.at("methods"), results = file.at("results");
  for (std::size_t m = 0; m < results.size(); ++m) {
    if (m >= methods.size()) methods.refuse("is shorter than results (every result has a name)");
    saved.comparison.entries.push_back({methods.at(m).text(), result_of(results.at(m))});
    saved.choices.push_back(results.at(m).at("job").choices());
    if (saved.comparison.entries.back().result.points.size() != saved.comparison.entries.front().result.points.size())
      results.at(m).refuse("has another number of points than results[0] (all methods have the same points)");
  }
  if (saved.comparison.entries.empty()) results.refuse("is empty (there is nothing to draw)");
  return saved;
}

}  // namespace scorepath::cli
