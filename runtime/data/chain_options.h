// SPDX-License-Identifier: MIT
#pragma once

#include "datasets/chains/chain.h"
#include "datasets/store/normalizer.h"
#include "runtime/data/longplay_data.h"

namespace longplay {

/// A struct of options from C: as long as the caller knows it, and behind that the defaults. Throws
/// std::invalid_argument when it is longer than this library's.
longplay_dataset_options KnownOptions(const longplay_dataset_options* given);
longplay_chain_options KnownOptions(const longplay_chain_options* given);

/// Checked: throws std::invalid_argument "sampling chains: <field>: expected X, got Y".
ChainOptions ToChainOptions(const longplay_chain_options& from);

/// Under which the policy's units are the data set's own.
Normalizer UnitNormalizer(int64_t observation_size, int64_t action_size);

}  // namespace longplay
