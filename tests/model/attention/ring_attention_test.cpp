// SPDX-License-Identifier: MIT
#include "model/attention/ring_attention.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>

#include "model/attention/attend.h"
#include "model/attention/block_plan.h"
#include "tests/model/ranks/thread_context.h"

namespace longplay {
namespace {

constexpr double kExact = 1e-10;  // residuals measured below 1e-13
constexpr int64_t kB = 2, kH = 4, kG = 2, kK = 3, kT = 47;

/// Which pairs see each other.
struct Seen {
  std::string name;
  AttentionOptions options;
  bool segments = false;
};

std::vector<Seen> Cases() {
  // Blocks of 2: keys travel in blocks of 8.
  const AttentionOptions plain{.width = kH * kK, .heads = kH, .query_block = 3, .key_block = 2};
  Seen all{"all", plain}, span{"span", plain}, sinks{"sinks", plain},
      segments{"segments", plain, true};
  span.options.span = 9;
  sinks.options.span = 9;
  sinks.options.sinks = 3;
  Seen both = segments;
  both.name = "span and segments";
  both.options.span = 13;
  return {all, span, sinks, segments, both};
}

Visibility VisibilityOf(const Seen& seen) {
  Visibility visibility{.span = seen.options.span, .sinks = seen.options.sinks};
  if (seen.segments) {
    visibility.segments = torch::arange(kT).floor_divide(10).repeat({kB, 1}).contiguous();
    visibility.segments[1] = torch::arange(kT).floor_divide(17);
  }
  return visibility;
}

/// [B, heads, n, K] of some tokens → [B, n, heads K].
torch::Tensor ByToken(const torch::Tensor& x) { return x.transpose(1, 2).flatten(2); }

/// This rank's tokens of [B, H, T, ..].
torch::Tensor OwnOf(const SequenceSlice& slice, const torch::Tensor& x) {
  return slice.Of(x.transpose(1, 2)).transpose(1, 2);
}

TEST(RingAttentionTest, RanksComputeWhatOneDoes) {
  torch::manual_seed(1);
  const auto make = [](int64_t heads) {
    return torch::randn({kB, heads, kT, kK}, torch::kFloat64);
  };
  const auto q = make(kH), k = make(kG), v = make(kG), grad = make(kH);
  for (const Seen& seen : Cases()) {
    const Attended whole = Attend(q, k, v, VisibilityOf(seen), seen.options);
    const AttendGradients grads =
        AttendBackward(grad, q, k, v, whole, VisibilityOf(seen), seen.options);
    const auto packed = torch::cat({ByToken(k), ByToken(v)}, 2);
    const auto grad_packed = torch::cat({ByToken(grads.k), ByToken(grads.v)}, 2);
    for (const int64_t R : {1, 2, 3, 4}) {
      for (const SliceOrder order : {SliceOrder::kInOrder, SliceOrder::kZigzag}) {
        ThreadContext context(R);
        context.Run([&](ContextRanks& ranks) {
          const SequenceSlice slice = CutSequence(kT, order, 1, ranks);
          const auto own_keys = slice.Of(packed);
          const RingAttention ring{
              .slice = slice,
              .options = seen.options,
              .visibility = VisibilityOf(seen),
              .key_heads = kG,
              .q = OwnOf(slice, q),
              .keys = [&](Range own) { return own_keys.narrow(1, own.first, own.size()); }};
          const Attended own = AttendOverRanks(ring);
          EXPECT_LT((own.heads - OwnOf(slice, whole.heads)).abs().max().item<double>(), kExact)
              << seen.name << " " << R;
          // Sent: what the plan of the traffic says, and nothing else.
          const RingTraffic traffic = TrafficOf(slice, seen.options, ranks.rank());
          const int64_t bytes_of_token = kB * 2 * kG * kK * 8;
          EXPECT_EQ(ranks.bytes_sent(), traffic.keys * bytes_of_token);
          auto grad_keys = torch::zeros_like(own_keys);
          const auto grad_q = AttendOverRanksBackward(
              ring, OwnOf(slice, grad), own, [&](Range tokens, const torch::Tensor& more) {
                grad_keys.narrow(1, tokens.first, tokens.size()).add_(more);
              });
          EXPECT_LT((grad_q - OwnOf(slice, grads.q)).abs().max().item<double>(), kExact)
              << seen.name << " " << R;
          EXPECT_LT((grad_keys - slice.Of(grad_packed)).abs().max().item<double>(), kExact)
              << seen.name << " " << R;
          EXPECT_EQ(ranks.bytes_sent(), (2 * traffic.keys + traffic.gradients) * bytes_of_token);
        });
      }
    }
  }
}

// Blocks that were sent were held until two layers later: with more ranks each of them held more.
TEST(RingAttentionTest, NoMoreWaitsAtOnceThanARankHoldsHoweverManyThereAre) {
  const AttentionOptions options{.width = 4, .heads = 1, .query_block = 2, .key_block = 2};
  constexpr int64_t kOwn = 32, kBytes = 2 * 4 * 8;  // tokens of a rank; of keys and values of one
  for (const int64_t R : {2, 4, 8}) {
    ThreadContext context(R);
    context.Run([&](ContextRanks& ranks) {
      const SequenceSlice slice = CutSequence(R * kOwn, SliceOrder::kZigzag, 1, ranks);
      const auto own_keys = torch::randn({1, kOwn, 8}, torch::kFloat64);
      const RingAttention ring{
          .slice = slice,
          .options = options,
          .visibility = {},
          .key_heads = 1,
          .q = torch::randn({1, 1, kOwn, 4}, torch::kFloat64),
          .keys = [&](Range own) { return own_keys.narrow(1, own.first, own.size()); }};
      for (int64_t layer = 0; layer < 3; ++layer) AttendOverRanks(ring);
      EXPECT_LE(ranks.most_bytes_waiting(), 2 * kOwn * kBytes) << R;
      for (int64_t layer = 0; layer < 3; ++layer) {
        AttendOverRanksBackward(ring, torch::ones_like(ring.q), AttendOverRanks(ring),
                                [](Range /*own*/, const torch::Tensor& /*grad*/) {});
      }
      // Keys, their gradients, and gradients on their way home.
      EXPECT_LE(ranks.most_bytes_waiting(), 4 * kOwn * kBytes) << R;
    });
  }
}

// By hand, for sequences that divide: of T tokens, n = T / R a rank.
TEST(RingAttentionTest, KeysTravelToThoseWhoSeeThem) {
  const AttentionOptions options{.width = 4, .heads = 1, .key_block = 2};  // blocks of 8
  ThreadContext context(4);
  // In order: a block of rank s goes to s + 1, .. R - 1. Rank r sends its own n and passes on r n.
  const SequenceSlice in_order = CutSequence(64, SliceOrder::kInOrder, 1, context.of(0));
  for (int64_t r = 0; r < 4; ++r) {
    EXPECT_EQ(TrafficOf(in_order, options, r).keys, r < 3 ? 16 * (r + 1) : 0) << r;
    // The last rank sends every other rank's gradients home.
    EXPECT_EQ(TrafficOf(in_order, options, r).gradients, 16 * (r < 3 ? r + 1 : 3)) << r;
  }
  // With a span a block goes to the next rank, and only if its last tokens are seen there.
  AttentionOptions span = options;
  span.span = 5;
  for (int64_t r = 0; r < 4; ++r) EXPECT_EQ(TrafficOf(in_order, span, r).keys, r < 3 ? 8 : 0) << r;
  // Zigzag: all ranks together move early blocks to all others, late ones to half of them.
  const SequenceSlice zigzag = CutSequence(64, SliceOrder::kZigzag, 1, context.of(0));
  int64_t all = 0;
  for (int64_t r = 0; r < 4; ++r) all += TrafficOf(zigzag, options, r).keys;
  EXPECT_EQ(all, 8 * (4 * 3 + (3 + 2 + 1)));
}

}  // namespace
}  // namespace longplay
