// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
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
  std::vector<double> low, high;  // Box, flattened
  int64_t n = 0, start = 0;       // Discrete
};

/// From the text in Minari's metadata; type is empty when there is none.
Space ParseSpace(const std::string& text);

/// The id in a Gymnasium EnvSpec's JSON text, or empty.
std::string EnvironmentOfSpec(const std::string& text);

}  // namespace longplay
