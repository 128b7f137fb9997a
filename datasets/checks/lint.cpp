// SPDX-License-Identifier: MIT
#include "datasets/checks/lint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <sstream>

namespace longplay {
namespace {

// A step that changes the observation so many times more than the file's mean step, averaged over
// its numbers. Falls and contacts move some numbers a lot; a new episode moves all of them.
constexpr double kJump = 8;
// Changes that may be jumps are kept until all means are known: those above a part of it by the means
// so far, and the first ones, when means mean little.
constexpr double kCandidate = kJump / 4;
constexpr int64_t kFirstChanges = 256;
constexpr size_t kMostCandidateValues = size_t{4} << 20;  // 16 MiB
// Where there are more, they are the task's: a share of the steps, in small files more of them.
constexpr double kMostJumps = 0.01, kMostJumpsOfFew = 0.5;
constexpr double kBoundSlack = 1e-6;

/// FNV-1a on 64-bit words, with the upper bits folded down: products carry upwards only. Four of them
/// side by side, each of every fourth word, because a product waits for the one before.
uint64_t Hash(const Episode& episode) {
  std::array<uint64_t, 4> hashes = {0xCBF29CE484222325ULL, 1, 2, 3};
  const auto add = [](uint64_t& hash, double value) {
    uint64_t word = 0;
    std::memcpy(&word, &value, sizeof word);
    hash = (hash ^ word) * 0x100000001B3ULL;
    hash ^= hash >> 32;
  };
  for (const std::vector<double>* values : {&episode.observations, &episode.actions}) {
    size_t i = 0;
    for (; i + 4 <= values->size(); i += 4) {
      for (size_t lane = 0; lane < 4; ++lane) add(hashes[lane], (*values)[i + lane]);
    }
    for (; i < values->size(); ++i) add(hashes[0], (*values)[i]);
  }
  for (size_t lane = 1; lane < 4; ++lane) {
    hashes[0] = (hashes[0] ^ hashes[lane]) * 0x100000001B3ULL;
    hashes[0] ^= hashes[0] >> 32;
  }
  return hashes[0];
}

}  // namespace

Lint::Lint(const DatasetInfo& info)
    : path_(info.path),
      action_low_(info.action_low),
      action_high_(info.action_high),
      reference_min_(info.reference_min),
      reference_max_(info.reference_max) {}

std::string Lint::Place(int64_t episode, int64_t step) const {
  return path_ + ": episode " + std::to_string(episode) +
         (step < 0 ? "" : ", step " + std::to_string(step));
}

void Lint::Add(int64_t index, const Episode& episode, ProblemLog& log) {
  // What the episode shows by itself.
  const auto [twin, is_new] = first_.emplace(Hash(episode), index);
  if (!is_new) {
    log.Warn(Place(index),
             "the same observations and actions as episode " + std::to_string(twin->second));
  }
  if (episode.terminated && episode.truncated) {
    log.Warn(Place(index), "terminated and truncated at once: counts as terminated");
  }
  CheckActions(index, episode, log);
  // How its observations change, for what all episodes show together.
  const int64_t width = episode.observation_size;
  if (sums_.empty()) {
    sums_.assign(width, 0.0);
    counts_.assign(width, 0);
    size_.resize(width);
    start_.assign(episode.observations.begin(), episode.observations.begin() + width);
    largest_.assign(width, 0.0);
    farthest_.assign(width, 0.0);
  }
  const auto rows = static_cast<int64_t>(episode.observations.size()) / std::max<int64_t>(width, 1);
  for (int64_t t = 0; t < rows; ++t) {
    const double* row = episode.observations.data() + t * width;
    for (int64_t k = 0; k < width; ++k) {
      largest_[k] = std::max(largest_[k], std::abs(row[k]));
      farthest_[k] = std::max(farthest_[k], std::abs(row[k] - start_[k]));
    }
  }
  for (int64_t t = 0; t + 1 < episode.length(); ++t) {
    const double* row = episode.observations.data() + t * width;
    AddChange(index, t + 1, row, row + width);
  }
}

void Lint::CheckActions(int64_t index, const Episode& episode, ProblemLog& log) const {
  if (action_low_.empty()) return;
  for (size_t i = 0; i < episode.actions.size(); ++i) {
    const size_t a = i % action_low_.size();
    if (episode.actions[i] >= action_low_[a] - kBoundSlack &&
        episode.actions[i] <= action_high_[a] + kBoundSlack) {
      continue;
    }
    log.Count(Place(index, static_cast<int64_t>(i / action_low_.size())),
              "an action outside the bounds of the action space");
  }
}

void Lint::AddChange(int64_t episode, int64_t step, const double* a, const double* b) {
  for (size_t k = 0; k < sums_.size(); ++k) {
    const double size = std::abs(b[k] - a[k]);
    size_[k] = static_cast<float>(size);
    sums_[k] += size;
    counts_[k] += size > 0 ? 1 : 0;
  }
  ++changes_;
  if (too_many_ || (changes_ > kFirstChanges && !MayBeJump())) return;
  too_many_ = (candidates_.size() + 1) * size_.size() > kMostCandidateValues;
  if (too_many_) {
    candidates_.clear();
  } else {
    candidates_.push_back({episode, step, size_});
  }
}

/// Whether the change at hand is a candidate. By means of a moment ago: they change slowly, and a
/// division for each number of each step would take longer than all else.
bool Lint::MayBeJump() {
  constexpr int64_t kEvery = 64;
  if (factors_.empty() || changes_ % kEvery == 0) {
    factors_.assign(sums_.size(), 0.0F);
    int64_t moving = 0;
    for (size_t k = 0; k < sums_.size(); ++k) {
      if (counts_[k] == 0) continue;
      factors_[k] = static_cast<float>(static_cast<double>(counts_[k]) / sums_[k]);
      ++moving;
    }
    for (float& factor : factors_) factor /= static_cast<float>(std::max<int64_t>(moving, 1));
  }
  float jump = 0;
  for (size_t k = 0; k < size_.size(); ++k) jump += size_[k] * factors_[k];
  return jump >= kCandidate;
}

/// How many times the mean change this is, averaged over the numbers that change at all. The mean is
/// that of the steps that change a number: one that rarely changes does not jump when it does.
double Lint::Jump(const std::vector<float>& size) const {
  double sum = 0;
  int64_t moving = 0;
  for (size_t k = 0; k < sums_.size(); ++k) {
    if (counts_[k] == 0) continue;
    sum += size[k] * static_cast<double>(counts_[k]) / sums_[k];
    ++moving;
  }
  return moving == 0 ? 0 : sum / static_cast<double>(moving);
}

/// Steps are kept as float32, which has 24 binary digits; columns far from 0 less their first value.
void Lint::CheckResolution(ProblemLog& log) const {
  constexpr double kHalfADigit = 0x1p-24, kMostOfAChange = 0.1;
  constexpr double kFar = 1e4;  // nearer to 0 a change that is lost is none that matters
  for (size_t k = 0; k < sums_.size(); ++k) {
    if (counts_[k] == 0 || largest_[k] < kFar) continue;
    const double change = sums_[k] / static_cast<double>(counts_[k]);
    const double plain = largest_[k] * kHalfADigit, centred = farthest_[k] * kHalfADigit;
    if (plain <= kMostOfAChange * change) continue;
    std::ostringstream text;
    text << "changes by " << change << " a step, up to " << largest_[k] << ": float32 holds it to "
         << plain << " only, ";
    if (centred <= kMostOfAChange * change) {
      text << "so that its first value is taken off before";
    } else {
      text << "and to " << centred << " when its first value is taken off";
    }
    log.Warn(path_ + ": observation " + std::to_string(k), text.str());
  }
}

void Lint::Finish(ProblemLog& log) {
  CheckResolution(log);
  if (reference_min_.has_value() != reference_max_.has_value()) {
    log.Warn(path_, "one reference score without the other: returns are not normalised");
  } else if (reference_min_ && !(*reference_min_ < *reference_max_)) {
    log.Warn(path_, "the reference score 0 is not below the reference score 1");
  }
  std::erase_if(candidates_, [&](const Change& change) { return Jump(change.size) <= kJump; });
  const auto steps = static_cast<double>(changes_);
  const double most = std::max(kMostJumps * steps, kMostJumpsOfFew * std::sqrt(steps));
  if (static_cast<double>(candidates_.size()) > most) return;
  for (const Change& change : candidates_) {
    log.Warn(Place(change.episode, change.step), "the observation jumps: two episodes joined?");
  }
}

}  // namespace longplay
