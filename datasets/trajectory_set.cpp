// SPDX-License-Identifier: MIT
#include "datasets/trajectory_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "datasets/episode_reader.h"

namespace longplay {
namespace {

std::string Sizes(const DatasetInfo& info) {
  return std::to_string(info.observation_size) + " observations and " +
         std::to_string(info.action_size) +
         (info.action_kind == ActionKind::kDiscrete ? " discrete actions" : " actions");
}

/// FNV-1a over the values of an array, continued from `hash`.
template <typename T>
uint64_t Hash(const std::vector<T>& values, uint64_t hash) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  for (size_t i = 0; i < values.size() * sizeof(T); ++i) {
    hash = (hash ^ bytes[i]) * 0x100000001B3ULL;
  }
  return hash;
}

/// Mean and standard deviation of each column of [rows, columns] values.
void Columns(const std::vector<float>& values, int64_t columns, std::vector<double>& mean,
             std::vector<double>& deviation) {
  const auto rows = static_cast<double>(values.size()) / static_cast<double>(columns);
  mean.assign(columns, 0);
  deviation.assign(columns, 0);
  for (size_t i = 0; i < values.size(); ++i) mean[i % columns] += values[i] / rows;
  for (size_t i = 0; i < values.size(); ++i) {
    const double difference = values[i] - mean[i % columns];
    deviation[i % columns] += difference * difference / rows;
  }
  for (double& value : deviation) value = std::sqrt(value);
}

bool AllFinite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

}  // namespace

TrajectorySet TrajectorySet::Load(const std::vector<std::string>& paths) {
  TrajectorySet set;
  set.starts_ = {0};
  for (const std::string& path : paths) {
    const std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
    const DatasetInfo& info = reader->info();
    if (set.info_.path.empty()) {
      set.info_ = info;
    } else if (Sizes(info) != Sizes(set.info_)) {
      throw std::invalid_argument("loading data: " + path + ": expected " + Sizes(set.info_) +
                                  " as in " + set.info_.path + ", got " + Sizes(info));
    } else {
      set.info_.episodes += info.episodes;
      set.info_.steps += info.steps;
      set.info_.has_rewards = set.info_.has_rewards && info.has_rewards;
    }
    const int64_t histories = set.histories_.empty() ? 0 : 1 + std::ranges::max(set.histories_);
    for (int64_t i = 0; i < info.episodes; ++i) set.Append(reader->Read(i), histories);
  }
  return set;
}

void TrajectorySet::Append(const Episode& episode, int64_t histories_before) {
  const int64_t length = episode.length();
  starts_.push_back(starts_.back() + length);
  histories_.push_back(histories_before + episode.history);
  returns_.push_back(std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0));
  observations_.insert(observations_.end(), episode.observations.begin(),
                       episode.observations.begin() + length * episode.observation_size);
  if (info_.action_kind == ActionKind::kDiscrete) {
    const size_t start = actions_.size();
    actions_.resize(start + length * info_.action_size, 0.0F);
    for (int64_t t = 0; t < length; ++t) {
      actions_[start + t * info_.action_size + static_cast<int64_t>(episode.actions[t])] = 1;
    }
  } else {
    actions_.insert(actions_.end(), episode.actions.begin(), episode.actions.end());
  }
  if (episode.rewards.empty()) {
    rewards_.resize(rewards_.size() + length, 0.0F);
  } else {
    rewards_.insert(rewards_.end(), episode.rewards.begin(), episode.rewards.end());
  }
}

const DatasetInfo& TrajectorySet::info() const { return info_; }
int64_t TrajectorySet::episodes() const { return static_cast<int64_t>(returns_.size()); }
int64_t TrajectorySet::steps() const { return starts_.back(); }
int64_t TrajectorySet::length(int64_t episode) const {
  return starts_[episode + 1] - starts_[episode];
}
double TrajectorySet::episode_return(int64_t episode) const { return returns_[episode]; }
int64_t TrajectorySet::history(int64_t episode) const { return histories_[episode]; }

std::span<const float> TrajectorySet::observations(int64_t episode) const {
  const int64_t size = info_.observation_size;
  return {observations_.data() + starts_[episode] * size,
          static_cast<size_t>(length(episode) * size)};
}
std::span<const float> TrajectorySet::actions(int64_t episode) const {
  const int64_t size = info_.action_size;
  return {actions_.data() + starts_[episode] * size, static_cast<size_t>(length(episode) * size)};
}
std::span<const float> TrajectorySet::rewards(int64_t episode) const {
  return {rewards_.data() + starts_[episode], static_cast<size_t>(length(episode))};
}

int64_t TrajectorySet::longest() const {
  int64_t longest = 0;
  for (int64_t e = 0; e < episodes(); ++e) longest = std::max(longest, length(e));
  return longest;
}

uint64_t TrajectorySet::hash() const {
  uint64_t hash = 0xCBF29CE484222325ULL;
  hash = Hash(starts_, hash);
  hash = Hash(observations_, hash);
  hash = Hash(actions_, hash);
  return Hash(rewards_, hash);
}

Normalizer TrajectorySet::ComputeNormalizer() const {
  Normalizer normalizer;
  Columns(observations_, info_.observation_size, normalizer.observation_mean,
          normalizer.observation_std);
  for (double& deviation : normalizer.observation_std) {
    if (deviation < 1e-6) deviation = 1;  // a constant column stays what it is, at 0
  }
  normalizer.action_center.assign(info_.action_size, 0);
  normalizer.action_scale.assign(info_.action_size, 1);
  if (info_.action_kind == ActionKind::kContinuous) FitActions(normalizer);
  std::vector<double> mean, deviation;
  Columns(rewards_, 1, mean, deviation);
  if (deviation[0] > 0) normalizer.reward_scale = 1 / deviation[0];
  double largest = 0;
  for (const double value : returns_) largest = std::max(largest, std::abs(value));
  if (largest > 0) normalizer.return_scale = 1 / largest;
  return normalizer;
}

void TrajectorySet::FitActions(Normalizer& normalizer) const {
  std::vector<double> low = info_.action_low, high = info_.action_high;
  if (low.empty() || !AllFinite(low) || !AllFinite(high)) {
    const auto [smallest, largest] = std::ranges::minmax(actions_);
    if (smallest >= -1 && largest <= 1) return;
    low.assign(info_.action_size, std::numeric_limits<double>::infinity());
    high.assign(info_.action_size, -std::numeric_limits<double>::infinity());
    for (size_t i = 0; i < actions_.size(); ++i) {
      const size_t a = i % low.size();
      low[a] = std::min<double>(low[a], actions_[i]);
      high[a] = std::max<double>(high[a], actions_[i]);
    }
  }
  for (int64_t a = 0; a < info_.action_size; ++a) {
    normalizer.action_center[a] = (low[a] + high[a]) / 2;
    normalizer.action_scale[a] = high[a] > low[a] ? (high[a] - low[a]) / 2 : 1;
  }
}

}  // namespace longplay
