// SPDX-License-Identifier: MIT
#include "datasets/tables/table_reader.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include "datasets/checks/continuity.h"
#include "datasets/data_error.h"
#include "datasets/tables/column_values.h"

namespace longplay {
namespace {

constexpr double kMostActions = 1e6;  // more different whole numbers are no choices

int64_t WidthOf(const std::vector<const TableColumn*>& columns) {
  int64_t width = 0;
  for (const TableColumn* column : columns) width += column->width();
  return width;
}

/// Named columns; one array alone has no names.
std::vector<ColumnPart> PartsOf(const std::vector<const TableColumn*>& columns, bool is_text_file) {
  std::vector<ColumnPart> parts;
  if (columns.size() == 1 && !is_text_file) return parts;
  for (const TableColumn* column : columns) {
    parts.push_back({.name = column->name, .size = column->width()});
  }
  return parts;
}

}  // namespace

TableReader::TableReader(StepTable table, const TableOptions& options)
    : table_(std::move(table)),
      columns_(ChooseColumns(table_, options)),
      cut_(CutEpisodes(table_, columns_, options)) {
  const bool is_text_file = !table_.lines.empty();
  info_.path = table_.path;
  info_.format = cut_.states ? "ogbench" : table_.format;
  info_.environment = options.environment;
  info_.episodes = cut_.episodes();
  info_.steps = static_cast<int64_t>(cut_.order.size()) - (cut_.states ? info_.episodes : 0);
  info_.observation_size = WidthOf(columns_.observations);
  info_.action_size = WidthOf(columns_.actions);
  info_.has_rewards = columns_.rewards != nullptr;
  info_.observation_type = TypeOf(columns_.observations, is_text_file);
  info_.observation_parts = PartsOf(columns_.observations, is_text_file);
  info_.action_parts = PartsOf(columns_.actions, is_text_file);
  if (info_.has_rewards) info_.reward_type = TypeOf({columns_.rewards}, is_text_file);
  ReadActionKind(options);
}

/// That of all columns; in text whole numbers and truth values are decimals that happen to be so.
std::string TableReader::TypeOf(const Columns& columns, bool is_text_file) {
  std::string type = columns.front()->type;
  for (const TableColumn* column : columns) {
    if (column->type != type) type = "float64";
  }
  if (type == "bool") type = "uint8";  // numbers, where there are no flags
  return is_text_file ? "float64" : type;
}

void TableReader::ReadActionKind(const TableOptions& options) {
  const TableColumn& first = *columns_.actions.front();
  const bool is_text_file = !table_.lines.empty();
  const bool whole =
      std::ranges::all_of(columns_.actions, [](const TableColumn* c) { return c->is_whole(); });
  const bool single = info_.action_size == 1;
  bool discrete = whole && single;
  if (discrete && *std::ranges::min_element(first.numbers) < 0) {
    discrete = false;
    notes_.push_back(first.name +
                     ": whole numbers below 0, read as continuous actions "
                     "(--actions-kind discrete reads choices)");
  }
  if (options.action_kind) discrete = *options.action_kind == ActionKind::kDiscrete;
  // Arrays of integers were meant to be some; in text decimals may happen to be whole.
  if ((discrete && !single) || (whole && !single && !is_text_file && !options.action_kind)) {
    throw DataError(table_.path + ":" + first.name,
                    "expected one whole number a row (discrete actions) or decimal ones; "
                    "?actions=continuous takes whole numbers as decimal ones, got " +
                        std::to_string(info_.action_size) + " a row");
  }
  if (discrete) return SetDiscrete(first);
  // As integers they would be read back as discrete ones.
  info_.action_type = whole ? "float64" : TypeOf(columns_.actions, is_text_file);
}

void TableReader::SetDiscrete(const TableColumn& column) {
  for (int64_t row = 0; row < table_.rows; ++row) {
    const double action = column.numbers[row];
    if (action == std::floor(action) && std::abs(action) <= kMostActions) continue;
    throw DataError(table_.Where(column, row),
                    "expected a whole number, a discrete action, got " + CellText(column, row));
  }
  const auto [least, most] = std::ranges::minmax_element(column.numbers);
  info_.action_kind = ActionKind::kDiscrete;
  info_.action_start = std::min<int64_t>(0, static_cast<int64_t>(*least));
  info_.action_size = static_cast<int64_t>(*most) - info_.action_start + 1;
  info_.action_type = column.is_whole() && column.type != "bool" ? column.type : "int64";
}

std::string TableReader::Guesses() const {
  std::string text;
  for (const std::string& guess : columns_.guessed) {
    if (!text.empty()) text += "; ";
    text += guess;
  }
  return text;
}

std::vector<LeftOut> TableReader::LeftOutColumns() const {
  std::vector<LeftOut> all;
  for (const std::string& name : columns_.left_out) all.push_back({name, ""});
  all.insert(all.end(), table_.left_out.begin(), table_.left_out.end());
  return all;
}

void TableReader::Survey(ProblemLog& log, const std::function<void()>& alive) {
  if (!info_.has_rewards) log.Warn(info_.path, "no rewards: only behaviour cloning can use it");
  for (const std::string& note : table_.notes) log.Warn(info_.path, note);
  for (const std::string& note : cut_.notes) log.Warn(info_.path, note);
  for (const std::string& note : notes_) log.Warn(info_.path, note);
  alive();
}

std::vector<int64_t> TableReader::RowsOf(int64_t index) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  return {cut_.order.begin() + cut_.starts[index], cut_.order.begin() + cut_.starts[index + 1]};
}

