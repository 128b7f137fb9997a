// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <stdexcept>

namespace longplay {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

/// A board in memory, which can be gone, or keep every caller waiting.
class MemoryBoard : public RankBoard {
 public:
  void Write(const std::string& key, const std::string& value) override {
    Pass();
    const std::lock_guard lock(mutex_);
    keys_[key] = value;
  }
  std::optional<std::string> Read(const std::string& key) override {
    Pass();
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(key);
    if (found == keys_.end()) return std::nullopt;
    return found->second;
  }
  std::string WriteFirst(const std::string& key, const std::string& value) override {
    Pass();
    const std::lock_guard lock(mutex_);
    return keys_.emplace(key, value).first->second;
  }
  std::atomic<bool> gone = false, hangs = false;

 private:
  void Pass() const {
    while (hangs) std::this_thread::sleep_for(milliseconds(1));
    if (gone) throw std::runtime_error("connection refused");
  }

  std::mutex mutex_;
  std::map<std::string, std::string> keys_;
};

/// What a rank heard, once it did.
struct Heard {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<std::string, bool>> all;  // sentence, first

  void operator()(const std::string& sentence, bool first) {
    const std::lock_guard lock(mutex);
    all.emplace_back(sentence, first);
    changed.notify_all();
  }
  std::pair<std::string, bool> Await() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !all.empty(); });
    return all.front();
  }
};

std::unique_ptr<RankWatch> Watch(MemoryBoard& board, int64_t rank, Heard& heard,
                                 milliseconds timeout = milliseconds(400)) {
  return std::make_unique<RankWatch>(
      board,
      RankWatch::Options{.rank = rank,
                         .size = 3,
                         .keeper = "rank 0 at here:1",
                         .timeout = timeout,
                         .every = milliseconds(10)},
      [&heard](const std::string& sentence, bool first) { heard(sentence, first); });
}

TEST(RankWatchTest, ASilentRankIsLostToAllAndOneIsTheFirstToKnow) {
  MemoryBoard board;
  Heard zero, one, two;
  const auto a = Watch(board, 0, zero), b = Watch(board, 1, one);
  auto c = Watch(board, 2, two);
  c.reset();  // as if it had been killed
  const auto [sentence, first] = zero.Await();
  const auto [same, also_first] = one.Await();
  EXPECT_EQ(sentence, "rank 2 of 3 is gone: no sign of life for 0.4 s");
  EXPECT_EQ(same, sentence);
  EXPECT_NE(first, also_first);
  EXPECT_TRUE(two.all.empty());
}

// Only after a minute would it be lost; a message to it failed.
TEST(RankWatchTest, AfterAnAlarmAFewMissingSignsAreEnough) {
  MemoryBoard board;
  Heard zero, one, two;
  const auto a = Watch(board, 0, zero, std::chrono::minutes(1));
  auto b = Watch(board, 1, one, std::chrono::minutes(1));
  auto c = Watch(board, 2, two, std::chrono::minutes(1));
  b.reset();
  a->Alarm();
  EXPECT_EQ(zero.Await().first, "rank 1 of 3 is gone: no sign of life for 0.0 s");
}

TEST(RankWatchTest, ARankThatFailsTellsTheOthersWhy) {
  MemoryBoard board;
  Heard zero, one, two;
  const auto a = Watch(board, 0, zero), b = Watch(board, 1, one), c = Watch(board, 2, two);
  EXPECT_TRUE(b->Fail("out of memory"));
  EXPECT_EQ(zero.Await(), std::pair(std::string("rank 1 of 3: out of memory"), false));
  EXPECT_EQ(two.Await().second, false);
  EXPECT_FALSE(a->Fail("another problem"));
  EXPECT_TRUE(one.all.empty());
}

TEST(RankWatchTest, WhereTheBoardIsGoneItsKeeperIsNamed) {
  MemoryBoard board;
  Heard zero;
  const auto a = Watch(board, 0, zero);
  board.gone = true;
  EXPECT_EQ(zero.Await(),
            std::pair(std::string("rank 0 at here:1, where the ranks meet, is gone"), true));
}

TEST(RankWatchTest, ABoardThatNeverAnswersIsNoticed) {
  MemoryBoard board;
  Heard zero;
  const auto a = Watch(board, 0, zero);
  board.hangs = true;
  EXPECT_THAT(zero.Await().first, HasSubstr("has not answered for 0.4 s"));
  board.hangs = false;  // or it could not stop
}

}  // namespace
}  // namespace longplay
