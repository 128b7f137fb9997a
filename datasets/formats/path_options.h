// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/episode.h"

namespace longplay {

/// What a path asks for, FILE?name=value&name=value.
struct PathOptions {
  std::vector<std::string> observations;  // observations=KEY,KEY: these keys, in this order
  int64_t reward = -1;                    // reward=K: this column
  std::optional<ActionKind> actions;      // actions=continuous|discrete, whatever the file says
  std::optional<bool> states;             // states=1|0: ends stand in last states (OGBench), or not
  bool demonstrator_actions = false;      // actions=demonstrator: in place of those that were done
};

/// The file or folder of a path that may carry options, or be a name of Minari's cache
/// (minari_cache.h). Throws DataError where that has no such data set.
std::string SourceFile(const std::string& path);

/// The path with that file or folder in place of a name, and with its options.
std::string WithSourceFile(const std::string& path);

/// Throws DataError when there is an option that is none.
PathOptions ParsePathOptions(const std::string& path);

/// Throws DataError when `path` asks for what a layout does not have. `known` are names of options.
void RefuseOtherOptions(const std::string& path, const std::string& format,
                        const std::vector<std::string>& known);

}  // namespace longplay
