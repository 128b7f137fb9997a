// SPDX-License-Identifier: MIT
#include "datasets/checks/lint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>
#include <sstream>

namespace longplay {
namespace {

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
  if (start_.empty()) {
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
  observations_.Add(index, std::span(episode.observations).first(episode.length() * width), width);
}

void Lint::AddStates(int64_t index, const RecordedPhysics& states, int64_t length) {
  if (states.columns < 1 || (state_columns_ > 0 && states.columns != state_columns_)) return;
  state_columns_ = states.columns;
  // One after the last step may be another episode's.
  std::span<const double> rows(states.rows);
  rows = rows.first(std::min<size_t>(rows.size(), length * states.columns));
  const bool finite = std::ranges::all_of(rows, [](double value) { return std::isfinite(value); });
  if (finite) states_.Add(index, rows, states.columns);
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

/// Steps are kept as float32, which has 24 binary digits; columns far from 0 less their first value.
void Lint::CheckResolution(ProblemLog& log) const {
  constexpr double kHalfADigit = 0x1p-24, kMostOfAChange = 0.1;
  constexpr double kFar = 1e4;  // nearer to 0 a change that is lost is none that matters
  const std::vector<double>& sums = observations_.sums();
  const std::vector<int64_t>& counts = observations_.counts();
  for (size_t k = 0; k < sums.size(); ++k) {
    if (counts[k] == 0 || largest_[k] < kFar) continue;
    const double change = sums[k] / static_cast<double>(counts[k]);
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
  const std::vector<JumpCheck::Place> seen = observations_.Jumps();
  for (const auto& [episode, step] : seen) {
    log.Warn(Place(episode, step), "the observation jumps: two episodes joined?");
  }
  for (const JumpCheck::Place& jump : states_.Jumps()) {
    if (std::ranges::find(seen, jump) != seen.end()) continue;
    log.Warn(Place(jump.episode, jump.step), "the recorded state jumps: two episodes joined?");
  }
}

}  // namespace longplay
