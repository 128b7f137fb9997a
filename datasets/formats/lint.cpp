// SPDX-License-Identifier: MIT
#include "datasets/formats/lint.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <string>

namespace longplay {
namespace {

// A step that changes the observation so many times more than the file's mean step, averaged over
// its numbers. Falls and contacts move some numbers a lot; a new episode moves all of them.
constexpr double kJump = 8;
constexpr double kMostJumps = 0.01;  // share of steps; where there are more, they are the task's
constexpr double kBoundSlack = 1e-6;

std::string Place(const EpisodeReader& reader, int64_t episode, int64_t step = -1) {
  return reader.info().path + ": episode " + std::to_string(episode) +
         (step < 0 ? "" : ", step " + std::to_string(step));
}

/// Calls `visit` with each change of the observation from one step to the next.
void VisitChanges(
    const Episode& episode,
    const std::function<void(int64_t step, const double* a, const double* b)>& visit) {
  for (int64_t t = 0; t + 1 < episode.length(); ++t) {
    const double* row = episode.observations.data() + t * episode.observation_size;
    visit(t, row, row + episode.observation_size);
  }
}

/// Mean change of each number of the observation over all steps.
class Changes {
 public:
  explicit Changes(int64_t width) : sums_(width, 0.0) {}

  void Add(const Episode& episode) {
    VisitChanges(episode, [&](int64_t, const double* a, const double* b) {
      for (size_t k = 0; k < sums_.size(); ++k) sums_[k] += std::abs(b[k] - a[k]);
      ++count_;
    });
  }

  /// How many times the mean change this is, averaged over the numbers that change at all.
  double Size(const double* a, const double* b) const {
    double size = 0;
    int64_t moving = 0;
    for (size_t k = 0; k < sums_.size(); ++k) {
      if (sums_[k] == 0) continue;
      size += std::abs(b[k] - a[k]) * static_cast<double>(count_) / sums_[k];
      ++moving;
    }
    return moving == 0 ? 0 : size / static_cast<double>(moving);
  }

  int64_t count() const { return count_; }

 private:
  std::vector<double> sums_;
  int64_t count_ = 0;
};

/// FNV-1a on 64-bit words, with the upper bits folded down: products carry upwards only.
uint64_t Hash(const Episode& episode) {
  uint64_t hash = 0xCBF29CE484222325ULL;
  for (const std::vector<double>* values : {&episode.observations, &episode.actions}) {
    for (const double value : *values) {
      uint64_t word = 0;
      std::memcpy(&word, &value, sizeof word);
      hash = (hash ^ word) * 0x100000001B3ULL;
      hash ^= hash >> 32;
    }
  }
  return hash;
}

/// The episode before that holds the same, -1 for none.
class Duplicates {
 public:
  int64_t Find(const Episode& episode, int64_t index) {
    const auto [found, is_new] = first_.emplace(Hash(episode), index);
    return is_new ? -1 : found->second;
  }

 private:
  std::map<uint64_t, int64_t> first_;
};

void CheckActions(const EpisodeReader& reader, const Episode& episode, int64_t index,
                  ProblemLog& log) {
  const DatasetInfo& info = reader.info();
  if (info.action_low.empty() || info.format == "minari") return;  // Minari's survey says more
  for (size_t i = 0; i < episode.actions.size(); ++i) {
    const size_t a = i % info.action_low.size();
    if (episode.actions[i] >= info.action_low[a] - kBoundSlack &&
        episode.actions[i] <= info.action_high[a] + kBoundSlack) {
      continue;
    }
    log.Warn(Place(reader, index, static_cast<int64_t>(i / info.action_low.size())),
             "an action outside the bounds of the action space");
    return;
  }
}

void CheckReferences(const EpisodeReader& reader, ProblemLog& log) {
  const DatasetInfo& info = reader.info();
  if (info.reference_min.has_value() != info.reference_max.has_value()) {
    log.Warn(info.path, "one reference score without the other: returns are not normalised");
  } else if (info.reference_min && !(*info.reference_min < *info.reference_max)) {
    log.Warn(info.path, "the reference score 0 is not below the reference score 1");
  }
}

}  // namespace

void Lint(const EpisodeReader& reader, ProblemLog& log, const std::function<void()>& alive) {
  CheckReferences(reader, log);
  Changes changes(reader.info().observation_size);
  Duplicates duplicates;
  Episode episode;
  // Pass 1: what each episode shows by itself, and the mean change of observations.
  for (int64_t e = 0; e < reader.info().episodes; ++e) {
    reader.Read(e, episode);
    changes.Add(episode);
    if (const int64_t twin = duplicates.Find(episode, e); twin >= 0) {
      log.Warn(Place(reader, e),
               "the same observations and actions as episode " + std::to_string(twin));
    }
    if (episode.terminated && episode.truncated) {
      log.Warn(Place(reader, e), "terminated and truncated at once: counts as terminated");
    }
    CheckActions(reader, episode, e, log);
    alive();
  }
  // Pass 2: changes far above that mean.
  std::vector<std::pair<int64_t, int64_t>> jumps;
  for (int64_t e = 0; e < reader.info().episodes; ++e) {
    reader.Read(e, episode);
    VisitChanges(episode, [&](int64_t t, const double* a, const double* b) {
      if (changes.Size(a, b) > kJump) jumps.emplace_back(e, t);
    });
    alive();
  }
  if (static_cast<double>(jumps.size()) > kMostJumps * static_cast<double>(changes.count())) return;
  for (const auto& [e, t] : jumps) {
    log.Warn(Place(reader, e, t + 1), "the observation jumps: two episodes joined?");
  }
}

}  // namespace longplay
