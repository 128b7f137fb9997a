// SPDX-License-Identifier: MIT
#include "datasets/store/episode_set.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "datasets/checks/warning_summary.h"
#include "datasets/episode_reader.h"
#include "datasets/store/pack.h"
#include "datasets/store/step_labels.h"
#include "datasets/store/step_summary.h"

namespace longplay {
namespace {

std::string Sizes(const DatasetInfo& info) {
  return std::to_string(info.observation_size) + " observations and " +
         std::to_string(info.action_size) +
         (info.action_kind == ActionKind::kDiscrete ? " discrete actions" : " actions");
}

/// "[-1, 1] [-2, 2]", or empty.
std::string Bounds(const DatasetInfo& info) {
  std::ostringstream text;
  for (size_t a = 0; a < info.action_low.size(); ++a) {
    text << (a == 0 ? "" : " ") << "[" << info.action_low[a] << ", " << info.action_high[a] << "]";
  }
  return text.str();
}

/// FNV-1a over these numbers, going on from `hash`.
uint64_t HashFurther(uint64_t hash, const std::vector<float>& numbers) {
  for (const float number : numbers) {
    hash = (hash ^ std::bit_cast<uint32_t>(number)) * 0x100000001B3ULL;
  }
  return hash;
}

bool AllFinite(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::isfinite(value); });
}

}  // namespace

struct EpisodeSet::Contents {
  /// The steps of one file: read, or mapped.
  struct Part {
    Pack pack;  // of a file that was read: without the mapped arrays
    std::vector<float> observations, actions, rewards, final_observations;
    std::vector<float> labels;  // empty = none
  };
  struct Place {
    const float *observations = nullptr, *actions = nullptr, *rewards = nullptr;
    const float *final_observation = nullptr, *labels = nullptr;
    EpisodeRow row;
  };

  static std::shared_ptr<Part> Read(const std::string& path, const StoreOptions& options);
  void Append(std::shared_ptr<const Part> part);
  void NoteDifferences(const DatasetInfo& added);
  Normalizer ComputeNormalizer() const;
  void FitActions(Normalizer& normalizer) const;

  DatasetInfo info;
  std::vector<std::shared_ptr<const Part>> parts;
  std::vector<Place> places;       // of each episode
  std::vector<std::string> notes;  // where files disagree
  StepSummary summary;             // of all files, without the table of episodes
};

EpisodeSet::EpisodeSet(std::shared_ptr<const Contents> contents) : contents_(std::move(contents)) {}

EpisodeSet EpisodeSet::Load(const std::vector<std::string>& paths, const StoreOptions& options) {
  auto contents = std::make_shared<Contents>();
  for (const std::string& path : paths) {
    const std::shared_ptr<Contents::Part> part = Contents::Read(path, options);
    if (!options.labels.empty()) {
      part->labels = ReadStepLabels(path, options.labels, part->pack.summary.episodes);
    }
    contents->Append(part);
  }
  return EpisodeSet(std::move(contents));
}

std::shared_ptr<EpisodeSet::Contents::Part> EpisodeSet::Contents::Read(
    const std::string& path, const StoreOptions& options) {
  auto part = std::make_shared<Part>();
  // Mapped: when it is asked for, or a pack is already there.
  const bool mapped = options.place == StepPlace::kMapped ||
                      (options.place == StepPlace::kAuto && HasPack(path, options.pack));
  if (mapped) {
    part->pack = OpenPack(path, options.pack);
    return part;
  }
  // Mapped, too: what needs more memory than the budget.
  const std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
  const DatasetInfo& info = reader->info();
  const int64_t bytes = info.steps * (info.observation_size + info.action_size + 1) *
                        static_cast<int64_t>(sizeof(float));
  if (options.place == StepPlace::kAuto && bytes > options.memory_budget) {
    part->pack = OpenPack(path, options.pack);
    return part;
  }
  // Otherwise read into memory, one episode after another.
  part->pack.info = info;
  part->pack.summary = StepSummary(info);
  part->observations.reserve(info.steps * info.observation_size);
  part->actions.reserve(info.steps * info.action_size);
  part->rewards.reserve(info.steps);
  Episode episode;
  for (int64_t e = 0; e < info.episodes; ++e) {
    reader->Read(e, episode);
    if (e == 0) part->pack.offset = ObservationOffset(episode);
    const EpisodeFloats floats = ToFloats(episode, info, e, part->pack.offset);
    part->pack.summary.Add(floats, ToRow(episode));
    part->observations.insert(part->observations.end(), floats.observations.begin(),
                              floats.observations.end());
    part->actions.insert(part->actions.end(), floats.actions.begin(), floats.actions.end());
    part->rewards.insert(part->rewards.end(), floats.rewards.begin(), floats.rewards.end());
    part->final_observations.insert(part->final_observations.end(),
                                    floats.final_observation.begin(),
                                    floats.final_observation.end());
    if (options.on_progress) options.on_progress(part->pack.summary.steps, info.steps);
  }
  part->pack.warnings = SummariseProblems(reader->Warnings());
  return part;
}

