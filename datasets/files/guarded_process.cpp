// SPDX-License-Identifier: MIT
#include "datasets/files/guarded_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

namespace longplay {
namespace {

// First byte of each message of the child; after the last two a size (8 bytes) and a text, which of
// large results stands in the file that both have open.
constexpr char kAlive = 'a', kResult = 'r', kException = 'e';
constexpr size_t kLarge = size_t{32} << 10;  // [bytes] a socket takes so many without a wait

/// The result of a system call; throws when it is -1.
int CheckedCall(int result, const char* call) {
  if (result != -1) return result;
  throw std::runtime_error(std::string("starting a process: ") + call + ": " +
                           std::strerror(errno));
}

/// [bytes] of address space, the first number of statm (in pages); 0 where there is no /proc.
int64_t AddressSpaceInUse() {
  int64_t pages = 0;
  if (std::FILE* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld", &pages) != 1) pages = 0;
    std::fclose(file);
  }
  return pages * sysconf(_SC_PAGESIZE);
}

/// Sets the soft limit, no higher than the hard one: only root may raise that.
void Limit(int resource, int64_t value) {
  rlimit limit{};
  CheckedCall(getrlimit(static_cast<__rlimit_resource_t>(resource), &limit), "getrlimit");
  const auto wanted = static_cast<rlim_t>(value);
  limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : std::min(wanted, limit.rlim_max);
  CheckedCall(setrlimit(static_cast<__rlimit_resource_t>(resource), &limit), "setrlimit");
}

/// Makes a crash of the child short, silent and visible to the parent alone.
void PrepareChild(const GuardLimits& limits) {
  // Dies with the parent: no orphan goes on reading.
  CheckedCall(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
  // The parent's handlers are not for the child: a crash must end it, and its signal say why.
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGPIPE}) {
    signal(number, SIG_DFL);
  }
  // A terminal and a scheduler send these to both: what to do about them is the parent's affair.
  for (const int number : {SIGINT, SIGTERM, SIGUSR1}) signal(number, SIG_IGN);
  // What the libraries print would stand between the parent's own lines.
  const int null = CheckedCall(open("/dev/null", O_RDWR), "/dev/null");
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    CheckedCall(dup2(null, number), "dup2");
  }
  Limit(RLIMIT_CORE, 0);
  // The limit counts what was mapped before the fork, too: the work gets memory_bytes beyond it.
  Limit(RLIMIT_AS, AddressSpaceInUse() + limits.memory_bytes);
}

/// Writes all of it: a socket takes only what fits at once. False when nobody reads any more.
bool Send(int socket, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes += sent;
    size -= static_cast<size_t>(sent);
  }
  return true;
}

/// Writes or reads all of it, at the beginning of a file. False when there is no room.
template <typename Call, typename Bytes>
bool Transfer(const Call& call, int file, Bytes* bytes, size_t size) {
  off_t at = 0;
  while (size > 0) {
    const ssize_t done = call(file, bytes, size, at);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes += done;
    at += done;
    size -= static_cast<size_t>(done);
  }
  return true;
}

/// `kind`, the size and the text of a message.
bool SendText(int socket, int memory, char kind, const std::string& text) {
  const uint64_t size = text.size();
  std::array<char, 1 + sizeof size> head = {kind};
  std::memcpy(head.data() + 1, &size, sizeof size);
  if (text.size() >= kLarge) {
    return Transfer(pwrite, memory, text.data(), text.size()) &&
           Send(socket, head.data(), head.size());
  }
  return Send(socket, head.data(), head.size()) && Send(socket, text.data(), text.size());
}

/// How a wait for bytes ended.
enum class Received { kAll, kClosed, kSilent, kError };

