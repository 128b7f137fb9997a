// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_session.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <thread>

namespace longplay {
namespace {

using ::testing::HasSubstr;

/// A port of this machine, held until the end.
class HeldPort {
 public:
  HeldPort() : socket_(socket(AF_INET6, SOCK_STREAM, 0)) {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_any;
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    number_ = ntohs(address.sin6_port);
  }
  ~HeldPort() { close(socket_); }
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  int64_t number() const { return number_; }

 private:
  int socket_;
  int64_t number_ = 0;
};

int64_t FreePort() { return HeldPort().number(); }

RankPlace PlaceAt(int64_t port, int64_t rank, int64_t size) {
  return {.launcher = "the test",
          .rank = rank,
          .size = size,
          .address = "127.0.0.1",
          .port = port,
          .meeting = "test"};
}

/// work(session) as each of `size` ranks, which are threads here, over Gloo.
void OnRanks(int64_t size, const std::function<void(RankSession&)>& work) {
  const int64_t port = FreePort();
  std::vector<std::thread> threads;
  for (int64_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      RankSession session(PlaceAt(port, rank, size), {});
      work(session);
      session.Leave();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class RankSessionTest : public testing::Test {
 protected:
  RankSessionTest() {
    if (!HasRanks()) throw std::runtime_error("expected a build with Gloo (libgloo-dev)");
  }
};

TEST_F(RankSessionTest, ThreeRanksExchangeWhatTheyShould) {
  OnRanks(3, [](RankSession& session) {
    ProcessGroup& group = session.group();
    const auto rank = static_cast<double>(group.rank());
    std::vector<double> doubles = {rank, 10 * rank};
    group.AllReduce(std::span(doubles));
    EXPECT_EQ(doubles, (std::vector<double>{3, 30}));
    std::vector<float> floats(1000, static_cast<float>(rank + 1));
    group.AllReduce(std::span(floats));
    EXPECT_EQ(floats, std::vector<float>(1000, 6));
    EXPECT_EQ(BroadcastText(group, group.rank() == 1 ? "from one" : "", 1), "from one");
    // Handed on from rank to rank.
    std::vector<double> sum = {1};
    if (group.rank() > 0) {
      group.Receive(std::as_writable_bytes(std::span(sum)), group.rank() - 1);
      sum[0] = 2 * sum[0] + 1;
    }
    if (group.rank() < 2) group.Send(std::as_bytes(std::span(sum)), group.rank() + 1);
    EXPECT_EQ(sum[0], group.rank() == 0 ? 1 : group.rank() == 1 ? 3 : 7);
    EXPECT_EQ(session.share().local_size, 3);
    EXPECT_EQ(session.share().local_rank, group.rank());
  });
}

// All send before anybody receives, more than sockets hold; lanes are read in another order.
TEST_F(RankSessionTest, MessagesInLanesGoAroundARing) {
  OnRanks(3, [](RankSession& session) {
    ProcessGroup& group = session.group();
    const int64_t next = (group.rank() + 1) % 3, before = (group.rank() + 2) % 3;
    constexpr size_t kNumbers = 1 << 20;
    const std::vector<double> large(kNumbers, static_cast<double>(group.rank()));
    const std::vector<double> small = {10.0 + static_cast<double>(group.rank())};
    std::vector<double> large_here(kNumbers), small_here(1);
    std::vector<std::function<void()>> taken = {
        group.StartSend(std::as_bytes(std::span(large)), next, 1),
        group.StartSend(std::as_bytes(std::span(small)), next, 0),
        group.StartSend(std::as_bytes(std::span(small)), next, 0)};
    const auto large_arrives =
        group.StartReceive(std::as_writable_bytes(std::span(large_here)), before, 1);
    for (int i = 0; i < 2; ++i) {
      group.StartReceive(std::as_writable_bytes(std::span(small_here)), before, 0)();
      EXPECT_EQ(small_here[0], 10.0 + static_cast<double>(before));
    }
    large_arrives();
    for (const auto& wait : taken) wait();
    EXPECT_EQ(large_here, std::vector<double>(kNumbers, static_cast<double>(before)));
    EXPECT_EQ(group.bytes_sent(), static_cast<int64_t>(8 * (kNumbers + 2)));
  });
}

std::string ErrorOf(const RankPlace& place, const ParallelOptions& options) {
  try {
    const RankSession session(place, options);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(RankSessionTest, APortInUseIsNamedWithTheWayOut) {
  const HeldPort held;
  EXPECT_EQ(ErrorOf(PlaceAt(held.number(), 0, 2), {}),
            "joining ranks: port " + std::to_string(held.number()) +
                ": expected a free one on this machine, got one that is in use (MASTER_PORT names "
                "another)");
}

TEST_F(RankSessionTest, ARankThatNeverComesIsNamed) {
  EXPECT_EQ(ErrorOf(PlaceAt(FreePort(), 0, 3), {.start_timeout = 1}),
            "joining ranks: expected 3 within 1 s (parallel.start_timeout), got 1; the first that "
            "did not come is rank 1");
}

TEST_F(RankSessionTest, AStoreThatNeverAnswersIsNamed) {
  const int64_t port = FreePort();
  EXPECT_EQ(ErrorOf(PlaceAt(port, 1, 2), {.start_timeout = 1}),
            "joining ranks: rank 0 at 127.0.0.1:" + std::to_string(port) +
                ": expected an answer within 1 s (parallel.start_timeout), got none");
}

TEST_F(RankSessionTest, RanksThatWereToldOfDifferentNumbersAreRefused) {
  const int64_t port = FreePort();
  std::string zero, one;
  std::thread first([&] { zero = ErrorOf(PlaceAt(port, 0, 2), {.start_timeout = 3}); });
  std::thread second([&] { one = ErrorOf(PlaceAt(port, 1, 3), {.start_timeout = 3}); });
  first.join();
  second.join();
  EXPECT_THAT(zero + one, HasSubstr("expected one number of ranks, got "));
}

}  // namespace
}  // namespace longplay
