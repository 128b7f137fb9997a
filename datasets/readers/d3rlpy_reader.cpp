// SPDX-License-Identifier: MIT
#include "datasets/readers/d3rlpy_reader.h"

#include <algorithm>
#include <stdexcept>

#include "datasets/files/hdf5_file.h"
#include "datasets/formats/array_checks.h"
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
  explicit D3rlpyReader(const std::string& path) : file_(path) {
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
    // One whole number a row: discrete actions.
    if (!actions.info().is_integer) return;
    if (info_.action_size != 1) actions.Fail("one whole number a row, or decimals", "several");
    info_.action_kind = ActionKind::kDiscrete;
    info_.action_size = 0;  // counted by the survey
  }

  const DatasetInfo& info() const override { return info_; }
  void Adopt(const DatasetInfo& info) override { info_ = info; }

  void Survey(ProblemLog& log, const std::function<void()>& alive) override {
    info_.steps = 0;
    for (int64_t e = 0; e < info_.episodes; ++e) {
      log.Attempt([&] { SurveyEpisode(e, log, alive); });
      alive();
    }
  }

  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const override;

 private:
  static std::string Name(const std::string& column, int64_t episode) {
    return column + "_" + std::to_string(episode);
  }
  bool discrete() const { return info_.action_kind == ActionKind::kDiscrete; }

  void SurveyEpisode(int64_t e, ProblemLog& log, const std::function<void()>& alive) {
    // Each array in an attempt of its own: validate lists what is wrong with all of them.
    const Hdf5Array actions = file_.Open(Name("actions", e));
    CheckShape(actions, {.rows = -1, .row_size = discrete() ? 1 : info_.action_size});
    const int64_t length = actions.rows();
    info_.steps += length;
    log.Attempt([&] {
      if (!discrete()) return CheckFinite(actions, alive);
      CheckWhole(actions, 0, 1000000);
      const double most = std::ranges::max(actions.Read());
      info_.action_size = std::max(info_.action_size, static_cast<int64_t>(most) + 1);
    });
    log.Attempt([&] {
      for (size_t k = 0; k < parts_.size(); ++k) {
        const std::string name = Name("observations", e) + parts_[k];
        const int64_t rows = observations_[k].CheckShapes(file_, name);
        if (rows != length) {
          file_.Fail(name, std::to_string(length) + " rows (one per action)", std::to_string(rows));
        }
        observations_[k].CheckFinite(file_, name, alive);
      }
    });
    log.Attempt([&] {
      const Hdf5Array rewards = file_.Open(Name("rewards", e));
      CheckShape(rewards, {.rows = length});
      CheckFinite(rewards, alive);
    });
    log.Attempt([&] { CheckWhole(file_.Open(Name("terminated", e)), 0, 1); });
  }

  Hdf5File file_;
  DatasetInfo info_;
  std::vector<std::string> parts_;  // "" or "_0", "_1" ...
  std::vector<ColumnGroup> observations_;
};

void D3rlpyReader::Read(int64_t index, Episode& episode) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  episode = {.observation_size = info_.observation_size,
             .action_columns = discrete() ? 1 : info_.action_size};
  file_.Open(Name("actions", index)).ReadInto(episode.actions);
  file_.Open(Name("rewards", index)).ReadInto(episode.rewards);
  const int64_t length = episode.length(), width = info_.observation_size;
  episode.observations.resize(length * width);
  // Tuple observations are put side by side.
  std::vector<double> columns;
  int64_t first = 0;
  for (size_t k = 0; k < parts_.size(); ++k) {
    const int64_t part = observations_[k].width();
    observations_[k].Read(file_, Name("observations", index) + parts_[k], columns);
    for (int64_t t = 0; t < length; ++t) {
      std::copy_n(columns.begin() + t * part, part,
                  episode.observations.begin() + t * width + first);
    }
    first += part;
  }
  // The one flag of an episode: what did not terminate was cut off.
  episode.terminated = Number(file_.Open(Name("terminated", index))) != 0;
  episode.truncated = !episode.terminated;
}

}  // namespace

std::unique_ptr<FormatReader> OpenD3rlpy(const std::string& hdf5_path) {
  return std::make_unique<D3rlpyReader>(hdf5_path);
}

}  // namespace longplay
