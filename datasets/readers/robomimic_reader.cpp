// SPDX-License-Identifier: MIT
#include "datasets/readers/robomimic_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "datasets/checks/array_checks.h"
#include "datasets/checks/continuity.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/column_group.h"
#include "datasets/formats/info_arrays.h"
#include "datasets/formats/numbered_groups.h"
#include "datasets/formats/space_json.h"

namespace longplay {
namespace {

class RobomimicReader : public FormatReader {
 public:
  RobomimicReader(const std::string& path, const std::vector<std::string>& keys)
      : file_(path), demos_(NumberedGroups(file_, "data", "demo_")) {
    info_.path = path;
    info_.format = "robomimic";
    if (demos_.empty()) file_.Fail("data", "groups demo_0, demo_1 ...", "none");
    LeaveOutEmptyDemos();
    info_.episodes = static_cast<int64_t>(demos_.size());
    // Sizes and types are those of the first demo; the survey holds the others to them.
    const std::string& first = demos_.front();
    observations_ = ColumnGroup::Choose(file_, first + "/obs",
                                        keys.empty() ? NumberKeys(first + "/obs") : keys);
    has_all_keys_ = keys.empty();
    info_.observation_size = observations_.width();
    info_.observation_parts = observations_.parts();
    actions_ = ColumnGroup::Find(file_, first + "/actions");
    info_.action_size = actions_.width();
    info_.observation_type = observations_.type();
    info_.action_type = actions_.type();
    info_.has_rewards = std::ranges::all_of(
        demos_, [&](const std::string& demo) { return file_.Exists(demo + "/rewards"); });
    if (info_.has_rewards) info_.reward_type = file_.Open(first + "/rewards").info().type;
    // env_args is a JSON text: {"env_name": "Lift", ...}.
    const nlohmann::json json =
        ParsePythonJson(file_.StringAttribute("data", "env_args").value_or("{}"));
    if (json.is_object() && json.contains("env_name") && json["env_name"].is_string()) {
      info_.environment = json["env_name"];
    }
  }

  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;

 private:
  void LeaveOutEmptyDemos();
  std::vector<std::string> NumberKeys(const std::string& group);
  int64_t CheckRows(const ColumnGroup& columns, const std::string& path, int64_t length) const;
  void SurveyDemo(const std::string& demo, ProblemLog& log);
  void LoadEnd(const std::string& demo, Episode& episode) const;

