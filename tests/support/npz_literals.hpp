// .npz archives for readers: of arrays at hand, and one that NumPy wrote.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "host/npz.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {

/// The bytes of an archive of these arrays, each given as the bytes of its .npy file; with `zip64_from` 0 all in zip64.
inline std::string npz_file(const std::vector<std::pair<std::string, std::string>>& arrays,
                            std::uint64_t zip64_from = 0xffffffff) {
  const TemporaryFolder folder;
  NpzWriter archive(folder.file("a.npz"), Overwrite::no, zip64_from);
  for (const auto& [name, npy] : arrays) archive.add(name, npy);
  archive.commit();
  return folder.read("a.npz");
}

/// numpy.savez_compressed(.., samples=[[0.5, -1], [1.5, 2], [-2, 0.25]]) of NumPy 1.24: deflated, zip64 in the local
/// header.
inline std::string numpy_savez_compressed() {
  const std::string hex =
      "504b03041400000008000000210086a5d9e65c000000b00000000b00140073616d706c65732e6e707901001000b000000000"
      "0000005c000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a1aea3a09e965f54529498179f5f94"
      "920a12774bcc294e058a17672416a402f91ac63a0a469a3a0ab50a64032e063078600fa13fec87d03fa07c0607287d00425d"
      "b00700504b010214031400000008000000210086a5d9e65c000000b00000000b000000000000000000000080010000000073"
      "616d706c65732e6e7079504b0506000000000100010039000000990000000000";
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

}  // namespace scorepath::testing
