// Reverse paths of every method, for the tests that compare back ends.
#pragma once

#include <scorepath/sample.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace scorepath::test {

inline constexpr ReverseMethod every_reverse_method[] = {
    ReverseMethod::exponential,  ReverseMethod::euler_maruyama, ReverseMethod::ancestral,
    ReverseMethod::second_order, ReverseMethod::ddim,           ReverseMethod::predictor_corrector};

/// Every method, with a density and without, at several lambda.
inline std::vector<SampleOptions> every_reverse_job(std::uint64_t steps, std::uint64_t seed) {
  std::vector<SampleOptions> jobs;
  for (const ReverseMethod method : every_reverse_method) {
    for (const bool density : {false, true}) {
      for (const double lambda : {0.0, 0.6, 1.0}) {
        if (method == ReverseMethod::ddim && lambda < 1.0) continue;
        SampleOptions o;
        o.method = method;
        o.lambda = lambda;
        o.steps = method == ReverseMethod::predictor_corrector ? (steps + 1) / 2 * 2 : steps;
        o.log_density = density;
        o.seed = seed;
        o.threads = 1;
        o.end = lambda == 0.6 ? End::prior : End::exact;
        jobs.push_back(o);
      }
    }
  }
  return jobs;
}

inline std::string sampling_text(const SampleOptions& o) {
  return name_of(o.method) + ", lambda " + std::to_string(o.lambda.value_or(0.0)) +
         (o.log_density ? ", with its density" : "");
}

}  // namespace scorepath::test
