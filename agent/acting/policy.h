// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "agent/config/context_use.h"

namespace longplay {

/// What a roll-out shows its policy before each decision of B chains. All in the task's units. Who
/// calls the policy owns the numbers, which need to live as long as the call. Those of chains that
/// are not active are not read.
struct RolloutView {
  std::span<const double> observations;  // [B, O]
  std::span<const double> rewards;       // [B] of the previous decision; 0 at a chain's first
  std::span<const uint8_t> starts;       // [B] 1 = the first decision of an episode
  std::span<const uint8_t> active;       // [B] 0 = this chain has done all its episodes
};

struct PolicyOptions {
  int64_t chains = 1;            // B
  std::optional<double> target;  // return asked for, in the task's units; unset = the best return
                                 // in the data that it was trained on
  double target_step = 0;  // share of the target's size added after an episode that reached it
  bool sample = false;     // draw actions from the head instead of taking its mean
  int64_t best_of = 0;  // take the best of so many such draws under the policy's own values (only
                        // policies with value heads: train.method ic_iql); 0 = no
  double temperature = 0;  // [return] ... or draw one of them with probability ~ exp(value /
                           // temperature), so that actions of like value are all tried
  int64_t draw_every =
      1;              // [decisions] that the random numbers behind a draw last: what is as likely
                      // as before is done again, so that who knows too little goes on in one
                      // direction
  uint64_t seed = 0;  // of those draws: each is a function of this, its chain's number and its
                      // decision's number in that chain
  // What is remembered.
  ContextUse context = ContextUse::kAuto;
  int64_t window = 0;           // [steps] of context kept; 0 = as trained: chain.window, or all
  int64_t window_episodes = 0;  // the running one included; 0 = all; not beside `window`
  WindowUse window_use = WindowUse::kCached;
};

/// What is known of a policy before it acts; all 0 where nothing is.
struct PolicyDescription {
  int64_t observation_size = 0;  // O
  int64_t action_columns = 0;    // numbers of an action: A, or 1 for discrete ones
  double best_return = 0;        // in the data it was trained on: the usual target
  TrainedRange trained = {};     // the most that training showed it
};

/// Acts for B chains at once. Siblings: SequencePolicy, which has what it saw in context,
/// ActorPolicy, which sees one observation at a time, and FunctionPolicy, any callable. MakePolicy
/// (agent/acting/make_policy.h) makes the one that a checkpoint holds:
///
///   auto policy = MakePolicy("runs/hopper", {.target = 3000});
///   policy->Act(view, actions);  // once per decision
///
/// Chains need not be in step with each other. One that is no longer active is dropped and must not
/// become active again.
/// This header needs no LibTorch, so that programs that only want actions compile quickly.
class Policy {
 public:
  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  virtual ~Policy() = default;

  /// One decision of every active chain. Fills `actions`: [B, A] in the data's units and inside its
  /// bounds; of discrete ones [B], the number of each choice. The first decision of a chain begins
  /// an episode. Those that a checkpoint holds throw std::invalid_argument for other sizes.
  virtual void Act(const RolloutView& view, std::span<double> actions) = 0;

  /// Takes a decision in that was made elsewhere: `actions` as Act gives them. It counts as a
  /// decision of its own.
  virtual void Watch(const RolloutView& view, std::span<const double> actions) = 0;

  virtual PolicyDescription description() const = 0;
  virtual int64_t context_bytes() const = 0;  // of memory that the contexts take now
  /// [s] of all decisions so far, spent in a network; 0 where that is not measured.
  virtual double model_seconds() const { return 0; }
};

}  // namespace longplay
