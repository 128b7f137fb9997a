// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "agent/acting/policy.h"

namespace longplay {

/// What a policy of `chains` chains refuses when it acts or watches. Throws std::invalid_argument,
/// "acting: <what>: expected N values, got M", when a span of the view or `actions`, their number,
/// does not fit.
void CheckView(const RolloutView& view, size_t actions, int64_t chains,
               const PolicyDescription& policy);

}  // namespace longplay
