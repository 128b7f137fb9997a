// SPDX-License-Identifier: MIT
#include "agent/runs/policy_record.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/version.h"

namespace longplay {
namespace {

constexpr int kSchema = 1;

/// Of returns in `environment`, if the data are of that one and say so.
std::optional<ReturnReference> FileReference(const DatasetInfo& data,
                                             const std::string& environment) {
  if (!data.reference_min || !data.reference_max || *data.reference_min >= *data.reference_max ||
      data.environment != environment) {
    return std::nullopt;
  }
  return ReturnReference{
      .zero = *data.reference_min, .hundred = *data.reference_max, .source = "data file"};
}

nlohmann::json ReferenceJson(const std::optional<ReturnReference>& reference) {
  if (!reference) return nullptr;
  return {{"zero", reference->zero}, {"hundred", reference->hundred}};
}

/// None in checkpoints that were written before they had it.
std::optional<ReturnReference> ReferenceFromJson(const nlohmann::json& record) {
  const nlohmann::json json = record.value("reference_returns", nlohmann::json());
  if (json.is_null()) return std::nullopt;
  return ReturnReference{
      .zero = json.at("zero"), .hundred = json.at("hundred"), .source = "data file"};
}

/// [time steps] of the longest chain that training may draw.
int64_t LongestChain(const EpisodeSet& set, const ChainOptions& chain) {
  if (chain.source == ChainSource::kAnywhere) return chain.episodes * set.longest();
  // A bound for each history: as many of its longest episodes as a chain holds.
  std::map<int64_t, std::vector<int64_t>> histories;  // lengths of each history's episodes
  for (int64_t e = 0; e < set.episodes(); ++e) {
    histories[set.history(e)].push_back(set.length(e));
  }
  int64_t longest = 0;
  for (auto& [history, lengths] : histories) {
    std::ranges::sort(lengths, std::greater());
    if (static_cast<int64_t>(lengths.size()) > chain.episodes) lengths.resize(chain.episodes);
    longest = std::max(longest, std::accumulate(lengths.begin(), lengths.end(), int64_t{0}));
  }
  return longest;
}

/// Where `chain_steps` are those of the longest chain.
TrainedRange MakeTrainedRange(const RunOptions& options, int64_t episode_steps,
                              int64_t chain_steps) {
  if (EntryOf(options.train.method).acts_with == ActsWith::kActor) {  // sees one step at a time
    return {.episodes = 1, .episode_steps = episode_steps, .context_steps = 1};
  }
  const int64_t window = options.chain.window;
  return {.episodes = options.chain.episodes,
          .episode_steps = episode_steps,
          .context_steps = window > 0 ? std::min(window, chain_steps) : chain_steps};
}

TrainedRange TrainedRangeFromJson(const nlohmann::json& record, const RunOptions& options) {
  if (!record.contains("trained")) return TrainedRangeOf(options);
  const nlohmann::json& json = record["trained"];
  return {.episodes = json.at("episodes"),
          .episode_steps = json.at("episode_steps"),
          .context_steps = json.at("context_steps")};
}

}  // namespace

TrainedRange TrainedRangeOf(const RunOptions& options) {
  const int64_t episode_steps = options.model.max_episode_steps;
  return MakeTrainedRange(options, episode_steps, options.chain.episodes * episode_steps);
}

PolicyRecord MakePolicyRecord(const RunOptions& options, const EpisodeSet& set) {
  PolicyRecord record{.options = options, .normalizer = set.ComputeNormalizer()};
  record.action_kind = set.info().action_kind;
  record.best_return = set.episode_return(0);
  for (int64_t e = 0; e < set.episodes(); ++e) {
    record.best_return = std::max(record.best_return, set.episode_return(e));
    record.mean_return += set.episode_return(e) / static_cast<double>(set.episodes());
  }
  record.environment = options.evaluate.environment;
  record.reference = FileReference(set.info(), record.environment);
  record.trained = MakeTrainedRange(options, set.longest(), LongestChain(set, options.chain));
  record.data_hash = set.hash();
  return record;
}

nlohmann::json ToJson(const PolicyRecord& record) {
  const ModelOptions& model = record.options.model;
  return {{"schema", kSchema},
          {"versions", Versions()},
          {"normalizer", ToJson(record.normalizer)},
          {"action_kind", record.action_kind == ActionKind::kDiscrete ? "discrete" : "continuous"},
          {"best_return", record.best_return},
          {"mean_return", record.mean_return},
          {"environment", record.environment},
          {"reference_returns", ReferenceJson(record.reference)},
          {"trained",
           {{"episodes", record.trained.episodes},
            {"episode_steps", record.trained.episode_steps},
            {"context_steps", record.trained.context_steps}}},
          {"data_hash", std::to_string(record.data_hash)},
          {"step", record.step},
          {"sizes",
           {{"observation_size", model.observation_size},
            {"action_size", model.action_size},
            {"max_episode_steps", model.max_episode_steps},
            {"max_episodes", model.max_episodes}}}};
}

PolicyRecord PolicyRecordFromJson(const nlohmann::json& json, const std::string& path,
                                  RunOptions options) {
  PolicyRecord record{.options = std::move(options)};
  try {
    if (json.at("schema").get<int>() > kSchema) {
      throw std::runtime_error("loading policy: " + path + ": expected schema " +
                               std::to_string(kSchema) + " or older, got " + json["schema"].dump() +
                               ": a newer longplay wrote it");
    }
    record.normalizer = NormalizerFromJson(json.at("normalizer"));
    record.action_kind =
        json.at("action_kind") == "discrete" ? ActionKind::kDiscrete : ActionKind::kContinuous;
    json.at("best_return").get_to(record.best_return);
    json.at("mean_return").get_to(record.mean_return);
    json.at("environment").get_to(record.environment);
    record.reference = ReferenceFromJson(json);
    json.at("step").get_to(record.step);
    record.data_hash = std::stoull(json.at("data_hash").get<std::string>());
    // config.yaml lacks the sizes; the trained range of older records is made of them.
    ModelOptions& model = record.options.model;
    json.at("sizes").at("observation_size").get_to(model.observation_size);
    json.at("sizes").at("action_size").get_to(model.action_size);
    json.at("sizes").at("max_episode_steps").get_to(model.max_episode_steps);
    json.at("sizes").at("max_episodes").get_to(model.max_episodes);
    record.trained = TrainedRangeFromJson(json, record.options);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error("loading policy: " + path + ": expected a policy record, got " +
                             error.what());
  } catch (const std::logic_error&) {  // of std::stoull
    throw std::runtime_error("loading policy: " + path + ": data_hash: expected a number");
  }
  return record;
}

}  // namespace longplay
