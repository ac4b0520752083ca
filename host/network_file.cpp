#include "host/network_file.hpp"

#include <filesystem>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "host/nearest_key.hpp"
#include "host/quoted.hpp"
#include "host/safetensors.hpp"

namespace scorepath {
namespace {

template <class Value>
using Named = std::pair<std::string_view, Value>;

constexpr Named<Parameterization> parameterizations[] = {
    {"score", Parameterization::score}, {"epsilon", Parameterization::epsilon},
    {"x0", Parameterization::x0},       {"v", Parameterization::v},
    {"edm-f", Parameterization::edm_f}, {"velocity", Parameterization::velocity}};
constexpr Named<TimeInput> time_inputs[] = {{"t", TimeInput::t},
                                            {"log-snr", TimeInput::log_snr},
                                            {"ln-sigma/4", TimeInput::ln_sigma_4},
                                            {"sigma", TimeInput::sigma},
                                            {"step", TimeInput::step}};
constexpr Named<EmbeddingKind> embeddings[] = {
    {"raw", EmbeddingKind::raw}, {"sinusoidal", EmbeddingKind::sinusoidal}, {"fourier", EmbeddingKind::fourier}};
constexpr Named<LayerKind> layer_kinds[] = {{"linear", LayerKind::linear},     {"silu", LayerKind::silu},
                                            {"gelu", LayerKind::gelu},         {"gelu-tanh", LayerKind::gelu_tanh},
                                            {"tanh", LayerKind::tanh},         {"relu", LayerKind::relu},
                                            {"softplus", LayerKind::softplus}, {"layer-norm", LayerKind::layer_norm},
                                            {"residual", LayerKind::residual}, {"film", LayerKind::film}};

template <class Value, std::size_t n>
Value choice(const ConfigTable& table, std::string_view key, const Named<Value> (&choices)[n]) {
  const std::string text = table.text(key);
  std::vector<std::string_view> names;
  for (const auto& [name, value] : choices) {
    if (name == text) return value;
    names.push_back(name);
  }
  table.refuse(key, fmt::format("is '{}' (no such {}) {}", printable(text), key, suggestion(text, names)));
}

/// Tensors of the file, as the model file names them.
class Tensors {
 public:
  Tensors(TensorFile file, const ConfigTable& table) : file_(std::move(file)), table_(table) {}

  std::vector<double> vector(const std::string& name) {
    const Tensor tensor = of_rank(name, 1, "[n]");
    return {tensor.values.begin(), tensor.values.end()};
  }
  Matrix matrix(const std::string& name) {
    const Tensor tensor = of_rank(name, 2, "[out x in]");
    return {tensor.shape[0], tensor.shape[1], {tensor.values.begin(), tensor.values.end()}};
  }
  bool has(const std::string& name) const { return file_.has(name); }
  /// A layer that was forgotten, or a misspelt bias, is another network.
  void check_all_are_used() const {
    for (const std::string& name : file_.names()) {
      if (used_.contains(name)) continue;
      table_.refuse("weights", fmt::format("holds the tensor '{}' (no layer or embedding takes it) name its layer, or "
                                           "export without it",
                                           printable(name)));
    }
  }

