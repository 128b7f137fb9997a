// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace longplay {

/// [bytes] Blocks of this size and more go back to the system as soon as they are freed.
inline constexpr size_t kLargeBlock = size_t{4} << 20;

/// Fixes which blocks the C library maps on their own, so that a process takes little more than its
/// tensors do. Left alone, glibc raises that limit with every large block that is freed, up to 32
/// MiB; tensors of such sizes are then cut from one heap, whose holes stay: 10 % more memory at
/// 50,000 tokens of width 128. With smaller limits than this, small policies spend their time on
/// fresh pages. Does nothing where the user has set MALLOC_MMAP_THRESHOLD_, or without glibc.
void MapLargeBlocks();

}  // namespace longplay
