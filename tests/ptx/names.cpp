// Scopes, special registers and the places of variables.
#include "tests/ptx/names.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace scorepath::ptx {
namespace {

struct Special {
  const char* name;
  Fill fill;
  std::uint64_t value;
};
/// Grids and blocks have one dimension.
constexpr std::array<Special, 20> specials = {{
    {"%tid.x", Fill::thread, 0},        {"%tid.y", Fill::literal, 0},       {"%tid.z", Fill::literal, 0},
    {"%ntid.x", Fill::block_size, 0},   {"%ntid.y", Fill::literal, 1},      {"%ntid.z", Fill::literal, 1},
    {"%ctaid.x", Fill::block, 0},       {"%ctaid.y", Fill::literal, 0},     {"%ctaid.z", Fill::literal, 0},
    {"%nctaid.x", Fill::grid_size, 0},  {"%nctaid.y", Fill::literal, 1},    {"%nctaid.z", Fill::literal, 1},
    {"%laneid", Fill::lane, 0},         {"%warpid", Fill::warp, 0},         {"%nwarpid", Fill::warps, 0},
    {"%lanemask_eq", Fill::mask_eq, 0}, {"%lanemask_lt", Fill::mask_lt, 0}, {"%lanemask_le", Fill::mask_le, 0},
    {"%lanemask_gt", Fill::mask_gt, 0}, {"%lanemask_ge", Fill::mask_ge, 0},
}};

std::uint32_t rounded_up(std::size_t size, std::size_t to) {
  return static_cast<std::uint32_t>((size + to - 1) / to * to);
}

}  // namespace

Names::Names(Kernel& kernel, const std::vector<Variable>& module_variables)
    : kernel_(kernel), module_variables_(module_variables) {}

std::uint32_t Names::add(const std::string& name, unsigned bytes) {
  Register made;
  made.name = name;
  made.bytes = static_cast<std::uint8_t>(bytes);
  made.position = kernel_.bytes_per_lane;
  kernel_.bytes_per_lane += bytes;
  kernel_.registers.push_back(made);
  return static_cast<std::uint32_t>(kernel_.registers.size() - 1);
}

bool Names::declare(const std::string& name, unsigned bytes) {
  return scopes_.back().single.emplace(name, add(name, bytes)).second;
}

bool Names::declare_range(const std::string& prefix, unsigned count, unsigned bytes) {
  Range range{static_cast<std::uint32_t>(kernel_.registers.size()), count};
  for (unsigned k = 0; k < count; ++k) add(prefix + std::to_string(k), bytes);
  return scopes_.back().ranges.emplace(prefix, range).second;
}

bool Names::declare(const Variable& variable) {
  if (variable.dynamic) kernel_.has_dynamic_shared = true;
  return scopes_.back().variables.emplace(variable.name, variable).second;
}

std::optional<std::uint32_t> Names::find_register(std::string_view name) const {
  const std::size_t last = name.find_last_not_of("0123456789");
  const std::string_view prefix = name.substr(0, last + 1), number = name.substr(last + 1);
  std::uint32_t index = 0;
  const bool numbered = last != std::string_view::npos && !number.empty() && (number.size() == 1 || number[0] != '0') &&
                        std::from_chars(number.data(), number.data() + number.size(), index).ec == std::errc{};
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->single.find(name); found != scope->single.end()) return found->second;
    if (!numbered) continue;
    const auto range = scope->ranges.find(prefix);
    if (range != scope->ranges.end() && index < range->second.count) return range->second.first + index;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Names::special(std::string_view name, unsigned bytes) {
  for (const Special& known : specials) {
    if (name == known.name) return constant(known.fill, known.value, bytes, known.name);
  }
  return std::nullopt;
}

std::optional<Variable> Names::find_variable(std::string_view name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (const auto found = scope->variables.find(name); found != scope->variables.end()) return found->second;
  }
  for (const Variable& variable : module_variables_) {
    if (variable.name == name) return variable;
  }
  return std::nullopt;
}

/// Shared and local variables get their places when they are first named.
std::uint64_t Names::place(const Variable& variable) {
  const auto found = places_.find(variable.name);
  if (found != places_.end()) return found->second;
  std::uint32_t& size = variable.space == Space::shared ? kernel_.shared_size : kernel_.local_size;
  const std::uint32_t offset = rounded_up(size, variable.alignment);
  size = offset + static_cast<std::uint32_t>(variable.size);
  places_.emplace(variable.name, window_base + offset);
  return window_base + offset;
}

std::optional<std::uint32_t> Names::address(std::string_view name, unsigned bytes) {
  for (const Parameter& parameter : kernel_.parameters) {
    if (parameter.name == name) {
      return constant(Fill::literal, window_base + parameter.offset, bytes, "address of " + parameter.name);
    }
  }
  const std::optional<Variable> variable = find_variable(name);
  if (!variable) return std::nullopt;
  const std::string label = "address of " + variable->name;
  if (variable->dynamic) {
    kernel_.has_dynamic_shared = true;
    return constant(Fill::dynamic_shared, 0, bytes, label);
  }
  if (variable->space == Space::shared || variable->space == Space::local) {
    return constant(Fill::literal, place(*variable), bytes, label);
  }
  return constant(Fill::array, variable->array_index, bytes, label);
}

std::uint32_t Names::constant(Fill fill, std::uint64_t value, unsigned bytes, const std::string& name) {
  const std::string key =
      std::to_string(static_cast<int>(fill)) + ":" + std::to_string(value) + ":" + std::to_string(bytes);
  const auto found = constants_.find(key);
  if (found != constants_.end()) return found->second;
  const std::uint32_t reg = add(name, bytes);
  kernel_.constants.push_back({reg, fill, value});
  constants_.emplace(key, reg);
  return reg;
}

std::uint32_t Names::hidden(const std::string& name, unsigned bytes) { return add(name, bytes); }

std::uint32_t Names::carry() {
  if (!carry_) carry_ = add("the carry", 1);
  return *carry_;
}

}  // namespace scorepath::ptx
