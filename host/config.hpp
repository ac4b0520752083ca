// A TOML file as a plain tree, and typed access to its tables with messages that name file, line and key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scorepath {

/// One value of a configuration file.
struct ConfigNode {
  enum class Kind { table, array, text, number, boolean, date };
  Kind kind = Kind::table;
  std::size_t line = 0;
  double number = 0.0;
  std::optional<std::int64_t> integer;  ///< set where the number was written as one
  bool boolean = false;
  std::string text;
  std::vector<double> numbers;    ///< an array of numbers only
  std::vector<ConfigNode> items;  ///< any other array, or a table's values
  std::vector<std::string> keys;  ///< a table's keys, in order, as many as items
};

/// Parses TOML 1.0; `name` is how messages call the file. Errors: input (syntax, with line and column; nesting beyond
/// what any model needs).
ConfigNode parse_toml(std::string_view text, const std::string& name);

/// A table with its place in the file. Every accessor throws Error(input) that names file, line and key when the
/// value has another type or, for the required ones, is missing. The tree must outlive the view.
class ConfigTable {
 public:
  /// `place` is the dotted path of the table, empty for the whole file.
  ConfigTable(std::string file, std::string place, const ConfigNode& node);

  /// Unknown keys are errors; `context` says of what they are no key ("kind 've'"), empty for none.
  void allow_only(const std::vector<std::string_view>& keys, const std::string& context = "") const;

  bool has(std::string_view key) const { return find(key) != nullptr; }
  ConfigTable table(std::string_view key) const;
  std::string text(std::string_view key) const;
  double number(std::string_view key) const;  ///< finite
  double number_or(std::string_view key, double fallback) const { return has(key) ? number(key) : fallback; }
  std::optional<double> optional_number(std::string_view key) const;
  std::int64_t integer(std::string_view key) const;
  const ConfigNode& node(std::string_view key) const;

  /// "schedule.beta_min".
  std::string path(std::string_view key) const;
  const std::string& file() const { return file_; }
  /// Throws Error(input): "'model.toml' line 3: schedule.beta_min PROBLEM".
  [[noreturn]] void refuse(std::string_view key, const std::string& problem) const;

 private:
  const ConfigNode* find(std::string_view key) const;
  [[noreturn]] void wrong_type(std::string_view key, std::string_view wanted) const;

  std::string file_, place_;
  const ConfigNode* node_;
};

/// "a string", "an array": what a value is, for messages.
std::string_view kind_text(const ConfigNode& node);

}  // namespace scorepath
