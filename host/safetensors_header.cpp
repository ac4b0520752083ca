// The header's grammar. nlohmann's parser runs without building a tree: nothing in a header can make one of great size
// or depth, and a repeated name is seen.
#include "host/safetensors_header.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "host/check.hpp"
#include "host/quoted.hpp"

namespace scorepath {
namespace {

static_assert(std::endian::native == std::endian::little, "the header's length is copied as little-endian");

constexpr std::size_t length_bytes = 8;
constexpr std::size_t longest_header = 100'000'000;  // the format's own limit
constexpr std::size_t highest_rank = 16;             // beyond any network's; keeps messages short
constexpr std::string_view metadata_key = "__metadata__";

/// The events of nlohmann's parser as the one grammar that a header may have:
/// {"__metadata__": {text: text}, tensor: {"dtype": text, "shape": [count ..], "data_offsets": [begin, end]}, ..}.
/// Anything else is refused where it begins, so nothing nests deeper. (Its callbacks give true or throw.)
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  TensorEntries operator()() {
    nlohmann::json::sax_parse(text_.begin(), text_.end(), this);
    return std::move(entries_);
  }

  bool start_object(std::size_t) {
    if (place_ == Place::outside) {
      place_ = Place::file;
    } else if (place_ == Place::file) {
      place_ = entry_ == metadata_key ? Place::metadata : Place::tensor;
      draft_ = {};
    } else {
      unexpected("an object");
    }
    return true;
  }
  bool key(std::string& key) {
    if (place_ == Place::file) {
      const bool is_metadata = key == metadata_key;
      if (is_metadata ? has_metadata_ : entries_.find(key) != entries_.end())
        refuse_safetensors(name_, fmt::format("its header has '{}' twice", printable(key)));
      has_metadata_ = has_metadata_ || is_metadata;
      entry_ = std::move(key);
      return true;
    }
    field_ = std::move(key);
    if (place_ == Place::metadata) return true;
    const bool fresh = (field_ == "dtype" && !draft_.dtype) || (field_ == "shape" && !draft_.shape) ||
                       (field_ == "data_offsets" && !draft_.offsets);
    if (!fresh) refuse_tensor(fmt::format("has a repeated or unknown key '{}'", printable(field_, 40)));
    return true;
  }
  bool end_object() {
    if (place_ == Place::tensor) finish_tensor();
    place_ = Place::file;
    return true;
  }
  bool start_array(std::size_t) {
    if (place_ != Place::tensor || field_ == "dtype") unexpected("an array");
    (field_ == "shape" ? draft_.shape : draft_.offsets).emplace();
    place_ = Place::counts;
    return true;
  }
  bool end_array() {
    place_ = Place::tensor;
    return true;
  }
  bool string(std::string& text) {
    if (place_ == Place::metadata) return true;  // for people
    if (place_ != Place::tensor || field_ != "dtype") unexpected("a string");
    draft_.dtype = std::move(text);
    return true;
  }
  bool number_unsigned(std::uint64_t value) {
    if (place_ != Place::counts) unexpected("a number");
    const bool is_shape = field_ == "shape";
    std::vector<std::size_t>& counts = is_shape ? *draft_.shape : *draft_.offsets;
    if (counts.size() == (is_shape ? highest_rank : 2)) {
      refuse_tensor(is_shape ? fmt::format("has more than {} dimensions", highest_rank)
                             : "has more than two data_offsets");
    }
    counts.push_back(value);
    return true;
  }
  bool number_integer(std::int64_t) { unexpected("a negative number"); }
  bool number_float(double, const std::string&) { unexpected("a number that is no 64-bit integer"); }
  bool boolean(bool) { unexpected("true or false"); }
  bool null() { unexpected("null"); }
  bool binary(nlohmann::json::binary_t&) { unexpected("binary data"); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    const std::size_t at = std::min(position > 0 ? position - 1 : 0, text_.size());
    refuse_safetensors(name_,
                       fmt::format("its header is no JSON at byte {}: '{}'", at, printable(text_.substr(at), 20)));
  }

 private:
  enum class Place { outside, file, metadata, tensor, counts };
  struct Draft {
    std::optional<std::string> dtype;
    std::optional<std::vector<std::size_t>> shape, offsets;
  };

  [[noreturn]] void refuse_tensor(const std::string& why) const {
    refuse_safetensors(name_, fmt::format("tensor '{}' {}", printable(entry_), why));
  }
  [[noreturn]] void unexpected(std::string_view what) const {
    if (place_ == Place::file)
      refuse_safetensors(name_, fmt::format("'{}' in its header is {}, not an object", printable(entry_), what));
    if (place_ == Place::metadata)
      refuse_safetensors(name_,
                         fmt::format("'{}' of its {} is {}, not a string", printable(field_), metadata_key, what));
    refuse_tensor(fmt::format("has {} in its {}, which is {}", what, field_,
                              field_ == "dtype" ? "a string" : "an array of unsigned integers"));
  }
  void finish_tensor() {
    if (!draft_.dtype || !draft_.shape || !draft_.offsets) refuse_tensor("lacks dtype, shape or data_offsets");
    const std::vector<std::size_t>& offsets = *draft_.offsets;
    if (offsets.size() != 2) refuse_tensor(fmt::format("has {} data_offsets, not two", offsets.size()));
    if (offsets[0] > offsets[1])
      refuse_tensor(fmt::format("begins at byte {} and ends before it, at {}", offsets[0], offsets[1]));
    entries_.emplace(entry_, TensorEntry{std::move(*draft_.dtype), std::move(*draft_.shape), offsets[0], offsets[1]});
  }

  std::string_view text_;
  const std::string& name_;
  Place place_ = Place::outside;
  std::string entry_, field_;
  Draft draft_;
  bool has_metadata_ = false;
  TensorEntries entries_;
};

/// The header's text; throws unless its length is sound and it is UTF-8.
std::string_view header_text(std::string_view bytes, const std::string& name) {
  if (bytes.substr(0, 4) == "PK\x03\x04") {
    refuse_safetensors(name, "it is a zip archive, as PyTorch's own files are");
  }
  if (bytes.size() < length_bytes) {
    refuse_safetensors(name,
                       bytes.empty() ? "it is empty" : fmt::format("it is truncated: {} bytes in all", bytes.size()));
  }
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), length_bytes);
  const std::size_t left = bytes.size() - length_bytes;
  if (length > longest_header)
    refuse_safetensors(name, fmt::format("a header of {} bytes is announced, the most are {}", length, longest_header));
  if (length > left)
    refuse_safetensors(name,
                       fmt::format("it is truncated: a header of {} bytes is announced, {} are there", length, left));
  const std::string_view header = bytes.substr(length_bytes, length);
  if (header.substr(0, 1) != "{") refuse_safetensors(name, "its header is no JSON object: it does not begin with '{'");
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t step = character_length(header.substr(at));
    if (step == 0) {
      const std::size_t from = at - std::min<std::size_t>(at, 8);
      refuse_safetensors(
          name, fmt::format("its header is no UTF-8 at byte {}: '{}'", at, printable(header.substr(from), 20)));
    }
    at += step;
  }
  return header;
}

}  // namespace

void refuse_safetensors(const std::string& name, const std::string& why) {
  throw Error(ErrorKind::input, fmt::format("{} cannot be read as .safetensors ({}) write it with save_file of the "
                                            "safetensors library",
                                            name, why));
}

SafetensorsHeader read_safetensors_header(std::string_view bytes, const std::string& name) {
  const std::string_view text = header_text(bytes, name);
  return {HeaderReader(text, name)(), length_bytes + text.size()};
}

}  // namespace scorepath