  Hdf5File file_;
  std::vector<std::string> demos_, empty_;  // full names; of those without a step
  DatasetInfo info_;
  ColumnGroup observations_, actions_;
  bool has_all_keys_ = true;  // none were asked for
  std::vector<std::string> images_;
};

/// A recorder that is stopped before the first step leaves a demo without arrays, or with none.
void RobomimicReader::LeaveOutEmptyDemos() {
  const auto is_empty = [&](const std::string& demo) {
    if (!file_.Exists(demo + "/actions")) return file_.Children(demo).empty();
    if (file_.IsGroup(demo + "/actions")) return false;
    const ArrayInfo actions = file_.Open(demo + "/actions").info();
    return !actions.shape.empty() && actions.rows() == 0;
  };
  std::vector<std::string> demos;
  for (std::string& demo : demos_) (is_empty(demo) ? empty_ : demos).push_back(std::move(demo));
  demos_ = std::move(demos);
  if (demos_.empty()) file_.Fail("data", "a demo with at least one step", "none");
}

/// Observations that are rows of numbers, at and below a group, in alphabetical order.
std::vector<std::string> RobomimicReader::NumberKeys(const std::string& group) {
  std::vector<std::string> keys;
  const std::string before = group + "/";
  for (const std::string& key : ArraysBelow(file_, group)) {
    const ArrayInfo info = file_.Open(before + key).info();
    const bool numbers = (info.is_float || info.is_integer) && !IsImage(info);
    (numbers ? keys : images_).push_back(key);
  }
  if (keys.empty()) file_.Fail(group, "observations that are numbers", "images alone");
  return keys;
}

/// That all arrays have `length` rows.
int64_t RobomimicReader::CheckRows(const ColumnGroup& columns, const std::string& path,
                                   int64_t length) const {
  const int64_t rows = columns.CheckShapes(file_, path);
  if (rows != length) {
    file_.Fail(path, std::to_string(length) + " rows (one per action)", std::to_string(rows));
  }
  return rows;
}

void RobomimicReader::Survey(ProblemLog& log, const std::function<void()>& alive) {
  for (const std::string& key : images_) {
    log.Warn(file_.path() + ":obs/" + key, "images are left out");
  }
  for (const std::string& demo : empty_) {
    log.Warn(file_.path() + ":" + demo, "a demo without a step is left out");
  }
  if (!info_.has_rewards) log.Warn(info_.path, "no rewards: only behaviour cloning can use it");
  info_.steps = 0;
  for (const std::string& demo : demos_) {
    log.Attempt([&] { SurveyDemo(demo, log); });
    alive();
  }
}

void RobomimicReader::SurveyDemo(const std::string& demo, ProblemLog& log) {
  const std::string where = file_.path() + ":" + demo;
  // Each array in an attempt of its own: validate lists what is wrong with all of them.
  const int64_t length = actions_.CheckShapes(file_, demo + "/actions");
  info_.steps += length;
  log.Attempt([&] { CheckRows(observations_, demo + "/obs", length); });
  if (has_all_keys_) {
    for (const std::string& other : observations_.Others(file_, demo + "/obs")) {
      if (std::ranges::find(images_, other) != images_.end()) continue;
      log.Count(std::string(where).append("/obs/").append(other),
                "an array that the first demo does not have is left out");
    }
  }
  if (info_.has_rewards) {
    log.Attempt([&] { CheckShape(file_.Open(demo + "/rewards"), {.rows = length}); });
  }
  if (file_.Exists(demo + "/dones")) {
    log.Attempt([&] { CheckShape(file_.Open(demo + "/dones"), {.rows = length}); });
  } else {
    log.Count(where, "no dones: its end counts as a time limit");
  }
  if (file_.Exists(demo + "/next_obs")) {
    log.Attempt([&] { CheckRows(observations_, demo + "/next_obs", length); });
  } else {
    log.Count(where, "no next_obs: no observation after the last action");
  }
}

void RobomimicReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const std::string& demo = demos_[index];
  const int64_t length = actions_.CheckShapes(file_, demo + "/actions");
  episode.observation_size = info_.observation_size;
  episode.action_columns = info_.action_size;
  log.Attempt([&] { actions_.Read(file_, demo + "/actions", episode.actions); });
  log.Attempt([&] {
    CheckRows(observations_, demo + "/obs", length);
    observations_.Read(file_, demo + "/obs", episode.observations);
  });
  episode.rewards.clear();
  if (info_.has_rewards) {
    log.Attempt([&] {
      const Hdf5Array rewards = file_.Open(demo + "/rewards");
      CheckShape(rewards, {.rows = length});
      ReadFinite(rewards, episode.rewards);
    });
  }
  if (file_.Exists(demo + "/next_obs")) {
    log.Attempt([&] {
      // The rows before the last one are in obs, too.
      CheckRows(observations_, demo + "/next_obs", length);
      std::vector<double> next;
      observations_.Read(file_, demo + "/next_obs", next);
      CheckContinuity(episode.observations, next, info_.observation_size,
                      file_.path() + ":" + demo + "/next_obs", 0, log);
      episode.observations.insert(episode.observations.end(), next.end() - info_.observation_size,
                                  next.end());
    });
  }
  log.Attempt([&] { LoadEnd(demo, episode); });
}

/// Files that set dones at every end cannot tell a time limit; without dones all ends are some.
void RobomimicReader::LoadEnd(const std::string& demo, Episode& episode) const {
  episode.terminated = false;
  if (file_.Exists(demo + "/dones")) {
    const Hdf5Array dones = file_.Open(demo + "/dones");
    const std::vector<double> values = dones.Read();
    CheckWhole(dones, 0, values, 0, 1);
    episode.terminated = !values.empty() && values.back() != 0;
  }
  episode.truncated = !episode.terminated;
}

}  // namespace

std::unique_ptr<FormatReader> OpenRobomimic(const std::string& hdf5_path,
                                            const std::vector<std::string>& keys) {
  return std::make_unique<RobomimicReader>(hdf5_path, keys);
}

}  // namespace longplay