void TableReader::LoadNumbers(const Columns& columns, const std::vector<int64_t>& rows,
                              std::vector<double>& values) const {
  values.clear();
  for (const int64_t row : rows) AppendRow(columns, row, values);
  if (std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) return;
  for (const int64_t row : rows) {
    for (const TableColumn* column : columns) {
      for (int64_t k = 0; k < column->width(); ++k) {
        if (std::isfinite(column->numbers[row * column->width() + k])) continue;
        throw DataError(table_.Where(*column, row, k),
                        "expected a finite number, got " + CellText(*column, row, k));
      }
    }
  }
}

// Each row's next observation is what the next row of the episode observes.
void TableReader::CheckNext(const std::vector<int64_t>& rows, ProblemLog& log) const {
  std::vector<double> next, seen;
  const TableColumn& first = *columns_.next_observations.front();
  for (size_t i = 0; i + 1 < rows.size(); ++i) {
    next.clear();
    seen.clear();
    AppendRow(columns_.next_observations, rows[i], next);
    AppendRow(columns_.observations, rows[i + 1], seen);
    if (SameObservation(next, seen)) continue;
    log.Count(table_.Where(first, rows[i]),
              "is not what the next row observes, though no episode ends here: rows of several "
              "recordings in turn, episodes joined without an end, or shifted by a row?");
  }
}

void TableReader::LoadFinalObservation(int64_t index, const std::vector<int64_t>& rows,
                                       Episode& episode, ProblemLog& log) const {
  const TableColumn& first = *columns_.next_observations.front();
  CheckNext(rows, log);
  const int64_t last = rows.back();
  std::vector<double> final_observation;
  AppendRow(columns_.next_observations, last, final_observation);
  if (std::ranges::any_of(final_observation, [](double value) { return std::isnan(value); })) {
    log.Count(table_.Where(first, last),
              "nan after an episode's last action: counts as not recorded");
    return;
  }
  LoadNumbers(columns_.next_observations, {last}, final_observation);
  // An end that the first row of the next episode continues was perhaps none.
  if (index + 1 < info_.episodes) {
    std::vector<double> seen;
    AppendRow(columns_.observations, cut_.order[cut_.starts[index + 1]], seen);
    if (SameObservation(final_observation, seen)) {
      log.Count(table_.Where(first, last),
                "an episode ends here, but the next row goes on from it: an end flag at every row "
                "of a goal that is reached and kept?");
    }
  }
  episode.observations.insert(episode.observations.end(), final_observation.begin(),
                              final_observation.end());
}

void TableReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  std::vector<int64_t> rows = RowsOf(index);
  const bool discrete = info_.action_kind == ActionKind::kDiscrete;
  episode.observation_size = info_.observation_size;
  episode.action_columns = discrete ? 1 : info_.action_size;
  log.Attempt([&] { LoadNumbers(columns_.observations, rows, episode.observations); });
  // The last state has no action and no reward.
  if (cut_.states) rows.pop_back();
  log.Attempt([&] { LoadNumbers(columns_.actions, rows, episode.actions); });
  if (discrete) {
    for (double& action : episode.actions) action -= static_cast<double>(info_.action_start);
  }
  episode.rewards.clear();
  if (info_.has_rewards) {
    log.Attempt([&] { LoadNumbers({columns_.rewards}, rows, episode.rewards); });
  }
  if (!cut_.states && !columns_.next_observations.empty()) {
    log.Attempt([&] { LoadFinalObservation(index, rows, episode, log); });
  }
  episode.terminated = cut_.terminated[index] != 0;
  episode.truncated = cut_.truncated[index] != 0;
  episode.history = 0;
}

const std::vector<TableColumn>& TableReader::Infos() const {
  if (!has_infos_ && table_.load_infos) infos_ = table_.load_infos();
  has_infos_ = true;
  return infos_;
}

EpisodeExtras TableReader::ReadExtras(int64_t index) const {
  EpisodeExtras extras;
  const std::vector<int64_t> rows = RowsOf(index);
  for (const TableColumn& column : Infos()) {
    InfoArray info{.type = column.type, .row_shape = column.row_shape, .values = {}};
    for (const int64_t row : rows) AppendRow({&column}, row, info.values);
    // "infos/goal" of D4RL's names is info "goal".
    const std::string group = "infos/";
    const bool grouped = column.name.starts_with(group);
    extras.infos[grouped ? column.name.substr(group.size()) : column.name] = std::move(info);
  }
  return extras;
}

RecordedPhysics TableReader::ReadPhysics(int64_t index) const {
  Columns state;
  for (const char* name : {"qpos", "qvel"}) {
    for (const TableColumn& column : Infos()) {
      if (column.name == name || column.name == std::string("infos/") + name) {
        state.push_back(&column);
      }
    }
  }
  if (state.size() != 2) return {};
  RecordedPhysics physics{.columns = WidthOf(state), .rows = {}};
  for (const int64_t row : RowsOf(index)) AppendRow(state, row, physics.rows);
  return physics;
}

}  // namespace longplay
