// SPDX-License-Identifier: MIT
#include "datasets/formats/path_options.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/formats/minari_cache.h"

namespace longplay {
namespace {

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

/// One of a path's options; without '=' its value is empty, which none takes.
struct Option {
  std::string text, name, value;
};

/// Where a path's options begin, or its end.
size_t OptionsAt(const std::string& path) {
  // A '?' that is part of an existing name begins no options.
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return path.size();
  return std::min(path.find('?'), path.size());
}

std::vector<Option> OptionsOf(const std::string& path) {
  std::vector<Option> values;
  const size_t start = OptionsAt(path);
  if (start == path.size()) return values;
  for (const std::string& part : Split(path.substr(start + 1), '&')) {
    const size_t equals = std::min(part.find('='), part.size());
    values.push_back(
        {part, part.substr(0, equals), part.substr(std::min(equals + 1, part.size()))});
  }
  return values;
}

}  // namespace

std::string SourceFile(const std::string& path) {
  const std::string file = path.substr(0, OptionsAt(path));
  std::error_code ignored;
  return IsMinariName(file) && !std::filesystem::exists(file, ignored) ? FindInMinariCache(file)
                                                                       : file;
}

std::string WithSourceFile(const std::string& path) {
  return SourceFile(path) + path.substr(OptionsAt(path));
}

PathOptions ParsePathOptions(const std::string& path) {
  PathOptions options;
  for (const auto& [text, name, value] : OptionsOf(path)) {
    const bool digit = value.size() == 1 && value[0] >= '0' && value[0] <= '9';
    if (name == "observations" && !value.empty()) {
      options.observations = Split(value, ',');
    } else if (name == "reward" && digit) {
      options.reward = value[0] - '0';
    } else if (name == "actions" && (value == "continuous" || value == "discrete")) {
      options.actions = value == "discrete" ? ActionKind::kDiscrete : ActionKind::kContinuous;
    } else if (name == "actions" && value == "demonstrator") {
      options.demonstrator_actions = true;
    } else if (name == "states" && (value == "1" || value == "0")) {
      options.states = value == "1";
    } else {
      throw DataError(path,
                      "expected ?observations=KEY,KEY, ?reward=0 ... 9, "
                      "?actions=continuous|discrete|demonstrator or ?states=1|0, got " +
                          text);
    }
  }
  return options;
}

void RefuseOtherOptions(const std::string& path, const std::string& format,
                        const std::vector<std::string>& known) {
  for (const auto& [text, name, value] : OptionsOf(path)) {
    if (std::ranges::find(known, name) != known.end()) continue;
    std::string names;
    for (const std::string& each : known) {
      names += names.empty() ? "?" : " or ?";
      names += each;
    }
    std::string problem = "expected ";
    problem += names.empty() ? "no option" : names;
    problem += " for a file of ";
    problem += format;
    problem += ", got ?";
    problem += text;
    throw DataError(path, problem);
  }
}

}  // namespace longplay
