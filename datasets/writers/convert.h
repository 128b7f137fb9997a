// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "datasets/episode_reader.h"
#include "datasets/writers/lerobot_writer.h"

namespace longplay {

enum class TargetFormat { kMinari, kD4rl, kLerobot };

/// What happens to a data set that is at the place to be written. kReplace: it stays until the new one
/// is whole; other folders are never removed.
enum class ExistingOutput { kRefuse, kReplace };

struct ConvertResult {
  int64_t episodes = 0, steps = 0;
  std::vector<std::string> notes;  // what the target cannot hold, or holds in another form
};

/// Writes a data set of any readable format anew, episode by episode: numbers in their own types,
/// end flags, final observations, seeds, infos, reference scores. Nothing is at `out` until all is
/// written. `lerobot` is for that format alone. Throws std::invalid_argument when there is something
/// at `out` already.
ConvertResult ConvertDataset(const std::string& in, const std::string& out, TargetFormat format,
                             const std::function<void(int64_t steps, int64_t of)>& on_progress,
                             const LerobotOptions& lerobot = {});

/// The same of episodes from anywhere.
ConvertResult ConvertEpisodes(const EpisodeReader& reader, const std::string& out,
                              TargetFormat format,
                              const std::function<void(int64_t steps, int64_t of)>& on_progress,
                              ExistingOutput existing = ExistingOutput::kRefuse,
                              const LerobotOptions& lerobot = {});

/// Throws std::invalid_argument where a data set may not be written to `out`.
void CheckOutput(const std::string& out, ExistingOutput existing);

}  // namespace longplay
