// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// What the policy remembers while it is evaluated: every episode so far, or only the running one
/// (independent tries). kAuto = one for policies trained on single episodes, else all.
enum class ContextUse { kAuto, kAllEpisodes, kOneEpisode };
/// How a full context of `window` steps goes on: every token sees the last `window` steps of what
/// was computed before (constant cost), or the last steps are computed anew for each decision, as
/// in Decision Transformer.
enum class WindowUse { kCached, kRecomputed };
/// What stands before the last episode of a context: the episodes as they were played, or in
/// ascending order of their returns, or those that another chain played whose hidden parameter is
/// another (a control: what is gained from context must be lost with it).
enum class LastContext { kAsPlayed, kSorted, kAnotherTask };

/// The most that training can have shown a policy; all 0 = not known.
struct TrainedRange {
  int64_t episodes = 0;       // in a chain
  int64_t episode_steps = 0;  // [decisions] in an episode
  int64_t context_steps = 0;  // [time steps] before and with a decision, in its context

  bool operator==(const TrainedRange&) const = default;
};

}  // namespace longplay
