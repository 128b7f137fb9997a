// SPDX-License-Identifier: MIT
#include "datasets/tables/npz_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <utility>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/files/mapped_file.h"
#include "datasets/files/npz.h"
#include "datasets/tables/column_values.h"
#include "datasets/tables/step_names.h"

namespace longplay {
namespace {

using Shape = std::vector<int64_t>;

constexpr std::array kSteps = {
    StepRole::kObservations, StepRole::kNextObservations, StepRole::kActions, StepRole::kRewards,
    StepRole::kTerminals,    StepRole::kTimeouts,         StepRole::kEpisodes};

bool IsStep(const std::string& name) {
  return std::ranges::any_of(kSteps, [&](StepRole role) { return ExactRank(name, role) >= 0; });
}

std::string Text(const Shape& shape) {
  std::string text;
  for (const int64_t size : shape) {
    text += text.empty() ? "(" : ", ";
    text += std::to_string(size);
  }
  return text + ")";
}

/// numpy's "f4" as HDF5 files name it; float16 is widened.
std::string LongType(const std::string& type) {
  if (type == "b1") return "bool";
  if (type == "f2" || type == "f4") return "float32";
  if (type == "f8") return "float64";
  const std::string bits = std::to_string(8 * (type[1] - '0'));
  return (type[0] == 'i' ? "int" : "uint") + bits;
}

class NpzTable {
 public:
  NpzTable(const std::string& path, const TableOptions& options)
      : file_(path, std::filesystem::file_size(path)), options_(options) {
    table_.path = path;
    table_.format = "npz";
    table_.noun = "array";
    arrays_ = ListNpz(bytes());
  }

  StepTable Load() &&;

 private:
  std::span<const std::byte> bytes() const { return file_.as<std::byte>(); }
  const NpzEntry* Find(StepRole role) const;
  const NpzEntry& Observations() const;
  void RefuseExorl() const;
  /// Whether arrays are [E, T, ...].
  bool IsStacked(const NpzEntry& observations) const;
  bool HasRows(const NpzEntry& array) const;
  std::string WhyNot(const NpzEntry& array) const;
  void LoadColumns();
  void ReadIndex();
  [[noreturn]] void Fail(const std::string& name, const std::string& problem) const {
    throw DataError(table_.path + ":" + name, problem);
  }

