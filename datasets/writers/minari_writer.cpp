// SPDX-License-Identifier: MIT
#include "datasets/writers/minari_writer.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_writer.h"
#include "datasets/files/partial_path.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
constexpr char kMinariVersion[] = "0.5.3";

/// A number as Python's JSON has it, which writes infinities bare.
std::string Number(double value) {
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return nlohmann::json(value).dump();
}

/// A Box space as Minari's serialisation has it.
std::string BoxSpace(const std::string& dtype, int64_t size, const std::vector<double>& low,
                     const std::vector<double>& high) {
  const auto list = [&](const std::vector<double>& values, const std::string& unbounded) {
    std::string text = "[";
    for (int64_t k = 0; k < size; ++k) {
      text += k > 0 ? ", " : "";
      text += values.empty() ? unbounded : Number(values[k]);
    }
    return text + "]";
  };
  return R"({"type": "Box", "dtype": ")" + dtype + R"(", "shape": [)" + std::to_string(size) +
         R"(], "low": )" + list(low, "-Infinity") + R"(, "high": )" + list(high, "Infinity") + "}";
}

std::string DiscreteSpace(int64_t n, int64_t start) {
  return R"({"type": "Discrete", "dtype": "int64", "start": )" + std::to_string(start) +
         R"(, "n": )" + std::to_string(n) + "}";
}

void WriteText(const fs::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  file.close();  // what it holds back is written now
  if (!file) {
    throw WriteError(path.string(),
                     std::string("expected room to write, got ") + std::strerror(errno));
  }
}

/// An info "goal/x" is array x in group goal.
void WriteInfo(const Hdf5Id& infos, const std::string& name, const InfoArray& info) {
  // The number of rows follows from the values: infos have N or N + 1.
  int64_t row = 1;
  for (const int64_t size : info.row_shape) row *= size;
  std::vector<int64_t> shape = info.row_shape;
  shape.insert(shape.begin(), static_cast<int64_t>(info.values.size()) / std::max<int64_t>(row, 1));
  const size_t slash = name.rfind('/');
  if (slash == std::string::npos) {
    WriteArray(infos.get(), name, shape, info.type, info.values);
    return;
  }
  const Hdf5Id group = MakeGroup(infos.get(), name.substr(0, slash));
  WriteArray(group.get(), name.substr(slash + 1), shape, info.type, info.values);
}

}  // namespace

struct MinariWriter::Impl {
  Impl(const std::string& path, const MinariMetadata& metadata)
      : place(path), metadata(metadata), single_file(fs::path(path).extension() == ".hdf5") {
    // NAME.hdf5 is a single file; anything else Minari's folder with data/main_data.hdf5.
    fs::path file_path = place.partial();
    if (single_file) {
      if (file_path.has_parent_path()) fs::create_directories(file_path.parent_path());
    } else {
      fs::create_directories(file_path / "data");
      file_path = file_path / "data" / "main_data.hdf5";
    }
    file = CreateHdf5File(file_path);
  }

  nlohmann::json Metadata() const;
  void WriteFlags(const Hdf5Id& group, const char* name, int64_t length, bool last) const {
    std::vector<double> flags(length, 0);
    flags.back() = last ? 1 : 0;
    WriteArray(group.get(), name, {length}, "bool", flags);
  }

  PartialPath place;
  MinariMetadata metadata;
  bool single_file;
  Hdf5Id file;
  int64_t episodes = 0, steps = 0;
};