/// Files of one size may still be of different tasks.
void EpisodeSet::Contents::NoteDifferences(const DatasetInfo& added) {
  const auto note = [&](const std::string& what, const std::string& used,
                        const std::string& other) {
    if (used == other) return;
    notes.push_back(added.path + ": " + what + " " + (other.empty() ? "not stated" : other) +
                    ", in " + info.path + " " + (used.empty() ? "not stated" : used) +
                    ": that of " + info.path + " is used");
  };
  // What of the first file is used for all.
  note("environment", info.environment, added.environment);
  note("action repeat", std::to_string(info.action_repeat), std::to_string(added.action_repeat));
  note("episode limit", std::to_string(info.max_episode_steps),
       std::to_string(added.max_episode_steps));
  note("bounds of actions", Bounds(info), Bounds(added));
}

void EpisodeSet::Contents::Append(std::shared_ptr<const Part> part) {
  const DatasetInfo& added = part->pack.info;
  const StepSummary& steps = part->pack.summary;
  notes.insert(notes.end(), part->pack.warnings.begin(), part->pack.warnings.end());
  // Totals of all files. The first one says what the set is, the others must fit it.
  if (parts.empty()) {
    info = added;
    summary = steps;
    summary.episodes.clear();
  } else if (Sizes(added) != Sizes(info)) {
    throw std::invalid_argument("loading data: " + added.path + ": expected " + Sizes(info) +
                                " as in " + info.path + ", got " + Sizes(added));
  } else {
    NoteDifferences(added);
    if (part->pack.offset != parts.front()->pack.offset) {
      throw std::invalid_argument(
          "loading data: " + added.path + ": expected observations that begin as those of " +
          info.path +
          ", got columns far from 0 (a clock?) that float32 can only hold less another " +
          "value: take it off first, or put the files into one");
    }
    info.episodes += added.episodes;
    info.steps += added.steps;
    info.has_rewards = info.has_rewards && added.has_rewards;
    if (added.reference_min != info.reference_min || added.reference_max != info.reference_max) {
      info.reference_min.reset();  // of one file only
      info.reference_max.reset();
    }
    summary.observations.Merge(steps.observations);
    summary.actions.Merge(steps.actions);
    summary.rewards.Merge(steps.rewards);
    // The order of files counts.
    summary.hash = summary.hash * 0x9E3779B97F4A7C15ULL + steps.hash;
    summary.steps += steps.steps;
  }
  summary.hash = HashFurther(summary.hash, part->labels);
  // Histories of two files are different ones.
  int64_t histories_before = 0;
  for (const Place& place : places) {
    histories_before = std::max(histories_before, place.row.history + 1);
  }
  // Where each episode lies: arrays hold them one after another.
  const bool mapped = part->observations.empty();
  Place place{.observations =
                  mapped ? part->pack.observations.as<float>().data() : part->observations.data(),
              .actions = mapped ? part->pack.actions.as<float>().data() : part->actions.data(),
              .rewards = mapped ? part->pack.rewards.as<float>().data() : part->rewards.data(),
              .final_observation = mapped ? part->pack.final_observations.as<float>().data()
                                          : part->final_observations.data(),
              .labels = part->labels.empty() ? nullptr : part->labels.data()};
  for (const EpisodeRow& row : steps.episodes) {
    place.row = row;
    place.row.history += histories_before;
    places.push_back(place);
    place.observations += row.length * info.observation_size;
    place.actions += row.length * info.action_size;
    place.rewards += row.length;
    place.final_observation += info.observation_size;
    if (place.labels != nullptr) place.labels += row.length * info.action_size;
  }
  parts.push_back(std::move(part));
}

const DatasetInfo& EpisodeSet::info() const { return contents_->info; }
const std::vector<std::string>& EpisodeSet::notes() const { return contents_->notes; }
const std::vector<double>& EpisodeSet::observation_offset() const {
  return contents_->parts.front()->pack.offset;
}
int64_t EpisodeSet::episodes() const { return static_cast<int64_t>(contents_->places.size()); }
int64_t EpisodeSet::steps() const { return contents_->summary.steps; }
int64_t EpisodeSet::length(int64_t episode) const { return contents_->places[episode].row.length; }
double EpisodeSet::episode_return(int64_t episode) const {
  return contents_->places[episode].row.episode_return;
}
int64_t EpisodeSet::history(int64_t episode) const {
  return contents_->places[episode].row.history;
}

