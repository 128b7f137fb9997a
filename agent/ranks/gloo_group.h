// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "agent/ranks/gloo.h"
#include "agent/ranks/process_group.h"

#ifdef LONGPLAY_GLOO
namespace longplay {

/// c10d's process group over Gloo: TCP between processes.
class GlooGroup : public ProcessGroup {
 public:
  /// Connects with every other rank.
  ///   address    of an interface of this machine that the others reach; empty = Gloo's choice
  ///   on_failure called when a message fails, before the call throws
  GlooGroup(const c10::intrusive_ptr<c10d::Store>& store, int64_t rank, int64_t size,
            const std::string& address, double timeout, std::function<void()> on_failure);

 protected:
  void DoAllReduce(std::span<float> values) override;
  void DoAllReduce(std::span<double> values) override;
  void DoBroadcast(std::span<std::byte> bytes, int64_t from) override;
  void DoSend(std::span<const std::byte> bytes, int64_t to) override;
  void DoReceive(std::span<std::byte> bytes, int64_t from) override;
  std::function<void()> DoStartSend(std::span<const std::byte> bytes, int64_t to,
                                    int64_t lane) override;
  std::function<void()> DoStartReceive(std::span<std::byte> bytes, int64_t from,
                                       int64_t lane) override;

 private:
  template <typename F>
  auto Try(const F& do_it);
  void Await(const std::function<c10::intrusive_ptr<c10d::Work>()>& start);

  c10::intrusive_ptr<c10d::ProcessGroupGloo> group_;
  std::function<void()> on_failure_;
};

}  // namespace longplay
#endif
