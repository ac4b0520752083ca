// The .npy reader: header parsed by hand, every size checked against the bytes that are there before it is believed.
#include "host/npy.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <scorepath/files.hpp>

#include "host/check.hpp"
#include "host/input_file.hpp"
#include "host/quoted.hpp"

namespace scorepath {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are copied as little-endian");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::string_view save_again = "write the array again with numpy.save";

[[noreturn]] void refuse(const std::string& name, const std::string& why, std::string_view remedy = save_again) {
  throw Error(ErrorKind::input, fmt::format("{} cannot be read as .npy ({}) {}", name, why, remedy));
}

struct Header {
  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::size_t>> shape;
};

/// The one Python literal that a header may be: {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  Header operator()() {
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      value_of(key);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ != text_.size()) garbage();
    if (!header_.descr || !header_.fortran_order || !header_.shape) {
      refuse(name_, "its header lacks descr, fortran_order or shape");
    }
    return header_;
  }

 private:
  [[noreturn]] void garbage() const {
    refuse(name_, fmt::format("its header is malformed at byte {}: '{}'", at_, printable(text_.substr(at_), 20)));
  }
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool accept(char wanted) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) garbage();
  }
  bool accept(std::string_view word) {
    skip_space();
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  std::string string() {
    const char quote = accept('"') ? '"' : '\'';
    if (quote == '\'') expect('\'');
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) garbage();
    const std::string_view inside = text_.substr(at_, end - at_);
    if (inside.find('\\') != std::string_view::npos) garbage();
    at_ = end + 1;
    return std::string(inside);
  }
  std::size_t count() {
    skip_space();
    std::uint64_t value = 0;
    const std::size_t first = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (value > (UINT64_MAX - digit) / 10) refuse(name_, "its header claims an impossible shape");
      value = 10 * value + digit;
    }
    if (at_ == first) garbage();
    accept('L');  // Python 2 wrote long integers so
    return static_cast<std::size_t>(value);
  }
  std::vector<std::size_t> tuple() {
    std::vector<std::size_t> counts;
    expect('(');
    while (!accept(')')) {
      counts.push_back(count());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return counts;
  }
  void value_of(const std::string& key) {
    if (key == "descr" && !header_.descr) {
      skip_space();
      if (at_ < text_.size() && text_[at_] == '[') refuse(name_, "its elements are records", "save one plain array");
      header_.descr = string();
    } else if (key == "fortran_order" && !header_.fortran_order) {
      const bool is_true = accept(std::string_view("True"));
      if (!is_true && !accept(std::string_view("False"))) garbage();
      header_.fortran_order = is_true;
    } else if (key == "shape" && !header_.shape) {
      header_.shape = tuple();
    } else {
      refuse(name_, fmt::format("its header has a repeated or unknown entry '{}'", printable(key, 40)));
    }
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  Header header_;
};

/// One element as a double; an integer beyond 2^53 becomes NaN, which no integer is.
using Decode = double (*)(const char*);
template <class T>
double decode(const char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (std::is_integral_v<T> && sizeof(T) == 8) {
    constexpr T limit = T{1} << 53;
    if (value > limit || (std::is_signed_v<T> && value < T{0} - limit)) {
      return std::numeric_limits<double>::quiet_NaN();
    }
  }
  return static_cast<double>(value);
}

struct ElementType {
  std::string_view code;  ///< as in descr, without the byte order
  std::size_t size;
  Decode decode;
};
constexpr ElementType element_types[] = {
    {"f4", 4, decode<float>},         {"f8", 8, decode<double>},        {"i1", 1, decode<std::int8_t>},
    {"i2", 2, decode<std::int16_t>},  {"i4", 4, decode<std::int32_t>},  {"i8", 8, decode<std::int64_t>},
    {"u1", 1, decode<std::uint8_t>},  {"u2", 2, decode<std::uint16_t>}, {"u4", 4, decode<std::uint32_t>},
    {"u8", 8, decode<std::uint64_t>},
};

const ElementType& element_type(const std::string& descr, const std::string& name) {
  const std::string shown = printable(descr, 40);
  const char order = descr.empty() ? '?' : descr[0];
  const std::string_view code = std::string_view(descr).substr(std::min<std::size_t>(1, descr.size()));
  const auto* const known = std::find_if(std::begin(element_types), std::end(element_types),
                                         [&](const ElementType& type) { return type.code == code; });
  if (known == std::end(element_types) || (order != '<' && order != '|' && order != '>')) {
    refuse(name, fmt::format("its element type is '{}', not f4, f8 or an integer", shown),
           "convert it to float64 and save it again");
  }
  if (order == '>') {
    refuse(name, fmt::format("its element type '{}' is big-endian", shown), "convert it to float64 and save it again");
  }
  if (order == '|' && known->size > 1) refuse(name, fmt::format("its element type '{}' has no byte order", shown));
  return *known;
}

/// The header's text and what follows it; throws unless magic, version and length are sound.
struct Parts {
  std::string_view header, data;
};
Parts split(std::string_view bytes, const std::string& name) {
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i])); };
  if (bytes.substr(0, 4) == "PK\x03\x04") {
    refuse(name, "it is a zip archive, as .npz files are", "save the array itself with numpy.save");
  }
  if (bytes.substr(0, magic.size()) != magic) {
    refuse(name, bytes.empty() ? "it is empty" : "it does not start with the .npy magic bytes");
  }
  if (bytes.size() < 10) refuse(name, fmt::format("it is truncated: {} bytes in all", bytes.size()));
  if (at(6) < 1 || at(6) > 3 || at(7) != 0) refuse(name, fmt::format("version {}.{} is unknown", at(6), at(7)));
  const std::size_t start = at(6) == 1 ? 10 : 12;
  if (bytes.size() < start) refuse(name, fmt::format("it is truncated: {} bytes in all", bytes.size()));
  std::size_t length = at(8) | at(9) << 8U;
  if (start == 12) length |= at(10) << 16U | at(11) << 24U;
  if (length > bytes.size() - start) {
    refuse(name, fmt::format("it is truncated: a header of {} bytes is announced, {} are there", length,
                             bytes.size() - start));
  }
  return {bytes.substr(start, length), bytes.substr(start + length)};
}