  MappedFile file_;
  const TableOptions& options_;
  std::vector<NpzEntry> arrays_;
  Shape rows_shape_;  // {N}, or {E, T}
  StepTable table_;
};

const NpzEntry* NpzTable::Find(StepRole role) const {
  const NpzEntry* best = nullptr;
  for (const NpzEntry& array : arrays_) {
    const int64_t rank = ExactRank(array.name, role);
    if (rank < 0 || (best != nullptr && rank >= ExactRank(best->name, role))) continue;
    best = &array;
  }
  return best;
}

/// The array whose rows are the steps.
const NpzEntry& NpzTable::Observations() const {
  const NpzEntry* found = Find(StepRole::kObservations);
  if (!options_.observations.empty()) {
    const auto named = std::ranges::find(arrays_, options_.observations.front(), &NpzEntry::name);
    found = named == arrays_.end() ? nullptr : &*named;
  }
  if (found == nullptr) {
    const auto named = std::ranges::find_if(arrays_, [&](const NpzEntry& array) {
      return IsNameOfSeveral(array.name, StepRole::kObservations) && array.refused.empty();
    });
    if (named != arrays_.end()) return *named;
    std::string names;
    for (const NpzEntry& array : arrays_) {
      if (!names.empty()) names += ", ";
      names += array.name;
    }
    const bool asked = !options_.observations.empty();
    Fail(asked ? options_.observations.front() : "observations",
         "expected an array, got " + (names.empty() ? "none" : names) +
             (asked ? "" : "; `longplay data import` takes other names, --observations NAME"));
  }
  return *found;
}

// Its row 0 is the reset: read as steps, actions would stand a row late.
void NpzTable::RefuseExorl() const {
  const bool has_discount =
      std::ranges::find(arrays_, "discount", &NpzEntry::name) != arrays_.end();
  if (!has_discount || Find(StepRole::kTerminals) != nullptr ||
      Find(StepRole::kTimeouts) != nullptr || Find(StepRole::kEpisodes) != nullptr) {
    return;
  }
  Fail("discount",
       "expected steps with flags where episodes end, got one episode as ExoRL keeps "
       "it: give the folder of such files");
}

bool NpzTable::IsStacked(const NpzEntry& observations) const {
  const Shape& shape = observations.shape;
  if (shape.size() < 3) return false;
  // Actions [E, T, A] or rewards [E, T] show it: more than their first dimension is that of steps.
  const auto starts_alike = [&](const NpzEntry* array) {
    return array != nullptr && array->shape.size() >= 2 && array->shape[0] == shape[0] &&
           array->shape[1] == shape[1];
  };
  const NpzEntry* actions = Find(StepRole::kActions);
  if (!options_.actions.empty()) {
    const auto named = std::ranges::find(arrays_, options_.actions.front(), &NpzEntry::name);
    actions = named == arrays_.end() ? nullptr : &*named;
  }
  const NpzEntry* rewards = Find(StepRole::kRewards);
  if (!starts_alike(actions) || (rewards != nullptr && !starts_alike(rewards))) return false;
  return actions->shape.size() >= 3 || (rewards != nullptr && shape[1] > 1);
}

bool NpzTable::HasRows(const NpzEntry& array) const {
  return array.shape.size() >= rows_shape_.size() &&
         std::equal(rows_shape_.begin(), rows_shape_.end(), array.shape.begin());
}

/// Why an array is no column; "" = it is one.
std::string NpzTable::WhyNot(const NpzEntry& array) const {
  if (array.shape.empty())
    return array.refused == "Python objects" ? array.refused : "a single value";
  if (!array.refused.empty()) return array.refused;
  if (HasRows(array)) return {};
  return "of shape " + Text(array.shape) + ", not one a step";
}

void NpzTable::LoadColumns() {
  std::vector<std::string> wanted;
  for (const NpzEntry& array : arrays_) {
    const std::string why = WhyNot(array);
    if (why.empty()) {
      (IsInfoName(array.name) ? table_.infos : wanted).push_back(array.name);
    } else if (IsStep(array.name) && !array.shape.empty()) {
      const std::string rows = rows_shape_.size() == 1 ? std::to_string(rows_shape_[0]) + " rows"
                                                       : Text(rows_shape_) + " rows";
      Fail(array.name, "expected " + rows + " of numbers, a row a step, got " +
                           (array.refused.empty() ? "shape " + Text(array.shape) : why));
    } else if (array.name != "index" || array.shape.size() != 1) {
      table_.left_out.push_back({array.name, why});
    }
  }
  // Columns in the order of the file.
  const auto load = [skip = rows_shape_.size()](std::span<const std::byte> file,
                                                const std::vector<std::string>& names) {
    std::vector<TableColumn> columns;
    auto arrays = ParseNpz(file, [&](const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    });
    for (const std::string& name : names) {
      NpyArray& array = arrays.at(name);
      TableColumn column;
      column.name = name;
      column.type = LongType(array.type);
      column.row_shape.assign(array.shape.begin() + static_cast<int64_t>(skip), array.shape.end());
      column.numbers = std::move(array.values);
      columns.push_back(std::move(column));
    }
    return columns;
  };
  table_.columns = load(bytes(), wanted);
  if (table_.infos.empty()) return;
  table_.load_infos = [load, path = table_.path, names = table_.infos] {
    const MappedFile file(path, std::filesystem::file_size(path));
    return load(file.as<std::byte>(), names);
  };
}

// NeoRL: the rows behind the episodes' ends; its reader puts a 0 before them.
void NpzTable::ReadIndex() {
  const auto found = std::ranges::find(arrays_, "index", &NpzEntry::name);
  if (found == arrays_.end() || found->shape.size() != 1 || !found->refused.empty() ||
      Find(StepRole::kEpisodes) != nullptr || HasRows(*found)) {
    return;
  }
  const auto arrays = ParseNpz(bytes(), [](const std::string& name) { return name == "index"; });
  const std::vector<double>& ends = arrays.at("index").values;
  TableColumn column;
  column.name = "index";
  column.type = "int64";
  column.numbers.assign(table_.rows, 0);
  double before = 0;
  for (const double end : ends) {
    if (end != std::floor(end) || end < before || end > static_cast<double>(table_.rows)) {
      Fail("index", "expected rows where episodes end, ascending, got others");
    }
    before = end;
    if (end == 0 || end == static_cast<double>(table_.rows)) continue;
    column.numbers[static_cast<size_t>(end)] += 1;
  }
  // From "one more begins here" to the number of each row's episode.
  for (int64_t row = 1; row < table_.rows; ++row) column.numbers[row] += column.numbers[row - 1];
  table_.layout_episodes = std::move(column);
}

StepTable NpzTable::Load() && {
  RefuseExorl();
  const NpzEntry& observations = Observations();
  if (!observations.refused.empty() || observations.shape.empty()) {
    Fail(observations.name,
         "expected rows of numbers, got " +
             (observations.refused.empty() ? "a single value" : observations.refused));
  }
  const bool stacked = IsStacked(observations);
  const size_t most = stacked ? 3 : 2;
  if (observations.shape.size() > most) {
    Fail(observations.name,
         observations.type == "u1"
             ? "expected rows of numbers, got images"
             : "expected a row a step, [N, O], got shape " + Text(observations.shape) +
                   " (equal episodes [E, T, O] need actions [E, T, A] and rewards [E, T])");
  }
  rows_shape_.assign(observations.shape.begin(), observations.shape.begin() + (stacked ? 2 : 1));
  table_.rows = stacked ? rows_shape_[0] * rows_shape_[1] : rows_shape_[0];
  if (table_.rows == 0) Fail(observations.name, "expected at least one row, got none");
  LoadColumns();
  if (!stacked) {
    ReadIndex();
    return std::move(table_);
  }
  TableColumn numbers;
  numbers.name = "the first dimension";
  numbers.type = "int64";
  for (int64_t row = 0; row < table_.rows; ++row) {
    const int64_t episode = row / rows_shape_[1];
    numbers.numbers.push_back(static_cast<double>(episode));
  }
  table_.layout_episodes = std::move(numbers);
  table_.notes.push_back("arrays of shape " + Text(observations.shape) + ": read as " +
                         std::to_string(rows_shape_[0]) + " episodes of " +
                         std::to_string(rows_shape_[1]) + " steps");
  return std::move(table_);
}

}  // namespace

StepTable LoadNpzTable(const std::string& path, const TableOptions& options) {
  try {
    return NpzTable(path, options).Load();
  } catch (const DataError&) {
    throw;
  } catch (const std::exception& error) {
    throw DataError(path, error.what());
  }
}

}  // namespace longplay
