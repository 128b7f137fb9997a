// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "datasets/checks/problem_log.h"
#include "datasets/columnar/lerobot_folder.h"
#include "datasets/episode.h"
#include "datasets/parquet/parquet_table.h"

namespace longplay {

/// Frames of an episode in its data file.
struct LerobotFrames {
  int64_t first = 0, count = 0;
  int64_t again = -1;  // where it goes on after others, which must not be; -1 = nowhere
};

/// Those of every episode_index in a file.
std::map<int64_t, LerobotFrames> FindLerobotFrames(const ParquetTable& table);

/// Those of an episode. Throws DataError when there are none, when they are not one after another, or
/// not as many as meta says.
LerobotFrames ChooseLerobotFrames(const ParquetTable& table,
                                  const std::map<int64_t, LerobotFrames>& found,
                                  const LerobotEpisode& episode);
/// Throws DataError when they are not as many as meta says, or none.
void CheckLerobotLength(const ParquetTable& table, const LerobotEpisode& episode,
                        const LerobotFrames& frames);

/// Warns of LeRobot's own counters that do not count: frame_index, timestamp, episode_index, index.
void CheckLerobotCounters(const ParquetTable& table, const LerobotEpisode& episode,
                          const LerobotFrames& frames, ProblemLog& log);

/// How an episode ended: by our own note or, of the flags of its last frame, next.truncated,
/// next.success, next.done, in that order (FORMAT.md). Warns of what they do not say.
void ReadLerobotEnd(const ParquetTable& table, const LerobotFolder& folder, size_t index,
                    const LerobotFrames& frames, Episode& episode, ProblemLog& log);

}  // namespace longplay
