// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
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

  /// Sends x, which stays as it is from now on, and returns at once.
  void Send(const torch::Tensor& x, int64_t to, RankLane lane) {
    if (x.numel() == 0) return;
    const auto bytes = x.detach().to(torch::kCPU).contiguous();
    bytes_sent_ += static_cast<int64_t>(bytes.nbytes());
    on_their_way_.emplace_back(bytes, DoSend(bytes, to, lane));
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

  /// Messages of two layers wait at most: before a third one's, those of the first have been taken.
  /// So a rank that nobody holds up does not fill its memory with what others have yet to read.
  void BeginLayer() {
    Finish(before_);
    before_ = std::exchange(on_their_way_, {});
  }
  /// Returns when everything that was sent has been taken.
  void FinishSends() {
    Finish(before_);
    Finish(on_their_way_);
  }

  int64_t bytes_sent() const { return bytes_sent_; }  // by this rank, so far

 protected:
  /// Sends a contiguous tensor on the CPU, which stays as it is; what it returns waits until it has
  /// been taken.
  virtual std::function<void()> DoSend(const torch::Tensor& x, int64_t to, RankLane lane) = 0;
  /// Fills x, likewise; what it returns waits for it.
  virtual std::function<void()> DoStartReceive(const torch::Tensor& x, int64_t from,
                                               RankLane lane) = 0;

 private:
  using Sent = std::vector<std::pair<torch::Tensor, std::function<void()>>>;

  static void Finish(Sent& sent) {
    for (const auto& [x, taken] : sent) taken();
    sent.clear();
  }

  int64_t rank_, size_;
  int64_t bytes_sent_ = 0;
  Sent before_, on_their_way_;
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
