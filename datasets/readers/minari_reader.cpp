// SPDX-License-Identifier: MIT
#include "datasets/readers/minari_reader.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "datasets/checks/array_checks.h"
#include "datasets/data_error.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/column_group.h"
#include "datasets/formats/info_arrays.h"
#include "datasets/formats/minari_metadata.h"
#include "datasets/formats/numbered_groups.h"
#include "datasets/formats/space_json.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

class MinariReader : public FormatReader {
 public:
  MinariReader(const std::string& path, const PathOptions& options)
      : file_(path), groups_(NumberedGroups(file_, "/", "episode_")), asked_(options.actions) {
    info_.path = path;
    info_.format = "minari";
    if (groups_.empty()) file_.Fail("/", "groups episode_0, episode_1 ...", "none");
    LeaveOutEmptyEpisodes();
    info_.episodes = static_cast<int64_t>(groups_.size());
    ReadMetadata();
  }

  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;
  EpisodeExtras ReadExtras(int64_t index) const override;
  RecordedPhysics StatesToCheck(int64_t index) const override;

 private:
  bool discrete() const { return info_.action_kind == ActionKind::kDiscrete; }
  int64_t action_columns() const { return discrete() ? 1 : info_.action_size; }
  void LeaveOutEmptyEpisodes();
  void ReadMetadata();
  void ReadSpaces(const Space& seen, const Space& acted);
  void ReadActionSpace(const Space& space);
  void CountActions();
  void SurveyEpisode(const std::string& group, ProblemLog& log);
  int64_t CheckObservations(const std::string& group, int64_t length) const;
  void CheckRewards(const std::string& group, int64_t length) const;
  /// The flag of the last step; nothing where the file has no such array.
  std::optional<bool> LastFlag(const std::string& group, const char* name, int64_t length,
                               ProblemLog& log) const;

  Hdf5File file_;
  std::vector<std::string> groups_, empty_;  // of episodes; those without a step
  std::optional<ActionKind> asked_;
  DatasetInfo info_;
  ColumnGroup observations_, actions_;
  bool has_metadata_ = false;
};

/// A recorder that is stopped between two episodes leaves one without a step.
void MinariReader::LeaveOutEmptyEpisodes() {
  const auto is_empty = [&](const std::string& group) {
    if (!file_.Exists(group + "/actions")) return false;  // something else is wrong with it
    if (file_.IsGroup(group + "/actions")) return file_.Children(group + "/actions").empty();
    const ArrayInfo actions = file_.Open(group + "/actions").info();
    return !actions.shape.empty() && actions.rows() == 0;
  };
  std::vector<std::string> groups;
  for (std::string& group : groups_) {
    (is_empty(group) ? empty_ : groups).push_back(std::move(group));
  }
  groups_ = std::move(groups);
  if (groups_.empty()) file_.Fail("/", "an episode with at least one step", "none");
}

void MinariReader::ReadMetadata() {
  const fs::path beside = fs::path(info_.path).parent_path() / "metadata.json";
  const auto text = [&](const std::string& key) -> std::string {
    return file_.StringAttribute("/", key).value_or("");
  };
  // The HDF5 file alone: root attributes, by Minari 0.4 or by our own writer.
  if (!fs::exists(beside)) {
    ReadSpaces(ParseSpace(text("observation_space")), ParseSpace(text("action_space")));
    info_.environment = text("longplay_environment");
    info_.action_repeat =
        static_cast<int64_t>(file_.NumberAttribute("/", "longplay_action_repeat").value_or(1));
    info_.max_episode_steps =
        static_cast<int64_t>(file_.NumberAttribute("/", "longplay_max_episode_steps").value_or(0));
    if (info_.environment.empty()) info_.environment = EnvironmentOfSpec(text("env_spec"));
    info_.reference_min = file_.NumberAttribute("/", "ref_min_score");
    info_.reference_max = file_.NumberAttribute("/", "ref_max_score");
    return;
  }
  // A folder of Minari 0.5.
  has_metadata_ = true;
  const MinariMetadata metadata = ParseMinariMetadata(ReadJsonObject(beside));
  ReadSpaces(metadata.observation_space, metadata.action_space);
  info_.environment = metadata.environment;
  info_.action_repeat = metadata.action_repeat;
  info_.max_episode_steps = metadata.max_episode_steps;
  info_.reference_min = metadata.reference_min;
  info_.reference_max = metadata.reference_max;
}

