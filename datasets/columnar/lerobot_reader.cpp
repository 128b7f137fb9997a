// SPDX-License-Identifier: MIT
#include "datasets/columnar/lerobot_reader.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include "datasets/columnar/lerobot_folder.h"
#include "datasets/columnar/lerobot_frames.h"
#include "datasets/columnar/table_rows.h"
#include "datasets/data_error.h"
#include "datasets/parquet/parquet_table.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

// What LeRobot itself counts with: checked, and not kept.
const std::set<std::string> kCounters = {"timestamp", "frame_index", "episode_index", "index"};
constexpr char kInfoPrefix[] = "complementary_info.";  // LeRobot's name for what we call infos

class LerobotReader : public FormatReader {
 public:
  LerobotReader(const std::string& path, const PathOptions& options)
      : folder_(ReadLerobotFolder(path, notes_)) {
    info_.path = path;
    info_.format = "lerobot";
    info_.episodes = static_cast<int64_t>(folder_.episodes.size());
    info_.environment = folder_.environment;
    info_.action_repeat = folder_.action_repeat;
    info_.max_episode_steps = folder_.max_episode_steps;
    info_.reference_min = folder_.reference_min;
    info_.reference_max = folder_.reference_max;
    ChooseObservations(options.observations);
    ChooseActions(options.actions);
    info_.has_rewards = Numbers("next.reward") != nullptr;
  }

  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;
  EpisodeExtras ReadExtras(int64_t index) const override;

 private:
  bool discrete() const { return info_.action_kind == ActionKind::kDiscrete; }
  /// A feature that is numbers, or nullptr.
  const LerobotFeature* Numbers(const std::string& name) const;
  void ChooseObservations(const std::vector<std::string>& asked);
  void ChooseActions(const std::optional<ActionKind>& asked);
  const ParquetTable& Open(const std::string& file) const;
  void CheckTable(const ParquetTable& table) const;
  void CountActions(const ParquetTable& table);
  bool is_v3() const { return folder_.version.starts_with("v3."); }
  LerobotFrames FramesOf(const LerobotEpisode& episode) const;
  void WarnOfLeftOut(ProblemLog& log) const;

  ProblemLog notes_{ProblemLog::Mode::kThrowFirstError};  // of opening
  LerobotFolder folder_;
  DatasetInfo info_;
  TableRows observations_, actions_;
  std::string action_;                              // name of the feature
  std::vector<LerobotFrames> frames_;               // of the episodes
  mutable std::optional<ParquetTable> open_;        // the file that was read last
  mutable std::map<int64_t, LerobotFrames> found_;  // in a file, by episode_index
  mutable std::string found_in_;
};

const LerobotFeature* LerobotReader::Numbers(const std::string& name) const {
  const LerobotFeature* feature = folder_.Find(name);
  return feature != nullptr && feature->is_number() ? feature : nullptr;
}

void LerobotReader::ChooseObservations(const std::vector<std::string>& asked) {
  std::vector<std::string> names = asked;
  // Those that are called so; data sets of other programs have one called state.
  for (const LerobotFeature& feature : folder_.features) {
    if (asked.empty() && feature.is_number() && feature.name.starts_with("observation.")) {
      names.push_back(feature.name);
    }
  }
  if (asked.empty()) std::ranges::sort(names);
  for (const char* other : {"observation", "state"}) {
    if (names.empty() && Numbers(other) != nullptr) names.push_back(other);
  }
  const std::string where = folder_.path + "/meta/info.json:features";
  if (names.empty()) {
    throw DataError(where,
                    "expected observation.state or another observation of numbers, got none");
  }
  const std::string below = where + "/";
  for (const std::string& name : names) {
    const LerobotFeature* feature = folder_.Find(name);
    if (feature == nullptr) throw DataError(below + name, "expected a feature, got none");
    if (!feature->is_number()) {
      throw DataError(below + name, "expected numbers, got " + feature->type);
    }
    observations_.Add(name, feature->row_size());
  }
  info_.observation_size = observations_.width();
}