 private:
  Tensor of_rank(const std::string& name, std::size_t rank, const char* wanted) {
    Tensor tensor = file_.get(name);
    used_.insert(name);
    if (tensor.values.empty())
      table_.refuse("weights", fmt::format("holds the tensor '{}' without an element (its place wants {}) export it "
                                           "whole",
                                           printable(name), wanted));
    if (tensor.shape.size() != rank)
      table_.refuse("weights", fmt::format("holds the tensor '{}' of {} dimensions (its place wants {}) export it so",
                                           printable(name), tensor.shape.size(), wanted));
    return tensor;
  }
  TensorFile file_;
  const ConfigTable& table_;
  std::set<std::string> used_;
};

std::vector<Layer> read_layers(const ConfigTable& of, Tensors& tensors) {
  const ConfigNode& node = of.node("layers");
  if (node.kind != ConfigNode::Kind::array || node.items.empty())
    of.refuse("layers",
              fmt::format("must be an array of tables (it is {}) write [{{kind = \"linear\", name = ..}}, ..]",
                          node.kind == ConfigNode::Kind::array ? "empty or of numbers" : kind_text(node)));
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", of.path("layers"), i);
    if (node.items[i].kind != ConfigNode::Kind::table)
      of.refuse("layers",
                fmt::format("[{}] is {} (a layer is a table) write {{kind = ..}}", i, kind_text(node.items[i])));
    const ConfigTable table(of.file(), place, node.items[i]);
    Layer layer;
    layer.kind = choice(table, "kind", layer_kinds);
    const std::string context = fmt::format("kind '{}'", table.text("kind"));
    switch (layer.kind) {
      case LayerKind::linear:
      case LayerKind::film:
      case LayerKind::layer_norm:
        table.allow_only({"kind", "name"}, context);
        layer.name = table.text("name");
        if (layer.kind == LayerKind::layer_norm) {
          const std::vector<double> scale = tensors.vector(layer.name + ".weight");
          layer.weight = {1, scale.size(), scale};
        } else {
          layer.weight = tensors.matrix(layer.name + ".weight");
        }
        if (tensors.has(layer.name + ".bias")) layer.bias = tensors.vector(layer.name + ".bias");
        break;
      case LayerKind::residual:
        table.allow_only({"kind", "layers"}, context);
        layer.layers = read_layers(table, tensors);
        break;
      default:
        table.allow_only({"kind"}, context);
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

TimeEmbedding read_embedding(const ConfigTable& score, Tensors& tensors) {
  TimeEmbedding e;
  if (!score.has("embedding")) return e;
  const ConfigTable table = score.table("embedding");
  e.kind = choice(table, "kind", embeddings);
  const std::string context = fmt::format("kind '{}'", table.text("kind"));
  e.scale = table.number_or("scale", e.scale);
  switch (e.kind) {
    case EmbeddingKind::raw:
      table.allow_only({"kind", "scale"}, context);
      break;
    case EmbeddingKind::sinusoidal: {
      table.allow_only({"kind", "dim", "max_period", "scale"}, context);
      constexpr std::int64_t most = 1 << 16;
      const std::int64_t dim = table.has("dim") ? table.integer("dim") : static_cast<std::int64_t>(e.dim);
      if (dim < 2 || dim > most || dim % 2 != 0)
        table.refuse("dim", fmt::format("is {} (half of it are cosines, half sines, 2 to {}) make it even", dim, most));
      e.dim = static_cast<std::size_t>(dim);
      e.max_period = table.number_or("max_period", e.max_period);
      if (!(e.max_period > 1.0))
        table.refuse("max_period", fmt::format("is {} (periods rise to it from 1) make it larger", e.max_period));
      break;
    }
    case EmbeddingKind::fourier:
      table.allow_only({"kind", "frequencies", "scale"}, context);
      e.frequencies = tensors.vector(table.text("frequencies"));
      break;
  }
  return e;
}

/// Features of the last layer that makes any.
std::size_t outputs_of(const std::vector<Layer>& layers) {
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (layer->kind == LayerKind::linear) return layer->weight.rows;
    if (layer->kind != LayerKind::residual) continue;
    if (const std::size_t inner = outputs_of(layer->layers); inner > 0) return inner;
  }
  return 0;
}

}  // namespace

Network read_network(const ModelTable& source) {
  const ConfigTable& table = source.table;
  table.allow_only(
      {"kind", "weights", "parameterization", "time_input", "sigma_data", "embedding", "classes", "layers"},
      "kind 'network'");
  if (table.has("classes"))
    table.refuse("classes", "asks for a network of classes (known to the file format, but not built yet) leave it out");
  const std::string name = table.text("weights");
  const std::filesystem::path path = std::filesystem::path(source.folder) / name;
  if (source.arrays != nullptr) source.arrays->push_back(path);
  Tensors tensors(read_safetensors(path, fmt::format("{} of {}", table.path("weights"), table.file())), table);
  Network network;
  network.parameterization = choice(table, "parameterization", parameterizations);
  network.time_input = choice(table, "time_input", time_inputs);
  if (table.has("sigma_data") && network.parameterization != Parameterization::edm_f)
    table.refuse("sigma_data", "belongs to parameterization 'edm-f' (others have none) leave it out");
  network.sigma_data = table.number_or("sigma_data", network.sigma_data);
  if (!(network.sigma_data > 0.0))
    table.refuse("sigma_data", fmt::format("is {} (a standard deviation is positive) correct it", network.sigma_data));
  network.embedding = read_embedding(table, tensors);
  network.layers = read_layers(table, tensors);
  tensors.check_all_are_used();
  network.dim = outputs_of(network.layers);
  if (network.dim == 0) table.refuse("layers", "have no linear layer (the last one says the dimension) add it");
  return network;
}

}  // namespace scorepath
