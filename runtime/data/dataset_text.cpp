// SPDX-License-Identifier: MIT
#include "runtime/data/dataset_text.h"

#include <nlohmann/json.hpp>

#include "datasets/formats/dataset_info_json.h"

namespace longplay {
namespace {

/// Texts come from files and may be no UTF-8: such bytes are replaced.
std::string Dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string InfoText(const EpisodeSet& set, const Normalizer& normalizer) {
  nlohmann::json info = nlohmann::json::parse(ToText(set.info()));
  info["notes"] = set.notes();
  info["mapped"] = set.mapped();
  info["longest"] = set.longest();
  info["hash"] = set.hash();
  info["observation_offset"] = set.observation_offset();
  info["normalizer"] = ToJson(normalizer);
  return Dump(info);
}

std::string ProblemsText(const std::vector<Problem>& problems) {
  nlohmann::json list = nlohmann::json::array();
  bool valid = true;
  for (const Problem& problem : problems) {
    const bool error = problem.severity == Severity::kError;
    valid = valid && !error;
    list.push_back({{"severity", error ? "error" : "warning"},
                    {"where", problem.where},
                    {"problem", problem.problem}});
  }
  return Dump({{"valid", valid}, {"problems", list}});
}

}  // namespace longplay
