// SPDX-License-Identifier: MIT
#include "datasets/chains/fill_batch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "datasets/chains/affine_map.h"
#include "datasets/chains/plane_turn.h"
#include "datasets/chains/random_maps.h"
#include "datasets/chains/step_encoder.h"
#include "datasets/chains/step_outcomes.h"

namespace longplay {
namespace {

/// What a chain is seen through: a turn, then maps, or neither.
class ChainView {
 public:
  ChainView(const ChainWindow& window, const ChainOptions& options, const Normalizer& normalizer,
            ActionKind kind) {
    if (window.turn != 0) turn_.emplace(window.turn, options.symmetry, normalizer);
    if (window.map != 0) {
      maps_.emplace(window.map, normalizer.observation_size(), normalizer.action_size(), kind);
    }
  }

  void MapObservation(std::span<float> observation) const {
    if (turn_) turn_->MapObservation(observation);
    if (maps_) maps_->MapObservation(observation);
  }
  void MapAction(std::span<float> action) const {
    if (turn_) turn_->MapAction(action);
    if (maps_) maps_->MapAction(action);
  }

 private:
  std::optional<PlaneTurn> turn_;
  std::optional<RandomMaps> maps_;
};

/// Drives the encoder through chains and writes their steps into a batch.
class ChainWriter {
 public:
  ChainWriter(const EpisodeSet& set, const Normalizer& normalizer, const ChainOptions& options,
              const BatchParts& parts, Batch& batch)
      : set_(set),
        normalizer_(normalizer),
        options_(options),
        parts_(parts),
        batch_(batch),
        observation_map_(AffineMap::OfObservations(normalizer, set.observation_offset())),
        action_map_(AffineMap::OfActions(normalizer)) {}

  /// The window's steps become rows row, row + 1, ...
  void Write(const ChainWindow& window, int64_t row) const;

 private:
  std::span<float> ObservationOf(std::vector<float>& rows, int64_t row) const {
    const auto size = static_cast<size_t>(normalizer_.observation_size());
    return std::span(rows).subspan(row * size, size);
  }

