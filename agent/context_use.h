// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// What the policy remembers while it is evaluated: every episode so far, or only the running one
/// (independent tries). kAuto = one for policies trained on single episodes, else all.
enum class ContextUse { kAuto, kAllEpisodes, kOneEpisode };
/// How a full context of `window` steps goes on: every token sees the last `window` steps of what
/// was computed before (constant cost), or the last steps are computed anew for each decision, as
/// in Decision Transformer.
enum class WindowUse { kCached, kRecomputed };

}  // namespace longplay
