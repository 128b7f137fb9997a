// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/config/td3_bc_options.h"

namespace longplay {

struct ConfigField;

/// How a policy is trained: a sequence model that predicts the data's actions, or TD3+BC (Fujimoto
/// and Gu, arXiv 2106.06860), the baseline that is none.
enum class Method { kSequence, kTd3Bc };

/// Options that one method alone has.
struct MethodOptions {
  Td3BcOptions td3_bc;
};

/// What acts after training.
enum class ActsWith { kSequenceModel, kActor };

struct MethodEntry {
  Method method;
  const char* name;  // of train.method
  ActsWith acts_with;
  int64_t (*actor_hidden)(const MethodOptions&);  // units of an actor's layers; null = none
  // Single steps that an optimiser step sees; null = chains, as the options of all methods say.
  int64_t (*transitions)(const MethodOptions&);
  std::vector<ConfigField> (*fields)();  // of its own; null = none
  bool logs_critics;                     // its loss is that of critics, not of actions
};

/// Every method; agent/training/make_learner.cpp has their learners.
inline constexpr MethodEntry kMethods[] = {
    {Method::kSequence, "sequence", ActsWith::kSequenceModel, nullptr, nullptr, nullptr, false},
    {Method::kTd3Bc, "td3_bc", ActsWith::kActor,
     [](const MethodOptions& methods) { return methods.td3_bc.hidden; },
     [](const MethodOptions& methods) { return methods.td3_bc.batch; }, Td3BcFields, true},
};

constexpr const MethodEntry& EntryOf(Method method) {
  const MethodEntry* entry = kMethods;
  while (entry->method != method) ++entry;
  return *entry;
}

/// Of a method by its name; false for other names.
constexpr bool LossIsACritics(std::string_view name) {
  for (const MethodEntry& entry : kMethods) {
    if (name == entry.name) return entry.logs_critics;
  }
  return false;
}

}  // namespace longplay
