// SPDX-License-Identifier: MIT
#include "datasets/readers/vintix_reader.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "datasets/checks/array_checks.h"
#include "datasets/files/hdf5_file.h"

namespace longplay {
namespace {

/// The first step in a group's name FIRST-LAST.
std::optional<int64_t> FirstStep(const std::string& name) {
  int64_t first = 0, last = 0;
  const char* end = name.data() + name.size();
  const auto left = std::from_chars(name.data(), end, first);
  if (left.ec != std::errc() || left.ptr == end || *left.ptr != '-') return std::nullopt;
  const auto right = std::from_chars(left.ptr + 1, end, last);
  if (right.ec != std::errc() || right.ptr != end || last < first) return std::nullopt;
  return first;
}

/// Names of a demonstrator's actions: Vintix II's data, and those its programs read.
constexpr const char* kDemonstratorNames[] = {"demonstrator_action", "demonstrator_actions",
                                              "expert_action"};

class VintixReader : public FormatReader {
 public:
  VintixReader(const std::string& path, const PathOptions& options) : file_(path) {
    info_.path = path;
    info_.format = "vintix";
    // By first step, as a number: a listing has 100000-109999 before 20000-29999.
    for (const std::string& name : file_.Children("/")) {
      if (const auto first = FirstStep(name)) groups_.push_back({*first, name});
    }
    std::ranges::sort(groups_, {}, &Group::number);
    for (Group& group : groups_) AddSteps(group);
    if (starts_.empty()) file_.Fail("/", "groups of steps (0-9999 ...)", "none");
    starts_.push_back(info_.steps);
    info_.episodes = static_cast<int64_t>(starts_.size()) - 1;
    // Sizes and types are those of the first group; the survey holds the others to them.
    info_.observation_size = Open(groups_[0], "proprio_observation").info().row_size();
    ChooseActions(options);
    info_.action_size = Open(groups_[0], actions_).info().row_size();
    info_.observation_type = Open(groups_[0], "proprio_observation").info().type;
    info_.action_type = Open(groups_[0], actions_).info().type;
    info_.reward_type = Open(groups_[0], "reward").info().type;
  }

  const DatasetInfo& info() const override { return info_; }

  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    for (const Group& group : groups_) {
      const auto check = [&](const std::string& name, int64_t width) {
        log.Attempt([&] {
          const Hdf5Array array = Open(group, name);
          CheckShape(array, {.rows = group.rows, .row_size = width});
        });
      };
      check("proprio_observation", info_.observation_size);
      check(actions_, info_.action_size);
      if (!others_.empty()) check(others_, other_size_);
      check("reward", 1);
      alive();
    }
    log.Warn(info_.path, "how episodes end is not recorded: every end counts as a time limit");
  }

  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;
  EpisodeExtras ReadExtras(int64_t index) const override;

 private:
  struct Group {
    int64_t number = 0;
    std::string name;
    int64_t first = 0, rows = 0;  // of the file's steps
  };

  Hdf5Array Open(const Group& group, const std::string& name) const {
    return file_.Open(group.name + "/" + name);
  }

  /// Those that were done or a demonstrator's; the others are infos.
  void ChooseActions(const PathOptions& options) {
    for (const char* name : kDemonstratorNames) {
      if (others_.empty() && file_.Exists(groups_[0].name + "/" + name)) others_ = name;
    }
    if (options.demonstrator_actions) {
      if (others_.empty()) {
        file_.Fail(groups_[0].name + "/demonstrator_action", "an array, for ?actions=demonstrator",
                   "none");
      }
      std::swap(actions_, others_);
    }
    if (!others_.empty()) other_size_ = Open(groups_[0], others_).info().row_size();
  }

  /// Finds where episodes begin: step_num counts from 0 in each; the file may begin inside one.
  void AddSteps(Group& group) {
    const Hdf5Array numbers = Open(group, "step_num");
    CheckShape(numbers, {});
    group.first = info_.steps;
    group.rows = numbers.rows();
    const std::vector<double> values = numbers.Read();
    for (int64_t t = 0; t < group.rows; ++t) {
      if (values[t] == 0 || info_.steps + t == 0) starts_.push_back(info_.steps + t);
    }
    info_.steps += group.rows;
  }

  /// Rows [first, end) of the file, which may lie in several groups.
  void ReadRows(const std::string& name, int64_t width, int64_t first, int64_t end,
                std::vector<double>& rows) const {
    rows.clear();
    for (const Group& group : groups_) {
      const int64_t from = std::max(first, group.first);
      const int64_t to = std::min(end, group.first + group.rows);
      if (from >= to) continue;
      const Hdf5Array array = Open(group, name);
      CheckShape(array, {.rows = group.rows, .row_size = width});
      std::vector<double> part;
      ReadFinite(array, part, from - group.first, to - from);
      rows.insert(rows.end(), part.begin(), part.end());
    }
  }

  Hdf5File file_;
  std::vector<Group> groups_;
  std::vector<int64_t> starts_;              // [episodes + 1] first step of each
  std::string actions_ = "action", others_;  // names of arrays; "" = there is no other
  int64_t other_size_ = 0;
  DatasetInfo info_;
};

void VintixReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const int64_t first = starts_[index], end = starts_[index + 1];
  episode.observation_size = info_.observation_size;
  episode.action_columns = info_.action_size;
  log.Attempt([&] {
    ReadRows("proprio_observation", info_.observation_size, first, end, episode.observations);
  });
  log.Attempt([&] { ReadRows(actions_, info_.action_size, first, end, episode.actions); });
  log.Attempt([&] { ReadRows("reward", 1, first, end, episode.rewards); });
  // The layout has no flag of an end.
  episode.terminated = false;
  episode.truncated = true;
}

EpisodeExtras VintixReader::ReadExtras(int64_t index) const {
  EpisodeExtras extras;
  if (others_.empty()) return extras;
  // Under one name, whatever the file calls a demonstrator's.
  InfoArray& info = extras.infos[others_ == "action" ? "action" : "demonstrator_action"];
  info.type = Open(groups_[0], others_).info().type;
  info.row_shape = {other_size_};
  ReadRows(others_, other_size_, starts_[index], starts_[index + 1], info.values);
  return extras;
}

}  // namespace

bool IsVintixGroup(const std::string& name) { return FirstStep(name).has_value(); }

std::unique_ptr<FormatReader> OpenVintix(const std::string& hdf5_path, const PathOptions& options) {
  return std::make_unique<VintixReader>(hdf5_path, options);
}

}  // namespace longplay
