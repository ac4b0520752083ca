// The .safetensors reader: what the header says of the data is checked against the bytes that are there before it is
// believed.
#include "host/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "host/check.hpp"
#include "host/input_file.hpp"
#include "host/nearest_key.hpp"
#include "host/npy.hpp"
#include "host/quoted.hpp"

namespace scorepath {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are copied as little-endian");

using Widen = float (*)(const char*);
float widen_f32(const char* at) {
  float value;
  std::memcpy(&value, at, sizeof value);
  return value;
}
float widen_bf16(const char* at) {
  std::uint16_t bits;
  std::memcpy(&bits, at, sizeof bits);
  return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}
float widen_f16(const char* at) {
  std::uint16_t bits;
  std::memcpy(&bits, at, sizeof bits);
  const std::uint32_t sign = (bits & 0x8000U) << 16U, exponent = bits >> 10U & 31U, mantissa = bits & 0x3ffU;
  if (exponent == 0) return std::copysign(static_cast<float>(mantissa) * 0x1p-24F, std::bit_cast<float>(sign));
  const std::uint32_t biased = exponent == 31 ? 255 : exponent + (127 - 15);
  return std::bit_cast<float>(sign | biased << 23U | mantissa << 13U);
}

struct TensorType {
  std::string_view dtype;
  std::size_t size;
  Widen widen;  ///< null: no weights' type
};
/// The types of whole bytes. Others may come with later versions of the format: their sizes are not checked.
constexpr TensorType tensor_types[] = {
    {"F32", 4, widen_f32}, {"F16", 2, widen_f16}, {"BF16", 2, widen_bf16}, {"F64", 8, nullptr},
    {"BOOL", 1, nullptr},  {"U8", 1, nullptr},    {"I8", 1, nullptr},      {"U16", 2, nullptr},
    {"I16", 2, nullptr},   {"U32", 4, nullptr},   {"I32", 4, nullptr},     {"U64", 8, nullptr},
    {"I64", 8, nullptr},   {"C64", 8, nullptr},   {"F8_E4M3", 1, nullptr}, {"F8_E5M2", 1, nullptr},
};
const TensorType* tensor_type(const std::string& dtype) {
  const auto* const known = std::find_if(std::begin(tensor_types), std::end(tensor_types),
                                         [&](const TensorType& type) { return type.dtype == dtype; });
  return known == std::end(tensor_types) ? nullptr : known;
}

/// Bytes of a tensor, if 64 bits can count them.
std::optional<std::size_t> bytes_of(const std::vector<std::size_t>& shape, std::size_t element_size) {
  std::size_t bytes = element_size;
  for (const std::size_t n : shape) {
    if (n != 0 && bytes > SIZE_MAX / n) return std::nullopt;
    bytes *= n;
  }
  return bytes;
}

using NamedEntry = TensorEntries::value_type;
std::vector<const NamedEntry*> in_order_of_bytes(const TensorEntries& entries) {
  std::vector<const NamedEntry*> order;
  order.reserve(entries.size());
  for (const NamedEntry& entry : entries) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(), [](const NamedEntry* a, const NamedEntry* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  return order;
}

void check_size(const NamedEntry& named, std::size_t data_size, const std::string& name) {
  const auto& [tensor, entry] = named;
  if (entry.end > data_size) {
    refuse_safetensors(name, fmt::format("it is truncated: tensor '{}' ends at byte {} of the data, {} are there",
                                         printable(tensor), entry.end, data_size));
  }
  const TensorType* const type = tensor_type(entry.dtype);
  if (type == nullptr) return;
  const std::optional<std::size_t> wanted = bytes_of(entry.shape, type->size);
  if (wanted != entry.end - entry.begin) {
    refuse_safetensors(name,
                       fmt::format("tensor '{}' of shape {} and type {} takes {} bytes, its data_offsets give it {}",
                                   printable(tensor), shape_text(entry.shape), type->dtype,
                                   wanted ? fmt::to_string(*wanted) : "more than 2^64", entry.end - entry.begin));
  }
}

/// Every byte belongs to one tensor.
void check_layout(const TensorEntries& entries, std::size_t data_size, const std::string& name) {
  const NamedEntry* before = nullptr;
  std::size_t end = 0;
  for (const NamedEntry* const named : in_order_of_bytes(entries)) {
    check_size(*named, data_size, name);
    const auto& [tensor, entry] = *named;
    if (entry.begin < end) {
      refuse_safetensors(name, fmt::format("tensors '{}' and '{}' overlap at byte {}", printable(before->first),
                                           printable(tensor), entry.begin));
    }
    if (entry.begin > end) {
      refuse_safetensors(name, fmt::format("bytes {} to {}, before tensor '{}', belong to no tensor", end, entry.begin,
                                           printable(tensor)));
    }
    end = entry.end;
    before = named;
  }
  if (end < data_size) refuse_safetensors(name, fmt::format("the last {} bytes belong to no tensor", data_size - end));
}

std::string index_text(std::size_t flat, const std::vector<std::size_t>& shape) {
  std::string text;
  for (std::size_t axis = shape.size(); axis > 0; flat /= shape[--axis])
    text.insert(0, fmt::format("[{}]", flat % shape[axis - 1]));
  return text;
}

}  // namespace

TensorFile::TensorFile(std::string name, std::string bytes, SafetensorsHeader header)
    : name_(std::move(name)), bytes_(std::move(bytes)), header_(std::move(header)) {}

std::vector<std::string> TensorFile::names() const {
  std::vector<std::string> names;
  names.reserve(header_.entries.size());
  for (const NamedEntry& named : header_.entries) names.push_back(named.first);
  return names;
}

void TensorFile::refuse(std::string_view tensor, const std::string& why) const {
  throw Error(ErrorKind::input, fmt::format("tensor '{}' of {} {}", printable(tensor), name_, why));
}

void TensorFile::refuse_missing(std::string_view tensor) const {
  // A file of millions of long names must neither hold up its error nor flood the terminal with it.
  constexpr std::size_t most_compared = 2000, most_shown = 4, longest = 100;
  const std::string wanted = printable(tensor, longest);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const NamedEntry& named : header_.entries) {
    if (near.size() == most_compared) break;
    const std::string known = printable(named.first, longest);
    near.emplace_back(edit_distance(wanted, known), known);
  }
  if (near.empty()) refuse(tensor, "is missing (the file holds no tensors) give the network's weights");
  std::sort(near.begin(), near.end());
  std::vector<std::string> words;
  for (std::size_t i = 0; i < std::min(most_shown, near.size()); ++i) words.push_back(near[i].second);
  refuse(tensor, "is missing (no such name) " + suggestion(wanted, words));
}

