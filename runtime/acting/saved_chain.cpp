// SPDX-License-Identifier: MIT
#include "runtime/acting/saved_chain.h"

#include <cmath>
#include <cstring>

namespace longplay::runtime {
namespace {

constexpr uint64_t kMagic = 0x314e494148435045;  // "EPCHAIN1"

struct SavedHead {
  uint64_t magic = kMagic, fingerprint = 0;
  double asked = 0, target = 0, return_so_far = 0;
  int64_t step = 0, episode = 0, started = 0, decisions = 0;
  float previous_reward = 0, previous_completion = 0;
  int64_t seen = 0, fresh = 0, in_segment = 0;
  int64_t kept_steps = 0, kept_episodes = 0;
};

SavedHead HeadOf(const OpenedPolicy& opened, const ActingChain& chain) {
  return {.magic = kMagic,
          .fingerprint = opened.fingerprint,
          .asked = chain.asked,
          .target = chain.target,
          .return_so_far = chain.return_so_far,
          .step = chain.step,
          .episode = chain.episode,
          .started = chain.started,
          .decisions = chain.decisions,
          .previous_reward = chain.previous_reward,
          .previous_completion = chain.previous_completion,
          .seen = chain.seen,
          .fresh = chain.fresh,
          .in_segment = chain.in_segment,
          .kept_steps = chain.kept_steps,
          .kept_episodes = chain.kept_episodes};
}

/// [bytes] behind the head and in front of the layers' contexts.
int64_t MiddleBytes(const ActingPolicy& policy, const SavedHead& head) {
  const int64_t memory = policy.engine() == nullptr ? 0 : policy.engine()->memory_floats();
  const int64_t floats =
      2 * policy.facts().action_size + memory + head.kept_steps * policy.writer().layout().stride();
  return floats * 4 + (2 * head.kept_steps + head.kept_episodes) * 8;
}

int64_t LayerBytes(const ActingPolicy& policy, int64_t seen) {
  return policy.engine() == nullptr ? 0 : policy.engine()->layers().saved_bytes(seen);
}

size_t SizeOf(const ActingPolicy& policy, const SavedHead& head) {
  return sizeof(SavedHead) +
         static_cast<size_t>(MiddleBytes(policy, head) + LayerBytes(policy, head.seen)) +
         sizeof(uint64_t);
}

/// move(memory of the chain, bytes) for each part of the middle, in a fixed order.
template <typename Move>
void MoveMiddle(const ActingPolicy& policy, const ActingChain& chain, const Move& move) {
  const int64_t A = policy.facts().action_size;
  move(chain.previous_action, A * 4);
  move(chain.last_action, A * 4);
  if (policy.engine() != nullptr) move(chain.memory, policy.engine()->memory_floats() * 4);
  move(chain.kept.numbers, chain.kept_steps * policy.writer().layout().stride() * 4);
  move(chain.kept.places, chain.kept_steps * 16);
  move(chain.lengths, chain.kept_episodes * 8);
}

/// Whether a chain of this policy can be so.
bool Fits(const ActingPolicy& policy, const SavedHead& head) {
  const ActingSettings& settings = policy.settings();
  const bool bounded = policy.engine() != nullptr && policy.engine()->layers().grows();
  return head.seen >= 0 && (!bounded || head.seen <= settings.room.tokens) &&
         head.in_segment >= 0 && head.in_segment <= policy.facts().memory_segment &&
         head.kept_steps >= 0 && head.kept_steps <= policy.kept_capacity() &&
         head.kept_episodes >= 0 && head.kept_episodes <= settings.window_episodes &&
         head.step >= 0 && head.episode >= -1 && head.decisions >= 0 && std::isfinite(head.asked) &&
         std::isfinite(head.target) && std::isfinite(head.return_so_far);
}

}  // namespace

size_t SavedSize(const OpenedPolicy& opened, int64_t chain) {
  return SizeOf(*opened.policy, HeadOf(opened, opened.policy->chain(chain)));
}

int SaveChain(OpenedPolicy& opened, int64_t i, void* buffer, size_t size, size_t* used) {
  ActingPolicy& policy = *opened.policy;
  const ActingChain& chain = policy.chain(i);
  const SavedHead head = HeadOf(opened, chain);
  const size_t bytes = SizeOf(policy, head);
  if (size < bytes) {
    return policy.Wrong(LONGPLAY_WRONG_ARGUMENT,
                        "saving a chain: size: expected at least %lld bytes, got %lld",
                        static_cast<long long>(bytes), static_cast<long long>(size));
  }
  auto* const first = static_cast<std::byte*>(buffer);
  std::byte* to = first;
  const auto put = [&](const void* from, int64_t count) {
    if (count == 0) return;
    std::memcpy(to, from, static_cast<size_t>(count));
    to += count;
  };
  put(&head, sizeof head);
  MoveMiddle(policy, chain, put);
  if (policy.engine() != nullptr) {
    policy.engine()->layers().Save(chain.context, chain.seen, to);
    to += LayerBytes(policy, chain.seen);
  }
  const uint64_t hash =
      HashOf(reinterpret_cast<const char*>(first), static_cast<size_t>(to - first));
  put(&hash, sizeof hash);
  if (used != nullptr) *used = bytes;
  return LONGPLAY_OK;
}

int LoadChain(OpenedPolicy& opened, int64_t i, const void* buffer, size_t size) {
  ActingPolicy& policy = *opened.policy;
  SavedHead head;
  const auto* from = static_cast<const std::byte*>(buffer);
  // All is checked before anything is changed.
  uint64_t hash = 0;
  if (size >= sizeof head + sizeof hash) {
    std::memcpy(&head, from, sizeof head);
    std::memcpy(&hash, from + size - sizeof hash, sizeof hash);
  } else {
    head.magic = 0;
  }
  const bool is_ours = head.magic == kMagic && head.fingerprint == opened.fingerprint;
  if (!is_ours || !Fits(policy, head) || size != SizeOf(policy, head) ||
      hash != HashOf(static_cast<const char*>(buffer), size - sizeof hash)) {
    return policy.Wrong(LONGPLAY_DAMAGED,
                        is_ours ? "loading a chain: expected all bytes that were saved, got others"
                                : "loading a chain: expected one of a policy that was opened from "
                                  "the same weights with the same options, got another");
  }
  if (policy.engine() != nullptr) opened.queue->Drop(i);
  ActingChain& chain = policy.chain(i);
  chain.asked = head.asked;
  chain.target = head.target;
  chain.return_so_far = head.return_so_far;
  chain.step = head.step;
  chain.episode = head.episode;
  chain.started = head.started;
  chain.decisions = head.decisions;
  chain.previous_reward = head.previous_reward;
  chain.previous_completion = head.previous_completion;
  chain.seen = head.seen;
  chain.fresh = head.fresh;
  chain.in_segment = head.in_segment;
  chain.kept_steps = head.kept_steps;
  chain.kept_episodes = head.kept_episodes;
  from += sizeof head;
  MoveMiddle(policy, chain, [&](void* to, int64_t count) {
    if (count == 0) return;
    std::memcpy(to, from, static_cast<size_t>(count));
    from += count;
  });
  if (policy.engine() != nullptr) policy.engine()->layers().Load(from, chain.seen, chain.context);
  return LONGPLAY_OK;
}

}  // namespace longplay::runtime
