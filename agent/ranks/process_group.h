// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>

namespace longplay {

/// This rank ends because of what another one tells.
class ToldElsewhere : public std::runtime_error {
 public:
  ToldElsewhere() : std::runtime_error("another rank says why") {}
};

/// The ranks of one training. Every rank makes the same calls in the same order; a call returns when
/// this rank's share of it is done. Throws std::runtime_error when another rank is gone.
class ProcessGroup {
 public:
  ProcessGroup(int64_t rank, int64_t size) : rank_(rank), size_(size) {}
  ProcessGroup(const ProcessGroup&) = delete;
  ProcessGroup& operator=(const ProcessGroup&) = delete;
  virtual ~ProcessGroup() = default;

  int64_t rank() const { return rank_; }
  int64_t size() const { return size_; }

  /// Element by element the sum over all ranks, the same bytes on each.
  void AllReduce(std::span<float> values) {
    Count(values.size_bytes());
    DoAllReduce(values);
  }
  void AllReduce(std::span<double> values) {
    Count(values.size_bytes());
    DoAllReduce(values);
  }
  /// What rank `from` has, on every rank.
  void Broadcast(std::span<std::byte> bytes, int64_t from) {
    if (rank_ == from) Count(bytes.size());
    DoBroadcast(bytes, from);
  }
  /// To a rank that calls Receive with as many bytes.
  void Send(std::span<const std::byte> bytes, int64_t to) {
    Count(bytes.size());
    DoSend(bytes, to);
  }
  void Receive(std::span<std::byte> bytes, int64_t from) { DoReceive(bytes, from); }
  /// The same without waiting: the bytes stay where they are, and as they are, until the returned
  /// function has been called, which waits. Messages of one lane (0, 1, ..) arrive in their order,
  /// apart from those of other lanes and of Send.
  std::function<void()> StartSend(std::span<const std::byte> bytes, int64_t to, int64_t lane) {
    Count(bytes.size());
    return DoStartSend(bytes, to, lane);
  }
  std::function<void()> StartReceive(std::span<std::byte> bytes, int64_t from, int64_t lane) {
    return DoStartReceive(bytes, from, lane);
  }
  /// Returns when every rank has called it.
  void Barrier() {
    double none = 0;
    DoAllReduce(std::span(&none, 1));
  }

  /// That this rank has handed over so far; how often the engine sends them is its own.
  int64_t bytes_sent() const { return bytes_sent_; }

 protected:
  virtual void DoAllReduce(std::span<float> values) = 0;
  virtual void DoAllReduce(std::span<double> values) = 0;
  virtual void DoBroadcast(std::span<std::byte> bytes, int64_t from) = 0;
  virtual void DoSend(std::span<const std::byte> bytes, int64_t to) = 0;
  virtual void DoReceive(std::span<std::byte> bytes, int64_t from) = 0;
  virtual std::function<void()> DoStartSend(std::span<const std::byte> bytes, int64_t to,
                                            int64_t lane) = 0;
  virtual std::function<void()> DoStartReceive(std::span<std::byte> bytes, int64_t from,
                                               int64_t lane) = 0;

 private:
  void Count(size_t bytes) { bytes_sent_ += static_cast<int64_t>(bytes); }

  int64_t rank_, size_;
  int64_t bytes_sent_ = 0;
};

/// A text of any length that rank `from` has, on every rank.
inline std::string BroadcastText(ProcessGroup& group, std::string text, int64_t from) {
  auto size = static_cast<int64_t>(text.size());
  group.Broadcast(std::as_writable_bytes(std::span(&size, 1)), from);
  text.resize(size);
  group.Broadcast(std::as_writable_bytes(std::span(text)), from);
  return text;
}

}  // namespace longplay
