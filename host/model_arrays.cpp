// Arrays of model files, inline or in .npy files.
#include "host/model_arrays.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "host/npy.hpp"
#include "host/quoted.hpp"

namespace scorepath {
namespace {

/// Refuses the first element that is neither what the others are nor a number or row.
/// `what` as in inline_rows().
[[noreturn]] void refuse_element(const ConfigTable& table, std::string_view key, const ConfigNode& node,
                                 const std::string& what) {
  const auto is_row = [](const ConfigNode& item) {
    return item.kind == ConfigNode::Kind::array && !item.numbers.empty();
  };
  const auto is_sound = [&](const ConfigNode& item) { return item.kind == ConfigNode::Kind::number || is_row(item); };
  auto bad = std::find_if_not(node.items.begin(), node.items.end(), is_sound);
  if (bad == node.items.end()) bad = std::find_if_not(node.items.begin(), node.items.end(), is_row);
  const bool is_array = bad->kind == ConfigNode::Kind::array;
  table.refuse(
      key, fmt::format("holds {} at index {}{} (an array holds numbers, rows of numbers, or blocks of rows) correct it",
                       is_array ? "an array without plain numbers" : kind_text(*bad), bad - node.items.begin(), what));
}

/// Rows of numbers; `what` says whose in messages: "", or " of block 2".
Array inline_rows(const ConfigTable& table, std::string_view key, const ConfigNode& node, const std::string& what) {
  if (node.items.empty())
    table.refuse(key, what.empty() ? "is empty (an array needs elements) give some"
                                   : fmt::format("has nothing{} (a block needs rows) give some", what));
  const std::size_t columns = node.items[0].numbers.size();
  Array array{{}, {node.items.size(), columns}};
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::vector<double>& row = node.items[i].numbers;
    if (row.empty()) refuse_element(table, key, node, what);
    if (row.size() != columns) {
      table.refuse(key, fmt::format("has {} numbers in row {}{} (row 0 has {}) make all rows equally long", row.size(),
                                    i, what, columns));
    }
    array.values.insert(array.values.end(), row.begin(), row.end());
  }
  return array;
}

/// Is the node an array of arrays of arrays?
bool holds_blocks(const ConfigNode& node) {
  return !node.items.empty() && node.items[0].kind == ConfigNode::Kind::array && node.items[0].numbers.empty() &&
         !node.items[0].items.empty();
}

Array inline_array(const ConfigTable& table, std::string_view key, const ConfigNode& node) {
  if (!node.numbers.empty()) return {node.numbers, {node.numbers.size()}};
  if (!holds_blocks(node)) return inline_rows(table, key, node, "");
  Array array;
  for (std::size_t k = 0; k < node.items.size(); ++k) {
    if (node.items[k].kind != ConfigNode::Kind::array || !node.items[k].numbers.empty())
      table.refuse(key, fmt::format("holds no block of rows at index {} (index 0 is one) correct it", k));
    const Array block = inline_rows(table, key, node.items[k], fmt::format(" of block {}", k));
    if (k == 0) array.shape = {node.items.size(), block.shape[0], block.shape[1]};
    if (block.shape[0] != array.shape[1] || block.shape[1] != array.shape[2]) {
      table.refuse(key, fmt::format("has a block of {} at index {} (block 0 is [{} x {}]) make all blocks alike",
                                    shape_text(block.shape), k, array.shape[1], array.shape[2]));
    }
    array.values.insert(array.values.end(), block.values.begin(), block.values.end());
  }
  return array;
}

Array read_array(const ModelTable& source, std::string_view key) {
  const ConfigTable& table = source.table;
  const ConfigNode& node = table.node(key);
  if (node.kind == ConfigNode::Kind::array) return inline_array(table, key, node);
  if (node.kind == ConfigNode::Kind::number) return {{node.number}, {}};
  if (node.kind != ConfigNode::Kind::text) {
    table.refuse(
        key, fmt::format("must be an array or the name of a .npy file (it is {}) correct its type", kind_text(node)));
  }
  if (!node.text.ends_with(".npy")) {
    table.refuse(key,
                 fmt::format("is '{}' (only .npy files are read) give an array or a .npy name", printable(node.text)));
  }
  const bool absolute = node.text.starts_with('/') || source.folder.empty();
  const std::string path = absolute ? node.text : source.folder + "/" + node.text;
  if (source.arrays != nullptr) source.arrays->push_back(path);
  return read_npy(path, fmt::format("{} of {}", table.path(key), table.file()));
}

[[noreturn]] void refuse_shape(const ModelTable& source, std::string_view key, const Array& array,
                               std::string_view shape) {
  source.table.refuse(key,
                      fmt::format("has the wrong shape (it is {}, not {}) reshape it", shape_text(array.shape), shape));
}

}  // namespace

std::vector<double> read_vector(const ModelTable& source, std::string_view key, std::string_view shape) {
  Array array = read_array(source, key);
  if (array.shape.size() != 1) refuse_shape(source, key, array, shape);
  return std::move(array.values);
}

std::vector<double> read_number_or_vector(const ModelTable& source, std::string_view key, std::string_view shape) {
  Array array = read_array(source, key);
  if (array.shape.size() > 1) refuse_shape(source, key, array, shape);
  return std::move(array.values);
}

Matrix read_matrix(const ModelTable& source, std::string_view key, std::string_view shape) {
  Array array = read_array(source, key);
  if (array.shape.empty() || array.shape.size() > 2) refuse_shape(source, key, array, shape);
  const std::size_t columns = array.shape.size() == 2 ? array.shape[1] : 1;
  return {array.shape[0], columns, std::move(array.values)};
}

Matrix read_blocks(const ModelTable& source, std::string_view key, std::string_view shape, const Matrix& means,
                   std::size_t columns) {
  Array array = read_array(source, key);
  if (array.shape.size() != 3 || array.shape[0] != means.rows || array.shape[1] != means.columns ||
      (columns != 0 && array.shape[2] != columns))
    refuse_shape(source, key, array, fmt::format("{} with score.means [{} x {}]", shape, means.rows, means.columns));
  return {array.shape[0] * array.shape[1], array.shape[2], std::move(array.values)};
}

}  // namespace scorepath