std::span<const float> EpisodeSet::observations(int64_t episode) const {
  const Contents::Place& place = contents_->places[episode];
  return {place.observations,
          static_cast<size_t>(place.row.length * contents_->info.observation_size)};
}
std::span<const float> EpisodeSet::actions(int64_t episode) const {
  const Contents::Place& place = contents_->places[episode];
  return {place.actions, static_cast<size_t>(place.row.length * contents_->info.action_size)};
}
std::span<const float> EpisodeSet::rewards(int64_t episode) const {
  return {contents_->places[episode].rewards,
          static_cast<size_t>(contents_->places[episode].row.length)};
}
std::span<const float> EpisodeSet::labels(int64_t episode) const {
  const Contents::Place& place = contents_->places[episode];
  if (place.labels == nullptr) return {};
  return {place.labels, static_cast<size_t>(place.row.length * contents_->info.action_size)};
}
std::span<const float> EpisodeSet::final_observation(int64_t episode) const {
  const Contents::Place& place = contents_->places[episode];
  const int64_t size = place.row.has_final_observation ? contents_->info.observation_size : 0;
  return {place.final_observation, static_cast<size_t>(size)};
}
bool EpisodeSet::terminated(int64_t episode) const {
  return contents_->places[episode].row.terminated;
}

int64_t EpisodeSet::longest() const {
  int64_t longest = 0;
  for (const Contents::Place& place : contents_->places)
    longest = std::max(longest, place.row.length);
  return longest;
}

uint64_t EpisodeSet::hash() const { return contents_->summary.hash; }

bool EpisodeSet::mapped() const {
  return std::ranges::any_of(contents_->parts,
                             [](const auto& part) { return part->observations.empty(); });
}

EpisodeSet EpisodeSet::Select(const std::vector<int64_t>& episodes) const {
  auto selected = std::make_shared<Contents>();
  selected->info = contents_->info;
  selected->notes = contents_->notes;
  // Steps stay where they are, shared; their statistics are those of the selected alone.
  selected->parts = contents_->parts;
  selected->summary = StepSummary(contents_->info);
  const auto copy = [](std::span<const float> values) {
    return std::vector<float>(values.begin(), values.end());
  };
  for (const int64_t episode : episodes) {
    const Contents::Place& place = contents_->places[episode];
    selected->places.push_back(place);
    selected->summary.Add({.observations = copy(observations(episode)),
                           .final_observation = copy(final_observation(episode)),
                           .actions = copy(actions(episode)),
                           .rewards = copy(rewards(episode))},
                          place.row);
  }
  selected->summary.episodes.clear();
  selected->info.episodes = static_cast<int64_t>(episodes.size());
  selected->info.steps = selected->summary.steps;
  return EpisodeSet(std::move(selected));
}

Normalizer EpisodeSet::ComputeNormalizer() const { return contents_->ComputeNormalizer(); }

Normalizer EpisodeSet::Contents::ComputeNormalizer() const {
  Normalizer normalizer;
  // Observations: mean 0 and deviation 1.
  normalizer.observation_mean = summary.observations.mean();
  normalizer.observation_offset = parts.front()->pack.offset;
  for (size_t k = 0; k < normalizer.observation_offset.size(); ++k) {
    normalizer.observation_mean[k] += normalizer.observation_offset[k];
  }
  normalizer.observation_std = summary.observations.deviation();
  for (double& deviation : normalizer.observation_std) {
    if (deviation < 1e-6) deviation = 1;  // a constant column stays what it is, at 0
  }
  // Actions: their range becomes [-1, 1].
  normalizer.action_center.assign(info.action_size, 0);
  normalizer.action_scale.assign(info.action_size, 1);
  if (info.action_kind == ActionKind::kContinuous) FitActions(normalizer);
  // Rewards: deviation 1, not centred. Returns: at most 1 in size.
  const double deviation = summary.rewards.deviation()[0];
  if (deviation > 0) normalizer.reward_scale = 1 / deviation;
  double largest = 0;
  for (const Place& place : places) largest = std::max(largest, std::abs(place.row.episode_return));
  if (largest > 0) normalizer.return_scale = 1 / largest;
  return normalizer;
}

void EpisodeSet::Contents::FitActions(Normalizer& normalizer) const {
  // Without finite bounds the data's own range; inside [-1, 1] actions stay what they are.
  std::vector<double> low = info.action_low, high = info.action_high;
  if (low.empty() || !AllFinite(low) || !AllFinite(high)) {
    low = summary.actions.smallest();
    high = summary.actions.largest();
    if (std::ranges::min(low) >= -1 && std::ranges::max(high) <= 1) return;
  }
  for (int64_t a = 0; a < info.action_size; ++a) {
    normalizer.action_center[a] = (low[a] + high[a]) / 2;
    normalizer.action_scale[a] = high[a] > low[a] ? (high[a] - low[a]) / 2 : 1;
  }
}

}  // namespace longplay
