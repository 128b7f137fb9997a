// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// For a whole program that computes; tensors of before keep the allocator that they have.
///
/// Fixes which blocks the C library maps on their own, so that a process takes little more than its
/// tensors do. Left alone, glibc raises that limit with every large block that is freed, up to 32
/// MiB; tensors of such sizes are then cut from one heap, whose holes stay: 20 % more memory with a
/// limit of 4 MiB where two layers of Mamba-2 keep everything. Without glibc, and where the user has
/// set MALLOC_MMAP_THRESHOLD_, that limit is left as it is.
///
/// Installs the memory meter (memory_meter.h), with a shelf for mapped blocks that are freed: the
/// blocks that wait and those that are used take no more together than were used at the most, and 8
/// MiB.
/// Without the shelf two layers of Mamba-2 of width 256 take twice as long: fresh pages cost as much
/// as what is computed on them.
void ReuseLargeBlocks();

}  // namespace longplay
