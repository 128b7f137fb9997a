// SPDX-License-Identifier: MIT
#include "agent/acting/check_environment.h"

#include <cmath>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "agent/acting/make_environment.h"
#include "agent/acting/step_sizes.h"

namespace longplay {
namespace {

bool SameBounds(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || b.empty() || a.size() != b.size()) return true;  // nothing to compare
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::abs(a[i] - b[i]) > 1e-6 * (1 + std::abs(a[i]))) return false;
  }
  return true;
}

std::string Shown(const std::vector<double>& low, const std::vector<double>& high) {
  std::ostringstream text;
  for (size_t i = 0; i < low.size(); ++i) {
    text << (i == 0 ? "" : ", ") << "[" << low[i] << ", " << high[i] << "]";
  }
  return text.str();
}

/// What the data say of themselves, against the environment.
std::vector<std::string> Differences(const EnvironmentSpec& spec, const EvaluateOptions& evaluate,
                                     const DatasetInfo& data) {
  std::vector<std::string> notes;
  if (!SameBounds(data.action_low, spec.action_low) ||
      !SameBounds(data.action_high, spec.action_high)) {
    notes.push_back(data.path + ": actions lie in " + Shown(data.action_low, data.action_high) +
                    ", those of " + spec.id + " in " + Shown(spec.action_low, spec.action_high));
  }
  if (evaluate.action_repeat > 0 && evaluate.action_repeat != data.action_repeat) {
    notes.push_back(data.path + ": was collected with an action repeat of " +
                    std::to_string(data.action_repeat) + ", evaluate.action_repeat is " +
                    std::to_string(evaluate.action_repeat));
  }
  return notes;
}

}  // namespace

std::vector<std::string> CheckEnvironment(const RunOptions& options, const EpisodeSet& set) {
  const DatasetInfo& data = set.info();
  const std::string& asked = options.evaluate.environment;
  const std::string id = asked.empty() ? data.environment : asked;
  if (id.empty()) return {};
  try {
    // One simulation, to look at.
    const std::unique_ptr<Environment> environment = MakeEnvironment(id, {.batch = 1});
    const EnvironmentSpec& spec = environment->spec();
    CheckSizes(SizesOf(spec), SizesOf(data), "evaluate.environment: " + spec.id,
               "as in " + data.path);
    return Differences(spec, options.evaluate, data);
  } catch (const std::exception& error) {
    // Unknown here, of other sizes, or without its model's files. The user did not ask for it: the
    // policy can be trained, and played elsewhere.
    if (!asked.empty()) throw;
    return {"the policy cannot be played in what the data name (" + id + "): " + error.what()};
  }
}

}  // namespace longplay
