// SPDX-License-Identifier: MIT
#include "datasets/formats/column_group.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>
#include <utility>

#include "datasets/checks/array_checks.h"
#include "datasets/data_error.h"

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

/// Numbers that an array takes in a row: its own, or a place for each choice.
int64_t Width(int64_t numbers, const std::vector<std::pair<int64_t, int64_t>>& choices) {
  if (choices.empty()) return numbers;
  int64_t width = 0;
  for (const auto& [start, count] : choices) width += count;
  return width;
}

}  // namespace

bool IsImage(const ArrayInfo& array) {
  return array.type == "uint8" && !array.is_enum && array.shape.size() >= 3;
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
  choices_.emplace_back();
  types_.push_back(info.type);
}

std::string ColumnGroup::type() const {
  // Of several types the widest: double holds every number that the others do.
  const bool same =
      std::ranges::all_of(types_, [&](const std::string& type) { return type == types_.front(); });
  return types_.empty() || !same ? "float64" : types_.front();
}

std::vector<ColumnPart> ColumnGroup::parts() const {
  std::vector<ColumnPart> parts;
  if (names_ == std::vector<std::string>{""}) return parts;
  for (size_t k = 0; k < names_.size(); ++k) {
    parts.push_back({names_[k], Width(widths_[k], choices_[k])});
  }
  return parts;
}

int64_t ColumnGroup::width() const {
  int64_t width = 0;
  for (size_t k = 0; k < names_.size(); ++k) width += Width(widths_[k], choices_[k]);
  return width;
}

std::vector<std::string> ColumnGroup::Others(const Hdf5File& file, const std::string& path) const {
  std::vector<std::string> leaves;
  if (names_ == std::vector<std::string>{""} || !file.IsGroup(path)) return leaves;
  Leaves(file, path, "", 0, leaves);
  std::erase_if(leaves, [&](const std::string& leaf) {
    return std::ranges::find(names_, leaf) != names_.end();
  });
  return leaves;
}

void ColumnGroup::Encode(const Hdf5File& file, const std::string& path, const Space& space) {
  for (size_t k = 0; k < names_.size(); ++k) {
    const Space* part = space.Find(names_[k]);
    if (part == nullptr) continue;
    Choices choices = part->Choices();
    if (choices.empty()) continue;
    const std::string where = Join(path, names_[k]);
    if (static_cast<int64_t>(choices.size()) != widths_[k]) {
      file.Fail(where, std::to_string(choices.size()) + " numbers a row, as the space has",
                std::to_string(widths_[k]));
    }
    const bool sensible = std::ranges::all_of(choices, [](const auto& choice) {
      return choice.second > 0 && choice.second <= kMostChoices;
    });
    if (!sensible) file.Fail(where, "a space of 1 to 1000000 choices", "another number of them");
    choices_[k] = std::move(choices);
  }
}

void ColumnGroup::ToOneHot(const Hdf5Array& array, const Choices& choices,
                           std::vector<double>& rows) {
  const std::vector<double> values = std::exchange(rows, {});
  const int64_t width = Width(0, choices), numbers = static_cast<int64_t>(choices.size());
  const int64_t count = static_cast<int64_t>(values.size()) / numbers;
  rows.assign(count * width, 0.0);
  for (int64_t t = 0; t < count; ++t) {
    int64_t column = t * width;
    for (int64_t k = 0; k < numbers; ++k) {
      const auto [start, size] = choices[k];
      const double value = values[t * numbers + k];
      if (value != std::floor(value) || value < static_cast<double>(start) ||
          value >= static_cast<double>(start + size)) {
        throw DataError(array.where() + "[" + std::to_string(t) + "]",
                        "expected a whole number from " + std::to_string(start) + " to " +
                            std::to_string(start + size - 1) + ", as the space has, got another");
      }
      rows[column + static_cast<int64_t>(value) - start] = 1;
      column += size;
    }
  }
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

void ColumnGroup::Read(const Hdf5File& file, const std::string& path,
                       std::vector<double>& rows) const {
  const auto read = [&](size_t k, std::vector<double>& values) {
    const Hdf5Array array = file.Open(Join(path, names_[k]));
    ReadFinite(array, values);
    if (!choices_[k].empty()) ToOneHot(array, choices_[k], values);
  };
  // One array is the rows; several are put side by side, each in its own columns.
  if (names_.size() == 1) {
    read(0, rows);
    return;
  }
  std::vector<double> column;
  const auto width = static_cast<size_t>(this->width());
  size_t first = 0;
  for (size_t k = 0; k < names_.size(); ++k) {
    read(k, column);
    const auto size = static_cast<size_t>(Width(widths_[k], choices_[k]));
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
