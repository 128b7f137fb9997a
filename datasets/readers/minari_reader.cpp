// SPDX-License-Identifier: MIT
#include "datasets/readers/minari_reader.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/array_checks.h"
#include "datasets/formats/column_group.h"
#include "datasets/formats/info_arrays.h"
#include "datasets/formats/space_json.h"

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

class MinariReader : public FormatReader {
 public:
  explicit MinariReader(const std::string& path) : file_(path), numbers_(EpisodeNumbers(file_)) {
    info_.path = path;
    info_.format = "minari";
    if (numbers_.empty()) file_.Fail("/", "groups episode_0, episode_1 ...", "none");
    info_.episodes = static_cast<int64_t>(numbers_.size());
    ReadMetadata();
  }

  const DatasetInfo& info() const override { return info_; }
  void Adopt(const DatasetInfo& info) override { info_ = info; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const override;
  EpisodeExtras ReadExtras(int64_t index) const override;

 private:
  static std::string Group(int64_t number) { return "episode_" + std::to_string(number); }
  bool discrete() const { return info_.action_kind == ActionKind::kDiscrete; }
  int64_t action_columns() const { return discrete() ? 1 : info_.action_size; }
  void ReadMetadata();
  void ReadSpaces(const std::string& observation_space, const std::string& action_space);
  void CountActions();
  int64_t SurveyLength(const std::string& group) const;
  void SurveyEpisode(const std::string& group, ProblemLog& log, const std::function<void()>& alive);
  void SurveyActions(const std::string& path, ProblemLog& log,
                     const std::function<void()>& alive) const;
  void SurveyEnds(const std::string& group, int64_t length, ProblemLog& log) const;

  Hdf5File file_;
  std::vector<int64_t> numbers_;
  DatasetInfo info_;
  ColumnGroup observations_, actions_;
  bool has_metadata_ = false;
};

void MinariReader::ReadMetadata() {
  const fs::path beside = fs::path(info_.path).parent_path() / "metadata.json";
  const auto text = [&](const std::string& key) -> std::string {
    return file_.StringAttribute("/", key).value_or("");
  };
  // The HDF5 file alone: root attributes, by Minari 0.4 or by our own writer.
  if (!fs::exists(beside)) {
    ReadSpaces(text("observation_space"), text("action_space"));
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
  // A folder of Minari 0.5: metadata.json, where keys that are missing keep their default.
  has_metadata_ = true;
  std::ifstream metadata(beside);
  if (!metadata) {
    throw DataError(beside.string(),
                    std::string("expected a readable file, got ") + std::strerror(errno));
  }
  std::ostringstream content;
  content << metadata.rdbuf();
  const nlohmann::json json = ParsePythonJson(content.str());
  if (!json.is_object()) {
    throw DataError(beside.string(), "expected a JSON object, got " + content.str().substr(0, 40));
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
  // Observations: sizes and types are those of the first episode.
  const std::string first = Group(numbers_.front());
  const Space seen = ParseSpace(observation_space);
  if (seen.type == "Box" && seen.dtype == "uint8" && seen.shape.size() > 1) {
    file_.Fail(first + "/observations", "rows of numbers", "images");
  }
  observations_ = ColumnGroup::Find(file_, first + "/observations");
  info_.observation_size = observations_.width();
  actions_ = ColumnGroup::Find(file_, first + "/actions");
  info_.observation_type = observations_.type();
  info_.action_type = actions_.type();
  if (file_.Exists(first + "/rewards")) {
    info_.reward_type = file_.Open(first + "/rewards").info().type;
  }
  // Actions: discrete by their space or, where there is none, by their type.
  const bool one_array = actions_.names() == std::vector<std::string>{""};
  const bool whole = one_array && file_.Open(first + "/actions").info().is_integer;
  const Space acted = ParseSpace(action_space);
  if (acted.type == "Discrete" || (acted.type.empty() && whole)) {
    if (actions_.width() != 1) {
      file_.Fail(first + "/actions", "one whole number a row (discrete actions) or decimal ones",
                 std::to_string(actions_.width()) + " whole numbers a row");
    }
    info_.action_kind = ActionKind::kDiscrete;
    info_.action_size = acted.n;
    info_.action_start = acted.start;
    return;
  }
  // Continuous ones, in a single Box or in Boxes put side by side.
  const bool boxes = acted.type == "Box" || acted.type == "Dict" || acted.type == "Tuple";
  if (!acted.type.empty() && !boxes) {
    file_.Fail(first + "/actions", "a Box or Discrete action space, or a Dict or Tuple of Boxes",
               acted.type);
  }
  info_.action_size = actions_.width();
  // Bounds without a finite one say nothing, and those of other columns are not used.
  const auto finite = [](double bound) { return std::isfinite(bound); };
  const bool bounded =
      std::ranges::any_of(acted.low, finite) || std::ranges::any_of(acted.high, finite);
  if (bounded && static_cast<int64_t>(acted.low.size()) == info_.action_size &&
      acted.high.size() == acted.low.size()) {
    info_.action_low = acted.low;
    info_.action_high = acted.high;
  }
}

// Without a space in the metadata the actions themselves say how many there are.
void MinariReader::CountActions() {
  for (const int64_t number : numbers_) {
    for (const double action : file_.Open(Group(number) + "/actions").Read()) {
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
  if (discrete() && info_.action_size == 0) log.Attempt([&] { CountActions(); });
  info_.steps = 0;
  for (const int64_t number : numbers_) {
    log.Attempt([&] { SurveyEpisode(Group(number), log, alive); });
    alive();
  }
  if (!info_.has_rewards) log.Warn(info_.path, "no rewards: only behaviour cloning can use it");
}

int64_t MinariReader::SurveyLength(const std::string& group) const {
  return actions_.CheckShapes(file_, group + "/actions");
}

void MinariReader::SurveyEpisode(const std::string& group, ProblemLog& log,
                                 const std::function<void()>& alive) {
  // Each array in an attempt of its own: validate lists what is wrong with all of them.
  const int64_t length = SurveyLength(group);
  info_.steps += length;
  log.Attempt([&] { SurveyActions(group + "/actions", log, alive); });
  log.Attempt([&] {
    const std::string path = group + "/observations";
    const int64_t rows = observations_.CheckShapes(file_, path);
    // Minari writes T + 1 observations; other tools' files may lack the last one.
    if (rows != length && rows != length + 1) {
      file_.Fail(path, std::to_string(length + 1) + " rows (one more than actions)",
                 std::to_string(rows));
    }
    if (rows == length) {
      log.Warn(file_.path() + ":" + path, "no observation after the last action");
    }
    observations_.CheckFinite(file_, path, alive);
  });
  if (file_.Exists(group + "/rewards")) {
    log.Attempt([&] {
      const Hdf5Array rewards = file_.Open(group + "/rewards");
      CheckShape(rewards, {.rows = length});
      CheckFinite(rewards, alive);
    });
  } else {
    info_.has_rewards = false;
  }
  log.Attempt([&] { SurveyEnds(group, length, log); });
}

void MinariReader::SurveyActions(const std::string& path, ProblemLog& log,
                                 const std::function<void()>& alive) const {
  if (discrete()) {
    CheckWhole(file_.Open(path), info_.action_start, info_.action_start + info_.action_size - 1);
    return;
  }
  actions_.CheckFinite(file_, path, alive);
  // Bounds are a warning only: looked at when somebody reads warnings.
  if (!log.collecting() || info_.action_low.empty()) return;
  std::vector<double> values;
  actions_.Read(file_, path, values);
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t a = i % info_.action_low.size();
    if (values[i] >= info_.action_low[a] - 1e-6 && values[i] <= info_.action_high[a] + 1e-6)
      continue;
    log.Warn(file_.path() + ":" + path + "[" + std::to_string(i / info_.action_low.size()) + "]",
             "an action outside the bounds of the action space");
    return;
  }
}

void MinariReader::SurveyEnds(const std::string& group, int64_t length, ProblemLog& log) const {
  // Minari flags every step; the last one counts.
  bool ended = false;
  for (const char* name : {"/terminations", "/truncations"}) {
    const Hdf5Array flags = file_.Open(group + name);
    CheckShape(flags, {.rows = length});
    CheckWhole(flags, 0, 1);
    const std::vector<double> values = flags.Read();
    ended = ended || values.back() != 0;
    if (std::find(values.begin(), values.end() - 1, 1.0) != values.end() - 1) {
      log.Warn(flags.where(), "an end before the last step is ignored");
    }
  }
  if (!ended) log.Warn(file_.path() + ":" + group, "neither terminated nor truncated at its end");
}

void MinariReader::Read(int64_t index, Episode& episode) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const std::string group = Group(numbers_[index]);
  episode.observation_size = info_.observation_size;
  episode.action_columns = action_columns();
  observations_.Read(file_, group + "/observations", episode.observations);
  actions_.Read(file_, group + "/actions", episode.actions);
  if (discrete()) {
    for (double& action : episode.actions) action -= static_cast<double>(info_.action_start);
  }
  episode.rewards.clear();
  if (info_.has_rewards) file_.Open(group + "/rewards").ReadInto(episode.rewards);
  const int64_t last = episode.length() - 1;
  episode.terminated = file_.Open(group + "/terminations").Read(last, 1)[0] != 0;
  episode.truncated = file_.Open(group + "/truncations").Read(last, 1)[0] != 0;
  episode.history = static_cast<int64_t>(file_.NumberAttribute(group, "history").value_or(0));
  // Our own writer repeated the last row to fill the layout.
  if (file_.NumberAttribute(group, "longplay_no_final_observation")) {
    episode.observations.resize(episode.length() * info_.observation_size);
  }
}

EpisodeExtras MinariReader::ReadExtras(int64_t index) const {
  const std::string group = Group(numbers_[index]);
  EpisodeExtras extras;
  extras.seed = file_.WholeAttribute(group, "seed");
  if (file_.Exists(group + "/infos")) AddInfos(file_, group + "/infos", extras);
  return extras;
}

}  // namespace

std::unique_ptr<FormatReader> OpenMinari(const std::string& hdf5_path) {
  return std::make_unique<MinariReader>(hdf5_path);
}

}  // namespace longplay
