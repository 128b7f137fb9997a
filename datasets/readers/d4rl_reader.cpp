// SPDX-License-Identifier: MIT
#include "datasets/readers/d4rl_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "datasets/checks/array_checks.h"
#include "datasets/checks/continuity.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/info_arrays.h"

namespace longplay {
namespace {

class D4rlReader : public FormatReader {
 public:
  D4rlReader(const std::string& path, const PathOptions& options);

  const DatasetInfo& info() const override { return info_; }
  void Survey(ProblemLog& log, const std::function<void()>& alive) override;
  void Load(int64_t index, Episode& episode, ProblemLog& log) const override;
  EpisodeExtras ReadExtras(int64_t index) const override;
  RecordedPhysics ReadPhysics(int64_t index) const override;
  RecordedPhysics StatesToCheck(int64_t index) const override {
    return next_observations_ ? RecordedPhysics() : ReadPhysics(index);
  }

 private:
  std::optional<Hdf5Array> Optional(const std::string& name) const {
    return file_.Exists(name) ? std::optional(file_.OpenForPieces(name)) : std::nullopt;
  }
  void ReadActionKind(const PathOptions& options);
  std::vector<double> Flags(const std::optional<Hdf5Array>& array) const;
  void CutEpisodes();
  void ReadSideGroup();
  /// A row an episode of the side group; empty when it is not there or not of this file.
  std::vector<double> Side(const std::string& name, int64_t columns = 1) const;
  void CutAtJumps(std::vector<bool>& ends) const;
  void LoadActions(int64_t first, int64_t length, std::vector<double>& actions) const;
  void LoadFinalObservation(int64_t index, Episode& episode, ProblemLog& log) const;
  /// Names at the root that are no part of the layout.
  std::vector<std::string> OtherNames() const;
  bool discrete() const { return info_.action_kind == ActionKind::kDiscrete; }

