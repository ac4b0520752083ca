// .safetensors files made byte by byte, sound and unsound.
#pragma once

#include <cstdint>
#include <string>

#include "tests/support/npy_literals.hpp"

namespace scorepath::testing {

/// The header's length, the header as given (no padding) and the data.
inline std::string safetensors_file(const std::string& header, const std::string& data = "") {
  return raw_bytes<std::uint64_t>({header.size()}) + header + data;
}

/// "NAME":{"dtype":"DTYPE","shape":SHAPE,"data_offsets":OFFSETS}
inline std::string tensor_entry(const std::string& name, const std::string& dtype, const std::string& shape,
                                const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

/// A sound file of one tensor 'w'.
inline std::string one_tensor(const std::string& dtype, const std::string& shape, const std::string& data) {
  return safetensors_file("{" + tensor_entry("w", dtype, shape, "[0," + std::to_string(data.size()) + "]") + "}", data);
}

}  // namespace scorepath::testing
