// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/acting/settings.h"
#include "runtime/files/policy_facts.h"
#include "runtime/longplay.h"
#include "runtime/mixers/arena.h"
#include "runtime/network/actor.h"
#include "runtime/network/chain.h"
#include "runtime/network/engine.h"
#include "runtime/network/head.h"
#include "runtime/network/value_heads.h"

namespace longplay::runtime {

/// Acts for B chains. Everything behind the constructor is free of allocations and exceptions;
/// what can go wrong is a code, and a line in message().
class ActingPolicy {
 public:
  /// All memory is the arena's, which may only count. Throws Failure.
  ActingPolicy(const PolicyFacts& facts, const ActingSettings& settings, const TensorFile& file,
               Arena& arena);

  /// A view whose spans the caller has checked for null. `taken` [B, C] are actions that were
  /// decided elsewhere, else `actions` [B, C] are filled.
  int Decide(const longplay_view& view, const double* taken, double* actions);

  /// One decision of one chain by the head's mean, [C]: of numbers that were checked before.
  void DecideOne(int64_t chain, double reward, bool starts, const double* observation,
                 double* action);

  int StartChain(int64_t chain, double target);
  /// `act`: LONGPLAY_ACT_MEAN .., which the policy can (WrongAct).
  void SetDraws(int32_t act, uint64_t seed) {
    act_ = act;
    seed_ = seed;
  }

  // For what reads recorded steps in: one step of a chain after another, then all at once.
  /// Why this chain cannot take another step behind `pending` encoded ones; LONGPLAY_OK if it can.
  int CheckRoom(int64_t chain, bool starts, int64_t pending = 0);
  /// The next step of a chain: what the last decision brought, then the episode's start, then this.
  void Encode(int64_t chain, double reward, bool starts, const double* observation,
              const StepStore& to);
  /// The running decision of a chain, made elsewhere: [C].
  void Take(int64_t chain, const double* action);
  /// `count` spans of encoded steps: into the contexts, or windows.
  void Feed(const StepEngine::StepSpan* spans, int64_t count);
  /// Whether an episode that starts now changes the context before its first step goes in.
  bool StartChangesContext(int64_t chain) const;

  ActingChain& chain(int64_t i) { return chains_[static_cast<size_t>(i)]; }
  const ActingChain& chain(int64_t i) const { return chains_[static_cast<size_t>(i)]; }
  const PolicyFacts& facts() const { return facts_; }
  const ActingSettings& settings() const { return settings_; }
  const StepWriter& writer() const { return writer_; }
  const StepEngine* engine() const { return engine_.get(); }  // null for an actor
  int64_t kept_capacity() const { return kept_capacity_; }    // [steps] of a window
  /// Whether what a chain remembers has a bound whatever context_steps is.
  bool recurrent() const;
  int64_t tokens_held() const;
  int64_t steps_done() const;

  int Wrong(int code, const char* form, ...) __attribute__((format(printf, 3, 4)));
  const char* message() const { return message_; }

  // [bytes] of the arena that went to each.
  int64_t weight_bytes = 0, context_bytes = 0, scratch_bytes = 0;

 private:
  void TakeChains(Arena& arena);
  int CheckView(const longplay_view& view, const double* taken);
  void BeginEpisode(ActingChain& chain);
  void DropOldestEpisode(ActingChain& chain);
  void Keep(ActingChain& chain, const StepStore& steps, int64_t count);
  void FeedLive(int64_t live, bool asks);
  void Choose(int64_t chain);
  void ChooseBest(int64_t chain, DrawPlace place, float* action);
  int ActWithPerceptrons(const longplay_view& view, double* actions);

  PolicyFacts facts_;
  ActingSettings settings_;
  StepWriter writer_;
  std::unique_ptr<StepEngine> engine_;
  std::unique_ptr<PerceptronActor> actor_;
  std::unique_ptr<ActionValueHeads> values_;  // null without value heads
  std::vector<ActingChain> chains_;           // [B]
  int64_t kept_capacity_ = 0;
  int32_t act_ = LONGPLAY_ACT_MEAN;
  uint64_t seed_ = 0;
  StepStore steps_;                        // [B] of a call
  float* outputs_ = nullptr;               // [B, P]
  float* features_ = nullptr;              // [B, D] what value heads read
  int64_t* live_ = nullptr;                // [B] chains of a call
  StepEngine::StepSpan* spans_ = nullptr;  // [B]
  char message_[LONGPLAY_MESSAGE_SIZE] = "";
};

}  // namespace longplay::runtime