void MinariReader::ReadSpaces(const Space& seen, const Space& acted) {
  // Observations: sizes and types are those of the first episode.
  const std::string& first = groups_.front();
  if (seen.type == "Box" && seen.dtype == "uint8" && seen.shape.size() > 1) {
    file_.Fail(first + "/observations", "rows of numbers", "images");
  }
  observations_ = ColumnGroup::Find(file_, first + "/observations");
  observations_.Encode(file_, first + "/observations", seen);
  info_.observation_size = observations_.width();
  info_.observation_parts = observations_.parts();
  actions_ = ColumnGroup::Find(file_, first + "/actions");
  info_.observation_type = observations_.type();
  info_.action_type = actions_.type();
  if (file_.Exists(first + "/rewards")) {
    info_.reward_type = file_.Open(first + "/rewards").info().type;
  }
  ReadActionSpace(acted);
}

void MinariReader::ReadActionSpace(const Space& space) {
  const std::string path = groups_.front() + "/actions";
  // Discrete: as asked for, by their space or, where there is none, by their type.
  const bool one_array = actions_.names() == std::vector<std::string>{""};
  const bool whole = one_array && file_.Open(path).info().is_integer;
  const bool discrete = asked_ ? *asked_ == ActionKind::kDiscrete
                               : space.type == "Discrete" || (space.type.empty() && whole);
  if (discrete) {
    if (actions_.width() != 1) {
      file_.Fail(path,
                 "one whole number a row (discrete actions) or decimal ones; ?actions=continuous "
                 "takes whole numbers as decimal ones",
                 std::to_string(actions_.width()) + " whole numbers a row");
    }
    info_.action_kind = ActionKind::kDiscrete;
    info_.action_size = space.n;
    info_.action_start = space.start;
    return;
  }
  // Continuous: a Box, or several side by side, in which choices are one-hot.
  const bool parts = space.type == "Dict" || space.type == "Tuple";
  if (!asked_ && !space.type.empty() && space.type != "Box" && !parts) {
    file_.Fail(path,
               "a Box or Discrete action space, or a Dict or Tuple of them; ?actions=continuous "
               "takes whole numbers as decimal ones",
               space.type);
  }
  if (parts) actions_.Encode(file_, path, space);
  info_.action_size = actions_.width();
  info_.action_parts = actions_.parts();
  // Bounds without a finite one say nothing, and those of other columns are not used.
  const auto finite = [](double bound) { return std::isfinite(bound); };
  const bool bounded =
      std::ranges::any_of(space.low, finite) || std::ranges::any_of(space.high, finite);
  if (bounded && static_cast<int64_t>(space.low.size()) == info_.action_size &&
      space.high.size() == space.low.size()) {
    info_.action_low = space.low;
    info_.action_high = space.high;
  }
}

// Without a space in the metadata the actions themselves say how many there are.
void MinariReader::CountActions() {
  for (const std::string& group : groups_) {
    for (const double action : file_.Open(group + "/actions").Read()) {
      if (action >= 0 && action < 1e6) {
        info_.action_size = std::max(info_.action_size, static_cast<int64_t>(action) + 1);
      }
    }
  }
}

void MinariReader::Survey(ProblemLog& log, const std::function<void()>& alive) {
  if (!has_metadata_ && !file_.StringAttribute("/", "action_space")) {
    log.Warn(info_.path, "no metadata.json beside it: environment and action bounds are unknown");
  }
  for (const std::string& group : empty_) {
    log.Warn(file_.path() + ":" + group, "an episode without a step is left out");
  }
  if (discrete() && info_.action_size == 0) log.Attempt([&] { CountActions(); });
  info_.steps = 0;
  for (const std::string& group : groups_) {
    log.Attempt([&] { SurveyEpisode(group, log); });
    alive();
  }
  if (!info_.has_rewards) log.Warn(info_.path, "no rewards: only behaviour cloning can use it");
}

int64_t MinariReader::CheckObservations(const std::string& group, int64_t length) const {
  const std::string path = group + "/observations";
  const int64_t rows = observations_.CheckShapes(file_, path);
  // Minari writes T + 1 observations; other tools' files may lack the last one.
  if (rows != length && rows != length + 1) {
    file_.Fail(path, std::to_string(length + 1) + " rows (one more than actions)",
               std::to_string(rows));
  }
  return rows;
}

void MinariReader::CheckRewards(const std::string& group, int64_t length) const {
  CheckShape(file_.Open(group + "/rewards"), {.rows = length});
}

