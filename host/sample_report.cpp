// Samples as .npz (docs/file-formats.md).
#include <nlohmann/json.hpp>

#include <scorepath/files.hpp>

#include "host/npy.hpp"
#include "host/npz.hpp"
#include "host/sample_report.hpp"

namespace scorepath {

nlohmann::ordered_json sample_job(const Samples& samples, const std::string& model_path) {
  const SampleOptions& o = samples.options;
  nlohmann::ordered_json job;
  job["version"] = version();
  job["command"] = "sample";
  job["model"] = model_path;
  job["schedule"] = samples.schedule;
  job["sampler"] = name_of(o.method);
  job["lambda"] = *o.lambda;
  job["steps"] = o.steps;
  job["grid"] = name_of(o.grid);
  job["end"] = name_of(o.end);
  if (o.method == ReverseMethod::predictor_corrector) {
    job["corrector_steps"] = o.corrector_steps;
    job["corrector_size"] = o.corrector_size;
  }
  job["log_density"] = o.log_density;
  if (o.log_density) job["quantity"] = name_of(samples.quantity);
  job["trajectories"] = o.trajectories;
  if (!o.times.empty()) job["times"] = o.times;
  job["seed"] = o.seed;
  job["backend"] = samples.backend;
  job["device"] = samples.device;
  job["isa"] = samples.isa;
  job["threads"] = o.threads;
  job["arithmetic"] = name_of(o.arithmetic);
  return job;
}

void write_npz(const std::string& path, const Samples& samples, const std::string& model_path, Overwrite overwrite) {
  NpzWriter archive(path, overwrite);
  const auto add = [&](const std::string& name, const std::vector<double>& values,
                       const std::vector<std::size_t>& shape) {
    archive.add_pieces(name, [&](const NpzWriter::Sink& sink) {
      sink(npy_header(shape));
      if (!values.empty()) sink({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)});
    });
  };
  const std::size_t n = samples.samples.rows, d = samples.samples.columns;
  add("samples", samples.samples.values, {n, d});
  if (samples.options.log_density) {
    add("log_density", samples.log_density, {n});
    add("std_error", samples.std_error, {n});
    add("exact_log_density", samples.exact_log_density, {n});
  }
  if (!samples.times.empty()) {
    const std::size_t t = samples.times.size();
    add("trajectories", samples.trajectories, {samples.trajectories.size() / (t * d), t, d});
    add("times", samples.times, {t});
  }
  const std::string job =
      sample_job(samples, model_path).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  archive.add("job", npy_bytes(std::vector<std::string>{job}, {}));
  archive.commit();
}

}  // namespace scorepath
