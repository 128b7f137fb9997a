// SPDX-License-Identifier: MIT
// A cue is seen once and needed d steps later (argument `distance`): the shortest test of memory.
//
//   step 0           observation (cue, 0, 0), cue -1 or 1 drawn anew for each episode
//   steps 1 ... d-1  observation (0, 0, 0)
//   step d           observation (0, 1, 0): answer now; reward 1 if the action has the cue's sign;
//                    the episode ends
//
// The third number is 0, but for the oracle, which reads the cue there at step d. A policy without
// memory answers right half of the time. Nothing moves: the control has no gain.
#include <stdexcept>
#include <string>

#include "env/family/family_tasks.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr int64_t kDistance = 10;  // if none is asked for

// mjData's userdata travels with the state: [0] cue, [1] steps since the start.
constexpr const char* kModel = R"(
<mujoco model="cue recall">
  <option timestep="1" gravity="0 0 0"/>
  <size nuserdata="2"/>
  <worldbody>
    <light pos="0 0 3"/>
    <camera name="fixed" pos="0 -2 1" xyaxes="1 0 0 0 0.4 1"/>
    <body name="answer">
      <joint name="answer" type="slide" axis="1 0 0" damping="1"/>
      <geom type="sphere" size="0.1" mass="1"/>
    </body>
  </worldbody>
  <actuator>
    <general joint="answer" ctrllimited="true" ctrlrange="-1 1" gainprm="0" biasprm="0"/>
  </actuator>
</mujoco>
)";

class CueRecall : public Task {
 public:
  CueRecall(TaskArguments& arguments, bool cue_is_seen)
      : Task(LoadModelText(kModel, "cue-recall")),
        distance_(arguments.Integer("distance", kDistance)),
        cue_is_seen_(cue_is_seen) {
    if (distance_ < 1) {
      throw std::invalid_argument(
          "making an environment: family/cue-recall-v0: distance: expected at least 1 step, got " +
          std::to_string(distance_));
    }
  }

  /// One more than there are: an episode ends by itself.
  int64_t max_episode_steps(int64_t /*listed*/) const override { return distance_ + 2; }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    s.data->userdata[0] = random.Index(2) == 0 ? -1 : 1;
    s.data->userdata[1] = 0;
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    const bool answers = Answers(s);
    s.data->ctrl[0] = action[0];
    s.data->userdata[1] += 1;
    mj_step(s.model, s.data);
    if (!answers) return {};
    return {.reward = action[0] * s.data->userdata[0] > 0 ? 1.0 : 0.0, .terminated = true};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const bool answers = Answers(s);
    observation[0] = s.data->userdata[1] == 0 ? s.data->userdata[0] : 0;
    observation[1] = answers ? 1 : 0;
    observation[2] = answers && cue_is_seen_ ? s.data->userdata[0] : 0;
  }

 private:
  bool Answers(const Simulation& s) const { return s.data->userdata[1] == distance_; }

  int distance_;
  bool cue_is_seen_;
};

TaskEntry Entry(const std::string& id, bool seen) {
  return {.id = id,
          .observation_size = 3,
          .action_size = 1,
          .max_episode_steps = kDistance + 2,
          .make = [=](TaskArguments& arguments) {
            return std::make_unique<CueRecall>(arguments, seen);
          }};
}

}  // namespace

std::vector<TaskEntry> CueRecallTasks() {
  return {Entry("family/cue-recall-v0", false), Entry("family/cue-recall-oracle-v0", true)};
}

}  // namespace longplay
