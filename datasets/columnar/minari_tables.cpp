// SPDX-License-Identifier: MIT
#include "datasets/columnar/minari_tables.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "datasets/columnar/minari_folder.h"
#include "datasets/columnar/space_columns.h"
#include "datasets/columnar/table_rows.h"
#include "datasets/formats/space_json.h"
#include "datasets/parquet/parquet_table.h"

namespace longplay {
namespace {

class MinariTableReader : public FormatReader {
 public:
  MinariTableReader(const std::string& data, const PathOptions& options);

  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;
  EpisodeExtras ReadExtras(int64_t index) const override;

 private:
  bool discrete() const { return info_.action_kind == ActionKind::kDiscrete; }
  void ReadSpaces(const MinariFolder& folder, const std::optional<ActionKind>& asked);
  void ReadActionSpace(const ParquetTable& table, const Space& space,
                       const std::optional<ActionKind>& asked);
  TableRows Choose(const ParquetTable& table, const std::string& name, const Space& space,
                   bool encoded) const;
  const ParquetTable& Open(const MinariRecording& recording) const;
  /// Throws DataError when the table has other columns, or other rows than its steps need.
  const ParquetTable& OpenChecked(const MinariRecording& recording) const;
  void SurveyRecording(MinariRecording& recording, ProblemLog& log);
  std::optional<bool> LastFlag(const ParquetTable& table, const char* name, int64_t length,
                               ProblemLog& log) const;