  Hdf5File file_;
  Hdf5Array observations_, actions_;
  std::optional<Hdf5Array> rewards_, terminals_, timeouts_, next_observations_;
  std::optional<Hdf5Array> ends_of_d3rlpy_;                  // episode_terminals, terminated or not
  mutable std::optional<Hdf5Array> positions_, velocities_;  // once they were asked for
  DatasetInfo info_;
  std::vector<int64_t> starts_;   // [episodes + 1] first row of each
  std::vector<bool> terminated_;  // [episodes]
  int64_t both_ = -1;             // first row that is terminal and timeout
  bool has_tail_ = false;         // the last episode has no end flag
  // What our own writer keeps in the group `longplay`, [episodes] or empty.
  std::vector<double> ends_, finals_, histories_, has_seed_, seeds_;
};

D4rlReader::D4rlReader(const std::string& path, const PathOptions& options)
    : file_(path),
      observations_(file_.OpenForPieces("observations")),
      actions_(file_.OpenForPieces("actions")),
      rewards_(Optional("rewards")),
      terminals_(Optional("terminals")),
      timeouts_(Optional("timeouts")),
      next_observations_(Optional("next_observations")),
      ends_of_d3rlpy_(Optional("episode_terminals")) {
  info_.path = path;
  info_.format = ends_of_d3rlpy_ ? "d3rlpy" : "d4rl";
  // Sizes, which all arrays must share.
  if (observations_.info().shape.size() > 2 && observations_.info().type == "uint8") {
    observations_.Fail("rows of numbers", "images");
  }
  info_.observation_size = observations_.info().row_size();
  CheckShape(observations_, {.rows = -1, .row_size = info_.observation_size});
  info_.steps = observations_.rows();
  info_.action_size = actions_.info().row_size();
  CheckShape(actions_, {.rows = info_.steps, .row_size = info_.action_size});
  ReadActionKind(options);
  // What else the file says: types, and D4RL's and our own root attributes.
  info_.observation_type = observations_.info().type;
  info_.action_type = actions_.info().type;
  if (rewards_) info_.reward_type = rewards_->info().type;
  info_.has_rewards = rewards_.has_value();
  info_.environment = file_.StringAttribute("/", "env_id").value_or("");
  info_.max_episode_steps =
      static_cast<int64_t>(file_.NumberAttribute("/", "max_episode_steps").value_or(0));
  info_.action_repeat =
      static_cast<int64_t>(file_.NumberAttribute("/", "action_repeat").value_or(1));
  info_.reference_min = file_.NumberAttribute("/", "ref_min_score");
  info_.reference_max = file_.NumberAttribute("/", "ref_max_score");
  // Episodes; the side group is compared with them.
  if (!terminals_ && !timeouts_ && !ends_of_d3rlpy_) {
    file_.Fail("/", "an array terminals or timeouts (where episodes end)", "neither");
  }
  CutEpisodes();
  ReadSideGroup();
}

/// Asked for, written by us or by d3rlpy 1, or else by the type of the numbers.
void D4rlReader::ReadActionKind(const PathOptions& options) {
  bool discrete = actions_.info().is_integer;
  if (file_.Exists("discrete_action")) {
    const std::vector<double> flag = file_.Open("discrete_action").Read();
    if (!flag.empty()) discrete = flag[0] != 0;
  }
  const auto kind = file_.StringAttribute("longplay", "action_kind");
  if (kind) discrete = *kind == "discrete";
  if (options.actions) discrete = *options.actions == ActionKind::kDiscrete;
  if (!discrete) return;
  if (info_.action_size != 1) {
    actions_.Fail(
        "one whole number a row (discrete actions) or decimal ones; ?actions=continuous takes "
        "whole "
        "numbers as decimal ones",
        std::to_string(info_.action_size) + " whole numbers a row");
  }
  info_.action_kind = ActionKind::kDiscrete;
  // How many there are: our own writer notes it, because data need not hold them all.
  info_.action_start =
      static_cast<int64_t>(file_.NumberAttribute("longplay", "action_start").value_or(0));
  double most = 0;
  CheckWhole(actions_, info_.action_start, info_.action_start + kMostChoices);
  VisitPieces(actions_, [&](int64_t, const std::vector<double>& values) {
    most = std::max(most, *std::ranges::max_element(values));
  });
  const auto known = static_cast<int64_t>(file_.NumberAttribute("longplay", "actions").value_or(0));
  info_.action_size = std::max(static_cast<int64_t>(most) - info_.action_start + 1, known);
}

std::vector<double> D4rlReader::Side(const std::string& name, int64_t columns) const {
  const std::string path = "longplay/" + name;
  if (!file_.Exists(path)) return {};
  const Hdf5Array array = file_.Open(path);
  CheckShape(array, {.rows = info_.episodes, .row_size = columns});
  return array.Read();
}

// Taken only where its episodes are those of the flat arrays: the file may have been cut since.
void D4rlReader::ReadSideGroup() {
  if (!file_.Exists("longplay/length")) return;
  const Hdf5Array lengths = file_.Open("longplay/length");
  if (lengths.rows() != info_.episodes) return;
  const std::vector<double> recorded = lengths.Read();
  for (int64_t e = 0; e < info_.episodes; ++e) {
    if (static_cast<int64_t>(recorded[e]) != starts_[e + 1] - starts_[e]) return;
  }
  ends_ = Side("ends");
  finals_ = Side("final_observation");
  histories_ = Side("history");
  has_seed_ = Side("has_seed");
  seeds_ = Side("seed", 2);
  if (discrete() || !file_.Exists("longplay/action_low")) return;
  info_.action_low = file_.Open("longplay/action_low").Read();
  info_.action_high = file_.Open("longplay/action_high").Read();
  if (static_cast<int64_t>(info_.action_low.size()) != info_.action_size ||
      info_.action_high.size() != info_.action_low.size()) {
    file_.Fail("longplay/action_low", "a number for each action", "another number of them");
  }
}

std::vector<double> D4rlReader::Flags(const std::optional<Hdf5Array>& array) const {
  if (!array) return std::vector<double>(info_.steps, 0.0);
  CheckShape(*array, {.rows = info_.steps});
  CheckWhole(*array, 0, 1);
  return array->Read();
}

void D4rlReader::CutEpisodes() {
  // Pass 1: rows that end an episode. d3rlpy 1 flags every end, terminated or not.
  const std::vector<double> terminals = Flags(terminals_);
  const std::vector<double> timeouts = Flags(ends_of_d3rlpy_ ? ends_of_d3rlpy_ : timeouts_);
  std::vector<bool> ends(info_.steps);
  for (int64_t t = 0; t < info_.steps; ++t) ends[t] = terminals[t] != 0 || timeouts[t] != 0;
  const bool has_limits = timeouts_ || ends_of_d3rlpy_;
  if (!has_limits) CutAtJumps(ends);
  // Rows after the last end are kept, as an episode that was cut off.
  has_tail_ = !ends.back();
  ends.back() = true;
  // Pass 2: cut there, and in old files at the time limit, which they do not flag.
  starts_ = {0};
  for (int64_t t = 0; t < info_.steps; ++t) {
    if (both_ < 0 && timeouts_ && terminals[t] != 0 && timeouts[t] != 0) both_ = t;
    const bool too_long = !has_limits && info_.max_episode_steps > 0 &&
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
  const int64_t columns = info_.observation_size;
  std::vector<double> seen;
  VisitPieces(*next_observations_, [&](int64_t first, const std::vector<double>& after) {
    // Row t + 1 of observations for row t of these; the file's last row has none.
    const int64_t rows = static_cast<int64_t>(after.size()) / std::max<int64_t>(columns, 1);
    const int64_t compared = std::min(rows, info_.steps - 1 - first);
    observations_.ReadInto(seen, first + 1, compared);
    for (int64_t t = 0; t < compared; ++t) {
      const auto row = seen.begin() + t * columns;
      const bool goes_on = std::equal(row, row + columns, after.begin() + t * columns);
      ends[first + t] = ends[first + t] || !goes_on;
    }
  });
}

void D4rlReader::Survey(ProblemLog& log, const std::function<void()>& alive) {
  // What cannot be used: arrays of another length.
  if (rewards_) {
    log.Attempt([&] { CheckShape(*rewards_, {.rows = info_.steps}); });
  } else {
    log.Warn(info_.path, "no rewards: only behaviour cloning can use it");
  }
  if (next_observations_) {
    log.Attempt([&] {
      CheckShape(*next_observations_, {.rows = info_.steps, .row_size = info_.observation_size});
    });
  }
  alive();
  // What can be used, but perhaps not as its author meant it.
  if (both_ >= 0 && ends_.empty()) {
    log.Warn(info_.path + ":timeouts[" + std::to_string(both_) + "]",
             "terminal and timeout at once: counts as terminal");
  }
  if (!terminals_) log.Warn(info_.path, "no terminals: every end counts as a time limit");
  if (!timeouts_ && !ends_of_d3rlpy_) {
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
  // An array of steps that is not part of the layout may have been meant to be one.
  for (const std::string& name : OtherNames()) {
    if (file_.IsGroup(name)) continue;
    const ArrayInfo other = file_.Open(name).info();
    if (other.type.empty() || other.shape.empty() || other.rows() != info_.steps) continue;
    log.Warn(info_.path + ":" + name, "an array that the layout does not have is left out");
  }
}

void D4rlReader::LoadActions(int64_t first, int64_t length, std::vector<double>& actions) const {
  actions_.ReadInto(actions, first, length);
  if (!discrete()) return CheckFinite(actions_, first, actions);
  // Episodes count discrete actions from 0.
  for (double& action : actions) action -= static_cast<double>(info_.action_start);
}

/// The one after the last action. All other rows of next_observations are observed in the next row,
/// too: that they are is checked here.
void D4rlReader::LoadFinalObservation(int64_t index, Episode& episode, ProblemLog& log) const {
  CheckShape(*next_observations_, {.rows = info_.steps, .row_size = info_.observation_size});
  const int64_t first = starts_[index], end = starts_[index + 1], width = info_.observation_size;
  std::vector<double> next = next_observations_->Read(first, end - first);
  const std::span<const double> rows(next), last = rows.last(width);
  CheckFinite(*next_observations_, first, rows.first(rows.size() - last.size()));
  const std::string& where = next_observations_->where();
  if (timeouts_) CheckContinuity(episode.observations, rows, width, where, first, log);
  // Our own writer notes where it had none to write; others write NaN there.
  if (!finals_.empty() && finals_[index] == 0) return;
  if (std::ranges::any_of(last, [](double value) { return std::isnan(value); })) {
    log.Count(where + "[" + std::to_string(end - 1) + "]",
              "nan after an episode's last action: counts as not recorded");
    return;
  }
  CheckFinite(*next_observations_, end - 1, last);
  if (timeouts_ && end < info_.steps && SameObservation(last, observations_.Read(end, 1))) {
    WarnOfContinuedEnd(where, end - 1, log);
  }
  episode.observations.insert(episode.observations.end(), last.begin(), last.end());
}

void D4rlReader::Load(int64_t index, Episode& episode, ProblemLog& log) const {
  if (index < 0 || index >= info_.episodes) throw std::out_of_range("reading data: " + info_.path);
  const int64_t first = starts_[index], length = starts_[index + 1] - first;
  episode.observation_size = info_.observation_size;
  episode.action_columns = discrete() ? 1 : info_.action_size;
  log.Attempt([&] { ReadFinite(observations_, episode.observations, first, length); });
  log.Attempt([&] { LoadActions(first, length, episode.actions); });
  episode.rewards.clear();
  if (rewards_) {
    log.Attempt([&] {
      CheckShape(*rewards_, {.rows = info_.steps});
      ReadFinite(*rewards_, episode.rewards, first, length);
    });
  }
  if (next_observations_) log.Attempt([&] { LoadFinalObservation(index, episode, log); });
  // As it was recorded: the flat flags cannot say "neither", and read both as terminated.
  episode.terminated = terminated_[index];
  episode.truncated = !episode.terminated;
  if (!ends_.empty()) {
    const auto ends = static_cast<int>(ends_[index]);
    episode.terminated = (ends & 1) != 0;
    episode.truncated = (ends & 2) != 0;
  }
  episode.history = histories_.empty() ? 0 : static_cast<int64_t>(histories_[index]);
}

std::vector<std::string> D4rlReader::OtherNames() const {
  static constexpr const char* kKnown[] = {
      "observations", "next_observations", "actions",         "rewards", "terminals", "timeouts",
      "infos",        "episode_terminals", "discrete_action", "longplay"};
  std::vector<std::string> names;
  for (const std::string& name : file_.Children("/")) {
    if (std::ranges::find(kKnown, name) == std::end(kKnown)) names.push_back(name);
  }
  return names;
}

EpisodeExtras D4rlReader::ReadExtras(int64_t index) const {
  const int64_t first = starts_[index], length = starts_[index + 1] - first;
  EpisodeExtras extras;
  // Stored in halves, because arrays are read as doubles, which hold 53 bits.
  if (!has_seed_.empty() && !seeds_.empty() && has_seed_[index] != 0) {
    extras.seed = (static_cast<uint64_t>(seeds_[2 * index]) << 32) |
                  static_cast<uint64_t>(seeds_[2 * index + 1]);
  }
  // Infos with a row a step; our writer keeps the row after the last action beside them.
  for (const std::string& name : ArraysBelow(file_, "infos")) {
    const Hdf5Array array = file_.Open("infos/" + name);
    if (array.info().type.empty() || array.info().shape.empty() || array.rows() != info_.steps) {
      extras.left_out.push_back("infos/" + name);
      continue;
    }
    InfoArray info = ReadInfo(array, first, length);
    if (!ends_.empty() && file_.Exists("longplay/last_infos/" + name)) {
      const std::vector<double> last = file_.Open("longplay/last_infos/" + name).Read(index, 1);
      info.values.insert(info.values.end(), last.begin(), last.end());
    }
    extras.infos[name] = std::move(info);
  }
  // Whatever else is there is named, so that `data convert` can say what it drops.
  for (const std::string& name : OtherNames()) extras.left_out.push_back(name);
  return extras;
}

// State before each step.
RecordedPhysics D4rlReader::ReadPhysics(int64_t index) const {
  // D4RL's MuJoCo files keep them under these names.
  if (!file_.Exists("infos/qpos") || !file_.Exists("infos/qvel")) return {};
  const int64_t first = starts_[index], length = starts_[index + 1] - first;
  // Opened once: each episode is a slice of them, and a chunk of many episodes is unpacked once.
  if (!positions_) positions_ = file_.OpenForPieces("infos/qpos");
  if (!velocities_) velocities_ = file_.OpenForPieces("infos/qvel");
  const std::vector<double> qpos = positions_->Read(first, length),
                            qvel = velocities_->Read(first, length);
  return SideBySide(qpos, positions_->info().row_size(), qvel, velocities_->info().row_size());
}

}  // namespace

std::unique_ptr<FormatReader> OpenD4rl(const std::string& hdf5_path, const PathOptions& options) {
  return std::make_unique<D4rlReader>(hdf5_path, options);
}

}  // namespace longplay
