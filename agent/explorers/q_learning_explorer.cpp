// SPDX-License-Identifier: MIT
#include "agent/explorers/q_learning_explorer.h"

#include <stdexcept>
#include <string>

namespace longplay {
namespace {

int64_t CheckedActions(const EnvironmentSpec& spec) {
  if (spec.action_space == ActionSpace::kDiscrete) return spec.action_size;
  throw std::invalid_argument(
      "collecting data: algorithm: q_learning: expected discrete actions, "
      "got continuous ones of " +
      spec.id + " (--algorithm sac takes them)");
}

}  // namespace

QLearningExplorer::QLearningExplorer(const EnvironmentSpec& spec, int64_t simulations,
                                     int64_t episodes, const QLearningOptions& options)
    : actions_(CheckedActions(spec)),
      episodes_(episodes),
      options_(options),
      learners_(simulations, {.table = QTable(actions_),
                              .random = RandomGenerator(0, RandomGenerator::Stream::kLearner)}) {}

void QLearningExplorer::StartHistory(int64_t i, uint64_t seed) {
  learners_[i] = {.table = QTable(actions_),
                  .random = RandomGenerator(seed, RandomGenerator::Stream::kLearner)};
}

void QLearningExplorer::StartEpisode(int64_t i) {
  ++learners_[i].episode;
  learners_[i].earned = false;
}

QTable::State QLearningExplorer::StateOf(const Learner& learner,
                                         std::span<const double> observation) const {
  QTable::State state(observation.begin(), observation.end());
  if (options_.remembers_reward) state.push_back(learner.earned ? 1 : 0);
  return state;
}

void QLearningExplorer::Act(int64_t i, std::span<const double> observation,
                            std::span<double> action) {
  Learner& learner = learners_[i];
  learner.state = StateOf(learner, observation);
  learner.action = learner.table.Act(
      learner.state, ExplorationIn(learner.episode, episodes_, options_), learner.random);
  action[0] = static_cast<double>(learner.action);
}

void QLearningExplorer::See(int64_t i, std::span<const double> observation, double reward) {
  Learner& learner = learners_[i];
  learner.earned = learner.earned || reward > 0;
  learner.table.Learn(learner.state, learner.action, reward, StateOf(learner, observation),
                      options_);
}

}  // namespace longplay
