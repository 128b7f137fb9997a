// SPDX-License-Identifier: MIT
// The C interface: arguments are checked here, and nothing is thrown across it.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <new>

#include "runtime/acting/open_policy.h"
#include "runtime/acting/saved_chain.h"
#include "runtime/files/failure.h"
#include "runtime/longplay.h"

using longplay::runtime::ActingPolicy;
using longplay::runtime::Failure;
using longplay::runtime::OpenedPolicy;

struct longplay_policy {
  std::unique_ptr<OpenedPolicy> opened;
  longplay_policy_options options;
  int64_t calls = 0, overruns = 0;

  ActingPolicy& policy() const { return *opened->policy; }
};

namespace {

using Clock = std::chrono::steady_clock;

longplay_policy_options DefaultOptions() {
  longplay_policy_options options{};
  options.size = sizeof options;
  options.chains = 1;
  options.target = std::nan("");
  return options;
}

/// The caller's options, of its own version: fields that it does not know keep their defaults.
longplay_policy_options Completed(const longplay_policy_options* given) {
  longplay_policy_options options = DefaultOptions();
  if (given == nullptr) return options;
  if (given->size < sizeof given->size || given->size > sizeof options) {
    longplay::runtime::Fail(LONGPLAY_WRONG_ARGUMENT,
                            "opening a policy: options: size: expected that of a "
                            "longplay_policy_options of this version or an older one (call "
                            "longplay_policy_defaults)");
  }
  std::memcpy(&options, given, given->size);
  options.size = sizeof options;
  return options;
}

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

void Tell(const char* text, char* message, size_t size) {
  if (message != nullptr && size > 0) std::snprintf(message, size, "%s", text);
}

}  // namespace

uint32_t longplay_version(void) { return LONGPLAY_VERSION; }

int longplay_policy_defaults(longplay_policy_options* options, size_t size) {
  if (options == nullptr || size < sizeof options->size || size > sizeof *options)
    return LONGPLAY_WRONG_ARGUMENT;
  longplay_policy_options all = DefaultOptions();
  all.size = size;
  std::memcpy(options, &all, size);
  return LONGPLAY_OK;
}

int longplay_policy_open(const char* folder, const longplay_policy_options* options,
                         longplay_policy** policy, char* message, size_t message_size) {
  if (policy != nullptr) *policy = nullptr;
  try {
    if (folder == nullptr || policy == nullptr) {
      longplay::runtime::Fail(LONGPLAY_WRONG_ARGUMENT,
                              "opening a policy: expected a folder and a place, got null");
    }
    auto made = std::make_unique<longplay_policy>();
    made->options = Completed(options);
    made->opened = longplay::runtime::OpenPolicy(folder, made->options);
    *policy = made.release();
    return LONGPLAY_OK;
  } catch (const Failure& failure) {
    Tell(failure.message.c_str(), message, message_size);
    return failure.code;
  } catch (const std::bad_alloc&) {
    Tell("opening a policy: expected enough memory, got none", message, message_size);
    return LONGPLAY_NO_MEMORY;
  } catch (const std::exception& error) {
    // Lengths and offsets were checked: this is one that was not.
    Tell(error.what(), message, message_size);
    return LONGPLAY_DAMAGED;
  }
}

void longplay_policy_close(longplay_policy* policy) { delete policy; }

const char* longplay_policy_message(const longplay_policy* policy) {
  return policy == nullptr ? "expected a policy, got null" : policy->policy().message();
}

int longplay_policy_describe(const longplay_policy* policy,
                             longplay_policy_description* description) {
  if (policy == nullptr || description == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  const uint64_t size = description->size;
  if (size < sizeof size || size > sizeof *description) return LONGPLAY_WRONG_ARGUMENT;
  const ActingPolicy& own = policy->policy();
  const longplay::runtime::PolicyFacts& facts = own.facts();
  const bool grows = own.engine() != nullptr && own.engine()->layers().grows();
  const bool bounded = own.engine() != nullptr && own.settings().context_steps > 0;
  const longplay_policy_description all = {
      .size = size,
      .observation_size = facts.observation_size,
      .action_size = facts.action_size,
      .action_columns = facts.action_columns(),
      .discrete = facts.discrete ? 1 : 0,
      .recurrent = own.recurrent() && !grows ? 1 : 0,
      .tokens_per_step = facts.is_actor ? 1 : facts.tokens_per_step(),
      .chains = own.settings().chains,
      .context_steps = bounded && !own.recurrent() ? own.settings().context_steps : 0,
      .best_return = facts.best_return,
      .trained_episodes = facts.trained_episodes,
      .trained_episode_steps = facts.trained_episode_steps,
      .trained_context_steps = facts.trained_context_steps,
      .parameters = policy->opened->parameters,
      .memory_bytes = policy->opened->memory_bytes,
      .weight_bytes = own.weight_bytes,
      .context_bytes = own.context_bytes,
      .scratch_bytes = own.scratch_bytes,
      .vectors = own.settings().vectors,
      .has_probe = policy->opened->probe.steps > 0 ? 1 : 0};
  std::memcpy(description, &all, size);
  return LONGPLAY_OK;
}

int longplay_policy_start_chain(longplay_policy* policy, int64_t chain, double target) {
  if (policy == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  if (!IsChain(policy, chain) || std::isinf(target)) return WrongChain(policy);
  if (!policy->policy().facts().is_actor) policy->opened->queue->Drop(chain);
  return policy->policy().StartChain(chain, target);
}

int longplay_policy_set_act(longplay_policy* policy, int32_t act, uint64_t seed) {
  if (policy == nullptr) return LONGPLAY_WRONG_ARGUMENT;
  if (act != LONGPLAY_ACT_MEAN && act != LONGPLAY_ACT_SAMPLE) {
    return policy->policy().Wrong(LONGPLAY_WRONG_ARGUMENT,
                                  "acting: act: expected LONGPLAY_ACT_MEAN or _SAMPLE");
  }
  policy->policy().SetDraws(act == LONGPLAY_ACT_SAMPLE, seed);
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
