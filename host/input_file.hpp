// Reading a whole file that may be missing, unreadable, a folder, or larger than it has any right to be.
#pragma once

#include <cstdint>
#include <string>

namespace scorepath {

/// The bytes of a regular file or pipe. `name` is how messages call the file; `what` is what was expected
/// ("a .npy file"). Errors: input (missing, a folder, a device, unreadable, above `largest` bytes), resource (memory).
std::string read_input_file(const std::string& path, const std::string& name, const std::string& what,
                            std::uint64_t largest = UINT64_MAX);

}  // namespace scorepath
