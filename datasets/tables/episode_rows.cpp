// SPDX-License-Identifier: MIT
#include "datasets/tables/episode_rows.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "datasets/checks/continuity.h"
#include "datasets/data_error.h"
#include "datasets/tables/column_values.h"

namespace longplay {
namespace {

bool IsStates(const StepTable& table, const StepColumns& columns, const TableOptions& options) {
  if (options.states) return *options.states;
  return table.format == "npz" && columns.terminals != nullptr && columns.timeouts == nullptr &&
         columns.rewards == nullptr && columns.next_observations.empty() &&
         columns.episodes == nullptr;
}

/// One name in each row.
bool IsFilled(const TableColumn& column) {
  if (column.width() != 1) return false;
  const auto is_nan = [](double value) { return std::isnan(value); };
  return std::ranges::none_of(column.texts, &std::string::empty) &&
         std::ranges::none_of(column.numbers, is_nan);
}

class EpisodeCutter {
 public:
  EpisodeCutter(const StepTable& table, const StepColumns& columns, bool states)
      : table_(table), columns_(columns) {
    cut_.states = states;
  }

  EpisodeRows Cut();

 private:
  void ReadEnds();
  /// Rows of each group, in the order of the table.
  std::vector<std::vector<int64_t>> Groups() const;
  /// Marks the ends in rows that were recorded one after another.
  void EndEpisodes(const std::vector<int64_t>& rows);
  bool EndsBetween(int64_t row, int64_t next) const;
  void CheckGoesOn(int64_t row, int64_t next) const;
  [[noreturn]] void FailComesBack(int64_t row, int64_t before) const;
  void Note(const std::string& note) { cut_.notes.push_back(note); }
  void NoteWhatIsMissing();
  void Collect(const std::vector<std::vector<int64_t>>& groups);