void LerobotReader::ChooseActions(const std::optional<ActionKind>& asked) {
  const std::string where = folder_.path + "/meta/info.json:features";
  action_ = Numbers("action") == nullptr && Numbers("actions") != nullptr ? "actions" : "action";
  const LerobotFeature* feature = Numbers(action_);
  if (feature == nullptr) throw DataError(where, "expected a feature action of numbers, got none");
  actions_.Add(action_, feature->row_size());
  // Whole numbers are discrete actions, unless asked for otherwise.
  const bool whole = !feature->type.starts_with("float");
  info_.action_kind = asked.value_or(whole ? ActionKind::kDiscrete : ActionKind::kContinuous);
  info_.action_size = feature->row_size();
  if (discrete()) {
    if (feature->row_size() != 1) {
      throw DataError(where + "/" + action_,
                      "expected one whole number a row (discrete actions) or decimal ones; "
                      "?actions=continuous takes whole numbers as decimal ones, got " +
                          std::to_string(feature->row_size()) + " whole numbers a row");
    }
    info_.action_size = folder_.actions;
    info_.action_start = folder_.action_start;
  } else if (static_cast<int64_t>(folder_.action_low.size()) == info_.action_size &&
             folder_.action_high.size() == folder_.action_low.size()) {
    info_.action_low = folder_.action_low;
    info_.action_high = folder_.action_high;
  }
}

const ParquetTable& LerobotReader::Open(const std::string& file) const {
  if (open_ && open_->path() == file) return *open_;
  open_.reset();
  if (!fs::exists(file)) throw DataError(file, "expected a file, as meta says, got none");
  return open_.emplace(file);
}

void LerobotReader::CheckTable(const ParquetTable& table) const {
  observations_.Check(table);
  actions_.Check(table);
  TableRows one;
  for (const char* name : {"next.reward", "next.done", "next.success", "next.truncated"}) {
    if (Numbers(name) != nullptr) one.Add(name, 1);
  }
  one.Check(table);
}

// Where nothing says how many actions there are, they do.
void LerobotReader::CountActions(const ParquetTable& table) {
  std::vector<double> actions;
  table.ReadNumbers(action_, 1, actions);
  for (const double action : actions) {
    if (action >= 0 && action < 1e6) {
      info_.action_size = std::max(info_.action_size, static_cast<int64_t>(action) + 1);
    }
  }
}

LerobotFrames LerobotReader::FramesOf(const LerobotEpisode& episode) const {
  const ParquetTable& table = Open(episode.file);
  // A file of v2 holds one episode, whatever it calls it.
  if (!is_v3()) {
    const LerobotFrames all{0, table.rows()};
    CheckLerobotLength(table, episode, all);
    return all;
  }
  if (found_in_ != episode.file) {
    found_ = FindLerobotFrames(table);
    found_in_ = episode.file;
  }
  return ChooseLerobotFrames(table, found_, episode);
}

void LerobotReader::WarnOfLeftOut(ProblemLog& log) const {
  for (const LerobotFeature& feature : folder_.features) {
    if (feature.is_number()) continue;
    log.Warn(folder_.path + "/meta/info.json:features/" + feature.name,
             "no numbers (" + feature.type + "): left out");
  }
  // Frames that no episode names, e.g. those of a recording that was not closed.
  std::set<std::string> named;
  for (const LerobotEpisode& episode : folder_.episodes) named.insert(episode.file);
  if (!fs::is_directory(folder_.path + "/data")) return;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path + "/data")) {
    const std::string file = entry.path().string();
    if (entry.path().extension() == ".parquet" && !named.contains(file)) {
      log.Count(file, "a file that no episode of meta names is left out");
    }
  }
}

