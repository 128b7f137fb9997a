// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent/config/implicit_q_options.h"
#include "agent/config/td3_bc_options.h"

namespace longplay {

struct ConfigField;

/// How a policy is trained: a sequence model that predicts the data's actions, the same with values
/// that say which of them to follow (in-context implicit Q-learning), or TD3+BC (arXiv 2106.06860)
/// and IQL (arXiv 2110.06169), the baselines that have no context.
enum class Method { kSequence, kIcIql, kTd3Bc, kIql };

/// Options that one method alone has.
struct MethodOptions {
  IcIqlOptions ic_iql;
  Td3BcOptions td3_bc;
  IqlOptions iql;
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
  // Units of the value heads on its sequence model; null = it has none.
  int64_t (*value_hidden)(const MethodOptions&) = nullptr;
};

/// Every method; agent/training/make_learner.cpp has their learners.
inline constexpr MethodEntry kMethods[] = {
    {Method::kSequence, "sequence", ActsWith::kSequenceModel, nullptr, nullptr, nullptr, false},
    {Method::kIcIql, "ic_iql", ActsWith::kSequenceModel, nullptr, nullptr, IcIqlFields, true,
     [](const MethodOptions& methods) { return methods.ic_iql.hidden; }},
    {Method::kTd3Bc, "td3_bc", ActsWith::kActor,
     [](const MethodOptions& methods) { return methods.td3_bc.hidden; },
     [](const MethodOptions& methods) { return methods.td3_bc.batch; }, Td3BcFields, true},
    {Method::kIql, "iql", ActsWith::kActor,
     [](const MethodOptions& methods) { return methods.iql.hidden; },
     [](const MethodOptions& methods) { return methods.iql.batch; }, IqlFields, true},
};

constexpr const MethodEntry& EntryOf(Method method) {
  const MethodEntry* entry = kMethods;
  while (entry->method != method) ++entry;
  return *entry;
}

/// Units of the value heads of a method's sequence model; 0 = it has none.
constexpr int64_t ValueHidden(Method method, const MethodOptions& methods) {
  const auto hidden = EntryOf(method).value_hidden;
  return hidden == nullptr ? 0 : hidden(methods);
}

/// Of a method by its name; false for other names.
constexpr bool LossIsACritics(std::string_view name) {
  for (const MethodEntry& entry : kMethods) {
    if (name == entry.name) return entry.logs_critics;
  }
  return false;
}

}  // namespace longplay
