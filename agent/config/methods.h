// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
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
  // Single steps that an optimiser step sees; null = chains, as the options of all methods say.
  int64_t (*transitions)(const MethodOptions&);
  std::vector<ConfigField> (*fields)();  // of its own; null = none
};

/// Every method; agent/training/make_learner.cpp has their learners.
inline constexpr MethodEntry kMethods[] = {
    {Method::kSequence, "sequence", ActsWith::kSequenceModel, nullptr, nullptr},
    {Method::kTd3Bc, "td3_bc", ActsWith::kActor,
     [](const MethodOptions& methods) { return methods.td3_bc.batch; }, Td3BcFields},
};

constexpr const MethodEntry& EntryOf(Method method) {
  const MethodEntry* entry = kMethods;
  while (entry->method != method) ++entry;
  return *entry;
}

}  // namespace longplay
