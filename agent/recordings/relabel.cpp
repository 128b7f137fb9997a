// SPDX-License-Identifier: MIT
#include "agent/recordings/relabel.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "agent/recordings/reward_judge.h"
#include "agent/runs/output_claim.h"
#include "datasets/episode_reader.h"
#include "datasets/store/pack.h"
#include "datasets/writers/convert.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// The source with other rewards.
class Relabelled : public EpisodeReader {
 public:
  Relabelled(std::unique_ptr<EpisodeReader> source, const RelabelOptions& options)
      : source_(std::move(source)),
        judge_(options.in, options.environment, options.threads),
        info_(source_->info()) {
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
  mutable RewardJudge judge_;
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
  // Made already from the same source, for the same task: found again.
  const nlohmann::json earlier = ReadJson(record);
  if (fs::exists(options.out) && earlier.is_object() &&
      earlier.value("from", nlohmann::json()) == made_from) {
    return {.episodes = earlier["episodes"], .steps = earlier["steps"], .found = true};
  }
  const OutputClaim claim(options.out, "relabelling");
  const Relabelled relabelled(std::move(source), options);
  // Read and written episode by episode; other rewards, all else as it was.
  const TargetFormat format =
      options.out.ends_with(".hdf5") ? TargetFormat::kD4rl : TargetFormat::kMinari;
  const auto watched = [&](int64_t steps, int64_t of) {
    claim.Check();
    if (on_progress) on_progress(steps, of);
  };
  const ConvertResult written = ConvertEpisodes(relabelled, options.out, format, watched);
  // Last: with this record the result counts as whole.
  std::ofstream(record) << nlohmann::json{{"from", made_from},
                                          {"episodes", written.episodes},
                                          {"steps", written.steps}}
                               .dump()
                        << "\n";
  return {.episodes = written.episodes, .steps = written.steps};
}

}  // namespace longplay
