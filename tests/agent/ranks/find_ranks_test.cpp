// SPDX-License-Identifier: MIT
#include "agent/ranks/find_ranks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

namespace longplay {
namespace {

using ::testing::HasSubstr;

using Set = std::map<std::string, std::string>;

std::optional<RankPlace> FindIn(const Set& set) {
  return FindRanks([&](const std::string& name) -> std::optional<std::string> {
    const auto found = set.find(name);
    if (found == set.end()) return std::nullopt;
    return found->second;
  });
}

std::string ErrorOf(const Set& set) {
  try {
    FindIn(set);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

const Set kTorchrun = {{"RANK", "1"},
                       {"WORLD_SIZE", "4"},
                       {"LOCAL_RANK", "1"},
                       {"LOCAL_WORLD_SIZE", "2"},
                       {"MASTER_ADDR", "node01"},
                       {"MASTER_PORT", "29500"},
                       {"TORCHELASTIC_RUN_ID", "run7"},
                       {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                       {"TORCHELASTIC_RESTART_COUNT", "2"}};

Set With(Set set, const std::string& name, const std::string& value) {
  set[name] = value;
  return set;
}

Set Without(Set set, const std::string& name) {
  set.erase(name);
  return set;
}

TEST(FindRanksTest, AProcessOfItsOwnIsNoRank) {
  EXPECT_FALSE(FindIn({}));
  EXPECT_FALSE(FindIn({{"MASTER_ADDR", "node01"}, {"MASTER_PORT", "1"}}));
}

TEST(FindRanksTest, TorchrunKeepsTheStoreAndCountsItsStarts) {
  const RankPlace place = *FindIn(kTorchrun);
  EXPECT_EQ(place.rank, 1);
  EXPECT_EQ(place.size, 4);
  EXPECT_EQ(place.local_rank, 1);
  EXPECT_TRUE(place.launcher_has_store);
  EXPECT_EQ(place.meeting, "run7");
  EXPECT_EQ(place.restarts, 2);
  EXPECT_EQ(Sentence(place),
            "rank 1 of 4, started by torchrun (start 3); the ranks meet at node01:29500");
}

TEST(FindRanksTest, APyTorchJobHasNoLocalRank) {
  const RankPlace place = *FindIn({{"RANK", "0"},
                                   {"WORLD_SIZE", "3"},
                                   {"MASTER_ADDR", "job-master-0"},
                                   {"MASTER_PORT", "23456"}});
  EXPECT_THAT(place.launcher, HasSubstr("PyTorchJob"));
  EXPECT_FALSE(place.local_rank);
  EXPECT_FALSE(place.launcher_has_store);
  EXPECT_EQ(place.port, 23456);
}

const Set kOpenMpiHere = {{"OMPI_COMM_WORLD_RANK", "1"},
                          {"OMPI_COMM_WORLD_SIZE", "2"},
                          {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                          {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                          {"PMIX_NAMESPACE", "1018494977"}};

TEST(FindRanksTest, OpenMpiOnOneMachineNeedsNothingElse) {
  const RankPlace place = *FindIn(kOpenMpiHere);
  EXPECT_EQ(place.rank, 1);
  EXPECT_EQ(place.address, "127.0.0.1");
  EXPECT_GE(place.port, 20000);
  EXPECT_LT(place.port, 40000);
  // Another job has another port, most likely; all ranks of one job have the same.
  EXPECT_NE(FindIn(With(kOpenMpiHere, "PMIX_NAMESPACE", "1018494978"))->port, place.port);
  const Set other = With(kOpenMpiHere, "OMPI_COMM_WORLD_RANK", "0");
  EXPECT_EQ(FindIn(other)->port, place.port);
}

TEST(FindRanksTest, OpenMpiOnSeveralMachinesNeedsTheAddress) {
  const Set apart = With(kOpenMpiHere, "OMPI_COMM_WORLD_LOCAL_SIZE", "1");
  EXPECT_THAT(ErrorOf(apart), HasSubstr("MASTER_ADDR: expected the name of rank 0's machine"));
  const Set named = With(apart, "MASTER_ADDR", "node01");
  EXPECT_THAT(ErrorOf(named), HasSubstr("MASTER_PORT: expected a whole number"));
  EXPECT_EQ(FindIn(With(named, "MASTER_PORT", "4000"))->port, 4000);
}

TEST(FindRanksTest, MpichIsFound) {
  const RankPlace place = *FindIn(
      {{"PMI_RANK", "2"}, {"PMI_SIZE", "3"}, {"MPI_LOCALRANKID", "2"}, {"MPI_LOCALNRANKS", "3"}});
  EXPECT_EQ(place.rank, 2);
  EXPECT_EQ(place.local_rank, 2);
  EXPECT_EQ(place.address, "127.0.0.1");
}

const Set kSlurmStep = {{"SLURM_PROCID", "5"},       {"SLURM_STEP_NUM_TASKS", "8"},
                        {"SLURM_LOCALID", "1"},      {"SLURM_JOB_ID", "77"},
                        {"SLURM_STEP_ID", "0"},      {"SLURM_STEP_NODELIST", "gpu[03-04,9]"},
                        {"SLURM_RESTART_COUNT", "1"}};

TEST(FindRanksTest, AStepOfSlurmMeetsAtItsFirstHost) {
  const RankPlace place = *FindIn(kSlurmStep);
  EXPECT_EQ(place.rank, 5);
  EXPECT_EQ(place.size, 8);
  EXPECT_EQ(place.address, "gpu03");
  EXPECT_EQ(place.restarts, 1);
  EXPECT_EQ(place.meeting, "77.0");
  EXPECT_EQ(FindIn(With(kSlurmStep, "SLURM_STEP_NODELIST", "a,b[1-2]"))->address, "a");
  EXPECT_EQ(FindIn(With(kSlurmStep, "SLURM_STEP_NODELIST", "r[1-2]n[1-4]"))->address, "r1n1");
  EXPECT_EQ(FindIn(With(kSlurmStep, "SLURM_STEP_NODELIST", "x[1,5]-ib,y"))->address, "x1-ib");
}

// A batch script has a SLURM_PROCID, and the job's number of tasks, but is one process.
TEST(FindRanksTest, ABatchScriptIsNoRank) {
  EXPECT_FALSE(FindIn({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}, {"SLURM_JOB_ID", "77"}}));
}

TEST(FindRanksTest, TheNearestLauncherCounts) {
  Set both = kTorchrun;
  both.insert(kSlurmStep.begin(), kSlurmStep.end());
  EXPECT_EQ(FindIn(both)->launcher, "torchrun");
  both.insert(kOpenMpiHere.begin(), kOpenMpiHere.end());
  EXPECT_EQ(FindIn(both)->launcher, "torchrun");
}

TEST(FindRanksTest, WhatIsMissingWrongOrContradictoryIsNamed) {
  EXPECT_THAT(ErrorOf({{"RANK", "0"}}),
              HasSubstr("finding ranks: WORLD_SIZE: expected a whole number from 1 to 1048576"));
  EXPECT_THAT(ErrorOf({{"RANK", "0"}}), HasSubstr("got none"));
  EXPECT_THAT(ErrorOf(Without(kTorchrun, "RANK")), HasSubstr("RANK: expected"));
  EXPECT_THAT(ErrorOf(With(kTorchrun, "RANK", "4")),
              HasSubstr("RANK: expected a whole number from 0 to 3 (below WORLD_SIZE=4), got 4"));
  EXPECT_THAT(ErrorOf(With(kTorchrun, "RANK", "one")), HasSubstr("got one"));
  EXPECT_THAT(ErrorOf(With(kTorchrun, "MASTER_PORT", "70000")), HasSubstr("got 70000"));
  EXPECT_THAT(ErrorOf(Without(kTorchrun, "MASTER_ADDR")), HasSubstr("MASTER_ADDR: expected"));
  EXPECT_THAT(ErrorOf(With(kOpenMpiHere, "OMPI_COMM_WORLD_SIZE", "x")), HasSubstr("got x"));
  // RANK and WORLD_SIZE by hand, under mpirun.
  Set contradicting = kOpenMpiHere;
  contradicting["RANK"] = "0";
  contradicting["WORLD_SIZE"] = "2";
  contradicting["MASTER_ADDR"] = "a";
  contradicting["MASTER_PORT"] = "1";
  EXPECT_THAT(ErrorOf(contradicting),
              HasSubstr("RANK and WORLD_SIZE: expected 1 of 2, as OMPI_COMM_WORLD_RANK"));
  EXPECT_TRUE(FindIn(With(contradicting, "RANK", "1")));
}

}  // namespace
}  // namespace longplay
