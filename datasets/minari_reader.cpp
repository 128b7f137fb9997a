// SPDX-License-Identifier: MIT
#include "datasets/minari_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "datasets/hdf5_file.h"
#include "datasets/space_json.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// Numbers of the groups episode_<n>, ascending: a plain listing is lexical.
std::vector<int64_t> EpisodeNumbers(const Hdf5File& file) {
  constexpr std::string_view kPrefix = "episode_";
  std::vector<int64_t> numbers;
  for (const std::string& name : file.Children("/")) {
    int64_t number = -1;
    const char* end = name.data() + name.size();
    if (!name.starts_with(kPrefix)) continue;
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) numbers.push_back(number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

class MinariReader : public EpisodeReader {
 public:
  explicit MinariReader(const std::string& path) : file_(path), numbers_(EpisodeNumbers(file_)) {
    info_.path = path;
    info_.format = "minari";
    if (numbers_.empty()) file_.Fail("/", "groups episode_0, episode_1 ...", "none");
    info_.episodes = static_cast<int64_t>(numbers_.size());
    ReadMetadata();
    for (const int64_t number : numbers_) CheckEpisode(Group(number));
  }

  const DatasetInfo& info() const override { return info_; }
  Episode Read(int64_t index) const override;

 private:
  static std::string Group(int64_t number) { return "episode_" + std::to_string(number); }
  void ReadMetadata();
  void ReadSpaces(const std::string& observation_space, const std::string& action_space);
  void CheckEpisode(const std::string& group);
  int64_t CheckArray(const std::string& name, int64_t rows, int64_t row_size);

  Hdf5File file_;
  std::vector<int64_t> numbers_;
  DatasetInfo info_;
  int64_t action_start_ = 0;  // discrete: number of the first action
};

void MinariReader::ReadMetadata() {
  const fs::path beside = fs::path(info_.path).parent_path() / "metadata.json";
  const auto text = [&](const std::string& key) -> std::string {
    return file_.StringAttribute("/", key).value_or("");
  };
  if (!fs::exists(beside)) {
    ReadSpaces(text("observation_space"), text("action_space"));
    info_.environment = text("longplay_environment");
    info_.action_repeat =
        static_cast<int64_t>(file_.NumberAttribute("/", "longplay_action_repeat").value_or(1));
    info_.max_episode_steps =
        static_cast<int64_t>(file_.NumberAttribute("/", "longplay_max_episode_steps").value_or(0));
    if (info_.environment.empty()) info_.environment = EnvironmentOfSpec(text("env_spec"));
    return;
  }
  std::ostringstream content;
  content << std::ifstream(beside).rdbuf();
  const nlohmann::json json = ParsePythonJson(content.str());
  if (!json.is_object()) {
    throw std::runtime_error("reading data: " + beside.string() + ": expected a JSON object, got " +
                             json.dump().substr(0, 40));
  }
  const auto string = [&](const char* key) {
    return json.contains(key) && json[key].is_string() ? json[key].get<std::string>() : "";
  };
  const auto number = [&](const char* key, double missing) {
    return json.contains(key) && json[key].is_number() ? json[key].get<double>() : missing;
  };
  ReadSpaces(string("observation_space"), string("action_space"));
  info_.environment = string("longplay_environment");
  if (info_.environment.empty()) info_.environment = EnvironmentOfSpec(string("env_spec"));
  info_.action_repeat = static_cast<int64_t>(number("longplay_action_repeat", 1));
  info_.max_episode_steps = static_cast<int64_t>(number("longplay_max_episode_steps", 0));
  if (json.contains("ref_min_score") && json["ref_min_score"].is_number())
    info_.reference_min = json["ref_min_score"];
  if (json.contains("ref_max_score") && json["ref_max_score"].is_number())
    info_.reference_max = json["ref_max_score"];
}

void MinariReader::ReadSpaces(const std::string& observation_space,
                              const std::string& action_space) {
  const std::string first = Group(numbers_.front());
  if (file_.IsGroup(first + "/observations")) {
    file_.Fail(first + "/observations", "one array (Box observations)", "a group (Dict or Tuple)");
  }
  if (file_.IsGroup(first + "/actions")) {
    file_.Fail(first + "/actions", "one array", "a group (Dict or Tuple)");
  }
  const ArrayInfo observations = file_.Info(first + "/observations");
  const Space seen = ParseSpace(observation_space);
  if (observations.shape.size() > 2 || (seen.dtype == "uint8" && seen.shape.size() > 1)) {
    file_.Fail(first + "/observations", "rows of numbers", "images");
  }
  info_.observation_size = observations.shape.size() == 1 ? 1 : observations.row_size();
  const ArrayInfo actions = file_.Info(first + "/actions");
  const Space acted = ParseSpace(action_space);
  if (acted.type == "Discrete" || (acted.type.empty() && actions.is_integer)) {
    info_.action_kind = ActionKind::kDiscrete;
    info_.action_size = acted.n;
    action_start_ = acted.start;
    return;
  }
  info_.action_size = actions.shape.size() == 1 ? 1 : actions.row_size();
  if (static_cast<int64_t>(acted.low.size()) == info_.action_size) {
    info_.action_low = acted.low;
    info_.action_high = acted.high;
  }
}

int64_t MinariReader::CheckArray(const std::string& name, int64_t rows, int64_t row_size) {
  const ArrayInfo info = file_.Info(name);
  if (!info.is_float && !info.is_integer) file_.Fail(name, "numbers", "another type");
  if (info.shape.empty()) file_.Fail(name, "an array", "a single value");
  if (rows >= 0 && info.rows() != rows) {
    file_.Fail(name, std::to_string(rows) + " rows", std::to_string(info.rows()));
  }
  if (info.row_size() != row_size) {
    file_.Fail(name, std::to_string(row_size) + " numbers a row", std::to_string(info.row_size()));
  }
  return info.rows();
}

void MinariReader::CheckEpisode(const std::string& group) {
  const int64_t columns = info_.action_kind == ActionKind::kDiscrete ? 1 : info_.action_size;
  const int64_t length = CheckArray(group + "/actions", -1, columns);
  if (length == 0) file_.Fail(group + "/actions", "at least one step", "none");
  const int64_t seen = CheckArray(group + "/observations", -1, info_.observation_size);
  if (seen != length && seen != length + 1) {
    file_.Fail(group + "/observations",
               std::to_string(length + 1) + " rows (one more than actions)", std::to_string(seen));
  }
  info_.has_rewards = info_.has_rewards && file_.Exists(group + "/rewards");
  if (file_.Exists(group + "/rewards")) CheckArray(group + "/rewards", length, 1);
  CheckArray(group + "/terminations", length, 1);
  CheckArray(group + "/truncations", length, 1);
  info_.steps += length;
}

Episode MinariReader::Read(int64_t index) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const std::string group = Group(numbers_[index]);
  Episode episode;
  episode.observation_size = info_.observation_size;
  episode.action_columns = info_.action_kind == ActionKind::kDiscrete ? 1 : info_.action_size;
  episode.observations = file_.Read(group + "/observations");
  episode.actions = file_.Read(group + "/actions");
  if (info_.action_kind == ActionKind::kDiscrete) {
    for (double& action : episode.actions) action -= static_cast<double>(action_start_);
  }
  if (info_.has_rewards) episode.rewards = file_.Read(group + "/rewards");
  const int64_t last = episode.length() - 1;
  episode.terminated = file_.Read(group + "/terminations", last, 1)[0] != 0;
  episode.truncated = file_.Read(group + "/truncations", last, 1)[0] != 0;
  episode.history = static_cast<int64_t>(file_.NumberAttribute(group, "history").value_or(0));
  return episode;
}

}  // namespace

std::unique_ptr<EpisodeReader> OpenMinari(const std::string& hdf5_path) {
  return std::make_unique<MinariReader>(hdf5_path);
}

}  // namespace longplay
