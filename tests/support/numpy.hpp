// numpy as the independent reader and writer of .npy and .npz files.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace scorepath::testing {

/// The command of a Python that can import numpy; empty where there is none.
inline const std::string& numpy_python() {
  static const std::string command = [] {
    for (const char* python : {"python3", "/usr/bin/python3"}) {
      const std::string probe = std::string(python) + " -c 'import numpy' >/dev/null 2>&1";
      if (std::system(probe.c_str()) == 0) return std::string(python);
    }
    return std::string();
  }();
  return command;
}

/// Why a test skips where numpy_python() is empty; the same words stand in tests/skips.txt.
inline constexpr const char* numpy_absent = "python3 with numpy is not installed";

/// What `script` prints, run in `folder` with numpy imported as np. The script holds no single quotes.
inline std::string run_numpy(const std::string& folder, const std::string& script) {
  const std::string command = "cd '" + folder + "' && " + numpy_python() + " -c 'import numpy as np\n" + script + "'";
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) throw std::runtime_error("cannot start " + command);
  std::string out;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    out.append(buffer.data(), got);
  }
  if (::pclose(pipe) != 0) throw std::runtime_error("failed: " + command + "\n" + out);
  return out;
}

}  // namespace scorepath::testing
