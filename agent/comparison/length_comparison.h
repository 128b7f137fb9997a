// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/comparison/comparison_config.h"

namespace longplay {

struct LengthQuestion {
  std::vector<std::string> data;       // files
  std::vector<int64_t> episodes;       // lengths of chains to compare, ascending or not
  std::vector<std::string> overrides;  // "train.steps=20", "compare.seeds=2"
};

/// "Does a longer context help on these data?" as a comparison: small policies that differ in the
/// episodes of a chain alone. Data that hold histories of enough episodes are learnt from as
/// histories (in order of time, actions drawn), all others as chains from worst to best; `notes`
/// gets a sentence about what was chosen. Throws as ParseComparison and LoadData do, and
/// std::invalid_argument where no length fits the data.
ComparisonConfig CompareLengths(const LengthQuestion& question, std::vector<std::string>& notes);

}  // namespace longplay