void LerobotReader::Survey(ProblemLog& log, const std::function<void()>& alive) {
  for (const Problem& problem : notes_.problems()) log.Warn(problem.where, problem.problem);
  WarnOfLeftOut(log);
  frames_.assign(folder_.episodes.size(), {});
  info_.steps = 0;
  // File by file: episodes ascend, and so do files.
  std::string file;
  for (size_t e = 0; e < folder_.episodes.size(); ++e) {
    const LerobotEpisode& episode = folder_.episodes[e];
    log.Attempt([&] {
      const ParquetTable& table = Open(episode.file);
      if (episode.file != file) {
        CheckTable(table);
        if (discrete() && folder_.actions == 0) CountActions(table);
        file = episode.file;
      }
      frames_[e] = FramesOf(episode);
      info_.steps += frames_[e].count;
    });
    alive();
  }
  // Types are those of the first file; where others differ no number is lost.
  log.Attempt([&] {
    const ParquetTable& table = Open(folder_.episodes.front().file);
    info_.observation_type = observations_.Type(table);
    info_.action_type = actions_.Type(table);
    if (info_.has_rewards) info_.reward_type = table.Column("next.reward").type;
  });
  if (!info_.has_rewards) {
    log.Warn(folder_.path, "no rewards (next.reward): only behaviour cloning can use it");
  }
  log.Warn(folder_.path, "no observation after the last action: LeRobot's layout has none");
}

void LerobotReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const auto e = static_cast<size_t>(index);
  const int64_t first = frames_[e].first, count = frames_[e].count;
  const ParquetTable& table = Open(folder_.episodes[e].file);
  if (count == 0) {  // what the survey noted is wrong with it, once more
    CheckTable(table);
    FramesOf(folder_.episodes[e]);
  }
  episode.observation_size = info_.observation_size;
  episode.action_columns = discrete() ? 1 : info_.action_size;
  // Each column in an attempt of its own: validate lists what is wrong with all of them.
  log.Attempt([&] { observations_.Read(table, first, count, episode.observations); });
  log.Attempt([&] {
    actions_.Read(table, first, count, episode.actions);
    if (!discrete()) return;
    CheckWholeRows(table, action_, first, episode.actions, info_.action_start,
                   info_.action_start + info_.action_size - 1);
    for (double& action : episode.actions) action -= static_cast<double>(info_.action_start);
  });
  episode.rewards.clear();
  if (info_.has_rewards) {
    log.Attempt([&] {
      table.ReadNumbers("next.reward", 1, episode.rewards, first, count);
      CheckFiniteRows(table, "next.reward", first, 1, episode.rewards);
    });
  }
  episode.history = folder_.episodes[e].history;
  log.Attempt([&] { ReadLerobotEnd(table, folder_, e, frames_[e], episode, log); });
  log.Attempt([&] { CheckLerobotCounters(table, folder_.episodes[e], frames_[e], log); });
}

EpisodeExtras LerobotReader::ReadExtras(int64_t index) const {
  const auto e = static_cast<size_t>(index);
  const int64_t first = frames_[e].first, count = frames_[e].count;
  const ParquetTable& table = Open(folder_.episodes[e].file);
  EpisodeExtras extras{.seed = folder_.episodes[e].seed};
  // Everything that is neither seen, done, earned nor counted.
  std::set<std::string> used = kCounters;
  for (const std::string& name : observations_.names()) used.insert(name);
  used.insert({action_, "next.reward", "next.done", "next.truncated"});
  for (const LerobotFeature& feature : folder_.features) {
    if (used.contains(feature.name)) continue;
    const ParquetColumn* column = table.Find(feature.name);
    if (!feature.is_number() || column == nullptr || !column->is_number()) {
      extras.left_out.push_back(feature.name);
      continue;
    }
    InfoArray array{.type = column->type};
    if (feature.shape != std::vector<int64_t>{1}) array.row_shape = feature.shape;
    table.ReadNumbers(feature.name, feature.row_size(), array.values, first, count);
    const std::string name = feature.name.starts_with(kInfoPrefix)
                                 ? feature.name.substr(sizeof kInfoPrefix - 1)
                                 : feature.name;
    extras.infos.insert_or_assign(name, std::move(array));
  }
  return extras;
}

}  // namespace

std::unique_ptr<FormatReader> OpenLerobot(const std::string& folder, const PathOptions& options) {
  RequireParquet(folder);
  return std::make_unique<LerobotReader>(folder, options);
}

}  // namespace longplay