void MinariReader::SurveyEpisode(const std::string& group, ProblemLog& log) {
  // Each array in an attempt of its own: validate lists what is wrong with all of them.
  const int64_t length = actions_.CheckShapes(file_, group + "/actions");
  info_.steps += length;
  log.Attempt([&] {
    if (CheckObservations(group, length) == length) {
      log.Count(file_.path() + ":" + group + "/observations",
                "no observation after the last action");
    }
  });
  for (const auto& [columns, name] :
       {std::pair(&observations_, "/observations"), std::pair(&actions_, "/actions")}) {
    std::string place = file_.path() + ":" + group + name + "/";
    for (const std::string& other : columns->Others(file_, group + name)) {
      log.Count(std::string(place).append(other),
                "an array that the first episode does not have is left out");
    }
  }
  if (file_.Exists(group + "/rewards")) {
    log.Attempt([&] { CheckRewards(group, length); });
  } else {
    info_.has_rewards = false;
  }
  bool has_ends = false;
  for (const char* name : {"/terminations", "/truncations"}) {
    if (!file_.Exists(group + name)) continue;
    has_ends = true;
    log.Attempt([&] { CheckShape(file_.Open(group + name), {.rows = length}); });
  }
  if (!has_ends) {
    log.Count(file_.path() + ":" + group,
              "neither terminations nor truncations: its end counts as a time limit");
  }
}

std::optional<bool> MinariReader::LastFlag(const std::string& group, const char* name,
                                           int64_t length, ProblemLog& log) const {
  if (!file_.Exists(group + name)) return std::nullopt;
  const Hdf5Array flags = file_.Open(group + name);
  CheckShape(flags, {.rows = length});
  const std::vector<double> values = flags.Read();
  CheckWhole(flags, 0, values, 0, 1);
  // Minari flags every step; the last one counts.
  if (std::find(values.begin(), values.end() - 1, 1.0) != values.end() - 1) {
    log.Warn(flags.where(), "an end before the last step is ignored");
  }
  return values.back() != 0;
}

void MinariReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const std::string& group = groups_[index];
  const int64_t length = actions_.CheckShapes(file_, group + "/actions");
  episode.observation_size = info_.observation_size;
  episode.action_columns = action_columns();
  log.Attempt([&] {
    CheckObservations(group, length);
    observations_.Read(file_, group + "/observations", episode.observations);
  });
  log.Attempt([&] {
    actions_.Read(file_, group + "/actions", episode.actions);
    if (!discrete()) return;
    CheckWhole(file_.Open(group + "/actions"), 0, episode.actions, info_.action_start,
               info_.action_start + info_.action_size - 1);
    for (double& action : episode.actions) action -= static_cast<double>(info_.action_start);
  });
  episode.rewards.clear();
  if (info_.has_rewards) {
    log.Attempt([&] {
      CheckRewards(group, length);
      ReadFinite(file_.Open(group + "/rewards"), episode.rewards);
    });
  }
  log.Attempt([&] {
    const auto terminated = LastFlag(group, "/terminations", length, log);
    const auto truncated = LastFlag(group, "/truncations", length, log);
    episode.terminated = terminated.value_or(false);
    // What has no such array was cut off, or went on to its end without a word.
    episode.truncated = truncated.value_or(!episode.terminated);
    if (terminated && truncated && !*terminated && !*truncated) {
      log.Warn(file_.path() + ":" + group, "neither terminated nor truncated at its end");
    }
  });
  episode.history = static_cast<int64_t>(file_.NumberAttribute(group, "history").value_or(0));
  // Our own writer repeated the last row to fill the layout.
  if (file_.NumberAttribute(group, "longplay_no_final_observation")) {
    episode.observations.resize(length * info_.observation_size);
  }
}

EpisodeExtras MinariReader::ReadExtras(int64_t index) const {
  const std::string& group = groups_[index];
  EpisodeExtras extras;
  extras.seed = file_.WholeAttribute(group, "seed");
  if (!file_.Exists(group + "/infos")) return extras;
  AddInfos(file_, group + "/infos", actions_.CheckShapes(file_, group + "/actions"), extras);
  return extras;
}

// As Gymnasium's info names them.
RecordedPhysics MinariReader::StatesToCheck(int64_t index) const {
  const std::string infos = groups_[index] + "/infos/";
  if (!file_.Exists(infos + "qpos") || !file_.Exists(infos + "qvel")) return {};
  const Hdf5Array positions = file_.Open(infos + "qpos"), velocities = file_.Open(infos + "qvel");
  return SideBySide(positions.Read(), positions.info().row_size(), velocities.Read(),
                    velocities.info().row_size());
}

}  // namespace

std::unique_ptr<FormatReader> OpenMinari(const std::string& hdf5_path, const PathOptions& options) {
  return std::make_unique<MinariReader>(hdf5_path, options);
}

}  // namespace longplay
