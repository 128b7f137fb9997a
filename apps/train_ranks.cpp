// SPDX-License-Identifier: MIT
#include "apps/train_ranks.h"

#include <CLI/CLI.hpp>
#include <stdexcept>

#include "agent/notes.h"
#include "agent/ranks/launch_ranks.h"
#include "agent/ranks/rank_session.h"
#include "agent/stop_signal.h"

namespace longplay {
namespace {

constexpr int kSavedBySignal = 75;  // as in apps/main.cpp

std::string FirstLineOf(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

}  // namespace

void TrainOnRanks(int64_t ranks, const std::vector<std::string>& arguments,
                  const std::optional<RankPlace>& place) {
  if (place && place->size > 1) {
    throw std::invalid_argument("training: --ranks: expected none beside " + place->launcher +
                                ", which has started " + std::to_string(place->size) +
                                " ranks, got " + std::to_string(ranks));
  }
  const int code = LaunchRanks(ranks, arguments);
  if (code != 0) throw CLI::RuntimeError(code);  // told by a rank
}

void WorkAsRank(const RankPlace& place, const ParallelOptions& options,
                const std::function<void(ProcessGroup&)>& work) {
  std::optional<RankSession> joined;
  try {
    joined.emplace(place, options);
  } catch (const ToldElsewhere&) {
    throw CLI::RuntimeError(1);
  }
  RankSession& session = *joined;
  UseShareOfMachine(session.share());
  if (place.rank == 0) {
    PrintNote(Sentence(place) + "; " + std::to_string(session.share().local_size) +
              " of them on this machine");
  }
  try {
    work(session.group());
  } catch (const StoppedBySignal&) {
    // All ranks stop after the same step; one line says how to go on.
    session.Leave();
    if (place.rank == 0) throw;
    throw CLI::RuntimeError(kSavedBySignal);
  } catch (const std::exception& error) {
    if (session.Fail(FirstLineOf(error))) throw;
    throw CLI::RuntimeError(1);
  }
  session.Leave();
}

}  // namespace longplay