/// Number of elements, once the data's size agrees with it.
std::size_t checked_count(const std::vector<std::size_t>& shape, std::size_t element_size, std::size_t data_size,
                          const std::string& name) {
  if (shape.size() > 3) {
    refuse(name, fmt::format("its shape is {}, of more than three dimensions", shape_text(shape)), "reshape it");
  }
  std::size_t count = 1;
  for (const std::size_t n : shape) {
    if (n == 0) refuse(name, fmt::format("its shape is {}, without elements", shape_text(shape)), "give some");
    // Overflow-safe: no more elements can be there than bytes.
    if (count > data_size / n)
      count = data_size + 1;
    else
      count *= n;
  }
  if (count > data_size / element_size) {
    refuse(name, fmt::format("it is truncated: shape {} of {} bytes each is announced, {} bytes are there",
                             shape_text(shape), element_size, data_size));
  }
  if (count * element_size < data_size) {
    refuse(name, fmt::format("{} bytes follow its {} elements", data_size - count * element_size, count));
  }
  return count;
}

[[noreturn]] void refuse_element(const Array& array, std::size_t i, bool integers, const std::string& name) {
  std::string index;
  std::size_t inner = array.values.size(), rest = i;
  for (const std::size_t n : array.shape) {
    inner /= n;
    index += fmt::format("[{}]", rest / inner);
    rest %= inner;
  }
  const std::string why = integers ? fmt::format("element {} is beyond 2^53", index)
                                   : fmt::format("element {} is {}, numbers must be finite", index, array.values[i]);
  refuse(name, why, integers ? "save it as float64 if rounding is meant" : "remove or replace it");
}

}  // namespace

std::string shape_text(const std::vector<std::size_t>& shape) {
  return shape.empty() ? "a single number" : fmt::format("[{}]", fmt::join(shape, " x "));
}

Array parse_npy(std::string_view bytes, const std::string& name) {
  const Parts parts = split(bytes, name);
  const Header header = HeaderParser(parts.header, name)();
  const ElementType& type = element_type(*header.descr, name);
  const std::size_t count = checked_count(*header.shape, type.size, parts.data.size(), name);
  Array array{std::vector<double>(count), *header.shape};
  std::size_t size[3] = {1, 1, 1}, to = 0;
  std::copy_backward(array.shape.begin(), array.shape.end(), std::end(size));
  for (std::size_t i = 0; i < size[0]; ++i) {
    for (std::size_t j = 0; j < size[1]; ++j) {
      for (std::size_t k = 0; k < size[2]; ++k, ++to) {
        const std::size_t from = *header.fortran_order ? i + size[0] * (j + size[1] * k) : to;
        array.values[to] = type.decode(parts.data.data() + from * type.size);
      }
    }
  }
  const auto bad = std::find_if(array.values.begin(), array.values.end(), [](double v) { return !std::isfinite(v); });
  if (bad != array.values.end()) {
    refuse_element(array, static_cast<std::size_t>(bad - array.values.begin()), type.code[0] != 'f', name);
  }
  return array;
}

Array read_npy(const std::string& path, const std::string& use) {
  const std::string name =
      use.empty() ? scorepath::quoted(path) : fmt::format("{} for {}", scorepath::quoted(path), use);
  return parse_npy(read_input_file(path, name, "a .npy file"), name);
}

Matrix load_points(const std::string& path) {
  Array array = read_npy(path, "the points");
  SP_VALIDATE(
      array.shape.size() == 2, input,
      fmt::format("{} for the points has the wrong shape (it is {}, not [n x dim]) reshape it to two dimensions",
                  scorepath::quoted(path), shape_text(array.shape)));
  return {array.shape[0], array.shape[1], std::move(array.values)};
}

}  // namespace scorepath