nlohmann::json MinariWriter::Impl::Metadata() const {
  nlohmann::json json = {
      {"total_episodes", episodes},
      {"total_steps", steps},
      {"data_format", "hdf5"},
      {"observation_space", BoxSpace(metadata.observation_type, metadata.observation_size, {}, {})},
      {"action_space", metadata.action_kind == ActionKind::kDiscrete
                           ? DiscreteSpace(metadata.action_size, metadata.action_start)
                           : BoxSpace(metadata.action_type, metadata.action_size,
                                      metadata.action_low, metadata.action_high)},
      {"dataset_id", fs::path(place.path()).filename().string()},
      {"minari_version", kMinariVersion},
      {"dataset_size", 0.0},
      {"algorithm_name", metadata.algorithm},
      {"description", metadata.description},
      {"longplay_environment", metadata.environment},
      {"longplay_action_repeat", metadata.action_repeat},
      {"longplay_max_episode_steps", metadata.max_episode_steps}};
  if (metadata.reference_min) json["ref_min_score"] = *metadata.reference_min;
  if (metadata.reference_max) json["ref_max_score"] = *metadata.reference_max;
  return json;
}

MinariWriter::MinariWriter(const std::string& path, const MinariMetadata& metadata)
    : impl_(std::make_unique<Impl>(path, metadata)) {}

MinariWriter::~MinariWriter() = default;

void MinariWriter::Write(const Episode& episode, const std::map<std::string, int64_t>& attributes,
                         const EpisodeExtras& extras) {
  const int64_t length = episode.length();
  const MinariMetadata& metadata = impl_->metadata;
  if (length == 0 || !episode.has_final_observation()) {
    throw std::invalid_argument("writing data: " + impl_->place.path() +
                                ": expected N actions and N + 1 observations, got " +
                                std::to_string(length) + " actions");
  }
  // An episode's group as Minari names it, with its attributes.
  const Hdf5Id group = MakeGroup(impl_->file.get(), "episode_" + std::to_string(impl_->episodes));
  WriteAttribute(group.get(), "id", impl_->episodes);
  WriteAttribute(group.get(), "total_steps", length);
  if (extras.seed) WriteAttribute(group.get(), "seed", *extras.seed);
  for (const auto& [key, value] : attributes) WriteAttribute(group.get(), key, value);
  WriteArray(group.get(), "observations", {length + 1, episode.observation_size},
             metadata.observation_type, episode.observations);
  // Discrete actions are a flat column, counted from the space's start.
  if (metadata.action_kind == ActionKind::kDiscrete) {
    std::vector<double> actions = episode.actions;
    for (double& action : actions) action += static_cast<double>(metadata.action_start);
    WriteArray(group.get(), "actions", {length}, metadata.action_type, actions);
  } else {
    WriteArray(group.get(), "actions", {length, episode.action_columns}, metadata.action_type,
               episode.actions);
  }
  std::vector<double> rewards = episode.rewards;
  rewards.resize(length, 0.0);  // Minari needs some
  WriteArray(group.get(), "rewards", {length}, metadata.reward_type, rewards);
  impl_->WriteFlags(group, "terminations", length, episode.terminated);
  impl_->WriteFlags(group, "truncations", length, episode.truncated);
  const Hdf5Id infos = MakeGroup(group.get(), "infos");
  for (const auto& [name, info] : extras.infos) WriteInfo(infos, name, info);
  impl_->episodes += 1;
  impl_->steps += length;
}

void MinariWriter::Finish() {
  const nlohmann::json metadata = impl_->Metadata();
  // The same metadata as root attributes, or as the folder's metadata.json.
  if (impl_->single_file) {
    const hid_t root = impl_->file.get();
    for (const auto& [key, value] : metadata.items()) {
      if (value.is_number_integer()) WriteAttribute(root, key, value.get<int64_t>());
      if (value.is_number_float()) WriteAttribute(root, key, value.get<double>());
      if (value.is_string()) WriteAttribute(root, key, value.get<std::string>());
    }
  } else {
    WriteText(fs::path(impl_->place.partial()) / "data" / "metadata.json", metadata.dump(2) + '\n');
  }
  CloseHdf5File(std::move(impl_->file));
  impl_->place.Finish();
}

int64_t MinariWriter::episodes() const { return impl_->episodes; }
int64_t MinariWriter::steps() const { return impl_->steps; }

}  // namespace longplay
