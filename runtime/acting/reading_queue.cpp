// SPDX-License-Identifier: MIT
#include "runtime/acting/reading_queue.h"

#include <algorithm>
#include <cmath>

namespace longplay::runtime {
namespace {

/// A group must promise so much, or its recordings are read one by one: less is within what the
/// measured costs are wrong by.
constexpr double kLeastGain = 1.05;

}  // namespace

ReadingQueue::ReadingQueue(ActingPolicy& policy, Arena& arena) : policy_(policy) {
  const int64_t B = policy.settings().chains;
  if (policy.engine() == nullptr) return;
  rows_ = policy.engine()->steps_at_once();
  waiting_ = arena.Take<Waiting>(B);
  order_ = arena.Take<int64_t>(B);
  group_ = arena.Take<int64_t>(B);
  best_ = arena.Take<double>(B + 1);
  cuts_ = arena.Take<int64_t>(B + 1);
  ends_ = arena.Take<int64_t>(B + 1);
  steps_ = StepStore::Take(arena, policy.writer().layout(), rows_);
  spans_ = arena.Take<StepEngine::StepSpan>(rows_);
}

int ReadingQueue::Check(const longplay_recording& recording) const {
  const StepWriter& writer = policy_.writer();
  const int64_t O = policy_.facts().observation_size, C = policy_.facts().action_columns();
  const auto wrong = [&](const char* what, long long at) {
    return policy_.Wrong(LONGPLAY_WRONG_ARGUMENT, "reading steps in: %s, step %lld has others",
                         what, at);
  };
  const ActingChain& chain = policy_.chain(recording.chain);
  if (chain.started == 0 && recording.starts[0] == 0) {
    return policy_.Wrong(LONGPLAY_WRONG_ARGUMENT,
                         "reading steps in: starts: expected 1 at a chain's first step, got 0");
  }
  if (chain.started != 0 && !std::isfinite(recording.previous_reward)) {
    return policy_.Wrong(LONGPLAY_WRONG_ARGUMENT,
                         "reading steps in: previous_reward: expected a finite number");
  }
  for (int64_t t = 0; t < recording.steps; ++t) {
    for (int64_t o = 0; o < O; ++o) {
      if (!std::isfinite(recording.observations[t * O + o]))
        return wrong("observations: expected finite numbers", t);
    }
    if (!writer.IsAction(recording.actions + t * C))
      return wrong("actions: expected actions that there are", t);
    if (!std::isfinite(recording.rewards[t])) return wrong("rewards: expected finite numbers", t);
  }
  return LONGPLAY_OK;
}

int ReadingQueue::Submit(const longplay_recording& recording, int64_t* ticket) {
  if (Waits(recording.chain)) {
    return policy_.Wrong(LONGPLAY_WRONG_ARGUMENT,
                         "reading steps in: chain %lld: expected one recording at a time: poll "
                         "until nothing is left",
                         static_cast<long long>(recording.chain));
  }
  if (const int code = Check(recording); code != LONGPLAY_OK) return code;
  waiting_[recording.chain] = {recording, recording.steps, 0};
  planned_ = false;
  if (ticket != nullptr) *ticket = tickets_;
  ++tickets_;
  return LONGPLAY_OK;
}

int64_t ReadingQueue::tokens_left() const {
  int64_t steps = 0;
  for (int64_t i = 0; rows_ > 0 && i < policy_.settings().chains; ++i) {
    if (Waits(i)) steps += waiting_[i].left();
  }
  return steps * policy_.facts().tokens_per_step();
}

/// [s] of the recordings order_[first .. last) as one group: its rounds, as they will be run.
double ReadingQueue::GroupCost(int64_t first, int64_t last) const {
  double cost = 0;
  int64_t done = 0;  // of each
  for (int64_t shortest = first; shortest < last;) {
    const int64_t left = waiting_[order_[shortest]].left() - done;
    if (left == 0) {
      ++shortest;
      continue;
    }
    const int64_t chains = last - shortest, steps = std::max<int64_t>(1, rows_ / chains);
    const int64_t rounds = std::max<int64_t>(1, left / steps);
    const int64_t taken = std::min(left, steps);
    const int64_t held = policy_.chain(order_[shortest]).seen +
                         (done + rounds * taken / 2) * policy_.facts().tokens_per_step();
    cost += static_cast<double>(rounds) *
            costs_.Of(chains, taken, std::min(held, policy_.settings().room.tokens));
    done += rounds * taken;
  }
  return cost;
}

/// All groups of what waits: the cheapest partition of the recordings in ascending order. Groups are
/// of 1, 2, 4 .. recordings, so that the plan costs little beside what it saves.
void ReadingQueue::Plan() {
  ordered_ = next_ = 0;
  for (int64_t i = 0; i < policy_.settings().chains; ++i) {
    if (Waits(i)) order_[ordered_++] = i;
  }
  std::sort(order_, order_ + ordered_, [this](int64_t a, int64_t b) {
    const int64_t left_a = waiting_[a].left(), left_b = waiting_[b].left();
    return left_a != left_b ? left_a < left_b : a < b;
  });
  // best_[i]: the cheapest partition of the first i; its last group begins at cuts_[i].
  best_[0] = 0;
  for (int64_t i = 1; i <= ordered_; ++i) {
    best_[i] = -1;
    for (int64_t size = 1; size <= std::min(i, rows_); size *= 2) {
      const double doubt = size > 1 ? kLeastGain : 1;
      const double cost = best_[i - size] + doubt * GroupCost(i - size, i);
      if (best_[i] >= 0 && cost >= best_[i]) continue;
      best_[i] = cost;
      cuts_[i] = i - size;
    }
  }
  // The cuts, read backwards.
  for (int64_t end = ordered_; end > 0;) {
    const int64_t begin = cuts_[end];
    ends_[begin] = end;
    end = begin;
  }
  planned_ = true;
}

void ReadingQueue::TakeGroup() {
  if (!planned_ || next_ == ordered_) Plan();
  if (next_ == ordered_) return;
  const int64_t end = ends_[next_];
  group_size_ = end - next_;
  std::copy_n(order_ + next_, group_size_, group_);
  next_ = end;
}

/// Encodes up to `most` steps; ends in front of a start that changes the context, and where the
/// context is full (`code`).
int64_t ReadingQueue::EncodeSteps(int64_t i, int64_t most, const StepStore& to, int* code) {
  Waiting& waiting = waiting_[i];
  const longplay_recording& recording = waiting.recording;
  const int64_t O = policy_.facts().observation_size, C = policy_.facts().action_columns();
  int64_t count = 0;
  for (; count < most && waiting.left() > 0; ++count, ++waiting.done) {
    const int64_t t = waiting.done;
    const bool starts = recording.starts[t] != 0;
    if (starts && count > 0 && policy_.StartChangesContext(i)) break;
    *code = policy_.CheckRoom(i, starts, count);
    if (*code != LONGPLAY_OK) break;
    const double reward = t > 0 ? recording.rewards[t - 1] : recording.previous_reward;
    policy_.Encode(i, reward, starts, recording.observations + t * O,
                   to.From(policy_.writer().layout(), count));
    policy_.Take(i, recording.actions + t * C);
  }
  return count;
}

/// Steps of every chain of the group that has some left; the number of steps.
int64_t ReadingQueue::RunRound(int* code) {
  const int64_t share = std::max<int64_t>(1, rows_ / group_size_);
  int64_t rows = 0, count = 0, left = 0;
  for (int64_t k = 0; k < group_size_; ++k) {
    const int64_t i = group_[k];
    int own_code = LONGPLAY_OK;
    const StepStore to = steps_.From(policy_.writer().layout(), rows);
    const int64_t steps = EncodeSteps(i, share, to, &own_code);
    if (steps > 0) spans_[count++] = {&policy_.chain(i), to, steps, nullptr};
    rows += steps;
    if (own_code != LONGPLAY_OK) {
      *code = own_code;
      Drop(i);
    }
    if (waiting_[i].left() <= 0) Drop(i);
    if (Waits(i)) group_[left++] = i;
  }
  group_size_ = left;
  if (count > 0) policy_.Feed(spans_, count);
  return rows;
}

int ReadingQueue::Poll(int64_t tokens) {
  int code = LONGPLAY_OK;
  const int64_t k = policy_.facts().tokens_per_step();
  for (int64_t done = 0; rows_ > 0 && (tokens < 0 || done < tokens);) {
    if (group_size_ == 0) TakeGroup();
    if (group_size_ == 0) break;
    done += RunRound(&code) * k;
  }
  return code;
}

}  // namespace longplay::runtime
