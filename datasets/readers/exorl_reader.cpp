// SPDX-License-Identifier: MIT
#include "datasets/readers/exorl_reader.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <stdexcept>

#include "datasets/data_error.h"
#include "datasets/files/mapped_file.h"
#include "datasets/files/npz.h"
#include "datasets/formats/numbered_groups.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> NpzFiles(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".npz") files.push_back(entry.path());
  }
  // episode_000000_1000.npz ...: as they were collected.
  std::ranges::sort(files, [](const fs::path& a, const fs::path& b) {
    return NaturalLess(a.string(), b.string());
  });
  return files;
}

using Arrays = std::map<std::string, NpyArray>;

class ExorlReader : public FormatReader {
 public:
  ExorlReader(const std::string& folder, int64_t reward_column)
      : files_(NpzFiles(folder)), reward_column_(reward_column) {
    info_.path = folder;
    info_.format = "exorl";
    if (files_.empty()) throw DataError(folder, "expected .npz files, got none");
    info_.episodes = static_cast<int64_t>(files_.size());
    // Sizes and types are those of the first episode; each read holds the others to them.
    const Arrays first = Load(0, kSteps);
    info_.observation_size = Find(first, 0, "observation").row_size();
    info_.action_size = Find(first, 0, "action").row_size();
    const auto type = [&](const char* name) {
      return Find(first, 0, name).type == "f4" ? "float32" : "float64";
    };
    info_.observation_type = type("observation");
    info_.action_type = type("action");
    info_.reward_type = type("reward");
    // One column, or one for each task that a file was relabelled for.
    const int64_t columns = Find(first, 0, "reward").row_size();
    if (reward_column >= columns) {
      throw DataError(Where(0, "reward"), "expected a column " + std::to_string(reward_column) +
                                              ", got " + std::to_string(columns) + " columns");
    }
    reward_columns_ = columns;
    info_.has_rewards = columns == 1 || reward_column >= 0;
    // Not in the files: ExoRL's environments take actions in [-1, 1].
    info_.action_low.assign(info_.action_size, -1);
    info_.action_high.assign(info_.action_size, 1);
  }

