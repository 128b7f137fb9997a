// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "agent/config/key_role.h"
#include "agent/config/run_options.h"

namespace longplay {

/// A key that two configurations set to different values, as YAML.
struct ConfigDifference {
  std::string key, before, now;
  KeyRole role;
};

/// Every key that differs, in the order in which keys are printed. data.files is left out: where
/// data lie says nothing about what they are (EpisodeSet::hash does).
std::vector<ConfigDifference> DifferencesBetween(const RunOptions& before, const RunOptions& now);

/// "model.heads: 2, got 4; chain.packing: merged, got interleaved", of those with this role.
std::string ShownDifferences(const std::vector<ConfigDifference>& differences, KeyRole role);

/// The values of the keys with these roles, in one text that is equal for equal values. Without
/// data.files, as above.
std::string ConfigOf(const RunOptions& options, std::initializer_list<KeyRole> roles);

}  // namespace longplay
