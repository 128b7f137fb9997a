// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// Counts every byte that tensors hold on the CPU, exactly, in the allocator itself.
///
/// Counting starts with InstallMemoryMeter, which replaces torch's CPU allocator by one that counts
/// and passes on; tensors from before keep their own allocator and are not counted. What a kernel
/// takes outside torch's allocator (MKL's packing buffers) is not counted. All functions may be
/// called from any thread.

/// What happens to large blocks that are freed: see block_shelf.h.
enum class FreedBlocks { kReturned, kReused };

/// Calls after the first do nothing, but that blocks are reused from a call on that asks for it.
void InstallMemoryMeter(FreedBlocks freed = FreedBlocks::kReturned);

/// Freed blocks that wait to be reused go back to the system.
void ReturnFreedBlocks();

int64_t CurrentTensorBytes();  // held now; 0 when not installed
int64_t PeakTensorBytes();     // the most since the last ResetPeakTensorBytes

/// The peaks become what is held now.
void ResetPeakTensorBytes();

/// Memory-mapped files that hold tensors (model/rows/mapped_tensor.h): counted above too, whether
/// installed or not, and here apart.
void CountMappedBytes(int64_t change);
int64_t PeakMappedBytes();

/// Of the whole process, as Linux counts its resident memory; 0 elsewhere.
int64_t ProcessBytes();      // now
int64_t PeakProcessBytes();  // the most so far

}  // namespace longplay
