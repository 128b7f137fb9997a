// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

namespace longplay {

// JSON has no number for what is not finite: it is written as null, and read back as not a number.

inline double NumberOf(const nlohmann::json& json) {
  return json.is_null() ? std::nan("") : json.get<double>();
}

inline std::vector<double> NumbersOf(const nlohmann::json& json) {
  std::vector<double> numbers;
  for (const nlohmann::json& number : json) numbers.push_back(NumberOf(number));
  return numbers;
}

}  // namespace longplay
