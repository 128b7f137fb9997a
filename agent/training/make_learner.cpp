// SPDX-License-Identifier: MIT
#include "agent/training/make_learner.h"

#include "agent/implicit_q/ic_iql.h"
#include "agent/implicit_q/iql.h"
#include "agent/learners/sequence_learner.h"
#include "agent/learners/td3_bc.h"

namespace longplay {
namespace {

/// Every method's learner; agent/config/methods.h has their names and options.
struct LearnerEntry {
  Method method;
  std::unique_ptr<Learner> (*make)(const RunOptions&);
  void (*check)(const RunOptions&, const DatasetInfo&);  // null = learns from anything
  double least_deviation;                                // added to those of observations
};

template <typename T>
std::unique_ptr<Learner> Make(const RunOptions& options) {
  return std::make_unique<T>(options);
}

constexpr LearnerEntry kLearners[] = {
    {Method::kSequence, Make<SequenceLearner>, nullptr, 0},
    {Method::kIcIql, Make<IcIql>, IcIql::Check, 0},
    {Method::kTd3Bc, Make<Td3Bc>, Td3Bc::Check, Td3Bc::kLeastDeviation},
    {Method::kIql, Make<Iql>, Iql::Check, Iql::kLeastDeviation},
};

const LearnerEntry& LearnerOf(Method method) {
  const LearnerEntry* entry = kLearners;
  while (entry->method != method) ++entry;
  return *entry;
}

}  // namespace

LearnerAndRecord MakeLearner(const RunOptions& options, const EpisodeSet& set) {
  const LearnerEntry& entry = LearnerOf(options.train.method);
  LearnerAndRecord made{.learner = nullptr, .record = MakePolicyRecord(options, set)};
  // Into the record, so that training and acting divide by the same.
  for (double& deviation : made.record.normalizer.observation_std) {
    deviation += entry.least_deviation;
  }
  made.learner = entry.make(options);
  return made;
}

void CheckMethod(const RunOptions& options, const DatasetInfo& data) {
  const LearnerEntry& entry = LearnerOf(options.train.method);
  if (entry.check != nullptr) entry.check(options, data);
}

}  // namespace longplay