/// Reads exactly `size` bytes; waits at most `silent_seconds` for each part, 0 = for ever.
Received Receive(int socket, void* into, size_t size, int64_t silent_seconds) {
  auto* bytes = static_cast<char*>(into);
  // poll counts milliseconds in an int; here at most about 24 days.
  const int64_t wait_ms = std::min(silent_seconds, int64_t{INT_MAX} / 1000) * 1000;
  while (size > 0) {
    if (silent_seconds > 0) {
      pollfd wait{.fd = socket, .events = POLLIN, .revents = 0};
      const int ready = poll(&wait, 1, static_cast<int>(wait_ms));
      if (ready < 0 && errno == EINTR) continue;
      if (ready < 0) return Received::kError;
      if (ready == 0) return Received::kSilent;
    }
    const ssize_t got = read(socket, bytes, size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Received::kError;
    if (got == 0) return Received::kClosed;
    bytes += got;
    size -= static_cast<size_t>(got);
  }
  return Received::kAll;
}

/// Serves requests until the parent closes its end. Its memory is the parent's at the fork: no
/// destructors, no exit handlers.
[[noreturn]] void RunChild(const GuardLimits& limits, const GuardedProcess::Serve& serve,
                           int socket, int memory) {
  std::string failed;  // to be set up; every answer says it
  try {
    PrepareChild(limits);
  } catch (const std::exception& error) {
    failed = error.what();
  }
  std::string request, answer;
  while (true) {
    uint64_t size = 0;
    if (Receive(socket, &size, sizeof size, 0) != Received::kAll) _exit(0);
    request.resize(size);
    if (Receive(socket, request.data(), size, 0) != Received::kAll) _exit(0);
    bool heard = false;
    try {
      if (!failed.empty()) throw std::runtime_error(failed);
      answer.clear();
      serve(request, answer, [socket] {
        if (!Send(socket, &kAlive, 1)) _exit(0);
      });
      heard = SendText(socket, memory, kResult, answer);
    } catch (const std::bad_alloc&) {
      heard = SendText(
          socket, memory, kException,
          "a need for more than " + std::to_string(limits.memory_bytes >> 20) + " MiB of memory");
    } catch (const std::exception& error) {
      heard = SendText(socket, memory, kException, error.what());
    }
    if (!heard) _exit(0);
  }
}

/// How a child ended that sent no message.
std::string Death(int status) {
  if (!WIFSIGNALED(status)) return "an early exit";
  const int number = WTERMSIG(status);
  return "a crash (signal " + std::to_string(number) + ", " + strsignal(number) + ")";
}

}  // namespace

GuardedProcess::GuardedProcess(const GuardLimits& limits, const Serve& serve) : limits_(limits) {
  std::array<int, 2> ends{};
  CheckedCall(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "socketpair");
  memory_ = memfd_create("longplay answers", MFD_CLOEXEC);
  const pid_t child = memory_ < 0 ? -1 : fork();
  if (child == 0) RunChild(limits, serve, ends[1], memory_);
  const int reason = errno;
  socket_ = ends[0];
  close(ends[1]);  // or the socket would stay open when the child is dead
  if (child < 0) {
    End();
    errno = reason;
    CheckedCall(-1, "fork");
  }
  child_ = child;
}

GuardedProcess::~GuardedProcess() {
  if (child_ > 0) kill(child_, SIGKILL);  // it may be busy with what nobody waits for
  End();
}

/// Waited for in any case, or a dead child would keep its place in the process table.
void GuardedProcess::End() {
  for (int* file : {&socket_, &memory_}) {
    if (*file >= 0) close(std::exchange(*file, -1));
  }
  if (child_ <= 0) return;
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  if (death_.empty()) death_ = Death(status);
}

const GuardedResult& GuardedProcess::Ask(const std::string& request) {
  result_.finished = false;
  if (!death_.empty()) return result_;  // as the last time
  const uint64_t request_size = request.size();
  // A child that is dead takes no request: the answer, which does not come, says how it died.
  if (Send(socket_, reinterpret_cast<const char*>(&request_size), sizeof request_size)) {
    Send(socket_, request.data(), request.size());
  }
  // Signs of life, then the answer.
  char kind = kAlive;
  Received received = Received::kAll;
  while (kind == kAlive && received == Received::kAll) {
    received = Receive(socket_, &kind, 1, limits_.silent_seconds);
  }
  uint64_t size = 0;
  if (received == Received::kAll) {
    received = Receive(socket_, &size, sizeof size, limits_.silent_seconds);
  }
  if (received == Received::kAll) {
    result_.text.resize(size);
    if (size < kLarge) {
      received = Receive(socket_, result_.text.data(), size, limits_.silent_seconds);
    } else if (!Transfer(pread, memory_, result_.text.data(), size)) {
      received = Received::kError;
    }
  }
  if (received == Received::kAll) {
    result_.finished = kind == kResult;
    return result_;
  }
  // No answer: silence is ended, death is looked into.
  if (received == Received::kError) death_ = std::string("read: ") + std::strerror(errno);
  if (received == Received::kSilent) {
    death_ = "none for " + std::to_string(limits_.silent_seconds) + " s";
  }
  if (!death_.empty()) kill(child_, SIGKILL);
  End();
  result_.text = death_;
  return result_;
}

GuardedResult RunGuarded(
    const GuardLimits& limits,
    const std::function<std::string(const std::function<void()>& alive)>& work) {
  const auto serve = [&](const std::string&, std::string& answer,
                         const std::function<void()>& alive) { answer = work(alive); };
  return GuardedProcess(limits, serve).Ask("");
}

}  // namespace longplay
