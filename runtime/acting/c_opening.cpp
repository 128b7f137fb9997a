// SPDX-License-Identifier: MIT
// The C interface's opening and closing: what is thrown while a policy is opened becomes a code.
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>

#include "runtime/acting/c_handle.h"
#include "runtime/files/failure.h"
#include "runtime/longplay.h"

using longplay::runtime::ActingPolicy;
using longplay::runtime::Failure;

namespace {

longplay_policy_options DefaultOptions() {
  longplay_policy_options options{};
  options.size = sizeof options;
  options.chains = 1;
  options.target = std::nan("");
  options.draw_every = 1;
  options.best_of = 16;
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
      .has_probe = policy->opened->probe.steps > 0 ? 1 : 0,
      .has_values = facts.has_values ? 1 : 0,
      .reserved = 0};
  std::memcpy(description, &all, size);
  return LONGPLAY_OK;
}
