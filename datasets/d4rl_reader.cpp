// SPDX-License-Identifier: MIT
#include "datasets/d4rl_reader.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "datasets/array_checks.h"
#include "datasets/hdf5_file.h"

namespace longplay {
namespace {

class D4rlReader : public FormatReader {
 public:
  explicit D4rlReader(const std::string& path);

  const DatasetInfo& info() const override { return info_; }
  void Adopt(const DatasetInfo& info) override { info_ = info; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const override;

 private:
  std::optional<Hdf5Array> Optional(const std::string& name) const {
    return file_.Exists(name) ? std::optional(file_.OpenForPieces(name)) : std::nullopt;
  }
  std::vector<double> Flags(const std::optional<Hdf5Array>& array) const;
  void CutEpisodes();
  void CutAtJumps(std::vector<bool>& ends) const;

  Hdf5File file_;
  Hdf5Array observations_, actions_;
  std::optional<Hdf5Array> rewards_, terminals_, timeouts_, next_observations_;
  DatasetInfo info_;
  std::vector<int64_t> starts_;   // [episodes + 1] first row of each
  std::vector<bool> terminated_;  // [episodes]
  bool has_tail_ = false;         // the last episode has no end flag
};

D4rlReader::D4rlReader(const std::string& path)
    : file_(path),
      observations_(file_.OpenForPieces("observations")),
      actions_(file_.OpenForPieces("actions")),
      rewards_(Optional("rewards")),
      terminals_(Optional("terminals")),
      timeouts_(Optional("timeouts")),
      next_observations_(Optional("next_observations")) {
  info_.path = path;
  info_.format = "d4rl";
  if (observations_.info().shape.size() > 2) observations_.Fail("rows of numbers", "images");
  info_.observation_size = observations_.info().row_size();
  CheckShape(observations_, {.rows = -1, .row_size = info_.observation_size});
  info_.steps = observations_.rows();
  info_.action_size = actions_.info().row_size();
  CheckShape(actions_, {.rows = info_.steps, .row_size = info_.action_size});
  if (actions_.info().is_integer) {
    if (info_.action_size != 1) {
      actions_.Fail("one whole number a row (discrete actions) or decimal ones",
                    std::to_string(info_.action_size) + " whole numbers a row");
    }
    info_.action_kind = ActionKind::kDiscrete;
    const std::vector<double> values = actions_.Read();
    const double most = *std::ranges::max_element(values);
    CheckWhole(actions_, 0, 1000000);
    info_.action_size = static_cast<int64_t>(most) + 1;
  }
  info_.has_rewards = rewards_.has_value();
  info_.environment = file_.StringAttribute("/", "env_id").value_or("");
  info_.max_episode_steps =
      static_cast<int64_t>(file_.NumberAttribute("/", "max_episode_steps").value_or(0));
  if (!terminals_ && !timeouts_) {
    file_.Fail("/", "an array terminals or timeouts (where episodes end)", "neither");
  }
  CutEpisodes();
}

std::vector<double> D4rlReader::Flags(const std::optional<Hdf5Array>& array) const {
  if (!array) return std::vector<double>(info_.steps, 0.0);
  CheckShape(*array, {.rows = info_.steps});
  CheckWhole(*array, 0, 1);
  return array->Read();
}

void D4rlReader::CutEpisodes() {
  const std::vector<double> terminals = Flags(terminals_), timeouts = Flags(timeouts_);
  std::vector<bool> ends(info_.steps);
  for (int64_t t = 0; t < info_.steps; ++t) ends[t] = terminals[t] != 0 || timeouts[t] != 0;
  if (!timeouts_) CutAtJumps(ends);
  has_tail_ = !ends.back();
  ends.back() = true;
  starts_ = {0};
  for (int64_t t = 0; t < info_.steps; ++t) {
    const bool too_long = !timeouts_ && info_.max_episode_steps > 0 &&
                          t + 1 - starts_.back() == info_.max_episode_steps;
    if (!ends[t] && !too_long) continue;
    starts_.push_back(t + 1);
    terminated_.push_back(terminals[t] != 0);
  }
  info_.episodes = static_cast<int64_t>(terminated_.size());
}

// Old files say nothing of time limits, but an episode goes on only where the next row continues.
void D4rlReader::CutAtJumps(std::vector<bool>& ends) const {
  if (!next_observations_) return;
  CheckShape(*next_observations_, {.rows = info_.steps, .row_size = info_.observation_size});
  const std::vector<double> before = observations_.Read(), after = next_observations_->Read();
  const int64_t columns = info_.observation_size;
  for (int64_t t = 0; t + 1 < info_.steps; ++t) {
    const auto next = before.begin() + (t + 1) * columns;
    ends[t] = ends[t] || !std::equal(next, next + columns, after.begin() + t * columns);
  }
}

void D4rlReader::Survey(ProblemLog& log, const std::function<void()>& alive) {
  log.Attempt([&] { CheckFinite(observations_, alive); });
  log.Attempt([&] { CheckFinite(actions_, alive); });
  if (rewards_) {
    log.Attempt([&] {
      CheckShape(*rewards_, {.rows = info_.steps});
      CheckFinite(*rewards_, alive);
    });
  } else {
    log.Warn(info_.path, "no rewards: only behaviour cloning can use it");
  }
  if (next_observations_) {
    log.Attempt([&] {
      CheckShape(*next_observations_, {.rows = info_.steps, .row_size = info_.observation_size});
      CheckFinite(*next_observations_, alive);
    });
  }
  if (!terminals_) log.Warn(info_.path, "no terminals: every end counts as a time limit");
  if (!timeouts_) {
    log.Warn(info_.path, next_observations_
                             ? "no timeouts: cut where next_observations does not continue"
                             : "no timeouts: episodes that a time limit ended run on into the "
                               "next one");
  }
  if (has_tail_) {
    log.Warn(info_.path, "the last episode has no end flag: kept as a truncated one of " +
                             std::to_string(starts_.back() - starts_[starts_.size() - 2]) +
                             " steps");
  }
}

void D4rlReader::Read(int64_t index, Episode& episode) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const int64_t first = starts_[index], length = starts_[index + 1] - first;
  episode.observation_size = info_.observation_size;
  episode.action_columns = info_.action_kind == ActionKind::kDiscrete ? 1 : info_.action_size;
  observations_.ReadInto(episode.observations, first, length);
  if (next_observations_) {
    const std::vector<double> last = next_observations_->Read(first + length - 1, 1);
    episode.observations.insert(episode.observations.end(), last.begin(), last.end());
  }
  actions_.ReadInto(episode.actions, first, length);
  episode.rewards.clear();
  if (rewards_) rewards_->ReadInto(episode.rewards, first, length);
  episode.terminated = terminated_[index];
  episode.truncated = !episode.terminated;
}

}  // namespace

std::unique_ptr<FormatReader> OpenD4rl(const std::string& hdf5_path) {
  return std::make_unique<D4rlReader>(hdf5_path);
}

}  // namespace longplay
