// SPDX-License-Identifier: MIT
#include "apps/config_words.h"

#include <stdexcept>

namespace longplay {

ConfigWords SortWords(const std::vector<std::string>& words, const std::string& doing) {
  ConfigWords sorted;
  std::vector<std::string> files;
  for (const std::string& word : words) {
    // What has a = in it is taken for a key and its value.
    const bool sets_a_key = word.find('=') != std::string::npos;
    (sets_a_key ? sorted.overrides : files).push_back(word);
  }
  if (files.size() > 1) {
    throw std::invalid_argument(doing + ": arguments: expected one config file, got also " +
                                files[1] + " (a key is set by KEY=VALUE)");
  }
  if (!files.empty()) sorted.file = files[0];
  return sorted;
}

}  // namespace longplay