  const StepTable& table_;
  const StepColumns& columns_;
  EpisodeRows cut_;
  std::vector<uint8_t> terminals_, timeouts_;  // [rows]
  std::vector<uint8_t> ends_;                  // [rows] the row is an episode's last
  RowNames names_, robots_;                    // of episodes and robots, where there are columns
  bool by_jumps_ = false, by_counter_ = false;
  int64_t tail_ = 0;  // rows of the last episode, where nothing says that it ended
};

void EpisodeCutter::ReadEnds() {
  const auto flags = [&](const TableColumn* column) {
    return column == nullptr ? std::vector<uint8_t>(table_.rows) : ReadFlags(table_, *column);
  };
  terminals_ = flags(columns_.terminals);
  timeouts_ = flags(columns_.timeouts);
  if (columns_.episodes != nullptr) names_ = ReadNames(table_, *columns_.episodes);
  if (columns_.robot != nullptr && IsFilled(*columns_.robot)) {
    robots_ = ReadNames(table_, *columns_.robot);
  }
  by_jumps_ = columns_.timeouts == nullptr && columns_.episodes == nullptr &&
              !columns_.next_observations.empty();
  by_counter_ = columns_.terminals == nullptr && columns_.timeouts == nullptr &&
                columns_.episodes == nullptr && !by_jumps_ && columns_.counter != nullptr;
  // Old Gym's "done" also marks the rows that a time limit ended.
  if (columns_.terminals == nullptr || columns_.timeouts == nullptr ||
      !columns_.terminals->name.starts_with("done")) {
    return;
  }
  int64_t timeouts = 0, both = 0;
  for (int64_t row = 0; row < table_.rows; ++row) {
    timeouts += timeouts_[row];
    both += timeouts_[row] & terminals_[row];
  }
  if (both == 0 || both != timeouts) return;
  for (int64_t row = 0; row < table_.rows; ++row) terminals_[row] &= !timeouts_[row];
  Note(columns_.terminals->name + " is 1 in every row where " + columns_.timeouts->name +
       " is: it marks ends of both kinds, and these count as truncated");
}

std::vector<std::vector<int64_t>> EpisodeCutter::Groups() const {
  std::vector<std::vector<int64_t>> groups(1);
  RowNames names;
  if (columns_.group != nullptr) {
    names = ReadNames(table_, *columns_.group);
    groups.resize(names.texts.size());
  }
  for (int64_t row = 0; row < table_.rows; ++row) {
    groups[names.ids.empty() ? 0 : names.ids[row]].push_back(row);
  }
  return groups;
}

bool EpisodeCutter::EndsBetween(int64_t row, int64_t next) const {
  if (!names_.ids.empty()) return names_.ids[row] != names_.ids[next];
  if (terminals_[row] != 0 || timeouts_[row] != 0) return true;
  if (by_counter_) return columns_.counter->numbers[next] <= columns_.counter->numbers[row];
  if (!by_jumps_) return false;
  std::vector<double> after, seen;
  AppendRow(columns_.next_observations, row, after);
  AppendRow(columns_.observations, next, seen);
  return !SameObservation(after, seen);
}

void EpisodeCutter::FailComesBack(int64_t row, int64_t before) const {
  const std::string group = columns_.robot == nullptr ? "COLUMN" : columns_.robot->name;
  throw DataError(table_.Where(*columns_.episodes, row),
                  "expected the rows of an episode one after another, got episode " +
                      names_.texts[names_.ids[row]] + " again after a row of episode " +
                      names_.texts[names_.ids[before]] +
                      ": sort the rows, or `longplay data import` takes --group " + group +
                      " (rows of one robot or environment belong together; " + "--group " +
                      columns_.episodes->name + ": every episode has a name of its own)");
}

/// What must hold between two rows of one episode.
void EpisodeCutter::CheckGoesOn(int64_t row, int64_t next) const {
  const bool flagged = terminals_[row] != 0 || timeouts_[row] != 0;
  if (flagged) {
    const TableColumn& flag = terminals_[row] != 0 ? *columns_.terminals : *columns_.timeouts;
    throw DataError(table_.Where(flag, row),
                    "expected an end in an episode's last row alone, got one where episode " +
                        names_.texts[names_.ids[row]] + " goes on in " + table_.RowText(next) +
                        ": `longplay data import` takes the " + columns_.episodes->name +
                        " alone with --" + (terminals_[row] != 0 ? "terminals" : "timeouts") +
                        " none, the flags alone with --episodes none");
  }
  if (!robots_.ids.empty() && robots_.ids[row] != robots_.ids[next]) {
    const std::string& name = columns_.robot->name;
    throw DataError(table_.Where(*columns_.robot, next),
                    "expected one " + name + " in the rows of an episode, got " +
                        robots_.texts[robots_.ids[next]] + " after " +
                        robots_.texts[robots_.ids[row]] +
                        ": `longplay data import` takes --group " + name +
                        " (each has episodes of its own) or --group none (it may change)");
  }
  if (columns_.counter == nullptr) return;
  const double now = columns_.counter->numbers[row], then = columns_.counter->numbers[next];
  if (then > now) return;
  throw DataError(table_.Where(*columns_.counter, next),
                  "expected more than " + CellText(*columns_.counter, row) +
                      ", a step of the same episode, in " + table_.RowText(row) + ", got " +
                      CellText(*columns_.counter, next) +
                      ": sort the rows, say where episodes end, or `longplay data import` takes "
                      "--counter none (it counts no steps)");
}

void EpisodeCutter::EndEpisodes(const std::vector<int64_t>& rows) {
  std::set<int64_t> over;  // names of episodes that have ended
  for (size_t i = 0; i + 1 < rows.size(); ++i) {
    const int64_t row = rows[i], next = rows[i + 1];
    ends_[row] = EndsBetween(row, next) ? 1 : 0;
    if (ends_[row] == 0) {
      CheckGoesOn(row, next);
    } else if (!names_.ids.empty()) {
      over.insert(names_.ids[row]);
      if (over.contains(names_.ids[next])) FailComesBack(next, row);
    }
  }
  ends_[rows.back()] = 1;
}

void EpisodeCutter::Collect(const std::vector<std::vector<int64_t>>& groups) {
  // Episodes of all groups, by their first rows.
  struct Span {
    const std::vector<int64_t>* rows;
    size_t first, end;
  };
  std::vector<Span> spans;
  for (const std::vector<int64_t>& rows : groups) {
    size_t first = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (ends_[rows[i]] == 0) continue;
      spans.push_back({&rows, first, i + 1});
      first = i + 1;
    }
  }
  std::ranges::sort(spans, {}, [](const Span& span) { return (*span.rows)[span.first]; });
  cut_.starts = {0};
  int64_t empty = 0;
  for (const Span& span : spans) {
    // One state alone is no step.
    if (cut_.states && span.end - span.first == 1) {
      ++empty;
      continue;
    }
    const auto begin = span.rows->begin();
    cut_.order.insert(cut_.order.end(), begin + static_cast<int64_t>(span.first),
                      begin + static_cast<int64_t>(span.end));
    cut_.starts.push_back(static_cast<int64_t>(cut_.order.size()));
    const int64_t last = cut_.order.back();
    const bool terminated = terminals_[last] != 0 && !cut_.states;
    cut_.terminated.push_back(terminated ? 1 : 0);
    cut_.truncated.push_back(timeouts_[last] != 0 || !terminated ? 1 : 0);
    if (terminals_[last] == 0 && timeouts_[last] == 0) tail_ = cut_.rows(cut_.episodes() - 1);
  }
  if (empty > 0)
    Note(std::to_string(empty) + " trajectories of one state: without a step, left out");
  if (cut_.episodes() > 0) return;
  throw DataError(table_.path,
                  "expected two or more states in a trajectory, got one in each; "
                  "?states=0 reads an action in every row");
}

void EpisodeCutter::NoteWhatIsMissing() {
  const bool flags = columns_.terminals != nullptr || columns_.timeouts != nullptr;
  if (cut_.states) {
    Note(
        "read as states (OGBench): without rewards and timeouts, terminals stand in a trajectory's "
        "last state, whose action means nothing; ?states=0 reads an action in every row");
  } else if (by_counter_) {
    Note("nothing but " + columns_.counter->name +
         " says where episodes end: cut where it starts again");
  } else if (!flags && columns_.episodes == nullptr && !by_jumps_) {
    Note("nothing says where episodes end: all rows are one");
  } else if (columns_.episodes == nullptr && columns_.timeouts == nullptr) {
    Note(by_jumps_ ? "no timeouts: cut where " + columns_.next_observations.front()->name +
                         " does not continue"
                   : "no timeouts: episodes that a time limit ended run on into the next one");
  }
  if (columns_.terminals == nullptr && !cut_.states) {
    Note("no terminals: every end counts as a time limit");
  }
  if (flags && columns_.episodes == nullptr && !by_jumps_ && tail_ > 0) {
    Note("the last episode has no end flag: kept as a truncated one of " + std::to_string(tail_) +
         " rows");
  }
}

EpisodeRows EpisodeCutter::Cut() {
  ReadEnds();
  ends_.assign(table_.rows, 0);
  const std::vector<std::vector<int64_t>> groups = Groups();
  for (const std::vector<int64_t>& rows : groups) EndEpisodes(rows);
  Collect(groups);
  NoteWhatIsMissing();
  return std::move(cut_);
}

}  // namespace

void AppendRow(const std::vector<const TableColumn*>& columns, int64_t row,
               std::vector<double>& values) {
  for (const TableColumn* column : columns) {
    const int64_t width = column->width();
    const auto first = column->numbers.begin() + row * width;
    values.insert(values.end(), first, first + width);
  }
}

EpisodeRows CutEpisodes(const StepTable& table, const StepColumns& columns,
                        const TableOptions& options) {
  return EpisodeCutter(table, columns, IsStates(table, columns, options)).Cut();
}

}  // namespace longplay
