// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace longplay {

/// The words of a command line that may begin with a config file: longplay train CONFIG key=value ...
struct ConfigWords {
  std::string file;                    // empty = none
  std::vector<std::string> overrides;  // "train.steps=20"
};

/// Throws std::invalid_argument, prefixed with `doing`, for a second file.
ConfigWords SortWords(const std::vector<std::string>& words, const std::string& doing);

}  // namespace longplay
