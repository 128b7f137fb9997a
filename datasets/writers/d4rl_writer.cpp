// SPDX-License-Identifier: MIT
#include "datasets/writers/d4rl_writer.h"

#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_writer.h"
#include "datasets/files/partial_path.h"

namespace longplay {
namespace {

int64_t RowSize(const InfoArray& info) {
  int64_t size = 1;
  for (const int64_t part : info.row_shape) size *= part;
  return size;
}

/// An info in the flat file: a row a step, and the row after the last action beside it.
struct InfoColumns {
  std::optional<Hdf5Column> rows, last;
};

}  // namespace

struct D4rlWriter::Impl {
  Impl(const std::string& path, const DatasetInfo& info)
      : place(path), info(info), file(CreateHdf5File(place.partial())) {
    const hid_t root = file.get();
    const bool discrete = info.action_kind == ActionKind::kDiscrete;
    // Discrete actions are a flat column.
    const std::vector<int64_t> action_shape =
        discrete ? std::vector<int64_t>{} : std::vector<int64_t>{info.action_size};
    observations.emplace(root, "observations", info.observation_type,
                         std::vector{info.observation_size});
    next_observations.emplace(root, "next_observations", info.observation_type,
                              std::vector{info.observation_size});
    actions.emplace(root, "actions", info.action_type, action_shape);
    if (info.has_rewards)
      rewards.emplace(root, "rewards", info.reward_type, std::vector<int64_t>{});
    terminals.emplace(root, "terminals", "bool", std::vector<int64_t>{});
    timeouts.emplace(root, "timeouts", "bool", std::vector<int64_t>{});
    WriteAttributes();
  }

  void WriteAttributes() const {
    const hid_t root = file.get();
    if (!info.environment.empty()) WriteAttribute(root, "env_id", info.environment);
    if (info.max_episode_steps > 0) {
      WriteAttribute(root, "max_episode_steps", info.max_episode_steps);
    }
    if (info.action_repeat != 1) WriteAttribute(root, "action_repeat", info.action_repeat);
    if (info.reference_min) WriteAttribute(root, "ref_min_score", *info.reference_min);
    if (info.reference_max) WriteAttribute(root, "ref_max_score", *info.reference_max);
  }

  void WriteInfos(const Episode& episode, const EpisodeExtras& extras);

