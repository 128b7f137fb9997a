// SPDX-License-Identifier: MIT
#include "agent/recordings/reward_judge.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "agent/acting/make_environment.h"
#include "datasets/episode_reader.h"
#include "env/environment_facets.h"

namespace longplay {
namespace {

constexpr int64_t kBatch = 32;  // simulations that play steps again at once
constexpr int64_t kStepsChecked = 300;
constexpr double kSame = 1e-3;  // of the rewards' size: what a lost warm start changes, at most

/// Mean difference where reward t + lag of one is beside reward t of the other.
double Difference(const std::vector<double>& ours, const std::vector<double>& recorded,
                  int64_t lag) {
  double sum = 0;
  int64_t count = 0;
  for (int64_t t = 0; t < static_cast<int64_t>(ours.size()); ++t) {
    if (t + lag < 0 || t + lag >= static_cast<int64_t>(recorded.size())) continue;
    sum += std::abs(ours[t] - recorded[t + lag]);
    ++count;
  }
  return count == 0 ? std::numeric_limits<double>::infinity() : sum / static_cast<double>(count);
}

/// What is wrong with an episode's rewards; empty for nothing.
std::string RewardProblem(const std::vector<double>& ours, const std::vector<double>& recorded) {
  double size = 0;
  for (const double reward : ours) size += std::abs(reward) / static_cast<double>(ours.size());
  // The same up to a lost warm start.
  const double here = Difference(ours, recorded, 0);
  if (here <= kSame * std::max(size, 1e-3)) return "";
  // Not the same: perhaps those of the step before or after, as some recorders store them.
  const double later = Difference(ours, recorded, 1), earlier = Difference(ours, recorded, -1);
  if (std::min(later, earlier) < here / 10) {
    return std::string("rewards are shifted: those of step t stand at step t ") +
           (later < earlier ? "+ 1" : "- 1");
  }
  return "rewards are not the simulator's: " + std::to_string(here) +
         " apart on average (`data replay` tells more)";
}

}  // namespace

RewardJudge::RewardJudge(std::string data, std::string environment, int threads)
    : data_(std::move(data)),
      id_(std::move(environment)),
      environment_(MakeEnvironment(id_, {.batch = kBatch,
                                         .max_episode_steps = std::numeric_limits<int32_t>::max(),
                                         .threads = threads})),
      states_(environment_->physics_states()) {
  if (states_ == nullptr) Refuse("a task with physics states", "one without");
}

void RewardJudge::Refuse(const std::string& expected, const std::string& got) const {
  throw std::invalid_argument("relabelling: " + data_ + ": expected " + expected + " for " + id_ +
                              ", got " + got);
}

std::vector<double> RewardJudge::Rewards(const Episode& episode, const RecordedPhysics& physics) {
  // Which states there are: with or without activations, with or without the last one.
  const int64_t bare = states_->position_size() + states_->velocity_size();
  const int64_t full = bare + states_->activation_size();
  if (physics.rows.empty()) Refuse("recorded physics states", "none");
  if (physics.columns != full && physics.columns != bare) {
    Refuse("states of " + std::to_string(full) + " numbers", std::to_string(physics.columns));
  }
  const int64_t rows = static_cast<int64_t>(physics.rows.size()) / physics.columns;
  if (rows != episode.length() && rows != episode.length() + 1) {
    Refuse("a state for each of " + std::to_string(episode.length()) + " steps",
           std::to_string(rows));
  }
  // Quick way: a task whose rewards follow from the state reached needs no steps.
  if (rows > episode.length() && physics.columns == full) {
    const auto reached = std::span(physics.rows).subspan(physics.columns);
    const StateRewards* judge = environment_->state_rewards();
    auto rewards = judge == nullptr ? std::nullopt : judge->Rewards(reached);
    if (rewards) return std::move(*rewards);
  }
  return PlayedAgain(episode, physics);
}

std::vector<double> RewardJudge::PlayedAgain(const Episode& episode,
                                             const RecordedPhysics& physics) {
  if (!states_->model_fields().empty()) {
    Refuse("a task without a target drawn for each episode", "one with");
  }
  const int64_t width = environment_->spec().action_size, length = episode.length();
  if (width != episode.action_columns) {
    Refuse(std::to_string(width) + " actions", std::to_string(episode.action_columns));
  }
  const int64_t nq = states_->position_size(), nv = states_->velocity_size();
  std::vector<double> rewards, actions(kBatch * width);
  std::vector<uint8_t> active(kBatch);
  // Each step from its own recorded state, a batch at a time: nothing adds up.
  for (int64_t first = 0; first < length; first += kBatch) {
    const int64_t count = std::min(kBatch, length - first);
    std::ranges::fill(active, 0);
    for (int64_t i = 0; i < count; ++i) {
      const auto state = std::span(physics.rows).subspan((first + i) * physics.columns);
      states_->SetPositions(i, state.first(nq), state.subspan(nq, nv), 0);
      std::copy_n(episode.actions.begin() + (first + i) * width, width,
                  actions.begin() + i * width);
      active[i] = 1;
    }
    const auto& outcomes = environment_->Step(actions, active);
    for (int64_t i = 0; i < count; ++i) rewards.push_back(outcomes[i].reward);
  }
  return rewards;
}

std::vector<Problem> CheckRewards(const std::string& path) {
  std::vector<Problem> problems;
  try {
    const std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
    if (!reader->info().has_rewards || reader->ReadPhysics(0).rows.empty()) return {};
    RewardJudge judge(path, reader->info().environment, 0);
    int64_t checked = 0;
    for (int64_t e = 0; e < reader->info().episodes && checked < kStepsChecked; ++e) {
      const Episode episode = reader->Read(e);
      // Too short to tell a shift.
      if (episode.length() < 4) continue;
      const std::string problem =
          RewardProblem(judge.Rewards(episode, reader->ReadPhysics(e)), episode.rewards);
      checked += episode.length();
      if (problem.empty()) continue;
      problems.push_back({Severity::kWarning, path + ": episode " + std::to_string(e), problem});
      break;
    }
  } catch (const std::invalid_argument&) {
    // A task that we do not have, or whose states alone do not tell.
  }
  return problems;
}

}  // namespace longplay
