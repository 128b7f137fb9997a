// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

// Noise as a pure function of the place where it is drawn: no generator, no order. A place is a
// 64-bit key for a row and a column in that row:
//
//   seed ─► step ─► chain ─► token ─► what is drawn ─► (head) ─► key      CounterSeed, nested
//   column c = 32 bits hashed from key + c                                triple32
//
// So it does not matter in which pass, block, chunk or process a row is worked on, nor how often.
// Keys are tensors of int64 that hold 64 bits. On the CPU loops of our own do the work
// (keyed_noise_loops.cpp), elsewhere their twin out of ATen operators (reference_keyed_noise.h);
// bits, uniform numbers and what is dropped are the same on both. Normal and Gumbel numbers are
// computed on the CPU and moved to the keys' device.
// Source of the hash: triple32, https://github.com/skeeto/hash-prospector, of the low half of
// key + column; the high half is added after the first of its three rounds.

/// Where the noise of a batch begins.
struct NoiseKey {
  uint64_t seed = 0;        // of the run
  int64_t step = 0;         // of the optimiser
  int64_t first_chain = 0;  // within the step, the number of the batch's first chain (or sample)
};

/// Keys of tokens by their chains' numbers and their own numbers, broadcast.
///   chains, numbers  int64
torch::Tensor KeysOfTokens(const NoiseKey& key, const torch::Tensor& chains,
                           const torch::Tensor& numbers);

/// Keys of a place inside each of the `keys`: of one use among others, of a head.
torch::Tensor KeysAt(const torch::Tensor& keys, uint64_t place);

/// Dropout: x [.., C] with each number zero with `probability` (0 to 1), else divided by
/// 1 - probability. Nothing is kept for backward but the keys [..]. Differentiable.
torch::Tensor Drop(const torch::Tensor& x, const torch::Tensor& keys, double probability);
/// The same in x's own memory; no gradient is recorded.
void DropInPlace(torch::Tensor& x, const torch::Tensor& keys, double probability);

/// [.., columns] between 0 and 1, both excluded; in 2^23 (float32) or 2^32 (float64) equal steps.
torch::Tensor KeyedUniform(const torch::Tensor& keys, int64_t columns, torch::ScalarType type);

/// [.., columns] float64 of mean 0 and variance 1.
/// Source: G. Box, M. Muller, A Note on the Generation of Random Normal Deviates, 1958.
torch::Tensor KeyedNormal(const torch::Tensor& keys, int64_t columns);
/// [rows, columns] for the samples first_chain, first_chain + 1, .. of a step; on the CPU.
torch::Tensor KeyedNormal(const NoiseKey& key, int64_t rows, int64_t columns);

/// [.., columns] float64, Gumbel(0, 1).
torch::Tensor KeyedGumbel(const torch::Tensor& keys, int64_t columns);

}  // namespace longplay
