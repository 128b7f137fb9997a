// SPDX-License-Identifier: MIT
#include "apps/config_words.h"

#include <stdexcept>

namespace longplay {

ConfigWords SortWords(const std::vector<std::string>& words, const std::string& doing) {
  ConfigWords sorted;
  for (const std::string& word : words) {
    if (word.find('=') != std::string::npos) {
      sorted.overrides.push_back(word);
    } else if (sorted.file.empty()) {
      sorted.file = word;
    } else {
      throw std::invalid_argument(doing + ": arguments: expected one config file, got also " +
                                  word);
    }
  }
  return sorted;
}

}  // namespace longplay
