// SPDX-License-Identifier: MIT
#include "agent/batches/step_window.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "agent/batches/step_tensors.h"

namespace longplay {
namespace {

/// Row `source` of `from` becomes row `target` of `to`, in an array of `width` numbers a row.
template <typename T>
void CopyRow(const std::vector<T>& from, int64_t source, std::vector<T>& to, int64_t target,
             int64_t width) {
  std::copy_n(from.begin() + source * width, width, to.begin() + target * width);
}

}  // namespace

StepWindow::StepWindow(int64_t chains, int64_t window, int64_t observation_size,
                       int64_t action_size)
    : window_(window),
      lengths_(chains, 0),
      rows_(StepRows::Zeros(chains * window, observation_size, action_size)) {}

void StepWindow::MoveRow(const StepRows& from, int64_t source, int64_t target) {
  CopyRow(from.returns, source, rows_.returns, target, 1);
  CopyRow(from.observations, source, rows_.observations, target, rows_.observation_size);
  CopyRow(from.previous_actions, source, rows_.previous_actions, target, rows_.action_size);
  CopyRow(from.previous_rewards, source, rows_.previous_rewards, target, 1);
  CopyRow(from.previous_completions, source, rows_.previous_completions, target, 1);
  CopyRow(from.episode_steps, source, rows_.episode_steps, target, 1);
  CopyRow(from.episodes, source, rows_.episodes, target, 1);
}

void StepWindow::Append(const StepRows& rows) {
  for (size_t i = 0; i < lengths_.size(); ++i) {
    const auto chain = static_cast<int64_t>(i);
    // Full: the oldest row makes room.
    if (lengths_[i] == window_) {
      for (int64_t k = 1; k < window_; ++k) {
        MoveRow(rows_, chain * window_ + k, chain * window_ + k - 1);
      }
      --lengths_[i];
    }
    MoveRow(rows, chain, chain * window_ + lengths_[i]++);
  }
}

void StepWindow::Select(const std::vector<int64_t>& kept) {
  // A copy, because rows move to places that others still hold.
  const StepWindow old = *this;
  *this = StepWindow(static_cast<int64_t>(kept.size()), window_, rows_.observation_size,
                     rows_.action_size);
  for (size_t i = 0; i < kept.size(); ++i) {
    lengths_[i] = old.lengths_[kept[i]];
    for (int64_t k = 0; k < lengths_[i]; ++k) {
      MoveRow(old.rows_, kept[i] * window_ + k, static_cast<int64_t>(i) * window_ + k);
    }
  }
}

StepTensors StepWindow::Tensors(const torch::TensorOptions& options) {
  // Chains fill their rows from the left; behind the longest there is nothing to compute.
  const int64_t longest = *std::ranges::max_element(lengths_);
  StepTensors tensors = ToStepTensors(rows_, static_cast<int64_t>(lengths_.size()), options);
  for (torch::Tensor* field : {&tensors.returns, &tensors.observations, &tensors.previous_actions,
                               &tensors.previous_rewards, &tensors.previous_completions,
                               &tensors.episode_steps, &tensors.episodes}) {
    *field = field->narrow(1, 0, longest);
  }
  return tensors;
}

torch::Tensor StepWindow::Newest(const torch::Tensor& output) const {
  // Each chain's newest row is at a place of its own.
  const auto last = torch::tensor(lengths_, torch::kInt64).to(output.device()) - 1;  // [B]
  const auto index = last.view({-1, 1, 1}).expand({-1, 1, output.size(2)});
  return output.gather(1, index).squeeze(1);
}

}  // namespace longplay