  PartialPath place;
  DatasetInfo info;
  Hdf5Id file;
  std::optional<Hdf5Column> observations, next_observations, actions, rewards, terminals, timeouts;
  std::map<std::string, InfoColumns> infos;
  // A row an episode, for the group `longplay`.
  std::vector<double> lengths, ends, finals, histories, seeds, has_seed;
};

void D4rlWriter::Impl::WriteInfos(const Episode& episode, const EpisodeExtras& extras) {
  // The first episode says which infos there are; all others must have the same.
  const bool first = ends.empty();
  if (!first && extras.infos.size() != infos.size()) {
    throw WriteError(place.path() + ": episode " + std::to_string(ends.size()),
                     "expected the infos of the episodes before, got others");
  }
  for (const auto& [name, array] : extras.infos) {
    const auto row = static_cast<size_t>(RowSize(array));
    const size_t steps = static_cast<size_t>(episode.length()) * row;
    const bool has_last = array.values.size() == steps + row;
    if (!has_last && array.values.size() != steps) {
      throw WriteError(place.path() + ": infos/" + name,
                       "expected a row a step, or one more, got another number");
    }
    InfoColumns& columns = infos[name];
    if (first) {
      columns.rows.emplace(file.get(), "infos/" + name, array.type, array.row_shape);
      if (has_last) {
        columns.last.emplace(file.get(), "longplay/last_infos/" + name, array.type,
                             array.row_shape);
      }
    }
    if (!columns.rows || columns.last.has_value() != has_last) {
      throw WriteError(place.path() + ": infos/" + name,
                       "expected it alike in every episode, got a difference");
    }
    // A row before each action; the one after the last action goes to the side group.
    columns.rows->Append(std::span(array.values).first(steps));
    if (has_last) columns.last->Append(std::span(array.values).last(row));
  }
}

D4rlWriter::D4rlWriter(const std::string& path, const DatasetInfo& info)
    : impl_(std::make_unique<Impl>(path, info)) {}

D4rlWriter::~D4rlWriter() = default;

void D4rlWriter::Write(const Episode& episode, const EpisodeExtras& extras) {
  Impl& impl = *impl_;
  const int64_t length = episode.length(), width = episode.observation_size;
  impl.WriteInfos(episode, extras);
  // Observations, and the same one row later.
  const std::span seen(episode.observations);
  impl.observations->Append(seen.first(length * width));
  impl.next_observations->Append(seen.subspan(width, (length - 1) * width));
  impl.next_observations->Append(seen.last(width));  // of N rows the last one again
  // Discrete actions count from the file's first one again.
  std::vector<double> actions = episode.actions;
  if (impl.info.action_kind == ActionKind::kDiscrete) {
    for (double& action : actions) action += static_cast<double>(impl.info.action_start);
  }
  impl.actions->Append(actions);
  if (impl.rewards) impl.rewards->Append(episode.rewards);
  // Ends are flags in the last row.
  std::vector<double> flags(length, 0.0);
  flags.back() = episode.terminated ? 1 : 0;
  impl.terminals->Append(flags);
  // Something must say that it ends here.
  flags.back() = episode.truncated || !episode.terminated ? 1 : 0;
  impl.timeouts->Append(flags);

  // For the side group: what the flat layout cannot say.
  impl.lengths.push_back(static_cast<double>(length));
  impl.ends.push_back((episode.terminated ? 1 : 0) + (episode.truncated ? 2 : 0));
  impl.finals.push_back(episode.has_final_observation() ? 1 : 0);
  impl.histories.push_back(static_cast<double>(episode.history));
  const uint64_t seed = extras.seed.value_or(0);
  impl.seeds.push_back(static_cast<double>(seed >> 32));  // a double holds 53 bits
  impl.seeds.push_back(static_cast<double>(seed & 0xffffffff));
  impl.has_seed.push_back(extras.seed ? 1 : 0);
}

void D4rlWriter::Finish() {
  Impl& impl = *impl_;
  {
    // The side group, closed before the file.
    const Hdf5Id group = MakeGroup(impl.file.get(), "longplay");
    const auto episodes = static_cast<int64_t>(impl.ends.size());
    const auto write = [&](const char* name, const std::string& type,
                           const std::vector<double>& values) {
      WriteArray(group.get(), name, {episodes}, type, values);
    };
    write("length", "int64", impl.lengths);
    write("ends", "uint8", impl.ends);
    write("final_observation", "bool", impl.finals);
    write("history", "int64", impl.histories);
    write("has_seed", "bool", impl.has_seed);
    WriteArray(group.get(), "seed", {episodes, 2}, "uint32", impl.seeds);
    if (!impl.info.action_low.empty()) {
      WriteArray(group.get(), "action_low", {impl.info.action_size}, "float64",
                 impl.info.action_low);
      WriteArray(group.get(), "action_high", {impl.info.action_size}, "float64",
                 impl.info.action_high);
    }
    // The type alone does not tell: there are continuous actions of whole numbers.
    const bool discrete = impl.info.action_kind == ActionKind::kDiscrete;
    WriteAttribute(group.get(), "action_kind", std::string(discrete ? "discrete" : "continuous"));
    if (discrete) {
      WriteAttribute(group.get(), "actions", impl.info.action_size);
      WriteAttribute(group.get(), "action_start", impl.info.action_start);
    }
  }
  // Flushed first, because the destructors below cannot say that there is no room.
  FlushHdf5File(impl.file);
  // HDF5 keeps a file open for as long as one of its arrays is.
  impl.observations.reset();
  impl.next_observations.reset();
  impl.actions.reset();
  impl.rewards.reset();
  impl.terminals.reset();
  impl.timeouts.reset();
  impl.infos.clear();
  CloseHdf5File(std::move(impl.file));
  impl.place.Finish();
}

}  // namespace longplay
