// SPDX-License-Identifier: MIT
#include "datasets/columnar/lerobot_frames.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "datasets/columnar/table_rows.h"

namespace longplay {
namespace {

/// The flag of the last frame; nothing where there is no such feature.
std::optional<bool> LastFlag(const ParquetTable& table, const LerobotFolder& folder,
                             const LerobotFrames& frames, const std::string& name,
                             ProblemLog& log) {
  const LerobotFeature* feature = folder.Find(name);
  if (feature == nullptr || !feature->is_number()) return std::nullopt;
  std::vector<double> values;
  table.ReadNumbers(name, 1, values, frames.first, frames.count);
  CheckWholeRows(table, name, frames.first, values, 0, 1);
  // A success may last for several steps; an end is one.
  const auto early = std::find(values.begin(), values.end() - 1, 1.0);
  if (name != "next.success" && early != values.end() - 1) {
    log.Count(table.path() + ":" + name + "[" +
                  std::to_string(frames.first + (early - values.begin())) + "]",
              "an end before the last step is ignored");
  }
  return values.back() != 0;
}

}  // namespace

std::map<int64_t, LerobotFrames> FindLerobotFrames(const ParquetTable& table) {
  std::map<int64_t, LerobotFrames> found;
  const std::vector<int64_t> numbers = table.ReadWholeNumbers("episode_index");
  const auto rows = static_cast<int64_t>(numbers.size());
  for (int64_t begin = 0, end = 0; begin < rows; begin = end) {
    while (end < rows && numbers[end] == numbers[begin]) ++end;
    const auto [frames, is_new] =
        found.try_emplace(numbers[begin], LerobotFrames{begin, end - begin});
    if (!is_new && frames->second.again < 0) frames->second.again = begin;
  }
  return found;
}

LerobotFrames ChooseLerobotFrames(const ParquetTable& table,
                                  const std::map<int64_t, LerobotFrames>& found,
                                  const LerobotEpisode& episode) {
  const auto frames = found.find(episode.index);
  if (frames == found.end()) {
    const std::string others = found.empty()
                                   ? "no frames"
                                   : "episodes from " + std::to_string(found.begin()->first) +
                                         " to " + std::to_string(found.rbegin()->first);
    table.Fail("episode_index", "frames of episode " + std::to_string(episode.index),
               others + " (was one removed, and not all files written anew?)");
  }
  if (frames->second.again >= 0) {
    table.Fail("episode_index[" + std::to_string(frames->second.again) + "]",
               "the frames of an episode one after another",
               "episode " + std::to_string(episode.index) + " again");
  }
  CheckLerobotLength(table, episode, frames->second);
  return frames->second;
}

void CheckLerobotLength(const ParquetTable& table, const LerobotEpisode& episode,
                        const LerobotFrames& frames) {
  if (frames.count == 0) table.Fail("", "at least one frame", "none");
  if (episode.length >= 0 && episode.length != frames.count) {
    table.Fail("episode_index",
               std::to_string(episode.length) + " frames of episode " +
                   std::to_string(episode.index) + ", as meta says",
               std::to_string(frames.count));
  }
}

void CheckLerobotCounters(const ParquetTable& table, const LerobotEpisode& episode,
                          const LerobotFrames& frames, ProblemLog& log) {
  const int64_t begin = frames.first, rows = frames.count;
  // Warns of the first number that does not fit.
  const auto check = [&](const std::string& name, const std::string& problem, const auto& fits) {
    const ParquetColumn* column = table.Find(name);
    if (column == nullptr || !column->is_number()) return;
    std::vector<double> values;
    table.ReadNumbers(name, 1, values, begin, rows);
    for (int64_t t = 0; t < rows; ++t) {
      if (fits(values, t)) continue;
      log.Count(table.path() + ":" + name + "[" + std::to_string(begin + t) + "]", problem);
      return;
    }
  };
  check("frame_index", "does not count from 0 in its episode",
        [](const std::vector<double>& values, int64_t t) {
          return values[t] == static_cast<double>(t);
        });
  check("timestamp", "does not grow in its episode",
        [](const std::vector<double>& values, int64_t t) {
          return t == 0 || values[t] > values[t - 1];
        });
  check("episode_index", "is not the episode that meta says",
        [&](const std::vector<double>& values, int64_t t) {
          return values[t] == static_cast<double>(episode.index);
        });
  // LeRobot finds frames by it.
  check("index", "does not count on, or not from where meta says the episode begins",
        [&](const std::vector<double>& values, int64_t t) {
          const double start = episode.from >= 0 ? static_cast<double>(episode.from) : values[0];
          return values[t] == start + static_cast<double>(t);
        });
}

void ReadLerobotEnd(const ParquetTable& table, const LerobotFolder& folder, size_t index,
                    const LerobotFrames& frames, Episode& episode, ProblemLog& log) {
  const int64_t ends = folder.episodes[index].ends;
  const auto done = LastFlag(table, folder, frames, "next.done", log);
  const auto success = LastFlag(table, folder, frames, "next.success", log);
  const auto truncated = LastFlag(table, folder, frames, "next.truncated", log);
  // Our own note says both; LeRobot's next.done is set at every end, whatever the reason.
  if (ends >= 0) {
    episode.terminated = (ends & 1) != 0;
    episode.truncated = (ends & 2) != 0;
    return;
  }
  if (truncated) {
    episode.terminated = !*truncated && done.value_or(success.value_or(false));
  } else if (success) {
    episode.terminated = *success && done.value_or(true);
  } else if (done) {
    episode.terminated = *done;
    log.Warn(folder.path,
             "next.done alone: every end that it flags counts as terminated, time limits too");
  } else {
    episode.terminated = false;
    log.Warn(folder.path, "how episodes end is not recorded: every end counts as a time limit");
  }
  episode.truncated = !episode.terminated;
}

}  // namespace longplay
