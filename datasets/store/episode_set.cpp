// SPDX-License-Identifier: MIT
#include "datasets/store/episode_set.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include "datasets/episode_reader.h"

namespace longplay {
namespace {

std::string Sizes(const DatasetInfo& info) {
  return std::to_string(info.observation_size) + " observations and " +
         std::to_string(info.action_size) +
         (info.action_kind == ActionKind::kDiscrete ? " discrete actions" : " actions");
}

bool AllFinite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

}  // namespace

EpisodeSet EpisodeSet::Load(const std::vector<std::string>& paths, const StoreOptions& options) {
  EpisodeSet set;
  for (const std::string& path : paths) set.Append(Read(path, options));
  return set;
}

std::shared_ptr<const EpisodeSet::Part> EpisodeSet::Read(const std::string& path,
                                                         const StoreOptions& options) {
  auto part = std::make_shared<Part>();
  const bool mapped = options.place == StepPlace::kMapped ||
                      (options.place == StepPlace::kAuto && HasPack(path, options.pack));
  if (mapped) {
    part->pack = OpenPack(path, options.pack);
    return part;
  }
  const std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
  const DatasetInfo& info = reader->info();
  const int64_t bytes = info.steps * (info.observation_size + info.action_size + 1) *
                        static_cast<int64_t>(sizeof(float));
  if (options.place == StepPlace::kAuto && bytes > options.memory_budget) {
    part->pack = OpenPack(path, options.pack);
    return part;
  }
  part->pack.info = info;
  part->pack.summary = StepSummary(info);
  part->observations.reserve(info.steps * info.observation_size);
  part->actions.reserve(info.steps * info.action_size);
  part->rewards.reserve(info.steps);
  Episode episode;
  for (int64_t e = 0; e < info.episodes; ++e) {
    reader->Read(e, episode);
    const EpisodeFloats floats = ToFloats(episode, info);
    part->pack.summary.Add(floats, ToRow(episode));
    part->observations.insert(part->observations.end(), floats.observations.begin(),
                              floats.observations.end());
    part->actions.insert(part->actions.end(), floats.actions.begin(), floats.actions.end());
    part->rewards.insert(part->rewards.end(), floats.rewards.begin(), floats.rewards.end());
    part->final_observations.insert(part->final_observations.end(),
                                    floats.final_observation.begin(),
                                    floats.final_observation.end());
  }
  return part;
}

void EpisodeSet::Append(std::shared_ptr<const Part> part) {
  const DatasetInfo& info = part->pack.info;
  const StepSummary& summary = part->pack.summary;
  if (parts_.empty()) {
    info_ = info;
    summary_ = summary;
    summary_.episodes.clear();
  } else if (Sizes(info) != Sizes(info_)) {
    throw std::invalid_argument("loading data: " + info.path + ": expected " + Sizes(info_) +
                                " as in " + info_.path + ", got " + Sizes(info));
  } else {
    info_.episodes += info.episodes;
    info_.steps += info.steps;
    info_.has_rewards = info_.has_rewards && info.has_rewards;
    if (info.reference_min != info_.reference_min || info.reference_max != info_.reference_max) {
      info_.reference_min.reset();  // of one file only
      info_.reference_max.reset();
    }
    summary_.observations.Merge(summary.observations);
    summary_.actions.Merge(summary.actions);
    summary_.rewards.Merge(summary.rewards);
    summary_.hash = summary_.hash * 0x9E3779B97F4A7C15ULL + summary.hash;
    summary_.steps += summary.steps;
  }
  // Histories of two files are different ones.
  int64_t histories_before = 0;
  for (const Place& place : places_) {
    histories_before = std::max(histories_before, place.row.history + 1);
  }
  const bool mapped = part->observations.empty();
  Place place{.observations =
                  mapped ? part->pack.observations.as<float>().data() : part->observations.data(),
              .actions = mapped ? part->pack.actions.as<float>().data() : part->actions.data(),
              .rewards = mapped ? part->pack.rewards.as<float>().data() : part->rewards.data(),
              .final_observation = mapped ? part->pack.final_observations.as<float>().data()
                                          : part->final_observations.data()};
  for (const EpisodeRow& row : summary.episodes) {
    place.row = row;
    place.row.history += histories_before;
    places_.push_back(place);
    place.observations += row.length * info_.observation_size;
    place.actions += row.length * info_.action_size;
    place.rewards += row.length;
    place.final_observation += info_.observation_size;
  }
  parts_.push_back(std::move(part));
}

const DatasetInfo& EpisodeSet::info() const { return info_; }
int64_t EpisodeSet::episodes() const { return static_cast<int64_t>(places_.size()); }
int64_t EpisodeSet::steps() const { return summary_.steps; }
int64_t EpisodeSet::length(int64_t episode) const { return places_[episode].row.length; }
double EpisodeSet::episode_return(int64_t episode) const {
  return places_[episode].row.episode_return;
}
int64_t EpisodeSet::history(int64_t episode) const { return places_[episode].row.history; }

std::span<const float> EpisodeSet::observations(int64_t episode) const {
  const Place& place = places_[episode];
  return {place.observations, static_cast<size_t>(place.row.length * info_.observation_size)};
}
std::span<const float> EpisodeSet::actions(int64_t episode) const {
  const Place& place = places_[episode];
  return {place.actions, static_cast<size_t>(place.row.length * info_.action_size)};
}
std::span<const float> EpisodeSet::rewards(int64_t episode) const {
  return {places_[episode].rewards, static_cast<size_t>(places_[episode].row.length)};
}
std::span<const float> EpisodeSet::final_observation(int64_t episode) const {
  const Place& place = places_[episode];
  const int64_t size = place.row.has_final_observation ? info_.observation_size : 0;
  return {place.final_observation, static_cast<size_t>(size)};
}
bool EpisodeSet::terminated(int64_t episode) const { return places_[episode].row.terminated; }

int64_t EpisodeSet::longest() const {
  int64_t longest = 0;
  for (const Place& place : places_) longest = std::max(longest, place.row.length);
  return longest;
}

uint64_t EpisodeSet::hash() const { return summary_.hash; }

bool EpisodeSet::mapped() const {
  return std::ranges::any_of(parts_, [](const auto& part) { return part->observations.empty(); });
}

Normalizer EpisodeSet::ComputeNormalizer() const {
  Normalizer normalizer;
  normalizer.observation_mean = summary_.observations.mean();
  normalizer.observation_std = summary_.observations.deviation();
  for (double& deviation : normalizer.observation_std) {
    if (deviation < 1e-6) deviation = 1;  // a constant column stays what it is, at 0
  }
  normalizer.action_center.assign(info_.action_size, 0);
  normalizer.action_scale.assign(info_.action_size, 1);
  if (info_.action_kind == ActionKind::kContinuous) FitActions(normalizer);
  const double deviation = summary_.rewards.deviation()[0];
  if (deviation > 0) normalizer.reward_scale = 1 / deviation;
  double largest = 0;
  for (const Place& place : places_)
    largest = std::max(largest, std::abs(place.row.episode_return));
  if (largest > 0) normalizer.return_scale = 1 / largest;
  return normalizer;
}

void EpisodeSet::FitActions(Normalizer& normalizer) const {
  std::vector<double> low = info_.action_low, high = info_.action_high;
  if (low.empty() || !AllFinite(low) || !AllFinite(high)) {
    low = summary_.actions.smallest();
    high = summary_.actions.largest();
    if (std::ranges::min(low) >= -1 && std::ranges::max(high) <= 1) return;
  }
  for (int64_t a = 0; a < info_.action_size; ++a) {
    normalizer.action_center[a] = (low[a] + high[a]) / 2;
    normalizer.action_scale[a] = high[a] > low[a] ? (high[a] - low[a]) / 2 : 1;
  }
}

}  // namespace longplay