Tensor TensorFile::get(std::string_view tensor) const {
  const auto found = header_.entries.find(tensor);
  if (found == header_.entries.end()) refuse_missing(tensor);
  const TensorEntry& entry = found->second;
  const TensorType* const type = tensor_type(entry.dtype);
  if (type == nullptr || type->widen == nullptr) {
    refuse(tensor, fmt::format("cannot be used (its type is '{}', not F32, F16 or BF16) convert it to float32 and save "
                               "the file again",
                               printable(entry.dtype, 40)));
  }
  Tensor result{std::vector<float>((entry.end - entry.begin) / type->size), entry.shape};
  const char* from = bytes_.data() + header_.data + entry.begin;
  for (float& value : result.values) {
    value = type->widen(from);
    from += type->size;
  }
  const auto bad =
      std::find_if(result.values.begin(), result.values.end(), [](float value) { return !std::isfinite(value); });
  if (bad != result.values.end()) {
    const std::string index = index_text(static_cast<std::size_t>(bad - result.values.begin()), entry.shape);
    const std::string place = index.empty() ? "its only element" : "element " + index;
    refuse(tensor, fmt::format("cannot be used ({} is {}, weights must be finite) replace it", place, *bad));
  }
  return result;
}

TensorFile parse_safetensors(std::string bytes, const std::string& name) {
  SafetensorsHeader header = read_safetensors_header(bytes, name);
  check_layout(header.entries, bytes.size() - header.data, name);
  return {name, std::move(bytes), std::move(header)};
}

TensorFile read_safetensors(const std::string& path, const std::string& use) {
  const std::string name =
      use.empty() ? scorepath::quoted(path) : fmt::format("{} for {}", scorepath::quoted(path), use);
  return parse_safetensors(read_input_file(path, name, "a .safetensors file"), name);
}

}  // namespace scorepath
