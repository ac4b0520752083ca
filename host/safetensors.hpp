// Tensors of a .safetensors file (github.com/huggingface/safetensors). Input is treated as hostile.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "host/safetensors_header.hpp"

namespace scorepath {

/// A tensor of any rank as floats, row-major; every element is finite.
struct Tensor {
  std::vector<float> values;
  std::vector<std::size_t> shape;  ///< empty: a single number
};

/// A sound file in memory; a tensor is decoded when it is asked for, so that others may be of any type.
class TensorFile {
 public:
  /// parse_safetensors() makes one, once `header` is known to describe `bytes`.
  TensorFile(std::string name, std::string bytes, SafetensorsHeader header);

  bool has(std::string_view tensor) const { return header_.entries.find(tensor) != header_.entries.end(); }
  /// In alphabetical order.
  std::vector<std::string> names() const;
  /// F32 as they are; F16 and BF16 widened, which is exact. Allocates at most twice the tensor's bytes.
  /// Errors: input (no such tensor, another element type, NaN or infinity).
  Tensor get(std::string_view tensor) const;

 private:
  [[noreturn]] void refuse(std::string_view tensor, const std::string& why) const;
  [[noreturn]] void refuse_missing(std::string_view tensor) const;

  std::string name_, bytes_;
  SafetensorsHeader header_;
};

/// Checks a whole file held in memory: the header's grammar, and that every byte of the data belongs to one tensor.
/// `name` is how messages call it. Allocates a small multiple of the bytes given.
/// Errors: input (truncated, header above 100 MB, no UTF-8 or no JSON, repeated or unknown keys, values of another
/// type, offsets that leave the data, overlap or leave holes, shapes that differ from the bytes).
TensorFile parse_safetensors(std::string bytes, const std::string& name);

/// parse_safetensors() of a file; `use` says in messages what it was read for, such as "score.weights of 'model.toml'".
TensorFile read_safetensors(const std::string& path, const std::string& use = "");

}  // namespace scorepath
