// SPDX-License-Identifier: MIT
#include "agent/runs/policy_record.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

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

}  // namespace

PolicyRecord MakePolicyRecord(const RunOptions& options, const TrajectorySet& set) {
  PolicyRecord record{.options = options, .normalizer = set.ComputeNormalizer()};
  record.action_kind = set.info().action_kind;
  record.best_return = set.episode_return(0);
  for (int64_t e = 0; e < set.episodes(); ++e) {
    record.best_return = std::max(record.best_return, set.episode_return(e));
    record.mean_return += set.episode_return(e) / static_cast<double>(set.episodes());
  }
  record.environment = options.evaluate.environment;
  record.reference = FileReference(set.info(), record.environment);
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
    ModelOptions& model = record.options.model;
    json.at("sizes").at("observation_size").get_to(model.observation_size);
    json.at("sizes").at("action_size").get_to(model.action_size);
    json.at("sizes").at("max_episode_steps").get_to(model.max_episode_steps);
    json.at("sizes").at("max_episodes").get_to(model.max_episodes);
  } catch (const nlohmann::json::exception& error) {
    throw std::runtime_error("loading policy: " + path + ": expected a policy record, got " +
                             error.what());
  } catch (const std::logic_error&) {  // of std::stoull
    throw std::runtime_error("loading policy: " + path + ": data_hash: expected a number");
  }
  return record;
}

}  // namespace longplay
