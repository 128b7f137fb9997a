// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

namespace longplay {

/// What a message between two ranks is about: messages of one lane arrive in the order in which they
/// were sent, whatever goes on in the others.
enum class RankLane : int64_t {
  kStates = 0,     // of mixers, and their gradients
  kKeys = 1,       // keys and values on their way around the ring
  kGradients = 2,  // those of keys and values, behind them
  kHome = 3        // the same, complete, on their way to whom the keys are
};

/// A place behind all others of a layer (ContextRanks::FinishSendsBefore).
constexpr int64_t kAfterAll = std::numeric_limits<int64_t>::max();

/// A message on its way here; the call waits for it.
using Arrival = std::function<torch::Tensor()>;

/// The ranks that share one sequence, seen from one of them. All walk the same layers in the same
/// order, so that everybody knows who sends what, and of which shape. Throws std::runtime_error when
/// another rank is gone.
class ContextRanks {
 public:
  ContextRanks(int64_t rank, int64_t size) : rank_(rank), size_(size) {}
  ContextRanks(const ContextRanks&) = delete;
  ContextRanks& operator=(const ContextRanks&) = delete;
  virtual ~ContextRanks() = default;

  int64_t rank() const { return rank_; }
  int64_t size() const { return size_; }

  /// Sends x, which stays as it is from now on, and returns at once. `taken_at`: the place of the
  /// receiver's walk through a layer at which it takes x (FinishSendsBefore).
  void Send(const torch::Tensor& x, int64_t to, RankLane lane, int64_t taken_at = kAfterAll) {
    if (x.numel() == 0) return;
    const auto bytes = x.detach().to(torch::kCPU).contiguous();
    const auto count = static_cast<int64_t>(bytes.nbytes());
    bytes_sent_ += count;
    most_bytes_waiting_ = std::max(most_bytes_waiting_, bytes_waiting_ += count);
    on_their_way_.push_back({bytes, DoSend(bytes, to, lane), taken_at});
  }

  /// Where a message of this shape will lie. Asked for before it is needed, it comes while other
  /// things are computed.
  Arrival StartReceive(at::IntArrayRef sizes, const torch::TensorOptions& options, int64_t from,
                       RankLane lane) {
    const auto here = torch::empty(sizes, options.device(torch::kCPU).requires_grad(false));
    std::function<void()> arrived;  // nothing is no message
    if (here.numel() > 0) arrived = DoStartReceive(here, from, lane);
    return [here, arrived, device = options.device()] {
      if (arrived) arrived();
      return here.to(device);
    };
  }

  /// Returns when everything that is taken before this place of a layer has been taken, and is freed:
  /// a rank that nobody holds up does not fill its memory with what others have yet to read. All
  /// ranks walk a layer through ascending places, and call this at each of theirs with that place.
  /// Who waits then waits for ranks at earlier places alone, so that one of them always goes on.
  void FinishSendsBefore(int64_t place) {
    std::vector<Sent> later;
    for (Sent& sent : on_their_way_) {
      if (sent.taken_at >= place) {
        later.push_back(std::move(sent));
        continue;
      }
      sent.taken();
      bytes_waiting_ -= static_cast<int64_t>(sent.x.nbytes());
    }
    on_their_way_ = std::move(later);
  }
  /// Returns when everything that was sent has been taken.
  void FinishSends() {
    FinishSendsBefore(kAfterAll);
    for (const Sent& sent : on_their_way_) sent.taken();
    on_their_way_.clear();
    bytes_waiting_ = 0;
  }

  int64_t bytes_sent() const { return bytes_sent_; }                  // by this rank, so far
  int64_t most_bytes_waiting() const { return most_bytes_waiting_; }  // of what it sent, at once

 protected:
  /// Sends a contiguous tensor on the CPU, which stays as it is; what it returns waits until it has
  /// been taken.
  virtual std::function<void()> DoSend(const torch::Tensor& x, int64_t to, RankLane lane) = 0;
  /// Fills x, likewise; what it returns waits for it.
  virtual std::function<void()> DoStartReceive(const torch::Tensor& x, int64_t from,
                                               RankLane lane) = 0;

 private:
  struct Sent {
    torch::Tensor x;
    std::function<void()> taken;  // waits
    int64_t taken_at;
  };

  int64_t rank_, size_;
  int64_t bytes_sent_ = 0, bytes_waiting_ = 0, most_bytes_waiting_ = 0;
  std::vector<Sent> on_their_way_;
};

/// A context of one rank, which sends nothing: for what a rank's share of a sequence takes, computed
/// as the ranks of a larger context do.
class LoneContext : public ContextRanks {
 public:
  LoneContext() : ContextRanks(0, 1) {}

 protected:
  std::function<void()> DoSend(const torch::Tensor& /*x*/, int64_t /*to*/,
                               RankLane /*lane*/) override {
    return {};
  }
  std::function<void()> DoStartReceive(const torch::Tensor& /*x*/, int64_t /*from*/,
                                       RankLane /*lane*/) override {
    return {};
  }
};

}  // namespace longplay
