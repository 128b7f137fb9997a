// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// What a key decides. A run that goes on refuses another policy or other data, notes another
/// schedule and takes the rest as it comes; a comparison trains again for the first three only.
enum class KeyRole {
  kPolicy,      // what is learned: the network, its tokens, its method, its first weights
  kData,        // what it is learned from
  kSchedule,    // how it is learned: how long, how fast, in which numbers and chunks
  kEvaluation,  // how a finished policy is played
  kOutput       // where computing is done, what is written when; no weight depends on it
};

}  // namespace longplay
