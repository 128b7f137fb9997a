// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/acting/open_policy.h"

namespace longplay::runtime {

// What a chain remembers, as bytes of this machine's byte order:
//
//   SavedHead | previous_action, last_action [A] | memory [m, D] | kept steps: numbers, places |
//   lengths of the kept episodes | the layers' contexts | a hash of all that

size_t SavedSize(const OpenedPolicy& opened, int64_t chain);
/// Both return a code of runtime/longplay.h, with its line in the policy.
int SaveChain(OpenedPolicy& opened, int64_t chain, void* buffer, size_t size, size_t* used);
int LoadChain(OpenedPolicy& opened, int64_t chain, const void* buffer, size_t size);

}  // namespace longplay::runtime
