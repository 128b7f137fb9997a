// SPDX-License-Identifier: MIT
#include "model/attention/ring_attention.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <utility>

#include "model/attention/attend.h"
#include "model/attention/block_plan.h"
#include "model/tensors/wide_type.h"

namespace longplay {
namespace {

constexpr int64_t kNobody = -1;

/// A block of keys at a rank that sees some of it.
struct Visit {
  int64_t owner;
  Range positions;         // in the sequence
  Range own;               // counted from the owner's first token
  int64_t block;           // counted from the owner's first one
  int64_t from = kNobody;  // who sends it here; nobody: it is this rank's
  int64_t to = kNobody;    // who sees it next
  int64_t last = kNobody;  // who sees it last
};

bool Sees(Range queries, Range keys, const AttentionOptions& options) {
  if (queries.last <= keys.first) return false;
  const bool in_span = options.span == 0 || keys.last - 1 > queries.first - options.span;
  return in_span || keys.first < options.sinks;
}

bool RankSees(const SequenceSlice& slice, int64_t rank, Range keys,
              const AttentionOptions& options) {
  return std::ranges::any_of(slice.held[rank],
                             [&](Range queries) { return Sees(queries, keys, options); });
}

/// The place at which `rank` looks at a block: by its owner's distance, then in the owner's order.
int64_t PlaceOf(const Visit& visit, int64_t rank, int64_t R) {
  constexpr int64_t kBlocks = int64_t{1} << 32;  // more than any owner has
  return (rank - visit.owner + R) % R * kBlocks + visit.block;
}

/// When all blocks have been looked at, gradients that came home are taken.
constexpr int64_t kHomecoming = kAfterAll - 1;

/// body(positions, own, block) for the blocks that `owner` sends, in their order.
template <typename Body>
void ForEachBlockOf(const SequenceSlice& slice, int64_t owner, const AttentionOptions& options,
                    const Body& body) {
  const int64_t step = TokensTravelling(options);
  int64_t before = 0, block = 0;  // of the owner's tokens; of its blocks
  for (const Range held : slice.held[owner]) {
    for (int64_t first = held.first; first < held.last; first += step) {
      const Range positions{first, std::min(held.last, first + step)};
      const int64_t own = before + first - held.first;
      body(positions, Range{own, own + positions.size()}, block++);
    }
    before += held.size();
  }
}

/// What comes to `rank`, nearest owner in the ring first. Two ranks that exchange several blocks
/// have them in the same order: one distance apart, then by the owner's order.
std::vector<Visit> VisitsOf(const SequenceSlice& slice, const AttentionOptions& options,
                            int64_t rank) {
  const auto R = static_cast<int64_t>(slice.held.size());
  std::vector<Visit> visits;
  for (int64_t distance = 0; distance < R; ++distance) {
    const int64_t owner = (rank - distance + R) % R;
    ForEachBlockOf(slice, owner, options, [&](Range positions, Range own, int64_t block) {
      Visit visit{owner, positions, own, block};
      // Its way: the owner, then whoever sees any of it, around the ring.
      int64_t before = owner;
      bool is_here = false;
      for (int64_t d = 0; d < R; ++d) {
        const int64_t seer = (owner + d) % R;
        if (d > 0 && !RankSees(slice, seer, positions, options)) continue;
        if (is_here && visit.to == kNobody) visit.to = seer;
        if (seer == rank) {
          is_here = true;
          if (d > 0) visit.from = before;
        }
        before = visit.last = seer;
      }
      if (is_here) visits.push_back(visit);
    });
  }
  return visits;
}

struct KeyValue {
  torch::Tensor k, v;  // [B, G, S, K] views
};

KeyValue UnpackKeys(const torch::Tensor& packed, int64_t key_heads) {
  const auto by_head = packed.unflatten(2, {2 * key_heads, -1}).transpose(1, 2);
  return {by_head.narrow(1, 0, key_heads), by_head.narrow(1, key_heads, key_heads)};
}

/// body(queries of this rank, keys of the block, visibility) for this rank's tokens that see some of
/// the block, as many at a time as a block has. Keys behind all queries, and queries in front of all
/// keys, stay out. A call is then a causal square, or sees all, where kernels need no mask; and what
/// it makes is of a block's size.
template <typename Body>
void ForEachSeeingRange(const RingAttention& ring, Range block, const Body& body) {
  const int64_t step = TokensTravelling(ring.options);
  int64_t before = 0;
  for (const Range held : ring.slice.own()) {
    const int64_t offset = before - held.first;  // from positions to own tokens
    before += held.size();
    for (int64_t first = std::max(held.first, block.first); first < held.last; first += step) {
      const Range queries{first, std::min(held.last, first + step)};
      if (!Sees(queries, block, ring.options)) continue;
      const Range own{queries.first + offset, queries.last + offset};
      const Range keys{0, std::min(block.last, queries.last) - block.first};
      Visibility visibility = ring.visibility;
      visibility.first_query = queries.first;
      visibility.first_key = block.first;
      if (visibility.dropout.keys.defined()) {
        visibility.dropout.keys = RowsOf(visibility.dropout.keys, own);
      }
      body(own, keys, visibility);
    }
  }
}

/// body(visit, keys and values) one after the other; the next one comes meanwhile. Of what
/// was sent, blocks of about one owner wait at a time.
template <typename Body>
void ForEachVisit(const RingAttention& ring, const Body& body) {
  ContextRanks& ranks = *ring.slice.ranks;
  const std::vector<Visit> visits = VisitsOf(ring.slice, ring.options, ranks.rank());
  const int64_t R = ranks.size(), width = 2 * ring.key_heads * ring.q.size(3);
  const auto start = [&](size_t i) {
    if (i >= visits.size() || visits[i].from == kNobody) return Arrival();
    return ranks.StartReceive({ring.q.size(0), visits[i].positions.size(), width}, ring.q.options(),
                              visits[i].from, RankLane::kKeys);
  };
  Arrival next = start(0);
  for (size_t i = 0; i < visits.size(); ++i) {
    const Arrival arrival = std::exchange(next, start(i + 1));
    const Visit& visit = visits[i];
    ranks.FinishSendsBefore(PlaceOf(visit, ranks.rank(), R));
    const auto packed = arrival ? arrival() : ring.keys(visit.own);
    // On it goes before it is looked at: who is next has it meanwhile.
    if (visit.to != kNobody) {
      ranks.Send(packed, visit.to, RankLane::kKeys, PlaceOf(visit, visit.to, R));
    }
    body(visit, packed);
  }
}

}  // namespace

int64_t TokensTravelling(const AttentionOptions& options) { return 4 * options.key_block; }

Attended AttendOverRanks(const RingAttention& ring) {
  const torch::NoGradGuard no_grad;
  Attended whole = NothingAttended(ring.q);
  ForEachVisit(ring, [&](const Visit& visit, const torch::Tensor& packed) {
    const KeyValue block = UnpackKeys(packed, ring.key_heads);
    ForEachSeeingRange(ring, visit.positions,
                       [&](Range own, Range keys, const Visibility& visibility) {
                         Attended rows{RowsOf(whole.heads, own), RowsOf(whole.log_sum_exp, own)};
                         MergeInto(rows, Attend(RowsOf(ring.q, own), RowsOf(block.k, keys),
                                                RowsOf(block.v, keys), visibility, ring.options));
                       });
  });
  ring.slice.ranks->FinishSendsBefore(kAfterAll);
  return whole;
}

torch::Tensor AttendOverRanksBackward(
    const RingAttention& ring, const torch::Tensor& grad_heads, const Attended& attended,
    const std::function<void(Range own, const torch::Tensor& grad)>& add) {
  const torch::NoGradGuard no_grad;
  ContextRanks& ranks = *ring.slice.ranks;
  auto grad_q = NothingAttended(ring.q).heads;
  // Sums over ranks, in the wide type as sums over blocks are.
  const auto sums = ring.q.options().dtype(WideType(ring.q.scalar_type()));
  const auto receive = [&](const torch::Tensor& packed, int64_t from, RankLane lane) {
    return ranks.StartReceive(packed.sizes(), sums, from, lane)();
  };
  std::vector<Visit> away;  // own blocks, whose gradients come home
  ForEachVisit(ring, [&](const Visit& visit, const torch::Tensor& packed) {
    const KeyValue block = UnpackKeys(packed, ring.key_heads);
    auto grad = torch::zeros(packed.sizes(), sums);
    const KeyValue grad_block = UnpackKeys(grad, ring.key_heads);
    ForEachSeeingRange(
        ring, visit.positions, [&](Range own, Range keys, const Visibility& visibility) {
          const Attended rows{RowsOf(attended.heads, own), RowsOf(attended.log_sum_exp, own)};
          const AttendGradients grads =
              AttendBackward(RowsOf(grad_heads, own), RowsOf(ring.q, own), RowsOf(block.k, keys),
                             RowsOf(block.v, keys), rows, visibility, ring.options);
          RowsOf(grad_q, own).add_(grads.q);
          RowsOf(grad_block.k, keys).add_(grads.k);
          RowsOf(grad_block.v, keys).add_(grads.v);
        });
    // The gradient follows its keys, and from the last one that sees them it goes home.
    if (visit.from != kNobody) grad.add_(receive(packed, visit.from, RankLane::kGradients));
    if (visit.to != kNobody) {
      ranks.Send(grad, visit.to, RankLane::kGradients, PlaceOf(visit, visit.to, ranks.size()));
    } else if (visit.owner != ranks.rank()) {
      ranks.Send(grad, visit.owner, RankLane::kHome, kHomecoming);
    }
    if (visit.owner != ranks.rank()) return;
    if (visit.to == kNobody) {
      add(visit.own, grad.to(ring.q.scalar_type()));
    } else {
      away.push_back(visit);
    }
  });
  for (const Visit& visit : away) {
    const auto grad =
        ranks.StartReceive({ring.q.size(0), visit.own.size(), 2 * ring.key_heads * ring.q.size(3)},
                           sums, visit.last, RankLane::kHome)();
    add(visit.own, grad.to(ring.q.scalar_type()));
  }
  ranks.FinishSendsBefore(kAfterAll);
  return grad_q;
}

RingTraffic TrafficOf(const SequenceSlice& slice, const AttentionOptions& options, int64_t rank) {
  RingTraffic traffic;
  for (const Visit& visit : VisitsOf(slice, options, rank)) {
    if (visit.to != kNobody) traffic.keys += visit.positions.size();
    // On, or home.
    if (visit.to != kNobody || visit.owner != rank) traffic.gradients += visit.positions.size();
  }
  return traffic;
}

}  // namespace longplay
