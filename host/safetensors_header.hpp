// The header of a .safetensors file: its grammar, without a look at the data.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace scorepath {

/// What a header says of a tensor: bytes [begin, end) of the data are its own, and begin <= end.
struct TensorEntry {
  std::string dtype;
  std::vector<std::size_t> shape;
  std::size_t begin, end;
};
using TensorEntries = std::map<std::string, TensorEntry, std::less<>>;

struct SafetensorsHeader {
  TensorEntries entries;
  std::size_t data;  ///< where the data start in the file
};

/// Reads what stands before the data; `name` is how messages call the file.
/// Errors: input (empty, truncated, above 100 MB, no UTF-8, no JSON, repeated or unknown keys, values of another type).
SafetensorsHeader read_safetensors_header(std::string_view bytes, const std::string& name);

/// Throws the error of a file that is not sound.
[[noreturn]] void refuse_safetensors(const std::string& name, const std::string& why);

}  // namespace scorepath
