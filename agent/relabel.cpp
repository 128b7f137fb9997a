// SPDX-License-Identifier: MIT
#include "agent/relabel.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "agent/make_environment.h"
#include "datasets/convert.h"
#include "datasets/episode_reader.h"
#include "datasets/pack.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBatch = 32;  // simulations that play steps again at once

/// Rewards of an episode's steps by a task.
class Judge {
 public:
  explicit Judge(const RelabelOptions& options)
      : options_(options),
        environment_(MakeEnvironment(options.environment,
                                     {.batch = kBatch,
                                      .max_episode_steps = std::numeric_limits<int32_t>::max(),
                                      .threads = options.threads})) {}

  std::vector<double> Rewards(const Episode& episode, const RecordedPhysics& physics) {
    const mjModel* model = environment_.model();
    const int64_t full = model->nq + model->nv + model->na;
    if (physics.rows.empty()) Refuse("recorded physics states", "none");
    if (physics.columns != full && physics.columns != model->nq + model->nv) {
      Refuse("states of " + std::to_string(full) + " numbers", std::to_string(physics.columns));
    }
    const int64_t rows = static_cast<int64_t>(physics.rows.size()) / physics.columns;
    if (rows != episode.length() && rows != episode.length() + 1) {
      Refuse("a state for each of " + std::to_string(episode.length()) + " steps",
             std::to_string(rows));
    }
    if (rows > episode.length() && physics.columns == full) {
      const auto reached = std::span(physics.rows).subspan(physics.columns);
      if (auto rewards = environment_.StateRewards(reached)) return std::move(*rewards);
    }
    return PlayedAgain(episode, physics);
  }

 private:
  [[noreturn]] void Refuse(const std::string& expected, const std::string& got) const {
    throw std::invalid_argument("relabelling: " + options_.in + ": expected " + expected + " for " +
                                options_.environment + ", got " + got);
  }

  std::vector<double> PlayedAgain(const Episode& episode, const RecordedPhysics& physics) {
    if (!environment_.model_fields().empty()) {
      Refuse("a task without a target drawn for each episode", "one with");
    }
    const int64_t width = environment_.spec().action_size, length = episode.length();
    if (width != episode.action_columns) {
      Refuse(std::to_string(width) + " actions", std::to_string(episode.action_columns));
    }
    const int64_t nq = environment_.model()->nq, nv = environment_.model()->nv;
    std::vector<double> rewards, actions(kBatch * width);
    std::vector<uint8_t> active(kBatch);
    for (int64_t first = 0; first < length; first += kBatch) {
      const int64_t count = std::min(kBatch, length - first);
      std::ranges::fill(active, 0);
      for (int64_t i = 0; i < count; ++i) {
        const auto state = std::span(physics.rows).subspan((first + i) * physics.columns);
        environment_.SetPositions(i, state.first(nq), state.subspan(nq, nv), 0);
        std::copy_n(episode.actions.begin() + (first + i) * width, width,
                    actions.begin() + i * width);
        active[i] = 1;
      }
      const auto& outcomes = environment_.Step(actions, active);
      for (int64_t i = 0; i < count; ++i) rewards.push_back(outcomes[i].reward);
    }
    return rewards;
  }

  const RelabelOptions& options_;
  BatchedEnvironment environment_;
};

/// The source with other rewards.
class Relabelled : public EpisodeReader {
 public:
  Relabelled(std::unique_ptr<EpisodeReader> source, const RelabelOptions& options)
      : source_(std::move(source)), judge_(options), info_(source_->info()) {
    info_.environment = options.environment;
    info_.has_rewards = true;
    info_.reward_type = "float64";
    info_.reference_min.reset();  // another task's
    info_.reference_max.reset();
  }

  const DatasetInfo& info() const override { return info_; }
  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const override {
    source_->Read(index, episode);
    episode.rewards = judge_.Rewards(episode, source_->ReadPhysics(index));
  }
  EpisodeExtras ReadExtras(int64_t index) const override { return source_->ReadExtras(index); }
  RecordedPhysics ReadPhysics(int64_t index) const override { return source_->ReadPhysics(index); }

 private:
  std::unique_ptr<EpisodeReader> source_;
  mutable Judge judge_;
  DatasetInfo info_;
};

nlohmann::json ReadJson(const fs::path& path) {
  std::ifstream file(path);
  const nlohmann::json json = nlohmann::json::parse(file, nullptr, false);
  return json.is_discarded() ? nlohmann::json() : json;
}

}  // namespace

RelabelResult RelabelData(const RelabelOptions& options,
                          const std::function<void(int64_t, int64_t)>& on_progress) {
  // Beside the result lies what it was made from.
  const fs::path record = options.out + ".relabel.json";
  std::unique_ptr<EpisodeReader> source = OpenDataset(options.in);
  const nlohmann::json made_from = {{"source", SourceIdentity(options.in)},
                                    {"environment", options.environment}};
  const nlohmann::json earlier = ReadJson(record);
  if (fs::exists(options.out) && earlier.is_object() &&
      earlier.value("from", nlohmann::json()) == made_from) {
    return {.episodes = earlier["episodes"], .steps = earlier["steps"], .found = true};
  }
  const Relabelled relabelled(std::move(source), options);
  const TargetFormat format =
      options.out.ends_with(".hdf5") ? TargetFormat::kD4rl : TargetFormat::kMinari;
  const ConvertResult written = ConvertEpisodes(relabelled, options.out, format, on_progress);
  std::ofstream(record) << nlohmann::json{{"from", made_from},
                                          {"episodes", written.episodes},
                                          {"steps", written.steps}}
                               .dump()
                        << "\n";
  return {.episodes = written.episodes, .steps = written.steps};
}

}  // namespace longplay
