// SPDX-License-Identifier: MIT
#include "datasets/readers/robomimic_reader.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "datasets/files/hdf5_file.h"
#include "datasets/formats/array_checks.h"
#include "datasets/formats/column_group.h"
#include "datasets/formats/space_json.h"

namespace longplay {
namespace {

/// Numbers of the groups data/demo_<n>, ascending.
std::vector<int64_t> DemoNumbers(const Hdf5File& file) {
  constexpr std::string_view kPrefix = "demo_";
  std::vector<int64_t> numbers;
  for (const std::string& name : file.Children("data")) {
    int64_t number = -1;
    const char* end = name.data() + name.size();
    if (!name.starts_with(kPrefix)) continue;
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

class RobomimicReader : public FormatReader {
 public:
  RobomimicReader(const std::string& path, const std::vector<std::string>& keys)
      : file_(path), numbers_(DemoNumbers(file_)) {
    info_.path = path;
    info_.format = "robomimic";
    if (numbers_.empty()) file_.Fail("data", "groups demo_0, demo_1 ...", "none");
    info_.episodes = static_cast<int64_t>(numbers_.size());
    // Sizes and types are those of the first demo; the survey holds the others to them.
    const std::string first = Group(numbers_.front());
    observations_ = ColumnGroup::Choose(file_, first + "/obs",
                                        keys.empty() ? NumberKeys(first + "/obs") : keys);
    info_.observation_size = observations_.width();
    actions_ = ColumnGroup::Find(file_, first + "/actions");
    info_.action_size = actions_.width();
    info_.has_rewards = file_.Exists(first + "/rewards");
    info_.observation_type = observations_.type();
    info_.action_type = actions_.type();
    if (info_.has_rewards) info_.reward_type = file_.Open(first + "/rewards").info().type;
    // env_args is a JSON text: {"env_name": "Lift", ...}.
    const nlohmann::json json =
        ParsePythonJson(file_.StringAttribute("data", "env_args").value_or("{}"));
    if (json.is_object() && json.contains("env_name") && json["env_name"].is_string()) {
      info_.environment = json["env_name"];
    }
  }

  const DatasetInfo& info() const override { return info_; }
  void Adopt(const DatasetInfo& info) override { info_ = info; }

  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    for (const std::string& key : images_) {
      log.Warn(file_.path() + ":obs/" + key, "images are left out");
    }
    info_.steps = 0;
    for (const int64_t number : numbers_) {
      log.Attempt([&] { SurveyDemo(Group(number), log, alive); });
      alive();
    }
  }

  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const override;

 private:
  static std::string Group(int64_t number) { return "data/demo_" + std::to_string(number); }

  /// Keys of observations that are rows of numbers, in alphabetical order.
  std::vector<std::string> NumberKeys(const std::string& group) {
    std::vector<std::string> keys;
    const std::string before = group + "/";
    for (const std::string& key : file_.Children(group)) {
      const ArrayInfo info = file_.Open(before + key).info();
      const bool numbers = (info.is_float || info.is_integer) && !IsImage(info);
      (numbers ? keys : images_).push_back(key);
    }
    if (keys.empty()) file_.Fail(group, "observations that are numbers", "images alone");
    std::ranges::sort(keys);
    return keys;
  }

  void SurveyDemo(const std::string& group, ProblemLog& log, const std::function<void()>& alive) {
    // Each array in an attempt of its own: validate lists what is wrong with all of them.
    const int64_t length = actions_.CheckShapes(file_, group + "/actions");
    info_.steps += length;
    log.Attempt([&] { actions_.CheckFinite(file_, group + "/actions", alive); });
    log.Attempt([&] {
      const int64_t rows = observations_.CheckShapes(file_, group + "/obs");
      if (rows != length) {
        file_.Fail(group + "/obs", std::to_string(length) + " rows (one per action)",
                   std::to_string(rows));
      }
      observations_.CheckFinite(file_, group + "/obs", alive);
    });
    if (info_.has_rewards) {
      log.Attempt([&] {
        const Hdf5Array rewards = file_.Open(group + "/rewards");
        CheckShape(rewards, {.rows = length});
        CheckFinite(rewards, alive);
      });
    }
    log.Attempt([&] {
      const Hdf5Array dones = file_.Open(group + "/dones");
      CheckShape(dones, {.rows = length});
      CheckWhole(dones, 0, 1);
    });
    if (file_.Exists(group + "/next_obs")) {
      log.Attempt([&] {
        if (observations_.CheckShapes(file_, group + "/next_obs") != length) {
          file_.Fail(group + "/next_obs", std::to_string(length) + " rows", "another number");
        }
        observations_.CheckFinite(file_, group + "/next_obs", alive);
      });
    } else {
      log.Warn(file_.path() + ":" + group, "no next_obs: no observation after the last action");
    }
  }

  Hdf5File file_;
  std::vector<int64_t> numbers_;
  DatasetInfo info_;
  ColumnGroup observations_, actions_;
  std::vector<std::string> images_;
};

void RobomimicReader::Read(int64_t index, Episode& episode) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const std::string group = Group(numbers_[index]);
  episode = {.observation_size = info_.observation_size, .action_columns = info_.action_size};
  observations_.Read(file_, group + "/obs", episode.observations);
  actions_.Read(file_, group + "/actions", episode.actions);
  if (info_.has_rewards) file_.Open(group + "/rewards").ReadInto(episode.rewards);
  if (file_.Exists(group + "/next_obs")) {
    // The rows before the last one are in obs, too.
    std::vector<double> next;
    observations_.Read(file_, group + "/next_obs", next);
    episode.observations.insert(episode.observations.end(), next.end() - info_.observation_size,
                                next.end());
  }
  // Files that set dones at every end cannot tell a time limit.
  episode.terminated = file_.Open(group + "/dones").Read(episode.length() - 1, 1)[0] != 0;
  episode.truncated = !episode.terminated;
}

}  // namespace

std::unique_ptr<FormatReader> OpenRobomimic(const std::string& hdf5_path,
                                            const std::vector<std::string>& keys) {
  return std::make_unique<RobomimicReader>(hdf5_path, keys);
}

}  // namespace longplay
