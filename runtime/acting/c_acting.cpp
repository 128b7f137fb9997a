// SPDX-License-Identifier: MIT
// The C interface's calls of an open policy: arguments are checked here, nothing is thrown.
#include <chrono>
#include <cmath>

#include "runtime/acting/c_handle.h"
#include "runtime/acting/saved_chain.h"
#include "runtime/longplay.h"

using longplay::runtime::ActingPolicy;

namespace {

using Clock = std::chrono::steady_clock;

int WrongPointer(longplay_policy* policy) {
  if (policy == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  return policy->policy().Wrong(LONGPLAY_WRONG_ARGUMENT, "acting: expected pointers, got null");
}

int WrongChain(longplay_policy* policy) {
  return policy->policy().Wrong(LONGPLAY_WRONG_ARGUMENT,
                                "acting: chain: expected one from 0 to %lld",
                                static_cast<long long>(policy->policy().settings().chains - 1));
}

bool IsChain(const longplay_policy* policy, int64_t chain) {
  return chain >= 0 && chain < policy->policy().settings().chains;
}

/// Counts the call and tells of it.
int Finish(longplay_policy* policy, Clock::time_point start, int code, longplay_status* status) {
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  const double deadline = policy->policy().settings().deadline;
  const bool overran = deadline > 0 && seconds > deadline;
  ++policy->calls;
  policy->overruns += overran ? 1 : 0;
  if (status != nullptr) {
    *status = {.seconds = seconds,
               .tokens = policy->policy().tokens_held(),
               .steps = policy->policy().steps_done(),
               .overrun = overran ? 1 : 0,
               .reserved = 0,
               .overruns = policy->overruns,
               .calls = policy->calls};
  }
  return code;
}

/// A decision of the active chains, made here or elsewhere.
int Act(longplay_policy* policy, const longplay_view* view, const double* taken, double* actions,
        longplay_status* status) {
  const auto start = Clock::now();
  ActingPolicy& own = policy->policy();
  const bool is_actor = own.facts().is_actor;
  if (view == nullptr || view->observations == nullptr ||
      (!is_actor && (view->rewards == nullptr || view->starts == nullptr))) {
    return WrongPointer(policy);
  }
  for (int64_t i = 0; !is_actor && i < own.settings().chains; ++i) {
    if ((view->active != nullptr && view->active[i] == 0) || !policy->opened->queue->Waits(i))
      continue;
    return own.Wrong(LONGPLAY_WRONG_ARGUMENT,
                     "acting: chain %lld: expected its recording to be read in: poll first",
                     static_cast<long long>(i));
  }
  return Finish(policy, start, own.Decide(*view, taken, actions), status);
}

}  // namespace

int longplay_policy_start_chain(longplay_policy* policy, int64_t chain, double target) {
  if (policy == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  if (!IsChain(policy, chain) || std::isinf(target)) return WrongChain(policy);
  if (!policy->policy().facts().is_actor) policy->opened->queue->Drop(chain);
  return policy->policy().StartChain(chain, target);
}

int longplay_policy_set_act(longplay_policy* policy, int32_t act, uint64_t seed) {
  if (policy == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  if (act < LONGPLAY_ACT_MEAN || act > LONGPLAY_ACT_BEST_OF) {
    return policy->policy().Wrong(LONGPLAY_WRONG_ARGUMENT,
                                  "acting: act: expected LONGPLAY_ACT_MEAN .. _BEST_OF");
  }
  const char* const wrong = longplay::runtime::WrongAct(policy->policy().facts(), act);
  if (wrong != nullptr) {
    return policy->policy().Wrong(LONGPLAY_NOT_SUPPORTED, "acting: %s", wrong);
  }
  policy->policy().SetDraws(act, seed);
  return LONGPLAY_OK;
}

int longplay_policy_act(longplay_policy* policy, const longplay_view* view, double* actions,
                        longplay_status* status) {
  if (policy == nullptr || actions == nullptr) return WrongPointer(policy);
  return Act(policy, view, nullptr, actions, status);
}

int longplay_policy_watch(longplay_policy* policy, const longplay_view* view, const double* actions,
                          longplay_status* status) {
  if (policy == nullptr || actions == nullptr) return WrongPointer(policy);
  return Act(policy, view, actions, nullptr, status);
}

int longplay_policy_submit(longplay_policy* policy, const longplay_recording* recording,
                           int64_t* ticket) {
  if (policy == nullptr || recording == nullptr || recording->observations == nullptr ||
      recording->actions == nullptr || recording->rewards == nullptr ||
      recording->starts == nullptr) {
    return WrongPointer(policy);
  }
  if (!IsChain(policy, recording->chain)) return WrongChain(policy);
  if (recording->steps < 1) {
    return policy->policy().Wrong(LONGPLAY_WRONG_ARGUMENT,
                                  "reading steps in: steps: expected at least 1");
  }
  if (policy->policy().facts().is_actor) return LONGPLAY_OK;  // it remembers nothing
  return policy->opened->queue->Submit(*recording, ticket);
}

int longplay_policy_poll(longplay_policy* policy, int64_t tokens, int64_t* left,
                         longplay_status* status) {
  if (policy == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  const auto start = Clock::now();
  const int code = policy->opened->queue->Poll(tokens);
  if (left != nullptr) *left = policy->opened->queue->tokens_left();
  return Finish(policy, start, code, status);
}

size_t longplay_policy_saved_size(const longplay_policy* policy, int64_t chain) {
  if (policy == nullptr || !IsChain(policy, chain)) return 0;
  return longplay::runtime::SavedSize(*policy->opened, chain);
}

int longplay_policy_save(longplay_policy* policy, int64_t chain, void* buffer, size_t size,
                         size_t* used) {
  if (policy == nullptr || buffer == nullptr) return WrongPointer(policy);
  if (!IsChain(policy, chain)) return WrongChain(policy);
  return longplay::runtime::SaveChain(*policy->opened, chain, buffer, size, used);
}

int longplay_policy_load(longplay_policy* policy, int64_t chain, const void* buffer, size_t size) {
  if (policy == nullptr || buffer == nullptr) return WrongPointer(policy);
  if (!IsChain(policy, chain)) return WrongChain(policy);
  return longplay::runtime::LoadChain(*policy->opened, chain, buffer, size);
}

int longplay_policy_self_test(longplay_policy* policy, double* difference) {
  if (policy == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  ActingPolicy& own = policy->policy();
  if (policy->opened->probe.steps == 0) {
    return own.Wrong(LONGPLAY_NOT_SUPPORTED,
                     "testing a policy: probe.safetensors: expected one, got none: export the run "
                     "again");
  }
  if (!own.facts().is_actor) policy->opened->queue->Drop(0);
  const double apart = longplay::runtime::PlayProbe(*policy->opened, policy->options);
  own.StartChain(0, std::nan(""));
  if (difference != nullptr) *difference = apart;
  if (apart <= longplay::runtime::ProbeTolerance(own)) return LONGPLAY_OK;
  return own.Wrong(LONGPLAY_DAMAGED,
                   "testing a policy: expected the actions stored in probe.safetensors, got "
                   "others");
}
