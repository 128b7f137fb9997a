// SPDX-License-Identifier: MIT
#include "agent/ranks/launch_ranks.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <stdexcept>

#include "agent/ranks/gloo.h"

namespace longplay {

#ifdef LONGPLAY_GLOO
namespace {

constexpr auto kGrace = std::chrono::seconds(10);  // for the others to end by themselves
constexpr int kSaved = 75;                         // exit code of a rank that a signal stopped

/// The signals that ranks are handed, and that of a child which ended: taken by waiting for them.
class LaunchSignals {
 public:
  LaunchSignals() {
    sigemptyset(&own_);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD}) sigaddset(&own_, signal);
    pthread_sigmask(SIG_BLOCK, &own_, &before_);
  }
  ~LaunchSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  LaunchSignals(const LaunchSignals&) = delete;
  LaunchSignals& operator=(const LaunchSignals&) = delete;

  /// The next one, or 0 after a while.
  int Wait() const {
    const timespec while_waiting = {.tv_sec = 0, .tv_nsec = 200'000'000};
    return std::max(0, sigtimedwait(&own_, nullptr, &while_waiting));
  }
  const sigset_t& before() const { return before_; }

 private:
  sigset_t own_ = {}, before_ = {};
};

struct RankProcess {
  pid_t id = 0;
  bool ended = false;
  int status = 0;  // as waitpid has it
  bool did(int code) const { return ended && WIFEXITED(status) && WEXITSTATUS(status) == code; }
};

/// This environment, with what ranks look for (agent/ranks/find_ranks.h).
std::vector<std::string> RankVariables(int64_t rank, int64_t ranks, int64_t port) {
  const std::string number = std::to_string(rank), count = std::to_string(ranks);
  std::vector<std::string> variables = {"LONGPLAY_RANKS=1",
                                        "RANK=" + number,
                                        "LOCAL_RANK=" + number,
                                        "WORLD_SIZE=" + count,
                                        "LOCAL_WORLD_SIZE=" + count,
                                        "MASTER_ADDR=127.0.0.1",
                                        "MASTER_PORT=" + std::to_string(port)};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable, name = text.substr(0, text.find('=') + 1);
    const bool ours = std::ranges::any_of(
        variables, [&](const std::string& own) { return own.starts_with(name); });
    if (!ours) variables.push_back(text);
  }
  return variables;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// In a process group of its own: Ctrl-C reaches this process alone, which hands it on once.
pid_t StartRank(const std::vector<std::string>& arguments, std::vector<std::string> variables,
                const sigset_t& signals) {
  std::vector<std::string> words = {"longplay"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &signals);
  pid_t id = 0;
  const int error = posix_spawn(&id, "/proc/self/exe", nullptr, &attributes, Pointers(words).data(),
                                Pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    throw std::runtime_error(std::string("starting ranks: expected a process, got: ") +
                             std::strerror(error));
  }
  return id;
}

void SendToAll(const std::vector<RankProcess>& processes, int signal) {
  for (const RankProcess& process : processes) {
    if (!process.ended) kill(process.id, signal);
  }
}

/// Looks which have ended meanwhile; `failed` becomes the first rank that failed, if none did before.
void Reap(std::vector<RankProcess>& processes, std::optional<size_t>& failed) {
  for (size_t rank = 0; rank < processes.size(); ++rank) {
    RankProcess& process = processes[rank];
    if (process.ended || waitpid(process.id, &process.status, WNOHANG) != process.id) continue;
    process.ended = true;
    if (!failed && !process.did(0) && !process.did(kSaved)) failed = rank;
  }
}

int ExitCode(const std::vector<RankProcess>& processes, const std::optional<size_t>& failed) {
  const auto all = [&](int code) {
    return std::ranges::all_of(processes, [&](const auto& process) { return process.did(code); });
  };
  if (all(0)) return 0;
  if (all(kSaved)) return kSaved;
  // A rank that ends with 1 has said why, or another one has.
  if (std::ranges::any_of(processes, [](const auto& process) { return process.did(1); })) return 1;
  // What ended the first one; the others were killed here, after waiting for them.
  if (failed && WIFSIGNALED(processes[*failed].status)) {
    std::fprintf(stderr,
                 "error: training: rank %zu of %zu: expected it to end by itself, got: %s\n",
                 *failed, processes.size(), strsignal(WTERMSIG(processes[*failed].status)));
  }
  return 1;
}

}  // namespace

int LaunchRanks(int64_t ranks, const std::vector<std::string>& arguments) {
  const LaunchSignals signals;  // before the store's thread, which then has them blocked too
  c10d::TCPStoreOptions options;
  options.port = 0;  // one that is free
  options.isServer = true;
  options.waitWorkers = false;
  const auto store = c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options);
  std::vector<RankProcess> processes;
  for (int64_t rank = 0; rank < ranks; ++rank) {
    processes.push_back({.id = StartRank(arguments, RankVariables(rank, ranks, store->getPort()),
                                         signals.before())});
  }
  using Clock = std::chrono::steady_clock;
  Clock::time_point kill_at = Clock::time_point::max();
  std::optional<size_t> failed;
  while (!std::ranges::all_of(processes, &RankProcess::ended)) {
    const int signal = signals.Wait();
    if (signal != 0 && signal != SIGCHLD) SendToAll(processes, signal);
    Reap(processes, failed);
    if (failed && kill_at == Clock::time_point::max()) kill_at = Clock::now() + kGrace;
    if (Clock::now() > kill_at) SendToAll(processes, SIGKILL);
  }
  return ExitCode(processes, failed);
}

#else

int LaunchRanks(int64_t ranks, const std::vector<std::string>& /*arguments*/) {
  throw std::runtime_error("starting ranks: expected a build with Gloo for " +
                           std::to_string(ranks) +
                           " ranks, got one without (libgloo-dev was not there)");
}

#endif

}  // namespace longplay
