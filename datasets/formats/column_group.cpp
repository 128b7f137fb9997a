// SPDX-License-Identifier: MIT
#include "datasets/formats/column_group.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>

#include "datasets/formats/array_checks.h"

namespace longplay {
namespace {

constexpr int kDeepest = 16;  // groups in groups; Gymnasium's spaces are rarely deeper than 3
constexpr std::string_view kTuplePart = "_index_";

std::string Join(const std::string& path, const std::string& name) {
  return name.empty() ? path : path + "/" + name;
}

/// -1 for what is no part of a Tuple.
int64_t TupleIndex(const std::string& name) {
  int64_t index = -1;
  if (!name.starts_with(kTuplePart)) return -1;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kTuplePart.size(), end, index);
  return parsed.ec == std::errc() && parsed.ptr == end ? index : -1;
}

/// Paths of arrays below `name`, relative to `path`, in the stated order.
void Leaves(const Hdf5File& file, const std::string& path, const std::string& name, int depth,
            std::vector<std::string>& leaves) {
  if (!file.IsGroup(Join(path, name))) {
    leaves.push_back(name);
    return;
  }
  if (depth == kDeepest) file.Fail(Join(path, name), "groups less deep", "more than 16 levels");
  // In the order of gymnasium.spaces.utils.flatten: keys by alphabet, Tuples by number.
  std::vector<std::string> children = file.Children(Join(path, name));
  std::ranges::sort(children, [](const std::string& a, const std::string& b) {
    const int64_t i = TupleIndex(a), j = TupleIndex(b);
    return i != j ? i < j : a < b;
  });
  const std::string before = name.empty() ? "" : name + "/";
  for (const std::string& child : children) {
    Leaves(file, path, before + child, depth + 1, leaves);
  }
}

}  // namespace

bool IsImage(const ArrayInfo& array) {
  const bool bytes = array.is_integer && array.value_bytes == 1 && !array.is_enum;
  return bytes && array.shape.size() >= 3;
}

ColumnGroup ColumnGroup::Find(const Hdf5File& file, const std::string& path) {
  std::vector<std::string> leaves;
  Leaves(file, path, "", 0, leaves);
  if (leaves.empty()) file.Fail(path, "arrays", "an empty group");
  return Choose(file, path, leaves);
}

ColumnGroup ColumnGroup::Choose(const Hdf5File& file, const std::string& path,
                                const std::vector<std::string>& names) {
  ColumnGroup group;
  for (const std::string& name : names) group.Add(file, path, name);
  return group;
}

void ColumnGroup::Add(const Hdf5File& file, const std::string& path, const std::string& name) {
  const Hdf5Array array = file.Open(Join(path, name));
  const ArrayInfo& info = array.info();
  if (IsImage(info)) array.Fail("rows of numbers", "images");
  if (!info.is_float && !info.is_integer) array.Fail("numbers", "texts, pictures or another type");
  names_.push_back(name);
  widths_.push_back(info.row_size());
  types_.push_back(info.type);
}

std::string ColumnGroup::type() const {
  // Of several types the widest: double holds every number that the others do.
  const bool same =
      std::ranges::all_of(types_, [&](const std::string& type) { return type == types_.front(); });
  return types_.empty() || !same ? "float64" : types_.front();
}

int64_t ColumnGroup::width() const {
  return std::accumulate(widths_.begin(), widths_.end(), int64_t{0});
}

int64_t ColumnGroup::CheckShapes(const Hdf5File& file, const std::string& path) const {
  int64_t rows = -1;
  for (size_t k = 0; k < names_.size(); ++k) {
    const Hdf5Array array = file.Open(Join(path, names_[k]));
    CheckShape(array, {.rows = rows, .row_size = widths_[k]});
    rows = array.rows();
  }
  return rows;
}

void ColumnGroup::CheckFinite(const Hdf5File& file, const std::string& path,
                              const std::function<void()>& alive) const {
  for (const std::string& name : names_) longplay::CheckFinite(file.Open(Join(path, name)), alive);
}

void ColumnGroup::Read(const Hdf5File& file, const std::string& path,
                       std::vector<double>& rows) const {
  // One array is the rows; several are put side by side, each in its own columns.
  if (names_.size() == 1) {
    file.Open(Join(path, names_[0])).ReadInto(rows);
    return;
  }
  std::vector<double> column;
  const auto width = static_cast<size_t>(this->width());
  size_t first = 0;
  for (size_t k = 0; k < names_.size(); ++k) {
    file.Open(Join(path, names_[k])).ReadInto(column);
    const auto size = static_cast<size_t>(widths_[k]);
    const size_t count = column.size() / std::max<size_t>(size, 1);
    rows.resize(count * width);
    for (size_t t = 0; t < count; ++t) {
      std::copy_n(column.begin() + static_cast<int64_t>(t * size), size,
                  rows.begin() + static_cast<int64_t>(t * width + first));
    }
    first += size;
  }
}

}  // namespace longplay
