// SPDX-License-Identifier: MIT
#pragma once

#include "model/scans/slot_memory.h"

namespace longplay {

/// SlotMemory token by token: the readable specification. Autograd keeps every state.
/// Source: arXiv 2203.12644, equations 5 to 7.
SlotMemoryOutput ReferenceSlotMemory(const SlotMemoryInput& input, const SlotMemoryState& state);

}  // namespace longplay
