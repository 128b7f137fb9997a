// SPDX-License-Identifier: MIT
#include "datasets/readers/d3rlpy_reader.h"

#include <algorithm>
#include <stdexcept>

#include "datasets/checks/array_checks.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/column_group.h"

namespace longplay {
namespace {

constexpr int64_t kMostEpisodes = 100'000'000;

/// A single number; of an array, its first.
double Number(const Hdf5Array& array) {
  const std::vector<double> values = array.Read();
  if (values.empty()) array.Fail("a number", "none");
  return values[0];
}

class D3rlpyReader : public FormatReader {
 public:
  D3rlpyReader(const std::string& path, const PathOptions& options) : file_(path) {
    info_.path = path;
    info_.format = "d3rlpy";
    // Sizes and types are those of the first episode; the survey holds the others to them.
    CheckWhole(file_.Open("num_episodes"), 1, kMostEpisodes);
    info_.episodes = static_cast<int64_t>(Number(file_.Open("num_episodes")));
    // Tuple observations lie side by side: observations_0_0, observations_0_1 ...
    for (int64_t part = 0; file_.Exists(Name("observations", 0) + "_" + std::to_string(part));) {
      parts_.push_back("_" + std::to_string(part++));
    }
    if (parts_.empty()) parts_.push_back("");
    for (const std::string& part : parts_) {
      observations_.push_back(ColumnGroup::Find(file_, Name("observations", 0) + part));
      info_.observation_size += observations_.back().width();
    }
    info_.observation_type = observations_.front().type();
    for (const ColumnGroup& part : observations_) {
      if (part.type() != info_.observation_type) info_.observation_type = "float64";
    }
    info_.reward_type = file_.Open(Name("rewards", 0)).info().type;
    const Hdf5Array actions = file_.Open(Name("actions", 0));
    info_.action_type = actions.info().type;
    info_.action_size = actions.info().row_size();
    // One whole number a row: discrete actions, unless others are asked for.
    const bool discrete =
        options.actions ? *options.actions == ActionKind::kDiscrete : actions.info().is_integer;
    if (!discrete) return;
    if (info_.action_size != 1) {
      actions.Fail(
          "one whole number a row (discrete actions) or decimal ones; ?actions=continuous takes "
          "whole numbers as decimal ones",
          std::to_string(info_.action_size) + " whole numbers a row");
    }
    info_.action_kind = ActionKind::kDiscrete;
    info_.action_size = 0;  // counted by the survey
  }

  const DatasetInfo& info() const override { return info_; }

  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    info_.steps = 0;
    for (int64_t e = 0; e < info_.episodes; ++e) {
      log.Attempt([&] { SurveyEpisode(e, log); });
      alive();
    }
  }

  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;

 private:
  static std::string Name(const std::string& column, int64_t episode) {
    return column + "_" + std::to_string(episode);
  }
  bool discrete() const { return info_.action_kind == ActionKind::kDiscrete; }

  void SurveyEpisode(int64_t e, ProblemLog& log) {
    // Each array in an attempt of its own: validate lists what is wrong with all of them.
    const Hdf5Array actions = file_.Open(Name("actions", e));
    CheckShape(actions, {.rows = -1, .row_size = discrete() ? 1 : info_.action_size});
    const int64_t length = actions.rows();
    info_.steps += length;
    // How many actions there are is known only from all of them.
    if (discrete()) {
      log.Attempt([&] {
        CheckWhole(actions, 0, kMostChoices);
        const double most = std::ranges::max(actions.Read());
        info_.action_size = std::max(info_.action_size, static_cast<int64_t>(most) + 1);
      });
    }
    for (size_t k = 0; k < parts_.size(); ++k) log.Attempt([&] { CheckRows(e, k, length); });
    log.Attempt([&] { CheckShape(file_.Open(Name("rewards", e)), {.rows = length}); });
    log.Attempt([&] { CheckWhole(file_.Open(Name("terminated", e)), 0, 1); });
  }

  void CheckRows(int64_t e, size_t part, int64_t length) const {
    const std::string name = Name("observations", e) + parts_[part];
    const int64_t rows = observations_[part].CheckShapes(file_, name);
    if (rows != length) {
      file_.Fail(name, std::to_string(length) + " rows (one per action)", std::to_string(rows));
    }
  }

  Hdf5File file_;
  DatasetInfo info_;
  std::vector<std::string> parts_;  // "" or "_0", "_1" ...
  std::vector<ColumnGroup> observations_;
};

void D3rlpyReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  episode.observation_size = info_.observation_size;
  episode.action_columns = discrete() ? 1 : info_.action_size;
  const Hdf5Array actions = file_.Open(Name("actions", index));
  const int64_t length = actions.rows(), width = info_.observation_size;
  log.Attempt([&] { ReadFinite(actions, episode.actions); });
  log.Attempt([&] {
    const Hdf5Array rewards = file_.Open(Name("rewards", index));
    CheckShape(rewards, {.rows = length});
    ReadFinite(rewards, episode.rewards);
  });
  // Tuple observations are put side by side.
  episode.observations.assign(length * width, 0.0);
  std::vector<double> columns;
  int64_t first = 0;
  for (size_t k = 0; k < parts_.size(); ++k) {
    const int64_t part = observations_[k].width();
    log.Attempt([&] {
      CheckRows(index, k, length);
      observations_[k].Read(file_, Name("observations", index) + parts_[k], columns);
      for (int64_t t = 0; t < length; ++t) {
        std::copy_n(columns.begin() + t * part, part,
                    episode.observations.begin() + t * width + first);
      }
    });
    first += part;
  }
  // The one flag of an episode: what did not terminate was cut off.
  log.Attempt([&] { episode.terminated = Number(file_.Open(Name("terminated", index))) != 0; });
  episode.truncated = !episode.terminated;
}

}  // namespace

std::unique_ptr<FormatReader> OpenD3rlpy(const std::string& hdf5_path, const PathOptions& options) {
  return std::make_unique<D3rlpyReader>(hdf5_path, options);
}

}  // namespace longplay
