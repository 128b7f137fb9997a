// SPDX-License-Identifier: MIT
#include "env/physics/replay.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "env/environment_facets.h"

namespace longplay {
namespace {

constexpr int64_t kBatch = 32;  // simulations at once; enough to keep some threads busy

// Steps [begin, end) that run on from the recorded state before `begin`.
struct TraceRows {
  int64_t begin = 0, end = 0;
};

std::vector<TraceRows> Cut(const Trace& trace) {
  const auto steps = static_cast<int64_t>(trace.rewards.size());
  // Without full states each step starts from its own row: warm starts were not recorded.
  const bool every_step = trace.states.empty();
  std::vector<TraceRows> ranges;
  for (int64_t begin = 0, t = 0; t < steps; ++t) {
    const bool timeout = !trace.timeouts.empty() && trace.timeouts[t] != 0;
    if (!every_step && trace.terminals[t] == 0 && !timeout && t + 1 < steps) continue;
    ranges.push_back({begin, t + 1});
    begin = t + 1;
  }
  return ranges;
}

std::span<const double> Row(std::span<const double> rows, int64_t i, int64_t count) {
  const size_t size = rows.size() / static_cast<size_t>(count);
  return rows.subspan(static_cast<size_t>(i) * size, size);
}

void CheckRows(const char* name, size_t got, size_t steps, int64_t width) {
  if (got == steps * static_cast<size_t>(width)) return;
  throw std::invalid_argument("replaying a trace: " + std::string(name) + ": expected " +
                              std::to_string(steps) + " rows of " + std::to_string(width) +
                              " numbers, got " + std::to_string(got) + " numbers");
}

void CheckTrace(const Trace& trace, const EnvironmentSpec& spec, const PhysicsStates& states) {
  const size_t steps = trace.rewards.size();
  CheckRows("actions", trace.actions.size(), steps, spec.action_size);
  CheckRows("next_observations", trace.next_observations.size(), steps, spec.observation_size);
  CheckRows("terminals", trace.terminals.size(), steps, 1);
  if (!trace.timeouts.empty()) CheckRows("timeouts", trace.timeouts.size(), steps, 1);
  if (!trace.states.empty()) {
    CheckRows("infos/state", trace.states.size(), steps, states.state_size());
  } else {
    CheckRows("infos/qpos", trace.positions.size(), steps, states.position_size());
    CheckRows("infos/qvel", trace.velocities.size(), steps, states.velocity_size());
  }
  for (const std::string& field : states.model_fields()) {
    const auto recorded = trace.model.find(field);
    const auto width = static_cast<int64_t>(states.model_field(0, field).size());
    CheckRows(("infos/model/" + field).c_str(),
              recorded == trace.model.end() ? 0 : recorded->second.size(), steps, width);
  }
}

/// Model fields first: setting the state computes what follows from both.
void Start(PhysicsStates& states, const Trace& trace, int64_t i, int64_t t) {
  const auto steps = static_cast<int64_t>(trace.rewards.size());
  for (const std::string& field : states.model_fields()) {
    states.SetModelField(i, field, Row(trace.model.at(field), t, steps));
  }
  if (!trace.states.empty()) {
    states.SetState(i, Row(trace.states, t, steps), 0);
  } else {
    states.SetPositions(i, Row(trace.positions, t, steps), Row(trace.velocities, t, steps), 0);
  }
}

double Difference(double ours, double recorded, bool float32) {
  return std::abs((float32 ? static_cast<double>(static_cast<float>(ours)) : ours) - recorded);
}

// What step t of simulation i gave, against the recording.
void Compare(const Environment& environment, const Trace& trace, int64_t i, int64_t t,
             const StepOutcome& outcome, ReplayResult* result) {
  ++result->steps;
  if (outcome.terminated != (trace.terminals[t] != 0)) ++result->end_mismatches;
  if (outcome.diverged) {
    ++result->diverged;
    return;
  }
  const auto recorded = Row(trace.next_observations, t, static_cast<int64_t>(trace.rewards.size()));
  const auto ours = environment.observation(i);
  for (size_t k = 0; k < ours.size(); ++k) {
    result->max_observation_error =
        std::max(result->max_observation_error,
                 Difference(ours[k], recorded[k], trace.float32_observations));
  }
  result->max_reward_error =
      std::max(result->max_reward_error,
               Difference(outcome.reward, trace.rewards[t], trace.float32_rewards));
}

}  // namespace

EnvironmentOptions ReplayOptions(const Trace& trace, int threads) {
  const auto ranges = static_cast<int64_t>(Cut(trace).size());
  return {.batch = std::clamp<int64_t>(ranges, 1, kBatch),
          .max_episode_steps = std::numeric_limits<int32_t>::max(),
          .threads = threads,
          .arguments = trace.arguments,
          .float32_actions = trace.float32_actions};
}

ReplayResult Replay(Environment& environment, const Trace& trace,
                    const std::function<void(int64_t)>& on_progress) {
  PhysicsStates* states = environment.physics_states();
  if (states == nullptr) {
    throw std::invalid_argument("replaying a trace: " + environment.spec().id +
                                ": expected a task with physics states, got one without");
  }
  CheckTrace(trace, environment.spec(), *states);
  const std::vector<TraceRows> ranges = Cut(trace);
  const int64_t batch = environment.batch();

  const int64_t width = environment.spec().action_size;
  std::vector<TraceRows> running(batch);  // what each simulation still has to do
  std::vector<double> actions(batch * width);
  std::vector<uint8_t> active(batch);
  ReplayResult result;
  // Simulations take one range of steps after another until none is left.
  for (size_t next = 0;;) {
    for (int64_t i = 0; i < batch; ++i) {
      if (running[i].begin == running[i].end && next < ranges.size()) {
        running[i] = ranges[next++];
        Start(*states, trace, i, running[i].begin);
      }
      active[i] = running[i].begin < running[i].end ? 1 : 0;
      if (active[i] == 0) continue;
      std::ranges::copy(trace.actions.subspan(running[i].begin * width, width),
                        actions.begin() + i * width);
    }
    if (std::ranges::count(active, 1) == 0) break;
    const auto& outcomes = environment.Step(actions, active);
    for (int64_t i = 0; i < batch; ++i) {
      if (active[i] == 0) continue;
      const int64_t t = running[i].begin++;
      Compare(environment, trace, i, t, outcomes[i], &result);
      // Where the recording goes on after an end of ours, so do we, from its next state.
      if (outcomes[i].over() && running[i].begin < running[i].end) {
        Start(*states, trace, i, running[i].begin);
      }
    }
    if (on_progress) on_progress(result.steps);
  }
  return result;
}

}  // namespace longplay
