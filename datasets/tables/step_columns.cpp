// SPDX-License-Identifier: MIT
#include "datasets/tables/step_columns.h"

#include <algorithm>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/tables/column_values.h"
#include "datasets/tables/step_names.h"

namespace longplay {
namespace {

using Columns = std::vector<const TableColumn*>;
constexpr char kNone[] = "none";

/// "obs_0, obs_1", or with the number of many: "obs_0 ... obs_16 (17)".
std::string Listed(const Columns& columns) {
  constexpr size_t kMostNames = 6;
  if (columns.size() > kMostNames) {
    return columns.front()->name + " ... " + columns.back()->name + " (" +
           std::to_string(columns.size()) + ")";
  }
  std::string names;
  for (const TableColumn* column : columns) {
    if (!names.empty()) names += ", ";
    names += column->name;
  }
  return names;
}

bool Has(const Columns& columns, const TableColumn& column) {
  return std::ranges::find(columns, &column) != columns.end();
}

class ColumnChoice {
 public:
  ColumnChoice(const StepTable& table, const TableOptions& options)
      : table_(table), options_(options) {}

  StepColumns Choose();

 private:
  Columns Named(const std::vector<std::string>& names) const;
  /// One of an exact name, or all that begin alike.
  Columns Guessed(StepRole role) const;
  const TableColumn* ExactOne(StepRole role) const;
  /// As asked for, guessed, or none.
  Columns Several(const char* title, const std::vector<std::string>& names, StepRole role);
  const TableColumn* One(const char* title, const std::string& name, StepRole role);
  const TableColumn* Rewards();
  void ChooseNext();
  Columns NextByName() const;
  void ChooseEnds();
  void ChooseCounter();
  void CheckNumbers() const;
  void CheckDecimals(const Columns& used) const;
  void NameTheRest();
  [[noreturn]] void FailMissing(const char* title, const char* option, const char* names) const;
  void NoteGuess(const std::string& title, const Columns& columns);

