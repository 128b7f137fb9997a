// SPDX-License-Identifier: MIT
#include "datasets/writers/convert.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>

#include "datasets/episode_reader.h"
#include "datasets/writers/d4rl_writer.h"
#include "datasets/writers/minari_writer.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using WriteEpisode = std::function<void(Episode&, const EpisodeExtras&)>;

MinariMetadata MetadataOf(const DatasetInfo& info) {
  return {.environment = info.environment,
          .algorithm = "",
          .description = "converted from " + info.format,
          .observation_size = info.observation_size,
          .action_size = info.action_size,
          .action_low = info.action_low,
          .action_high = info.action_high,
          .max_episode_steps = info.max_episode_steps,
          .action_repeat = info.action_repeat,
          .action_kind = info.action_kind,
          .action_start = info.action_start,
          .observation_type = info.observation_type,
          .action_type = info.action_type,
          .reward_type = info.reward_type,
          .reference_min = info.reference_min,
          .reference_max = info.reference_max};
}

void Note(std::vector<std::string>& notes, const std::string& note) {
  if (std::ranges::find(notes, note) == notes.end()) notes.push_back(note);
}

void WriteAll(const EpisodeReader& reader, const WriteEpisode& write,
              const std::function<void(int64_t, int64_t)>& on_progress, ConvertResult& result) {
  Episode episode;
  for (int64_t e = 0; e < reader.info().episodes; ++e) {
    reader.Read(e, episode);
    const EpisodeExtras extras = reader.ReadExtras(e);
    for (const std::string& name : extras.left_out) {
      Note(result.notes, name + " is left out: no numbers that belong to steps");
    }
    write(episode, extras);
    result.episodes += 1;
    result.steps += episode.length();
    if (on_progress) on_progress(result.steps, reader.info().steps);
  }
}

void ToMinari(const EpisodeReader& reader, const std::string& out,
              const std::function<void(int64_t, int64_t)>& on_progress, ConvertResult& result) {
  MinariWriter writer(out, MetadataOf(reader.info()));
  if (!reader.info().has_rewards) {
    Note(result.notes, "no rewards: zeros are written, Minari's layout needs some");
  }
  const auto write = [&](Episode& episode, const EpisodeExtras& extras) {
    std::map<std::string, int64_t> attributes;
    if (episode.history != 0) attributes["history"] = episode.history;
    if (!episode.has_final_observation()) {
      Note(result.notes,
           "no observation after the last action: the last one is repeated, and marked by the "
           "attribute longplay_no_final_observation");
      attributes["longplay_no_final_observation"] = 1;
      const std::vector<double> last(episode.observations.end() - episode.observation_size,
                                     episode.observations.end());
      episode.observations.insert(episode.observations.end(), last.begin(), last.end());
    }
    writer.Write(episode, attributes, extras);
  };
  WriteAll(reader, write, on_progress, result);
  writer.Finish();
}

void ToD4rl(const EpisodeReader& reader, const std::string& out,
            const std::function<void(int64_t, int64_t)>& on_progress, ConvertResult& result) {
  D4rlWriter writer(out, reader.info());
  const auto write = [&](const Episode& episode, const EpisodeExtras& extras) {
    if (episode.terminated && episode.truncated) {
      Note(result.notes, "an episode ends terminated and truncated: both flags are set");
    }
    if (!episode.terminated && !episode.truncated) {
      Note(result.notes, "an episode has no end flag: timeouts is set, longplay/ends says so");
    }
    writer.Write(episode, extras);
  };
  WriteAll(reader, write, on_progress, result);
  writer.Finish();
}

void ToLerobot(const EpisodeReader& reader, const std::string& out, const LerobotOptions& options,
               const std::function<void(int64_t, int64_t)>& on_progress, ConvertResult& result) {
  LerobotWriter writer(out, reader.info(), options);
  const auto write = [&](const Episode& episode, const EpisodeExtras& extras) {
    if (episode.has_final_observation()) {
      Note(result.notes,
           "observations after the last action are left out: LeRobot's layout has no place for "
           "them");
    }
    const auto steps = static_cast<size_t>(episode.length());
    for (const auto& [name, info] : extras.infos) {
      int64_t row = 1;
      for (const int64_t size : info.row_shape) row *= size;
      if (info.values.size() > steps * static_cast<size_t>(row)) {
        Note(result.notes, "infos after the last action are left out");
      }
      if (info.row_shape.size() > 1)
        Note(result.notes, "infos of several dimensions are flattened");
    }
    writer.Write(episode, extras);
  };
  WriteAll(reader, write, on_progress, result);
  writer.Finish();
}

}  // namespace

void CheckOutput(const std::string& out, ExistingOutput existing) {
  fs::path place(out);  // "file/" is not there where "file" is
  if (!place.has_filename()) place = place.parent_path();
  if (!fs::exists(place)) return;
  if (existing == ExistingOutput::kRefuse) {
    throw std::invalid_argument("writing data: " + out +
                                ": expected nothing there, got a file or folder (remove it, or "
                                "name another)");
  }
  // Only what looks like a data set is removed.
  if (!fs::is_regular_file(place) && !fs::exists(place / "data" / "main_data.hdf5")) {
    throw std::invalid_argument("writing data: " + out +
                                ": expected a data set to replace, got something else");
  }
}

ConvertResult ConvertEpisodes(const EpisodeReader& reader, const std::string& out,
                              TargetFormat format,
                              const std::function<void(int64_t, int64_t)>& on_progress,
                              ExistingOutput existing, const LerobotOptions& lerobot) {
  CheckOutput(out, existing);
  ConvertResult result;
  switch (format) {
    case TargetFormat::kMinari:
      ToMinari(reader, out, on_progress, result);
      break;
    case TargetFormat::kD4rl:
      ToD4rl(reader, out, on_progress, result);
      break;
    case TargetFormat::kLerobot:
      ToLerobot(reader, out, lerobot, on_progress, result);
      break;
  }
  return result;
}

ConvertResult ConvertDataset(const std::string& in, const std::string& out, TargetFormat format,
                             const std::function<void(int64_t, int64_t)>& on_progress,
                             const LerobotOptions& lerobot) {
  return ConvertEpisodes(*OpenDataset(in), out, format, on_progress, ExistingOutput::kRefuse,
                         lerobot);
}

}  // namespace longplay
