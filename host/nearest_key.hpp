// "Did you mean": the known key that a mistyped one is closest to.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace scorepath {

/// Number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string
/// alignment). O(|a| |b|) time: cut long input before.
inline std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::size_t> table((a.size() + 1) * width);
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      std::size_t& best = table[i * width + j];
      if (i == 0 || j == 0) {
        best = i + j;
        continue;
      }
      const std::size_t replaced = table[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      best = std::min({table[(i - 1) * width + j] + 1, table[i * width + j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) best = std::min(best, table[(i - 2) * width + j - 2] + 1);
    }
  }
  return table.back();
}

/// What to do about the unknown word `given`: "did you mean 'beta_min'?", or the whole list where nothing is near.
template <class Words>
std::string suggestion(std::string_view given, const Words& known) {
  const std::string_view shortened = given.substr(0, 64);
  std::string_view nearest;
  std::size_t least = 1 + std::max<std::size_t>(1, shortened.size() / 3);  // farther words are no typing errors
  for (const std::string_view word : known) {
    const std::size_t distance = edit_distance(shortened, word);
    if (distance < least) {
      least = distance;
      nearest = word;
    }
  }
  if (!nearest.empty()) return fmt::format("did you mean '{}'?", nearest);
  return fmt::format("use one of {}", fmt::join(known, ", "));
}

}  // namespace scorepath