  DatasetInfo info_;
  std::vector<MinariRecording> recordings_;
  TableRows observations_, actions_;
  std::vector<std::string> empty_;  // folders of episodes without a step
  std::vector<std::string> known_;  // columns of the first episode's observations and actions
  mutable std::optional<ParquetTable> open_;
};

MinariTableReader::MinariTableReader(const std::string& data, const PathOptions& options) {
  const MinariFolder folder = ReadMinariFolder(data);
  recordings_ = folder.recordings;
  empty_ = folder.empty;
  info_.path = data;
  info_.format = "minari";
  info_.episodes = static_cast<int64_t>(recordings_.size());
  info_.environment = folder.metadata.environment;
  info_.action_repeat = folder.metadata.action_repeat;
  info_.max_episode_steps = folder.metadata.max_episode_steps;
  info_.reference_min = folder.metadata.reference_min;
  info_.reference_max = folder.metadata.reference_max;
  ReadSpaces(folder, options.actions);
}

const ParquetTable& MinariTableReader::Open(const MinariRecording& recording) const {
  if (open_ && open_->path() == recording.file) return *open_;
  open_.reset();
  return open_.emplace(recording.file);
}

TableRows MinariTableReader::Choose(const ParquetTable& table, const std::string& name,
                                    const Space& space, bool encoded) const {
  TableRows rows;
  const std::vector<std::string> names = SpaceColumns(table, name, space);
  if (names.empty()) table.Fail(name, "a column", "none of that name");
  for (const std::string& column : names) {
    const Space* part = SpaceOfColumn(space, column);
    const bool picture =
        part != nullptr && part->type == "Box" && part->dtype == "uint8" && part->shape.size() > 1;
    if (picture) table.Fail(column, "rows of numbers", "images");
    if (!table.Column(column).is_number()) {
      table.Fail(column, "numbers", "texts, pictures or another type");
    }
    TableRows::Choices choices;
    if (encoded && part != nullptr) choices = part->Choices();
    const int64_t row_size = table.RowSize(column);
    if (!choices.empty() && static_cast<int64_t>(choices.size()) != row_size) {
      table.Fail(column, std::to_string(choices.size()) + " numbers a row, as the space has",
                 std::to_string(row_size));
    }
    const bool sensible = std::ranges::all_of(choices, [](const auto& choice) {
      return choice.second > 0 && choice.second <= 1'000'000;
    });
    if (!sensible) table.Fail(column, "a space of 1 to 1000000 choices", "another number of them");
    rows.Add(column, row_size, std::move(choices));
  }
  return rows;
}

void MinariTableReader::ReadSpaces(const MinariFolder& folder,
                                   const std::optional<ActionKind>& asked) {
  // Sizes and types are those of the first episode; the survey holds the others to them.
  const ParquetTable& table = Open(recordings_.front());
  observations_ = Choose(table, "observations", folder.metadata.observation_space, true);
  info_.observation_size = observations_.width();
  info_.observation_type = observations_.Type(table);
  ReadActionSpace(table, folder.metadata.action_space, asked);
  info_.action_type = actions_.Type(table);
  info_.has_rewards = table.Find("rewards") != nullptr;
  if (info_.has_rewards) info_.reward_type = table.Column("rewards").type;
  known_ = observations_.names();
  for (const std::string& name : actions_.names()) known_.push_back(name);
}

void MinariTableReader::ReadActionSpace(const ParquetTable& table, const Space& space,
                                        const std::optional<ActionKind>& asked) {
  const bool parts = space.type == "Dict" || space.type == "Tuple";
  actions_ = Choose(table, "actions", space, parts);
  // Discrete: as asked for, by their space or, where there is none, by their type.
  const bool whole = !actions_.Type(table).starts_with("float");
  const bool is_discrete = asked ? *asked == ActionKind::kDiscrete
                                 : space.type == "Discrete" || (space.type.empty() && whole);
  if (is_discrete) {
    if (actions_.width() != 1) {
      table.Fail("actions",
                 "one whole number a row (discrete actions) or decimal ones; ?actions=continuous "
                 "takes whole numbers as decimal ones",
                 std::to_string(actions_.width()) + " whole numbers a row");
    }
    info_.action_kind = ActionKind::kDiscrete;
    info_.action_size = space.n;
    info_.action_start = space.start;
    return;
  }
  if (!asked && !space.type.empty() && space.type != "Box" && !parts) {
    table.Fail("actions",
               "a Box or Discrete action space, or a Dict or Tuple of them; ?actions=continuous "
               "takes whole numbers as decimal ones",
               space.type);
  }
  info_.action_size = actions_.width();
  // Bounds without a finite one say nothing.
  const auto finite = [](double bound) { return std::isfinite(bound); };
  const bool bounded =
      std::ranges::any_of(space.low, finite) || std::ranges::any_of(space.high, finite);
  if (bounded && static_cast<int64_t>(space.low.size()) == info_.action_size &&
      space.high.size() == space.low.size()) {
    info_.action_low = space.low;
    info_.action_high = space.high;
  }
}

const ParquetTable& MinariTableReader::OpenChecked(const MinariRecording& recording) const {
  const ParquetTable& table = Open(recording);
  // Padded by one row, unless there are as many steps as rows.
  if (recording.length < 1 ||
      (table.rows() != recording.length + 1 && table.rows() != recording.length)) {
    table.Fail("", std::to_string(recording.length + 1) + " rows (one more than steps)",
               std::to_string(table.rows()));
  }
  observations_.Check(table);
  actions_.Check(table);
  return table;
}

void MinariTableReader::SurveyRecording(MinariRecording& recording, ProblemLog& log) {
  if (recording.length < 0) recording.length = Open(recording).rows() - 1;  // no metadata
  const ParquetTable& table = OpenChecked(recording);
  info_.steps += recording.length;
  if (table.rows() == recording.length) {
    log.Count(table.path() + ":observations", "no observation after the last action");
  }
  for (const ParquetColumn& column : table.columns()) {
    const bool ours = column.name.starts_with("observations") || column.name.starts_with("actions");
    if (ours && std::ranges::find(known_, column.name) == known_.end()) {
      log.Count(table.path() + ":" + column.name,
                "a column that the first episode does not have is left out");
    }
  }
  if (info_.has_rewards && table.Find("rewards") == nullptr) info_.has_rewards = false;
  if (table.Find("terminations") == nullptr && table.Find("truncations") == nullptr) {
    log.Count(table.path(), "neither terminations nor truncations: its end counts as a time limit");
  }
  // Without a space the actions themselves say how many there are.
  if (!discrete() || info_.action_size > 0) return;
  std::vector<double> actions;
  table.ReadNumbers("actions", 1, actions, 0, recording.length);
  const double most = std::ranges::max(actions);
  if (most >= 0 && most < 1e6) info_.action_size = static_cast<int64_t>(most) + 1;
}

void MinariTableReader::Survey(ProblemLog& log, const std::function<void()>& alive) {
  for (const std::string& folder : empty_)
    log.Warn(folder, "an episode without a step is left out");
  info_.steps = 0;
  for (MinariRecording& recording : recordings_) {
    log.Attempt([&] { SurveyRecording(recording, log); });
    alive();
  }
  if (!info_.has_rewards) log.Warn(info_.path, "no rewards: only behaviour cloning can use it");
}

std::optional<bool> MinariTableReader::LastFlag(const ParquetTable& table, const char* name,
                                                int64_t length, ProblemLog& log) const {
  if (table.Find(name) == nullptr) return std::nullopt;
  std::vector<double> values;
  table.ReadNumbers(name, 1, values, 0, length);
  CheckWholeRows(table, name, 0, values, 0, 1);
  // Minari flags every step; the last one counts.
  if (std::find(values.begin(), values.end() - 1, 1.0) != values.end() - 1) {
    log.Warn(table.path() + ":" + name, "an end before the last step is ignored");
  }
  return values.back() != 0;
}

void MinariTableReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const MinariRecording& recording = recordings_[index];
  const ParquetTable& table = OpenChecked(recording);
  const int64_t length = recording.length;
  episode.observation_size = info_.observation_size;
  episode.action_columns = discrete() ? 1 : info_.action_size;
  log.Attempt([&] { observations_.Read(table, 0, table.rows(), episode.observations); });
  log.Attempt([&] {
    actions_.Read(table, 0, length, episode.actions);
    if (!discrete()) return;
    CheckWholeRows(table, "actions", 0, episode.actions, info_.action_start,
                   info_.action_start + info_.action_size - 1);
    for (double& action : episode.actions) action -= static_cast<double>(info_.action_start);
  });
  episode.rewards.clear();
  if (info_.has_rewards) {
    log.Attempt([&] {
      table.ReadNumbers("rewards", 1, episode.rewards, 0, length);
      CheckFiniteRows(table, "rewards", 0, 1, episode.rewards);
    });
  }
  log.Attempt([&] {
    const auto terminated = LastFlag(table, "terminations", length, log);
    const auto truncated = LastFlag(table, "truncations", length, log);
    episode.terminated = terminated.value_or(false);
    episode.truncated = truncated.value_or(!episode.terminated);
    if (terminated && truncated && !*terminated && !*truncated) {
      log.Warn(table.path(), "neither terminated nor truncated at its end");
    }
  });
}

EpisodeExtras MinariTableReader::ReadExtras(int64_t index) const {
  const MinariRecording& recording = recordings_[index];
  const ParquetTable& table = Open(recording);
  EpisodeExtras extras{.seed = recording.seed};
  for (const ParquetColumn& column : table.columns()) {
    if (!column.name.starts_with("infos/")) continue;
    if (!column.is_number()) {
      extras.left_out.push_back(column.name);
      continue;
    }
    InfoArray array{.type = column.type, .row_shape = column.row_shape};
    const int64_t row_size = table.RowSize(column.name);
    if (std::ranges::find(array.row_shape, -1) != array.row_shape.end()) {
      array.row_shape = {row_size};
    }
    table.ReadNumbers(column.name, row_size, array.values);
    extras.infos[column.name.substr(6)] = std::move(array);
  }
  return extras;
}

}  // namespace

std::unique_ptr<FormatReader> OpenMinariTables(const std::string& data,
                                               const PathOptions& options) {
  RequireParquet(data);
  return std::make_unique<MinariTableReader>(data, options);
}

}  // namespace longplay
