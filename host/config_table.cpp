// Typed access to configuration tables.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/config.hpp"
#include "host/nearest_key.hpp"
#include "host/quoted.hpp"

namespace scorepath {

std::string_view kind_text(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::table:
      return "a table";
    case ConfigNode::Kind::array:
      return "an array";
    case ConfigNode::Kind::text:
      return "a string";
    case ConfigNode::Kind::number:
      return "a number";
    case ConfigNode::Kind::boolean:
      return "a boolean";
    case ConfigNode::Kind::date:
      return "a date or time";
  }
  return "unknown";
}

ConfigTable::ConfigTable(std::string file, std::string place, const ConfigNode& node)
    : file_(std::move(file)), place_(std::move(place)), node_(&node) {}

std::string ConfigTable::path(std::string_view key) const {
  const std::string shown = printable(key, 60);
  return place_.empty() ? shown : fmt::format("{}.{}", place_, shown);
}

const ConfigNode* ConfigTable::find(std::string_view key) const {
  const auto found = std::find(node_->keys.begin(), node_->keys.end(), key);
  return found == node_->keys.end() ? nullptr : &node_->items[static_cast<std::size_t>(found - node_->keys.begin())];
}

void ConfigTable::refuse(std::string_view key, const std::string& problem) const {
  const ConfigNode* const found = find(key);
  const std::size_t line = found != nullptr ? found->line : node_->line;
  const std::string where = line > 0 ? fmt::format("{} line {}", file_, line) : file_;
  throw Error(ErrorKind::input, fmt::format("{}: {} {}", where, path(key), problem));
}

void ConfigTable::wrong_type(std::string_view key, std::string_view wanted) const {
  refuse(key, fmt::format("must be {} (it is {}) correct its type", wanted, kind_text(node(key))));
}

void ConfigTable::allow_only(const std::vector<std::string_view>& keys, const std::string& context) const {
  for (const std::string& key : node_->keys) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string of = context.empty() ? "" : " of " + context;
    refuse(key, fmt::format("is unknown (no such key{}) {}", of, suggestion(key, keys)));
  }
}

const ConfigNode& ConfigTable::node(std::string_view key) const {
  const ConfigNode* const found = find(key);
  if (found == nullptr) refuse(key, "is missing (it has no default) add it");
  return *found;
}

ConfigTable ConfigTable::table(std::string_view key) const {
  if (node(key).kind != ConfigNode::Kind::table) wrong_type(key, "a table");
  return {file_, path(key), node(key)};
}

std::string ConfigTable::text(std::string_view key) const {
  if (node(key).kind != ConfigNode::Kind::text) wrong_type(key, "a string");
  return node(key).text;
}

double ConfigTable::number(std::string_view key) const {
  const ConfigNode& found = node(key);
  if (found.kind != ConfigNode::Kind::number) wrong_type(key, "a number");
  if (!std::isfinite(found.number)) {
    refuse(key, fmt::format("is {} (numbers must be finite) correct it", found.number));
  }
  return found.number;
}

std::optional<double> ConfigTable::optional_number(std::string_view key) const {
  if (!has(key)) return std::nullopt;
  return number(key);
}

std::int64_t ConfigTable::integer(std::string_view key) const {
  const ConfigNode& found = node(key);
  if (found.kind != ConfigNode::Kind::number) wrong_type(key, "a whole number");
  if (!found.integer) refuse(key, fmt::format("must be a whole number (it is {}) round it", found.number));
  return *found.integer;
}

}  // namespace scorepath
