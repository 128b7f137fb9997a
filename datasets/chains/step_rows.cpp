// SPDX-License-Identifier: MIT
#include "datasets/chains/step_rows.h"

#include <algorithm>

namespace longplay {

StepRows StepRows::Zeros(int64_t rows, int64_t observation_size, int64_t action_size) {
  StepRows zeros;
  zeros.Resize(rows, observation_size, action_size);
  return zeros;
}

void StepRows::Resize(int64_t rows, int64_t new_observation_size, int64_t new_action_size) {
  observation_size = new_observation_size;
  action_size = new_action_size;
  returns.resize(rows);
  observations.resize(rows * observation_size);
  previous_actions.resize(rows * action_size);
  previous_rewards.resize(rows);
  previous_completions.resize(rows);
  episode_steps.resize(rows);
  episodes.resize(rows);
}

void StepRows::Clear(int64_t row) {
  std::fill_n(observations.begin() + row * observation_size, observation_size, 0.0F);
  std::fill_n(previous_actions.begin() + row * action_size, action_size, 0.0F);
  returns[row] = previous_rewards[row] = previous_completions[row] = 0;
  episode_steps[row] = episodes[row] = 0;
}

}  // namespace longplay
