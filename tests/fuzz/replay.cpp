// A fuzzer without libFuzzer, for any compiler with sanitizers: the seeds, then a fixed number of mutations of them,
// the same in every run. Linked with one fuzz target.
//
//   replay [MUTATIONS]              seeds and mutations (20000)
//   replay --file FILE..            each file once: reproduces a finding
//   replay --write-seeds FOLDER     seeds as files, for libFuzzer's corpus
#include <cstring>
#include <fstream>
#include <iterator>

#include "tests/fuzz/fuzz_target.hpp"

namespace scorepath::testing {
namespace {

/// SplitMix64 (Steele, Lea & Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : static_cast<std::size_t>(next() % bound); }

 private:
  std::uint64_t next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

void run(const std::string& input) {
  // A copy of the exact size on the heap, so that the sanitizer sees any read beyond it.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

void mutate(std::string& text, Random& random, const std::vector<std::string>& seeds,
            const std::vector<std::string>& tokens) {
  const std::size_t at = random.below(text.size() + 1);
  const std::size_t length = std::min(text.size() - at, 1 + random.below(16));
  switch (random.below(8)) {
    case 0:  // flip a bit
      if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      break;
    case 1:  // another byte
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
      break;
    case 2:  // another digit
      if (at < text.size()) text[at] = static_cast<char>('0' + random.below(10));
      break;
    case 3:
      text.erase(at, length);
      break;
    case 4:  // repeat a piece
      text.insert(at, text.substr(at, length));
      break;
    case 5:
      text.insert(at, tokens[random.below(tokens.size())]);
      break;
    case 6: {  // the rest of another seed
      const std::string& other = seeds[random.below(seeds.size())];
      text = text.substr(0, at) + other.substr(random.below(other.size() + 1));
      break;
    }
    default:
      text.resize(at);
      break;
  }
}

void run_mutations(std::size_t count) {
  const std::vector<std::string> seeds = fuzz_seeds();
  const std::vector<std::string> tokens = fuzz_tokens();
  for (const std::string& seed : seeds) run(seed);
  Random random(1);
  for (std::size_t i = 0; i < count; ++i) {
    std::string text = seeds[random.below(seeds.size())];
    for (std::size_t changes = 1 + random.below(6); changes > 0; --changes) mutate(text, random, seeds, tokens);
    run(text);
  }
  std::printf("%zu seeds and %zu mutations: no finding\n", seeds.size(), count);
}

void write_seeds(const std::string& folder) {
  std::size_t index = 0;
  for (const std::string& seed : fuzz_seeds()) {
    std::ofstream(folder + "/seed-" + std::to_string(index++), std::ios::binary) << seed;
  }
}

}  // namespace
}  // namespace scorepath::testing

int main(int count, char** arguments) {
  using namespace scorepath::testing;
  const std::string first = count > 1 ? arguments[1] : "20000";
  if (first == "--write-seeds" && count == 3) {
    write_seeds(arguments[2]);
  } else if (first == "--file") {
    for (int i = 2; i < count; ++i) {
      std::ifstream file(arguments[i], std::ios::binary);
      run({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
    }
  } else {
    run_mutations(std::stoul(first));
  }
}
