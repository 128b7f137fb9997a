// SPDX-License-Identifier: MIT
#include "datasets/files/guarded_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

using Work = std::function<std::string(const std::function<void()>& alive)>;

// First byte of each message of the child.
constexpr char kAlive = 'a', kResult = 'r', kException = 'e';

/// The result of a system call; throws when it is -1.
int CheckedCall(int result, const char* call) {
  if (result != -1) return result;
  throw std::runtime_error(std::string("starting a process: ") + call + ": " +
                           std::strerror(errno));
}

/// Owns one file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }
  int get() const { return number_; }
  void Close() {
    if (number_ >= 0) close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

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
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL, SIGINT, SIGTERM, SIGPIPE}) {
    signal(number, SIG_DFL);
  }
  // What the libraries print would stand between the parent's own lines.
  const int null = CheckedCall(open("/dev/null", O_RDWR), "/dev/null");
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    CheckedCall(dup2(null, number), "dup2");
  }
  Limit(RLIMIT_CORE, 0);
  // The limit counts what was mapped before the fork, too: the work gets memory_bytes beyond it.
  Limit(RLIMIT_AS, AddressSpaceInUse() + limits.memory_bytes);
}

/// Writes all of it: a pipe takes only what fits at once.
void Send(int pipe, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t sent = write(pipe, bytes, size);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) _exit(1);
    bytes += sent;
    size -= static_cast<size_t>(sent);
  }
}

[[noreturn]] void RunChild(const GuardLimits& limits, const Work& work, int pipe) {
  std::string message;
  try {
    PrepareChild(limits);
    message = kResult + work([pipe] { Send(pipe, &kAlive, 1); });
  } catch (const std::bad_alloc&) {
    message = kException + std::string("a need for more than ") +
              std::to_string(limits.memory_bytes >> 20) + " MiB of memory";
  } catch (const std::exception& error) {
    message = kException + std::string(error.what());
  }
  Send(pipe, message.data(), message.size());
  _exit(0);  // no destructors, no exit handlers: they belong to the parent
}

/// Everything the child says until it closes the pipe. Returns why it was not heard out; "" when it
/// was.
std::string Listen(int pipe, int64_t silent_seconds, std::string& message) {
  std::array<char, 65536> bytes;
  // poll counts milliseconds in an int; here at most about 24 days.
  const int64_t wait_ms = std::min(silent_seconds, int64_t{INT_MAX} / 1000) * 1000;
  while (true) {
    pollfd wait{.fd = pipe, .events = POLLIN, .revents = 0};
    const int ready = poll(&wait, 1, static_cast<int>(wait_ms));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return std::string("poll: ") + std::strerror(errno);
    if (ready == 0) return "none for " + std::to_string(silent_seconds) + " s";
    const ssize_t size = read(pipe, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return std::string("read: ") + std::strerror(errno);
    if (size == 0) return "";
    const char* begin = bytes.data();
    const char* end = begin + size;
    // Signs of life stand before the message only.
    if (message.empty()) {
      while (begin < end && *begin == kAlive) ++begin;
    }
    message.append(begin, end);
  }
}

/// How a child ended that sent no message.
std::string Death(int status) {
  if (!WIFSIGNALED(status)) return "an early exit";
  const int number = WTERMSIG(status);
  return "a crash (signal " + std::to_string(number) + ", " + strsignal(number) + ")";
}

}  // namespace

GuardedResult RunGuarded(const GuardLimits& limits, const Work& work) {
  std::array<int, 2> ends{};
  CheckedCall(pipe2(ends.data(), O_CLOEXEC), "pipe");
  Descriptor out(ends[0]), in(ends[1]);
  const pid_t child = CheckedCall(fork(), "fork");
  if (child == 0) RunChild(limits, work, in.get());
  // Closed here as well, or the pipe would stay open when the child is dead.
  in.Close();
  std::string message;
  const std::string given_up = Listen(out.get(), limits.silent_seconds, message);
  if (!given_up.empty()) kill(child, SIGKILL);
  // Waited for in any case, or a dead child would keep its place in the process table.
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!given_up.empty()) return {false, given_up};
  if (message.empty()) return {false, Death(status)};
  return {message[0] == kResult, message.substr(1)};
}

}  // namespace longplay
