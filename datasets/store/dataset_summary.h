// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "datasets/episode_reader.h"

namespace longplay {

/// What is to be known of a data set before it is used: every episode is read once.
struct DatasetSummary {
  DatasetInfo info;
  std::vector<double> returns;   // [episodes] undiscounted; zeros if no rewards are recorded
  std::vector<int64_t> lengths;  // [episodes, steps]
  // How episodes end. A truncation at the time limit (of the file, or the longest length that several
  // truncated episodes share) is told from one before it: there the recording ended, or was cut.
  int64_t terminated = 0, at_the_limit = 0, cut_before = 0;
  int64_t without_a_flag = 0;         // of the above: neither flag is set
  int64_t final_observations = 0;     // episodes that recorded what was seen after the last action
  int64_t histories = 0;              // different ones
  std::vector<std::string> warnings;  // a line for each kind
};

/// `on_progress` is called with the steps read and their number; may be empty.
DatasetSummary Summarise(const EpisodeReader& reader,
                         const std::function<void(int64_t, int64_t)>& on_progress);

}  // namespace longplay
