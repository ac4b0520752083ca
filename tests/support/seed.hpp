// Seeds of random tests: nobody picks them, they are a hash of the test's full name.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace scorepath::test {

/// FNV-1a over the bytes, then the finaliser of MurmurHash3: similar names give unrelated seeds.
inline std::uint64_t hash_of_name(std::string_view name) {
  std::uint64_t h = 0xcbf29ce484222325u;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
  h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
  return h ^ h >> 33;
}

/// The seed of the running test: of "Suite.Name" (for a parameterised test with its index or parameter's name).
inline std::uint64_t test_seed() {
  const ::testing::TestInfo* info = ::testing::UnitTest::GetInstance()->current_test_info();
  return hash_of_name(std::string(info->test_suite_name()) + "." + info->name());
}

}  // namespace scorepath::test