  const EpisodeSet& set_;
  const Normalizer& normalizer_;
  const ChainOptions& options_;
  const BatchParts& parts_;
  Batch& batch_;
  AffineMap observation_map_, action_map_;
};

void ChainWriter::Write(const ChainWindow& window, int64_t row) const {
  const auto observation_size = static_cast<size_t>(normalizer_.observation_size());
  const auto action_size = static_cast<size_t>(normalizer_.action_size());
  const auto& [chain, first, length, map, turn] = window;
  const ChainView seen(window, options_, normalizer_, set_.info().action_kind);
  StepEncoder encoder(normalizer_, options_.boundary, set_.observation_offset());
  std::vector<float> taken(action_size);
  int64_t start = 0;  // of the episode, in the chain
  for (size_t e = 0; e < chain.episodes.size() && start < first + length; ++e) {
    const int64_t episode = chain.episodes[e], steps = set_.length(episode);
    const std::span<const float> observations = set_.observations(episode);
    const std::span<const float> actions = set_.actions(episode);
    const std::span<const float> labels = set_.labels(episode);
    const std::span<const float> rewards = set_.rewards(episode);
    const bool counts = options_.loss == ChainLoss::kAllEpisodes || e + 1 == chain.episodes.size();
    encoder.StartEpisode(chain.targets[e]);
    // Steps [from, to) of this episode lie in the window.
    const int64_t from = std::clamp<int64_t>(first - start, 0, steps);
    const int64_t to = std::min(first + length - start, steps);
    // Those before still count: for return-to-go, step number and previous action.
    if (from > 0) {
      action_map_(actions.data() + (from - 1) * action_size, taken.data());
      seen.MapAction(taken);
      encoder.Skip(rewards.first(from), taken, from == steps);
    }
    for (int64_t t = from; t < to; ++t, ++row) {
      const std::span<float> target(batch_.target_actions.data() + row * action_size, action_size);
      // The row is written before its action is recorded: it must not know what it predicts.
      encoder.Write(observations.subspan(t * observation_size, observation_size), batch_.rows, row);
      action_map_(actions.data() + t * action_size, taken.data());
      // Turned and mapped alike: what is seen, done and predicted.
      seen.MapObservation(ObservationOf(batch_.rows.observations, row));
      seen.MapAction(taken);
      encoder.Record(taken, rewards[t], t + 1 == steps);
      // Predicted is what was done, or the label.
      if (labels.empty()) {
        std::ranges::copy(taken, target.begin());
      } else {
        action_map_(labels.data() + t * action_size, target.data());
        seen.MapAction(target);
      }
      if (parts_.taken_actions) {
        std::ranges::copy(taken, batch_.taken_actions.begin() + row * action_size);
      }
      if (parts_.outcomes) {
        WriteOutcome(set_, episode, t, observation_map_, row, batch_);
        seen.MapObservation(ObservationOf(batch_.next_observations, row));
      }
      batch_.valid[row] = 1;
      batch_.in_loss[row] = counts ? 1 : 0;
    }
    start += steps;
  }
}

/// Rows may hold anything then.
void Resize(Batch& batch, const Normalizer& normalizer, const BatchParts& parts, bool packed) {
  const int64_t rows = batch.chains * batch.steps;
  const int64_t observation_size = normalizer.observation_size();
  const int64_t action_size = normalizer.action_size();
  batch.rows.Resize(rows, observation_size, action_size);
  batch.target_actions.resize(rows * action_size);
  batch.valid.resize(rows);
  batch.in_loss.resize(rows);
  batch.segments.resize(packed ? rows : 0);
  batch.taken_actions.resize(parts.taken_actions ? rows * action_size : 0);
  ResizeOutcomes(batch, parts.outcomes ? rows : 0, observation_size);
}

/// Makes a row padding: zeros, neither valid nor in the loss.
void ClearRow(Batch& batch, int64_t row) {
  const auto clear = [row](auto& values, int64_t width) {
    if (!values.empty()) std::fill_n(values.begin() + row * width, width, 0);
  };
  const int64_t action_size = batch.rows.action_size;
  batch.rows.Clear(row);
  clear(batch.target_actions, action_size);
  clear(batch.taken_actions, action_size);
  clear(batch.next_observations, batch.rows.observation_size);
  clear(batch.rewards, 1);
  clear(batch.ends, 1);
  clear(batch.cuts, 1);
  clear(batch.next_known, 1);
  batch.valid[row] = batch.in_loss[row] = 0;
}

}  // namespace

void FillBatch(const EpisodeSet& set, const Normalizer& normalizer,
               std::span<const ChainWindow> windows, const ChainOptions& options,
               const BatchParts& parts, Batch& batch) {
  const bool packed = options.rows == ChainRows::kPacked;
  // Size: one chain a row, filled up to the longest, or all in one packed row.
  int64_t longest = 0, total = 0;
  for (const ChainWindow& window : windows) {
    longest = std::max(longest, window.length);
    total += window.length;
  }
  batch.chains = packed ? 1 : static_cast<int64_t>(windows.size());
  batch.steps = packed ? total : longest;
  Resize(batch, normalizer, parts, packed);

  // Steps, and behind each chain its padding.
  const ChainWriter writer(set, normalizer, options, parts, batch);
  int64_t row = 0;
  for (size_t i = 0; i < windows.size(); ++i) {
    const int64_t length = windows[i].length;
    writer.Write(windows[i], row);
    if (packed) std::fill_n(batch.segments.begin() + row, length, static_cast<int64_t>(i));
    row += length;
    const int64_t end = static_cast<int64_t>(i + 1) * batch.steps;
    for (; !packed && row < end; ++row) ClearRow(batch, row);
  }
}

Batch MakeBatch(const EpisodeSet& set, const Normalizer& normalizer,
                const std::vector<Chain>& chains, const ChainOptions& options,
                std::mt19937_64& random, const BatchParts& parts) {
  std::vector<ChainWindow> windows;
  windows.reserve(chains.size());
  for (const Chain& chain : chains) {
    windows.push_back(DrawWindow(set, chain, options.window, random));
  }
  Batch batch;
  FillBatch(set, normalizer, windows, options, parts, batch);
  return batch;
}

}  // namespace longplay
