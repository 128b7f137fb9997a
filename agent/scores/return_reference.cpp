// SPDX-License-Identifier: MIT
#include "agent/scores/return_reference.h"

#include <array>
#include <string_view>

namespace longplay {

std::optional<ReturnReference> D4rlReference(const std::string& environment) {
  struct Row {
    std::string_view prefix;
    double zero, hundred;
  };
  // D4RL's reference scores: a random policy's return, and an expert's.
  static constexpr std::array<Row, 4> kRows = {{{"HalfCheetah-v", -280.178953, 12135.0},
                                                {"Hopper-v", -20.272305, 3234.3},
                                                {"Walker2d-v", 1.629008, 4592.3},
                                                {"Ant-v", -325.6, 3879.7}}};
  // With arguments it is another task, whose returns have another scale.
  if (environment.find('?') != std::string::npos) return std::nullopt;
  for (const Row& row : kRows) {
    if (environment.starts_with(row.prefix)) {
      return ReturnReference{.zero = row.zero, .hundred = row.hundred, .source = "D4RL"};
    }
  }
  return std::nullopt;
}

}  // namespace longplay
