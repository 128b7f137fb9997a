// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "agent/config/run_options.h"
#include "agent/ranks/find_ranks.h"
#include "agent/ranks/machine_share.h"
#include "agent/ranks/process_group.h"

namespace longplay {

/// Whether this build can train on several ranks: LibTorch has Gloo, and its headers were there.
bool HasRanks();

/// This process as one rank of several: from where all meet to where all leave.
class RankSession {
 public:
  /// Meets the others: in the store, then pair by pair over Gloo. From then on a rank that is lost
  /// ends this process, with one line on stderr and exit code 1, whatever it is doing; where all
  /// ranks are on one machine, the line is that of one rank alone.
  ///
  /// Throws std::runtime_error within options.start_timeout for a port in use, a store that does not
  /// answer and ranks that do not come (ToldElsewhere where another rank says so), and
  /// std::invalid_argument for ranks that were told of different numbers.
  RankSession(const RankPlace& place, const ParallelOptions& options);
  ~RankSession();
  RankSession(const RankSession&) = delete;
  RankSession& operator=(const RankSession&) = delete;

  ProcessGroup& group();
  const RankShareOfMachine& share() const;

  /// All ranks are done. Returns when every rank has called it.
  void Leave();
  /// This rank fails: the others end and tell why. Whether this one is to tell it itself.
  bool Fail(const std::string& error);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
