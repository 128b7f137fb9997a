// SPDX-License-Identifier: MIT
// A program outside the tree: loads a checkpoint and asks it for an action.
#include <agent/acting/make_policy.h>

#include <cstdio>
#include <vector>

int main(int, char** arguments) {
  const auto policy = longplay::MakePolicy(arguments[1], {.target = 1});
  const longplay::PolicyDescription known = policy->description();
  std::vector<double> observation(known.observation_size, 0.1), action(known.action_columns);
  const std::vector<double> reward{0};
  const std::vector<unsigned char> yes{1};
  policy->Act({.observations = observation, .rewards = reward, .starts = yes, .active = yes},
              action);
  std::printf("action %.6f\n", action[0]);
}
