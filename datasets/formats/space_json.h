// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace longplay {

/// Parses JSON as Python writes it: bare Infinity, -Infinity and NaN become the strings "inf",
/// "-inf" and "nan". Returns a discarded value when the text is not JSON.
nlohmann::json ParsePythonJson(const std::string& text);

/// A Gymnasium space, as far as flat data can follow it.
struct Space {
  std::string type;  // "Box", "Discrete", ...
  std::string dtype;
  std::vector<int64_t> shape;
  std::vector<double> low, high;   // Box, flattened
  int64_t n = 0, start = 0;        // Discrete
  std::vector<int64_t> counts;     // MultiDiscrete, flattened: of each number
  std::vector<int64_t> starts;     // likewise; empty = all 0
  std::vector<std::string> names;  // Dict: keys; Tuple: _index_0, _index_1 ...
  std::vector<Space> parts;        // of these names

  /// What one of a value's choices is: {start, how many}, for each number of a Discrete or a
  /// MultiDiscrete space. Empty for others.
  std::vector<std::pair<int64_t, int64_t>> Choices() const;
  /// The part at "a/_index_0/b", or nothing; this for "".
  const Space* Find(const std::string& path) const;
};

/// From the text in Minari's metadata; type is empty when there is none.
Space ParseSpace(const std::string& text);

/// The id in a Gymnasium EnvSpec's JSON text, or empty.
std::string EnvironmentOfSpec(const std::string& text);

}  // namespace longplay
