// SPDX-License-Identifier: MIT
#include "agent/ranks/find_ranks.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <stdexcept>

namespace longplay {
namespace {

constexpr int64_t kMostRanks = 1 << 20, kMostPort = 65535;
constexpr int64_t kFirstPort = 20000, kPorts = 20000;  // of jobs whose launchers name none

[[noreturn]] void RejectVariable(const std::string& name, const std::string& expected,
                                 const std::optional<std::string>& got) {
  throw std::invalid_argument("finding ranks: " + name + ": expected " + expected + ", got " +
                              (got && !got->empty() ? *got : "none"));
}

/// Reads numbers out of the environment.
class Reading {
 public:
  explicit Reading(const Variables& variables) : variables_(variables) {}
  bool Has(const std::string& name) const { return variables_(name).has_value(); }
  std::string TextOr(const std::string& name, const std::string& other) const {
    return variables_(name).value_or(other);
  }

  /// From `low` to `high`; `because` says what needs it.
  int64_t Number(const std::string& name, int64_t low, int64_t high,
                 const std::string& because) const {
    const auto text = variables_(name);
    int64_t number = 0;
    const bool whole = text &&
                       std::from_chars(text->data(), text->data() + text->size(), number).ptr ==
                           text->data() + text->size() &&
                       !text->empty();
    if (!whole || number < low || number > high) {
      RejectVariable(name,
                     "a whole number from " + std::to_string(low) + " to " + std::to_string(high) +
                         " (" + because + ")",
                     text);
    }
    return number;
  }
  std::optional<int64_t> NumberIfSet(const std::string& name, int64_t low, int64_t high,
                                     const std::string& because) const {
    if (!Has(name)) return std::nullopt;
    return Number(name, low, high, because);
  }

