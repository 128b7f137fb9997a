// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "runtime/files/policy_facts.h"
#include "runtime/kernels/kernels.h"
#include "runtime/longplay.h"
#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {

/// A policy's options, every choice made.
struct ActingSettings {
  int64_t chains = 1;             // B
  int64_t context_steps = 0;      // that each context holds
  bool recomputes = false;        // the last context_steps steps are computed anew each time
  int64_t window_episodes = 0;    // a context is the last so many episodes; 0 = no such bound
  bool single_episodes = false;   // every episode begins a chain
  bool forgets_episodes = false;  // the running episode alone is remembered
  bool slides = true;             // else a full context is an error
  NumberType weight_type = NumberType::kFloat32;
  ContextRoom room;  // of the layers
  double target = 0, target_step = 0, deadline = 0;
  int64_t draw_every = 1;  // [decisions] that a draw's random numbers last
  int64_t best_of = 16;    // samples from which LONGPLAY_ACT_BEST_OF takes one
  double value_noise = 0;  // of the samples' values: the temperature, in the values' units
  const Kernels* kernels = nullptr;
  int32_t vectors = 0;
};

/// Why a policy cannot act so (LONGPLAY_ACT_MEAN ..); null = it can.
const char* WrongAct(const PolicyFacts& facts, int32_t act);

/// Throws Failure (LONGPLAY_WRONG_ARGUMENT, LONGPLAY_NOT_SUPPORTED) for options that cannot be.
ActingSettings ChooseSettings(const PolicyFacts& facts, const longplay_policy_options& options);

}  // namespace longplay::runtime
