// SPDX-License-Identifier: MIT
#include "datasets/files/guarded_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace longplay {
namespace {

using Alive = std::function<void()>;

TEST(GuardedProcessTest, ResultComesBack) {
  const GuardedResult result = RunGuarded({}, [](const Alive& alive) {
    alive();
    return std::string("done");
  });
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.text, "done");
}

TEST(GuardedProcessTest, SilenceIsNamed) {
  const GuardedResult result = RunGuarded({.silent_seconds = 1}, [](const Alive&) {
    std::this_thread::sleep_for(std::chrono::seconds(60));
    return std::string("done");
  });
  EXPECT_FALSE(result.finished);
  EXPECT_EQ(result.text, "none for 1 s");
}

// In milliseconds this is 2^32 and 704, and once its lowest 4 bytes were the limit.
TEST(GuardedProcessTest, LongLimitOfSilenceIsNoShortOne) {
  const GuardedResult result = RunGuarded({.silent_seconds = 4294968}, [](const Alive&) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    return std::string("done");
  });
  EXPECT_EQ(result.text, "done");
}

// The socket and the file of large answers take the last three file descriptors that are allowed.
TEST(GuardedProcessTest, ChildThatCannotBeSetUpSaysWhy) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "sanitizers need file descriptors of their own when an exception is caught";
#endif
  const GuardedResult result = RunGuarded({}, [](const Alive&) {
    const std::array<int, 3> files = {dup(STDIN_FILENO), dup(STDIN_FILENO), dup(STDIN_FILENO)};
    for (const int file : files) close(file);
    const auto most = static_cast<rlim_t>(*std::ranges::max_element(files) + 1);
    const rlimit limit{.rlim_cur = most, .rlim_max = most};
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) throw std::runtime_error("setrlimit");
    return RunGuarded({}, [](const Alive&) { return std::string("done"); }).text;
  });
  EXPECT_EQ(result.text, "starting a process: /dev/null: Too many open files");
}

TEST(GuardedProcessTest, RequestsAreAnsweredOneAfterAnotherByOneChild) {
  int count = 0;
  GuardedProcess process({},
                         [&](const std::string& request, std::string& answer, const Alive& alive) {
                           alive();
                           answer = request + std::to_string(++count);
                         });
  EXPECT_EQ(process.Ask("a").text, "a1");
  EXPECT_EQ(process.Ask("b").text, "b2");
  EXPECT_EQ(count, 0) << "the child's memory is its own";
  const std::string large(5 << 20, 'x');  // more than a socket holds
  EXPECT_EQ(process.Ask(large).text, large + "3");
}

TEST(GuardedProcessTest, ExceptionAnswersItsRequestAlone) {
  GuardedProcess process({}, [](const std::string& request, std::string& answer, const Alive&) {
    if (request == "bad") throw std::runtime_error("no such thing");
    answer = request;
  });
  EXPECT_EQ(process.Ask("a").text, "a");
  const GuardedResult& bad = process.Ask("bad");
  EXPECT_FALSE(bad.finished);
  EXPECT_EQ(bad.text, "no such thing");
  EXPECT_TRUE(process.Ask("b").finished);
}

TEST(GuardedProcessTest, DeadChildAnswersNothingAnyMoreAndSaysWhy) {
  GuardedProcess process({}, [](const std::string& request, std::string& answer, const Alive&) {
    if (request == "crash") raise(SIGKILL);
    answer = request;
  });
  EXPECT_TRUE(process.Ask("a").finished);
  const GuardedResult crash = process.Ask("crash");
  const GuardedResult& after = process.Ask("a");
  EXPECT_EQ(crash.text, "a crash (signal 9, Killed)");
  EXPECT_FALSE(after.finished);
  EXPECT_EQ(after.text, crash.text);
}

}  // namespace
}  // namespace longplay