  const StepTable& table_;
  const TableOptions& options_;
  StepColumns chosen_;
};

Columns ColumnChoice::Named(const std::vector<std::string>& names) const {
  Columns columns;
  for (const std::string& name : names) {
    const size_t before = columns.size();
    if (name.ends_with('*')) {
      const std::string start = name.substr(0, name.size() - 1);
      for (const TableColumn& column : table_.columns) {
        if (column.name.starts_with(start)) columns.push_back(&column);
      }
    } else if (const TableColumn* column = table_.Find(name)) {
      columns.push_back(column);
    }
    if (columns.size() > before) continue;
    throw DataError(table_.path,
                    "expected a " + table_.noun + " " + name + ", got " + table_.Names());
  }
  return columns;
}

const TableColumn* ColumnChoice::ExactOne(StepRole role) const {
  const TableColumn* best = nullptr;
  for (const TableColumn& column : table_.columns) {
    const int64_t rank = ExactRank(column.name, role);
    if (rank < 0 || (best != nullptr && rank >= ExactRank(best->name, role))) continue;
    best = &column;
  }
  return best;
}

Columns ColumnChoice::Guessed(StepRole role) const {
  if (const TableColumn* exact = ExactOne(role)) return {exact};
  Columns columns;
  for (const TableColumn& column : table_.columns) {
    if (IsNameOfSeveral(column.name, role)) columns.push_back(&column);
  }
  return columns;
}

Columns ColumnChoice::Several(const char* title, const std::vector<std::string>& names,
                              StepRole role) {
  if (names == std::vector<std::string>{kNone}) return {};
  if (!names.empty()) return Named(names);
  Columns columns = Guessed(role);
  NoteGuess(title, columns);
  return columns;
}

const TableColumn* ColumnChoice::One(const char* title, const std::string& name, StepRole role) {
  if (name == kNone) return nullptr;
  if (!name.empty()) return Named({name}).front();
  const TableColumn* column = ExactOne(role);
  if (column != nullptr) NoteGuess(title, {column});
  return column;
}

const TableColumn* ColumnChoice::Rewards() {
  if (!options_.rewards.empty()) return One("rewards", options_.rewards, StepRole::kRewards);
  const Columns columns = Guessed(StepRole::kRewards);
  if (columns.size() > 1) {
    throw DataError(table_.path, "expected one " + table_.noun + " of rewards, got " +
                                     Listed(columns) + ": --rewards names it (or none)");
  }
  NoteGuess("rewards", columns);
  return columns.empty() ? nullptr : columns.front();
}

void ColumnChoice::NoteGuess(const std::string& title, const Columns& columns) {
  if (columns.empty()) return;
  const std::string names = Listed(columns);
  chosen_.guessed.push_back(names == title ? names : title + " = " + names);
}

void ColumnChoice::FailMissing(const char* title, const char* option, const char* names) const {
  std::string got = table_.Names();
  for (const LeftOut& other : table_.left_out) got += ", " + other.name + " (" + other.why + ")";
  throw DataError(table_.path, std::string("expected ") + title + " (" + names + "), got the " +
                                   table_.noun + "s " + got + ": `longplay data import` takes " +
                                   option + " NAME,NAME");
}

/// Of the same names: next_obs_0 for obs_0, next_x for x.
Columns ColumnChoice::NextByName() const {
  const Columns candidates = Guessed(StepRole::kNextObservations);
  Columns columns;
  for (const TableColumn* observation : chosen_.observations) {
    const std::string suffix = NameSuffix(observation->name, StepRole::kObservations);
    const TableColumn* next = table_.Find("next_" + observation->name);
    for (const TableColumn* candidate : candidates) {
      if (next != nullptr) break;
      if (NameSuffix(candidate->name, StepRole::kNextObservations) == suffix) next = candidate;
    }
    if (next == nullptr) return {};
    columns.push_back(next);
  }
  return columns;
}

void ColumnChoice::ChooseNext() {
  Columns& next = chosen_.next_observations;
  if (options_.next_observations.empty()) {
    next = NextByName();
    NoteGuess("next_observations", next);
  } else {
    next = Several("", options_.next_observations, StepRole::kNextObservations);
  }
  if (next.empty()) return;
  const auto width = [](const Columns& columns) {
    int64_t sum = 0;
    for (const TableColumn* column : columns) sum += column->width();
    return sum;
  };
  if (width(next) != width(chosen_.observations)) {
    throw DataError(table_.path + ":" + next.front()->name,
                    "expected as many next observations as observations, " +
                        std::to_string(width(chosen_.observations)) + ", got " +
                        std::to_string(width(next)));
  }
}

void ColumnChoice::ChooseEnds() {
  chosen_.terminals = One("terminals", options_.terminals, StepRole::kTerminals);
  chosen_.timeouts = One("timeouts", options_.timeouts, StepRole::kTimeouts);
  chosen_.episodes = One("episodes", options_.episodes, StepRole::kEpisodes);
  if (chosen_.episodes == nullptr && options_.episodes.empty() && table_.layout_episodes) {
    chosen_.episodes = &*table_.layout_episodes;
  }
  if (!options_.group.empty() && options_.group != kNone) {
    chosen_.group = Named({options_.group}).front();
  } else if (options_.group.empty()) {
    chosen_.robot = ExactOne(StepRole::kGroup);
  }
}

void ColumnChoice::ChooseCounter() {
  if (!options_.counter.empty()) {
    chosen_.counter = One("", options_.counter, StepRole::kCounter);
    if (chosen_.counter != nullptr) RequireNumbers(table_, *chosen_.counter);
    return;
  }
  // Of its name alone it is one only where it can be.
  const TableColumn* column = ExactOne(StepRole::kCounter);
  if (column == nullptr || column->is_text() || column->width() != 1 ||
      Has(chosen_.observations, *column) || Has(chosen_.actions, *column)) {
    return;
  }
  chosen_.counter = column;
  NoteGuess("counter", {column});
}

void ColumnChoice::CheckDecimals(const Columns& used) const {
  const TableColumn* first = nullptr;
  for (const TableColumn* column : used) {
    if (column->decimal == 0) continue;
    if (first == nullptr) first = column;
    if (column->decimal == first->decimal) continue;
    throw DataError(table_.path + ":" + column->name,
                    std::string("expected decimals after '") + first->decimal + "' as in " +
                        first->name + ", got '" + column->decimal + "'");
  }
}

void ColumnChoice::CheckNumbers() const {
  Columns used = chosen_.observations;
  used.insert(used.end(), chosen_.actions.begin(), chosen_.actions.end());
  used.insert(used.end(), chosen_.next_observations.begin(), chosen_.next_observations.end());
  if (chosen_.rewards != nullptr) used.push_back(chosen_.rewards);
  for (const TableColumn* column : used) RequireNumbers(table_, *column);
  if (chosen_.rewards != nullptr && chosen_.rewards->width() != 1) {
    throw DataError(table_.path + ":" + chosen_.rewards->name,
                    "expected one number a row, got " + std::to_string(chosen_.rewards->width()));
  }
  CheckDecimals(used);
}

void ColumnChoice::NameTheRest() {
  for (const TableColumn& column : table_.columns) {
    const Columns single = {chosen_.rewards,  chosen_.terminals, chosen_.timeouts,
                            chosen_.episodes, chosen_.group,     chosen_.counter};
    if (Has(chosen_.observations, column) || Has(chosen_.actions, column) ||
        Has(chosen_.next_observations, column) || Has(single, column)) {
      continue;
    }
    chosen_.left_out.push_back(column.name.empty() ? "a column without a name" : column.name);
  }
}

StepColumns ColumnChoice::Choose() {
  chosen_.observations = Several("observations", options_.observations, StepRole::kObservations);
  if (chosen_.observations.empty()) {
    FailMissing("observations", "--observations", "observations, obs, obs_0 ...");
  }
  ChooseNext();
  chosen_.actions = Several("actions", options_.actions, StepRole::kActions);
  if (chosen_.actions.empty()) FailMissing("actions", "--actions", "actions, action, action_0 ...");
  chosen_.rewards = Rewards();
  ChooseEnds();
  ChooseCounter();
  CheckNumbers();
  NameTheRest();
  return std::move(chosen_);
}

}  // namespace

StepColumns ChooseColumns(const StepTable& table, const TableOptions& options) {
  return ColumnChoice(table, options).Choose();
}

}  // namespace longplay
