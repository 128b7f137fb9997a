// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/files/policy_facts.h"
#include "runtime/mixers/arena.h"
#include "runtime/network/step_store.h"

namespace longplay::runtime {

/// One chain that acts: what its next step will show, and what it remembers. Its memory is the
/// arena's.
struct ActingChain {
  // What happened so far (datasets/chains/step_encoder.h).
  double asked = 0;   // return asked for in the running episode; raised by target_step
  double target = 0;  // the same, as it was when the episode began
  double return_so_far = 0;
  int64_t step = 0, episode = -1;
  float previous_reward = 0, previous_completion = 0;
  int64_t started = 0;               // 1 = it has decided before
  int64_t decisions = 0;             // so far, the running one included
  float* previous_action = nullptr;  // [A] of the step before, as its row shows it
  float* last_action = nullptr;      // [A] of the running decision

  // What its layers hold.
  std::byte* context = nullptr;
  int64_t seen = 0;         // tokens
  int64_t fresh = 1;        // 1 = no step has gone into the context
  float* memory = nullptr;  // [m, D] of a recurrent memory
  int64_t in_segment = 0;   // tokens of its running segment

  // Steps that are read again: those of a window.
  StepStore kept;
  int64_t kept_steps = 0;
  int64_t* lengths = nullptr;  // [W] steps of each kept episode, the last one runs
  int64_t kept_episodes = 0;
};

/// How chains are told what happens, alike for all of a policy's chains.
class StepWriter {
 public:
  /// As the options of a policy say.
  struct Rules {
    double target_step = 0;
    bool single_episodes = false;  // every episode begins a chain
  };

  StepWriter(const PolicyFacts& facts, const Rules& rules);

  void Restart(ActingChain& chain, double target) const;
  /// The running decision's last_action was taken; `last`: it ended its episode.
  void Record(ActingChain& chain, double reward, bool last) const;
  void StartEpisode(ActingChain& chain) const;
  /// The running step, [O] in the task's units, as row 0 of `to`.
  void Write(const ActingChain& chain, const double* observation, const StepStore& to) const;

  /// An action of the policy, [A] in its units, as the task takes it, [C], and back.
  void ToTask(const float* chosen, double* action) const;
  void ToPolicy(const double* action, float* taken) const;
  /// Whether `action` [C] is one: finite, and a choice that there is.
  bool IsAction(const double* action) const;

  const StepLayout& layout() const { return layout_; }
  const PolicyFacts& facts() const { return facts_; }

 private:
  const PolicyFacts& facts_;
  Rules rules_;
  StepLayout layout_;
  std::vector<float> center_, factor_;  // [O] (x - center) * factor
};

}  // namespace longplay::runtime
