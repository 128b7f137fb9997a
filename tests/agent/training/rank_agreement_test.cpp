// SPDX-License-Identifier: MIT
#include "agent/training/rank_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "agent/batches/batch_loader.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/training_step.h"
#include "tests/agent/ranks/thread_ranks.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

template <typename F>
std::string ErrorOf(F work) {
  try {
    work();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(RankAgreementTest, ASignalToOneRankStopsAll) {
  EXPECT_EQ(AgreedSignal(nullptr, "SIGINT"), "SIGINT");
  ThreadRanks(3).Run([](ProcessGroup& group) {
    EXPECT_EQ(AgreedSignal(&group, ""), "");
    EXPECT_EQ(AgreedSignal(&group, group.rank() == 2 ? "SIGTERM" : ""), "SIGTERM");
    // Of several the same one everywhere.
    EXPECT_EQ(AgreedSignal(&group, group.rank() == 0 ? "SIGUSR1" : "SIGTERM"), "SIGTERM");
  });
}

TEST(RankAgreementTest, ThreadsAreThoseOfAllRanks) {
  EXPECT_EQ(ThreadsOfAll(nullptr, 3), 3);
  ThreadRanks(3).Run(
      [](ProcessGroup& group) { EXPECT_EQ(ThreadsOfAll(&group, group.rank() + 1), 6); });
}

TEST(RankAgreementTest, FewerChainsThanRanksAreRefusedWithTheWayOut) {
  CheckEnoughChains(4, 4, {});
  EXPECT_EQ(ErrorOf([] { CheckEnoughChains(4, 3, {}); }),
            "training: 4 ranks: expected a step of at least as many chains, got 3; a larger "
            "train.tokens_per_step, shorter chains, or fewer ranks");
  RunOptions options;
  options.train.method = Method::kTd3Bc;
  EXPECT_THAT(ErrorOf([&] { CheckEnoughChains(2, 1, options); }),
              HasSubstr("as many transitions, got 1; a larger batch"));
}

TEST(RankAgreementTest, AContextThatCannotBeIsRefusedWithTheWayOut) {
  RunOptions options;
  CheckContext(nullptr, options);
  options.parallel.context = 2;
  EXPECT_EQ(
      ErrorOf([&] { CheckContext(nullptr, options); }),
      "training: parallel.context: expected 1 in one process (--ranks starts several), got 2");
  const auto on_ranks = [&](int64_t size) {
    std::string error;
    ThreadRanks(size).Run([&](ProcessGroup& group) {
      if (group.rank() == 0) error = ErrorOf([&] { CheckContext(&group, options); });
    });
    return error;
  };
  EXPECT_EQ(on_ranks(4), "no error");
  EXPECT_EQ(on_ranks(3), "training: parallel.context: expected a divisor of the 3 ranks, got 2");
  options.train.method = Method::kIcIql;
  EXPECT_THAT(on_ranks(2), HasSubstr("expected 1 with train.method ic_iql (ranks share"));
  options.train.method = Method::kSequence;
  // A segment of Recurrent Memory stays together: of whole steps, at one place in all rows.
  options.model.mixer = MixerKind::kRecurrentMemory;
  EXPECT_EQ(on_ranks(2), "no error");
  options.chain.rows = ChainRows::kPacked;
  EXPECT_THAT(on_ranks(2), HasSubstr("(chain.rows: padded and model.episode_context: carry can"));
  options.chain.rows = ChainRows::kPadded;
  options.model.tokens.layout = TokenLayout::kInterleaved;
  EXPECT_THAT(on_ranks(2), HasSubstr("that holds no whole steps (5 tokens each"));
}

TEST(RankAgreementTest, ARankThatTrainsOtherwiseIsNamedWithTheKeys) {
  ThreadRanks(2).Run([](ProcessGroup& group) {
    RunOptions options = SmallRun("data");
    CheckSameTraining(group, options, 7);
    // Where a run lies, what is logged and who has which device is each rank's own.
    options.train.log_every = 1 + group.rank();
    CheckSameTraining(group, options, 7);
    options.parallel.context = 1 + group.rank();
    EXPECT_EQ(ErrorOf([&] { CheckSameTraining(group, options, 7); }),
              group.rank() == 0 ? "no error"
                                : "training: rank 1 of 2: expected parallel.context of rank 0, 1, "
                                  "got 2");
    options.model.attention.width = 16 * (1 + group.rank());
    const std::string of_keys = ErrorOf([&] { CheckSameTraining(group, options, 7); });
    const std::string of_data =
        ErrorOf([&] { CheckSameTraining(group, SmallRun("data"), group.rank()); });
    if (group.rank() == 0) {
      EXPECT_EQ(of_keys + of_data, "no errorno error");
    } else {
      EXPECT_EQ(of_keys,
                "training: rank 1 of 2: expected the configuration of rank 0, model.width: 16, "
                "got 32");
      EXPECT_THAT(of_data, HasSubstr("rank 1 of 2: expected the data of rank 0, got others"));
    }
  });
}

/// A session that has taken `steps` steps from weights of seed `seed`.
std::unique_ptr<TrainingSession> SessionAt(const RunOptions& given, const EpisodeSet& set,
                                           uint64_t seed, int64_t steps) {
  RunOptions options = FitToData(given, set);
  options.train.seed = seed;
  std::vector<std::string> notes;
  auto session = std::make_unique<TrainingSession>(options, set, "", RunStart::kFresh, notes);
  const auto source = session->learner().MakeSource(set, session->record().normalizer);
  BatchLoader loader(*source, {}, session->random());
  for (int64_t step = 1; step <= steps; ++step) {
    LoadedStep loaded = loader.Next();
    const auto passes =
        ToTrainingBatches(loaded.passes, seed, step, session->learner().tensor_options());
    TakeStep(session->learner(), step, {passes, loaded.totals});
    session->Advance(step, loaded.random);
  }
  return session;
}

TEST(RankAgreementTest, EveryRankStandsWhereRankZeroDoes) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  for (const Method method : {Method::kSequence, Method::kIcIql, Method::kTd3Bc, Method::kIql}) {
    RunOptions options = SmallRun(set.info().path);
    options.train.method = method;
    options.train.average = 0.5;
    options.methods.td3_bc.batch = options.methods.iql.batch = 8;
    std::vector<std::unique_ptr<TrainingSession>> sessions;
    sessions.push_back(SessionAt(options, set, 1, 3));
    sessions.push_back(SessionAt(options, set, 2, 0));
    ThreadRanks(2).Run(
        [&](ProcessGroup& group) { FollowRankZero(group, *sessions[group.rank()]); });
    TrainingSession &zero = *sessions[0], &one = *sessions[1];
    EXPECT_EQ(one.step(), 3);
    EXPECT_EQ(one.random(), zero.random());
    const auto expect_same = [](const TensorMap& a, const TensorMap& b) {
      ASSERT_EQ(a.size(), b.size());
      EXPECT_FALSE(a.empty());
      for (const auto& [name, tensor] : a) EXPECT_TRUE(tensor.equal(b.at(name))) << name;
    };
    expect_same(zero.learner().weights(), one.learner().weights());
    expect_same(zero.learner().state(), one.learner().state());
  }
}

}  // namespace
}  // namespace longplay