 private:
  const Variables& variables_;
};

/// The variables of one launcher.
struct LauncherNames {
  const char* launcher;
  const char *rank, *size, *local_rank, *local_size;
  const char* job;  // a name that this job's ranks share and no other job has
};

constexpr LauncherNames kOpenMpi = {"Open MPI's mpirun",          "OMPI_COMM_WORLD_RANK",
                                    "OMPI_COMM_WORLD_SIZE",       "OMPI_COMM_WORLD_LOCAL_RANK",
                                    "OMPI_COMM_WORLD_LOCAL_SIZE", "PMIX_NAMESPACE"};
constexpr LauncherNames kHydra = {"MPICH's mpiexec", "PMI_RANK",        "PMI_SIZE",
                                  "MPI_LOCALRANKID", "MPI_LOCALNRANKS", "HYDI_CONTROL_FD"};
constexpr LauncherNames kSlurm = {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID",
                                  "",     "SLURM_JOB_ID"};

/// Rank and size, which must fit each other.
RankPlace PlaceOf(const Reading& read, const LauncherNames& names) {
  const std::string by = std::string("set by ") + names.launcher;
  RankPlace place{.launcher = names.launcher};
  place.size = read.Number(names.size, 1, kMostRanks,
                           by + " beside " + names.rank + "=" + read.TextOr(names.rank, ""));
  place.rank = read.Number(names.rank, 0, place.size - 1,
                           std::string("below ") + names.size + "=" + std::to_string(place.size));
  place.local_rank = read.NumberIfSet(names.local_rank, 0, place.size - 1, by);
  return place;
}

/// A port that follows from the job's name, so that its ranks agree and other jobs have others.
int64_t PortOf(const std::string& job) {
  uint64_t sum = 14695981039346656037U;  // FNV-1a, the same on every machine
  for (const char c : job) sum = (sum ^ static_cast<uint8_t>(c)) * 1099511628211U;
  return kFirstPort + static_cast<int64_t>(sum % kPorts);
}

/// Where MASTER_ADDR and MASTER_PORT say, else what the launcher implies; an empty address = it
/// implies none.
void ReadMeeting(const Reading& read, const std::string& address, int64_t port, RankPlace& place) {
  place.address = read.TextOr("MASTER_ADDR", address);
  if (place.address.empty()) {
    RejectVariable("MASTER_ADDR",
                   "the name of rank 0's machine (" + place.launcher + " does not say it)",
                   std::nullopt);
  }
  place.port = read.NumberIfSet("MASTER_PORT", 1, kMostPort, "where the ranks meet").value_or(port);
  if (place.port == 0) read.Number("MASTER_PORT", 1, kMostPort, "where the ranks meet");
}

/// The first host of "node[03-07,9],other" and the like.
std::string FirstHost(const std::string& list) {
  const size_t open = list.find('['), comma = list.find(',');
  if (open == std::string::npos || comma < open) return list.substr(0, comma);
  const size_t close = std::min(list.find(']', open), list.size() - 1);
  const std::string inside = list.substr(open + 1, close - open - 1);
  // Its first number in the bracket's place; then whatever else stands there.
  return FirstHost(list.substr(0, open) + inside.substr(0, inside.find_first_of("-,")) +
                   list.substr(close + 1));
}

RankPlace ByTorch(const Reading& read) {
  const bool torchrun = read.Has("TORCHELASTIC_RUN_ID");
  const bool ours = read.Has("LONGPLAY_RANKS");
  const char* launcher = ours                     ? "longplay train --ranks"
                         : torchrun               ? "torchrun"
                         : read.Has("LOCAL_RANK") ? "RANK and WORLD_SIZE"
                                                  : "PyTorchJob (RANK and WORLD_SIZE)";
  RankPlace place =
      PlaceOf(read, {launcher, "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", ""});
  place.launcher_has_store = ours || read.TextOr("TORCHELASTIC_USE_AGENT_STORE", "") == "True";
  place.restarts =
      read.NumberIfSet("TORCHELASTIC_RESTART_COUNT", 0, kMostRanks, "set by torchrun").value_or(0);
  place.meeting = read.TextOr("TORCHELASTIC_RUN_ID", "");
  if (place.size > 1) ReadMeeting(read, "", 0, place);
  return place;
}

/// Ranks of MPI's launchers: where all are on one machine, that is where they meet.
RankPlace ByMpi(const Reading& read, const LauncherNames& names) {
  RankPlace place = PlaceOf(read, names);
  place.meeting = read.TextOr(names.job, "");
  const auto local =
      read.NumberIfSet(names.local_size, 1, place.size, std::string("set by ") + names.launcher);
  const bool here = local == place.size;
  if (place.size > 1) {
    ReadMeeting(read, here ? "127.0.0.1" : "", here ? PortOf(place.meeting) : 0, place);
  }
  return place;
}

RankPlace BySlurm(const Reading& read) {
  RankPlace place = PlaceOf(read, kSlurm);
  place.meeting = read.TextOr("SLURM_JOB_ID", "") + "." + read.TextOr("SLURM_STEP_ID", "");
  place.restarts =
      read.NumberIfSet("SLURM_RESTART_COUNT", 0, kMostRanks, "set by Slurm").value_or(0);
  const std::string hosts = read.TextOr("SLURM_STEP_NODELIST", "");
  if (place.size > 1) ReadMeeting(read, FirstHost(hosts), PortOf(place.meeting), place);
  return place;
}

/// RANK and WORLD_SIZE, which people also set by hand: another launcher must not say otherwise.
/// torchrun's ranks are not those of the launcher that started torchrun.
void CheckAgreement(const Reading& read, const RankPlace& place, const LauncherNames& other) {
  if (read.Has("TORCHELASTIC_RUN_ID") || !read.Has(other.size) || !read.Has(other.rank)) return;
  const RankPlace second = PlaceOf(read, other);
  if (second.size == 1 || (second.rank == place.rank && second.size == place.size)) return;
  RejectVariable("RANK and WORLD_SIZE",
                 std::to_string(second.rank) + " of " + std::to_string(second.size) + ", as " +
                     other.rank + " and " + other.size + " say (unset one of both pairs)",
                 std::to_string(place.rank) + " of " + std::to_string(place.size));
}

}  // namespace

std::optional<std::string> EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::optional<RankPlace> FindRanks(const Variables& variables) {
  const Reading read(variables);
  // The nearest launcher first: torchrun under srun leaves Slurm's variables standing.
  if (read.Has("RANK") || read.Has("WORLD_SIZE")) {
    const RankPlace place = ByTorch(read);
    CheckAgreement(read, place, kOpenMpi);
    CheckAgreement(read, place, kHydra);
    return place;
  }
  if (read.Has(kOpenMpi.rank) || read.Has(kOpenMpi.size)) return ByMpi(read, kOpenMpi);
  if (read.Has(kHydra.rank) || read.Has(kHydra.size)) return ByMpi(read, kHydra);
  // A batch script has SLURM_PROCID too; steps alone have a number of tasks of their own.
  if (read.Has(kSlurm.rank) && read.Has(kSlurm.size)) return BySlurm(read);
  return std::nullopt;
}

std::string Sentence(const RankPlace& place) {
  std::string text = "rank " + std::to_string(place.rank) + " of " + std::to_string(place.size) +
                     ", started by " + place.launcher;
  if (place.restarts > 0) text += " (start " + std::to_string(place.restarts + 1) + ")";
  if (place.size > 1) {
    text += "; the ranks meet at " + place.address + ":" + std::to_string(place.port);
  }
  return text;
}

}  // namespace longplay
