// SPDX-License-Identifier: MIT
#include "agent/acting/episode_window.h"

#include <torch/utils.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "agent/batches/step_tensors.h"

namespace longplay {
namespace {

template <typename T>
void Drop(std::vector<T>& values, int64_t count) {
  values.erase(values.begin(), values.begin() + count);
}

template <typename T>
void Append(const std::vector<T>& from, int64_t row, int64_t width, std::vector<T>& to) {
  to.insert(to.end(), from.begin() + row * width, from.begin() + (row + 1) * width);
}

void AppendRow(const StepRows& from, int64_t row, StepRows& to) {
  to.observation_size = from.observation_size;
  to.action_size = from.action_size;
  Append(from.returns, row, 1, to.returns);
  Append(from.observations, row, from.observation_size, to.observations);
  Append(from.previous_actions, row, from.action_size, to.previous_actions);
  Append(from.previous_rewards, row, 1, to.previous_rewards);
  Append(from.previous_completions, row, 1, to.previous_completions);
  Append(from.episode_steps, row, 1, to.episode_steps);
  Append(from.episodes, row, 1, to.episodes);
}

/// Without the first `count` rows, which are an episode: what is left begins a chain.
void DropEpisode(StepRows& rows, int64_t count) {
  Drop(rows.returns, count);
  Drop(rows.observations, count * rows.observation_size);
  Drop(rows.previous_actions, count * rows.action_size);
  Drop(rows.previous_rewards, count);
  Drop(rows.previous_completions, count);
  Drop(rows.episode_steps, count);
  Drop(rows.episodes, count);
  for (int64_t& episode : rows.episodes) --episode;
  if (rows.returns.empty()) return;
  // Nothing stands before a chain's first step, whatever the boundary between episodes is.
  std::fill_n(rows.previous_actions.begin(), rows.action_size, 0.0F);
  rows.previous_rewards[0] = rows.previous_completions[0] = 0;
}

}  // namespace

EpisodeWindow::EpisodeWindow(PolicyNetwork network, int64_t chains, int64_t episodes)
    : network_(std::move(network)), episodes_(episodes), chains_(chains) {
  for (Chain& chain : chains_) chain.context = network_->StartContext(1, 0);
}

bool EpisodeWindow::StartEpisode(int64_t i, const torch::TensorOptions& options) {
  Chain& chain = chains_[i];
  const bool full = static_cast<int64_t>(chain.lengths.size()) == episodes_;
  if (full) {
    // No mixer can take its beginning back: the rest is read anew into an empty context.
    DropEpisode(chain.rows, chain.lengths.front());
    Drop(chain.lengths, 1);
    chain.context = network_->StartContext(1, 0);
    if (!chain.rows.returns.empty()) {
      network_->Absorb(ToStepTensors(chain.rows, 1, options), chain.context);
    }
  }
  chain.lengths.push_back(0);
  return full;
}

Prediction EpisodeWindow::Step(const StepRows& rows, const std::vector<int64_t>& chains,
                               const torch::TensorOptions& options) {
  std::vector<torch::Tensor> outputs, features;
  for (size_t k = 0; k < chains.size(); ++k) {
    Chain& chain = chains_[chains[k]];
    // Kept, to be read again when an episode is forgotten; then run by itself, [1, 1, ..].
    AppendRow(rows, static_cast<int64_t>(k), chain.rows);
    ++chain.lengths.back();
    StepRows step;
    AppendRow(rows, static_cast<int64_t>(k), step);
    const Prediction own = network_->PredictStep(ToStepTensors(step, 1, options), chain.context);
    outputs.push_back(own.output);  // [1, P]
    if (own.features.defined()) features.push_back(own.features);
  }
  return {.output = torch::cat(outputs),
          .penalty = {},
          .features = features.empty() ? torch::Tensor() : torch::cat(features)};
}

int64_t EpisodeWindow::bytes() const {
  return std::accumulate(
      chains_.begin(), chains_.end(), int64_t{0},
      [](int64_t sum, const Chain& chain) { return sum + chain.context.bytes(); });
}

}  // namespace longplay