  const DatasetInfo& info() const override { return info_; }

  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    if (!info_.has_rewards) {
      log.Warn(Where(0, "reward"), std::to_string(reward_columns_) +
                                       " columns, one per task: choose one with ?reward=K, or use "
                                       "`data relabel`; left out");
    }
    info_.steps = 0;
    for (int64_t e = 0; e < info_.episodes; ++e) {
      log.Attempt([&] { SurveyEpisode(e); });
      alive();
    }
  }

  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;
  RecordedPhysics ReadPhysics(int64_t index) const override;
  RecordedPhysics StatesToCheck(int64_t index) const override { return ReadPhysics(index); }

 private:
  static bool kSteps(const std::string& name) {
    return name == "observation" || name == "action" || name == "reward" || name == "discount";
  }

  std::string Where(int64_t index, const std::string& name) const {
    return files_[index].string() + ":" + name;
  }

  Arrays Load(int64_t index, const std::function<bool(const std::string&)>& wanted) const {
    const fs::path& path = files_[index];
    try {
      const MappedFile file(path, fs::file_size(path));
      return ParseNpz(file.as<std::byte>(), wanted);
    } catch (const std::exception& error) {
      throw DataError(path.string(), error.what());
    }
  }

  const NpyArray& Find(const Arrays& arrays, int64_t index, const std::string& name) const {
    const auto found = arrays.find(name);
    if (found == arrays.end()) {
      // Without observations it is perhaps another layout's file, in a folder with its like.
      throw DataError(Where(index, name),
                      name == "observation" ? "expected an array of ExoRL's episode, got none; of "
                                              "other layouts one .npz file is a data set"
                                            : "expected an array, got none");
    }
    // ExoRL's pixel variants hold bytes of more than two dimensions.
    if (found->second.shape.size() > 2 && found->second.type == "u1") {
      throw DataError(Where(index, name), "expected rows of numbers, got images");
    }
    return found->second;
  }

  void CheckShapeOf(const Arrays& arrays, int64_t index, const std::string& name, int64_t rows,
                    int64_t width) const {
    const NpyArray& array = Find(arrays, index, name);
    if (array.rows() != rows || array.row_size() != width || array.shape.empty()) {
      throw DataError(Where(index, name), "expected " + std::to_string(rows) + " rows of " +
                                              std::to_string(width) + " numbers, got " +
                                              std::to_string(array.rows()) + " of " +
                                              std::to_string(array.row_size()));
    }
  }

  /// Shape, and values from row `first` on: what a reset's row says of action and reward means
  /// nothing.
  void Check(const Arrays& arrays, int64_t index, const std::string& name, int64_t rows,
             int64_t width, int64_t first) const {
    CheckShapeOf(arrays, index, name, rows, width);
    const std::vector<double>& values = Find(arrays, index, name).values;
    const auto is_finite = [](double value) { return std::isfinite(value); };
    const auto bad = std::find_if_not(values.begin() + first * width, values.end(), is_finite);
    if (bad == values.end()) return;
    const auto place = bad - values.begin();
    throw DataError(Where(index, name) + "[" + std::to_string(place / std::max<int64_t>(width, 1)) +
                        ", " + std::to_string(place % std::max<int64_t>(width, 1)) + "]",
                    "expected a finite number, got another");
  }

  /// How many rows an episode has: all arrays as many as the observations.
  int64_t RowsOf(const Arrays& arrays, int64_t index) const {
    const int64_t rows = Find(arrays, index, "observation").rows();
    if (rows < 2) {
      throw DataError(Where(index, "observation"),
                      "expected 2 or more rows, got " + std::to_string(rows));
    }
    return rows;
  }

  void SurveyEpisode(int64_t index) {
    // Headers would do; the files are small, and zip has no cheap way to them.
    const Arrays arrays = Load(index, kSteps);
    const int64_t rows = RowsOf(arrays, index);
    CheckShapeOf(arrays, index, "observation", rows, info_.observation_size);
    CheckShapeOf(arrays, index, "action", rows, info_.action_size);
    CheckShapeOf(arrays, index, "reward", rows, reward_columns_);
    CheckShapeOf(arrays, index, "discount", rows, 1);
    info_.steps += rows - 1;
  }

  std::vector<fs::path> files_;
  int64_t reward_column_, reward_columns_ = 1;
  DatasetInfo info_;
};

void ExorlReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  Arrays arrays = Load(index, kSteps);
  const int64_t rows = RowsOf(arrays, index);
  log.Attempt([&] { Check(arrays, index, "observation", rows, info_.observation_size, 0); });
  log.Attempt([&] { Check(arrays, index, "action", rows, info_.action_size, 1); });
  log.Attempt([&] { Check(arrays, index, "reward", rows, reward_columns_, 1); });
  log.Attempt([&] { Check(arrays, index, "discount", rows, 1, 1); });
  episode.observation_size = info_.observation_size;
  episode.action_columns = info_.action_size;
  episode.observations = std::move(arrays["observation"].values);
  const std::vector<double>& actions = arrays["action"].values;
  // Row 0 is the reset: no action led to it, and its reward is none.
  episode.actions.assign(actions.begin() + info_.action_size, actions.end());
  episode.rewards.clear();
  if (info_.has_rewards) {
    const std::vector<double>& rewards = arrays["reward"].values;
    const int64_t column = std::max<int64_t>(reward_column_, 0);
    for (int64_t t = 1; t <= episode.length(); ++t) {
      episode.rewards.push_back(rewards[t * reward_columns_ + column]);
    }
  }
  // dm_control's discount: 0 where the task ended the episode.
  episode.terminated = arrays["discount"].values.back() == 0;
  episode.truncated = !episode.terminated;
}

RecordedPhysics ExorlReader::ReadPhysics(int64_t index) const {
  Arrays arrays = Load(index, [](const std::string& name) { return name == "physics"; });
  if (arrays.empty()) return {};
  NpyArray& physics = arrays["physics"];
  return {.columns = physics.row_size(), .rows = std::move(physics.values)};
}

}  // namespace

bool IsExorlFolder(const std::string& folder) {
  return fs::is_directory(folder) && !NpzFiles(folder).empty();
}

std::unique_ptr<FormatReader> OpenExorl(const std::string& folder, int64_t reward_column) {
  return std::make_unique<ExorlReader>(folder, reward_column);
}

}  // namespace longplay
