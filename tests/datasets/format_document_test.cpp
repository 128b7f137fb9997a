// SPDX-License-Identifier: MIT
// Sentences of datasets/FORMAT.md that no other test holds, in their order there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "datasets/episode_reader.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/store/episode_set.h"
#include "datasets/writers/convert.h"
#include "datasets/writers/lerobot_writer.h"
#include "tests/datasets/columnar/small_lerobot.h"
#include "tests/datasets/hdf5_columns.h"
#include "tests/datasets/npz_bytes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kFixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/";

std::string WriteHdf5(const std::string& name, const Columns& columns) {
  const std::string path = TemporaryPath(name);
  const Hdf5Id file = CreateHdf5File(path);
  for (const auto& [array, column] : columns) WriteColumn(file.get(), array, column);
  return path;
}

/// "where: problem" without the path.
std::vector<std::string> ProblemsOf(const std::string& path) {
  std::vector<std::string> problems;
  for (const Problem& problem : ValidateDataset(path)) {
    problems.push_back(problem.where.substr(std::min(path.size(), problem.where.size())) + ": " +
                       problem.problem);
  }
  return problems;
}

/// Two rows that see 1, 2 and 3, 4.
Columns TwoRows() {
  return {{"observations", {{2, 2}, {1, 2, 3, 4}}},
          {"actions", {{2, 1}, {0.5, 0.25}}},
          {"rewards", {{2}, {5, 6}}},
          {"terminals", {{2}, {0, 1}, "bool"}},
          {"timeouts", {{2}, {0, 0}, "bool"}}};
}

// ---- Numbers ----------------------------------------------------------------------------------

TEST(FormatDocumentTest, NumbersMayBeOfAnyType) {
  for (const char* type : {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
                           "float32", "float64"}) {
    Columns columns = TwoRows();
    columns["observations"].type = columns["rewards"].type = type;
    const auto reader = OpenDataset(WriteHdf5("types.hdf5", columns));
    EXPECT_THAT(reader->Read(0).observations, ElementsAre(1, 2, 3, 4)) << type;
    EXPECT_THAT(reader->Read(0).rewards, ElementsAre(5, 6)) << type;
    EXPECT_EQ(reader->info().observation_type, type);
  }
}

// Matrices were refused as pictures.
TEST(FormatDocumentTest, FurtherDimensionsAreFlattenedRowByRow) {
  Columns columns = TwoRows();
  columns["observations"] = {{2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}, "float32"};
  columns["actions"] = {{2, 1, 2}, {0.5, 1, 1.5, 2}, "float32"};
  const auto reader = OpenDataset(WriteHdf5("matrices.hdf5", columns));
  EXPECT_EQ(reader->info().observation_size, 4);
  EXPECT_EQ(reader->info().action_size, 2);
  EXPECT_THAT(reader->Read(0).observations, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  EXPECT_THAT(reader->Read(0).actions, ElementsAre(0.5, 1, 1.5, 2));
  // The same of bytes is a picture.
  columns["observations"].type = "uint8";
  EXPECT_THAT(ProblemsOf(WriteHdf5("pictures.hdf5", columns)),
              ElementsAre(":observations: expected rows of numbers, got images"));
}

TEST(FormatDocumentTest, FlatArraysMayBeColumnsOrNot) {
  const Columns plain = {{"observations", {{2}, {1, 2}}},
                         {"actions", {{2}, {0.5, 0.25}}},
                         {"rewards", {{2}, {5, 6}}},
                         {"terminals", {{2}, {0, 1}, "uint8"}},
                         {"timeouts", {{2}, {0, 0}, "float32"}}};
  Columns columns = plain;
  for (auto& [name, column] : columns) column.shape = {2, 1};
  for (const Columns& each : {plain, columns}) {
    const auto reader = OpenDataset(WriteHdf5("columns.hdf5", each));
    EXPECT_EQ(reader->info().observation_size, 1);
    EXPECT_EQ(reader->info().action_size, 1);
    const Episode episode = reader->Read(0);
    EXPECT_THAT(episode.observations, ElementsAre(1, 2));
    EXPECT_THAT(episode.actions, ElementsAre(0.5, 0.25));
    EXPECT_THAT(episode.rewards, ElementsAre(5, 6));
    EXPECT_TRUE(episode.terminated);
  }
}

// ---- LeRobot ----------------------------------------------------------------------------------

class FormatDocumentParquetTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

TEST_F(FormatDocumentParquetTest, FeaturesMayHaveTheirOtherNames) {
  for (const char* observation : {"observation", "state"}) {
    const SmallLerobot data{.observation = observation, .action = "actions"};
    const auto reader = OpenDataset(data.Write());
    EXPECT_THAT(reader->Read(1).observations, ElementsAre(2, 3, 4)) << observation;
    EXPECT_THAT(reader->Read(1).actions, ElementsAre(0.5, 0.75, 1));
  }
}

TEST_F(FormatDocumentParquetTest, RobotThatIsAnEnvironmentIsTheTask) {
  SmallLerobot data;
  data.info["robot_type"] = "Hopper-v5";
  EXPECT_EQ(OpenDataset(data.Write())->info().environment, "Hopper-v5");
  data.info["robot_type"] = "so100_follower";
  EXPECT_EQ(OpenDataset(data.Write())->info().environment, "");
}

TEST_F(FormatDocumentParquetTest, TotalsAreComparedWithWhatIsThere) {
  SmallLerobot data;
  EXPECT_THAT(ProblemsOf(data.Write()), testing::Not(Contains(HasSubstr("total_"))));
  data.info["total_frames"] = 6;
  EXPECT_THAT(ProblemsOf(data.Write()),
              Contains("/meta/info.json:total_frames: expected 5 as the episodes are, got 6"));
  data.info["total_episodes"] = 7;
  EXPECT_THAT(ProblemsOf(data.Write()),
              Contains("/meta/info.json:total_episodes: expected 2 as the episodes are, got 7"));
}

// v2.0 is v2.1 with the statistics of all episodes in one file, which nobody needs to read.
TEST_F(FormatDocumentParquetTest, VersionTwoPointZeroIsRead) {
  const std::string folder = TemporaryPath("v20"), newer = kFixtures + "columnar/lerobot_v21";
  fs::copy(newer, folder, fs::copy_options::recursive);
  fs::remove(folder + "/meta/episodes_stats.jsonl");
  nlohmann::json info = nlohmann::json::parse(std::ifstream(newer + "/meta/info.json"));
  info["codebase_version"] = "v2.0";
  std::ofstream(folder + "/meta/info.json") << info;
  const auto reader = OpenDataset(folder), expected = OpenDataset(newer);
  ASSERT_EQ(reader->info().episodes, expected->info().episodes);
  for (int64_t e = 0; e < reader->info().episodes; ++e) {
    EXPECT_EQ(reader->Read(e).observations, expected->Read(e).observations);
    EXPECT_EQ(reader->Read(e).actions, expected->Read(e).actions);
    EXPECT_EQ(reader->Read(e).terminated, expected->Read(e).terminated);
  }
}

TEST_F(FormatDocumentParquetTest, InfosAreFeaturesWithDotsForSlashes) {
  Columns columns = TwoRows();
  columns["infos/goal/place"] = {{2, 2}, {1, 2, 3, 4}, "float32"};
  const std::string out = TemporaryPath("lerobot");
  ConvertDataset(WriteHdf5("infos.hdf5", columns), out, TargetFormat::kLerobot, {});
  const ParquetTable table(out + "/data/chunk-000/file-000.parquet");
  std::vector<double> values;
  table.ReadNumbers("complementary_info.goal.place", 2, values);
  EXPECT_THAT(values, ElementsAre(1, 2, 3, 4));
}

// ---- Arrays of numpy --------------------------------------------------------------------------

NpzColumn Floats(const std::vector<float>& values) {
  return {"<f4", "(" + std::to_string(values.size()) + ",)", BytesOf<float>(values)};
}

TEST(FormatDocumentTest, RowOfArraysWithBothFlagsIsTerminatedAndTruncated) {
  const std::string path = WriteNpz(TemporaryPath("both.npz"), {{"observations", Floats({1, 2, 3})},
                                                                {"actions", Floats({0, 0.5, 1})},
                                                                {"rewards", Floats({1, 1, 1})},
                                                                {"terminals", Floats({0, 1, 0})},
                                                                {"timeouts", Floats({0, 1, 1})}});
  const auto reader = OpenDataset(path);
  ASSERT_EQ(reader->info().episodes, 2);
  EXPECT_TRUE(reader->Read(0).terminated && reader->Read(0).truncated);
  EXPECT_TRUE(!reader->Read(1).terminated && reader->Read(1).truncated);
}

TEST(FormatDocumentTest, ArrayOfEpisodesChangesWithTheEpisode) {
  const std::string path = WriteNpz(TemporaryPath("e.npz"), {{"observations", Floats({1, 2, 3, 4})},
                                                             {"actions", Floats({0, 0.5, 1, 2})},
                                                             {"rewards", Floats({1, 1, 1, 1})},
                                                             {"dones", Floats({0, 0, 0, 1})},
                                                             {"episodes", Floats({7, 7, 7, 3})}});
  const auto reader = OpenDataset(path);
  ASSERT_EQ(reader->info().episodes, 2);
  EXPECT_THAT(reader->Read(0).observations, ElementsAre(1, 2, 3));
  EXPECT_TRUE(reader->Read(0).truncated);
  EXPECT_TRUE(reader->Read(1).terminated);
}

TEST(FormatDocumentTest, RowsAfterTheLastStateAreOneMoreTrajectory) {
  const auto trajectories = [](const std::vector<float>& terminals) {
    const std::vector<float> numbers(terminals.size(), 0.5F);
    const auto reader =
        OpenDataset(WriteNpz(TemporaryPath("s.npz"), {{"observations", Floats(numbers)},
                                                      {"actions", Floats(numbers)},
                                                      {"terminals", Floats(terminals)}}));
    return std::pair(reader->info().episodes, reader->info().steps);
  };
  EXPECT_EQ(trajectories({0, 0, 1, 0, 0}), (std::pair<int64_t, int64_t>(2, 3)));
  EXPECT_EQ(trajectories({0, 0, 1, 0}), (std::pair<int64_t, int64_t>(1, 2)))
      << "a single state is left out";
}

// ---- HDF5 -------------------------------------------------------------------------------------

TEST(FormatDocumentTest, SzipIsRead) {
  unsigned can = 0;
  H5Zget_filter_info(H5Z_FILTER_SZIP, &can);
  if ((can & H5Z_FILTER_CONFIG_ENCODE_ENABLED) == 0) GTEST_SKIP() << "this HDF5 writes no szip";
  const std::string path = TemporaryPath("szip.hdf5");
  std::vector<double> numbers(64);
  for (size_t k = 0; k < numbers.size(); ++k) numbers[k] = static_cast<double>(k) / 4;
  Columns columns = {{"actions", {{64}, numbers}},
                     {"rewards", {{64}, numbers}},
                     {"timeouts", {{64}, std::vector<double>(64, 0), "bool"}}};
  {
    const Hdf5Id file = CreateHdf5File(path);
    for (const auto& [array, column] : columns) WriteColumn(file.get(), array, column);
    const hsize_t size = 64, chunk = 32;
    const Hdf5Id space(H5Screate_simple(1, &size, nullptr)), chunks(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(chunks.get(), 1, &chunk);
    ASSERT_GE(H5Pset_szip(chunks.get(), H5_SZIP_NN_OPTION_MASK, 16), 0);
    const Hdf5Id array(H5Dcreate2(file.get(), "observations", H5T_IEEE_F64LE, space.get(),
                                  H5P_DEFAULT, chunks.get(), H5P_DEFAULT));
    ASSERT_GE(
        H5Dwrite(array.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data()), 0);
  }
  EXPECT_EQ(OpenDataset(path)->Read(0).observations, numbers);
}

TEST(FormatDocumentTest, TargetsOfExternalLinksMayLieInTheFoldersOfTheVariable) {
  fs::create_directories(TemporaryPath("elsewhere"));
  WriteHdf5("elsewhere/rewards.hdf5", {{"r", {{2}, {5, 6}}}});
  Columns columns = TwoRows();
  columns.erase("rewards");
  const std::string path = WriteHdf5("linked.hdf5", columns);
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    ASSERT_GE(
        H5Lcreate_external("rewards.hdf5", "r", file.get(), "rewards", H5P_DEFAULT, H5P_DEFAULT),
        0);
  }
  EXPECT_THAT(ProblemsOf(path), Contains(HasSubstr("a dangling link to rewards.hdf5:r")));
  setenv("HDF5_EXT_PREFIX", TemporaryPath("elsewhere").c_str(), 1);
  const std::vector<double> rewards = OpenDataset(path)->Read(0).rewards;
  unsetenv("HDF5_EXT_PREFIX");
  EXPECT_THAT(rewards, ElementsAre(5, 6));
}

// ---- Packed copies ----------------------------------------------------------------------------

template <typename Value>
std::vector<Value> ValuesIn(const std::string& path) {
  std::vector<Value> values(fs::file_size(path) / sizeof(Value));
  std::ifstream(path, std::ios::binary)
      .read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(Value)));
  return values;
}

TEST(FormatDocumentTest, PackedCopiesHoldWhatTheirTableSays) {
  // Two episodes: two steps and what was seen after them; one step that says nothing of it.
  const Columns columns = {
      {"episode_0/observations", {{3, 2}, {1, 2, 3, 4, 5, 6}}},
      {"episode_0/actions", {{2}, {0, 2}, "int64"}},
      {"episode_0/rewards", {{2}, {10, 20}}},
      {"episode_0/terminations", {{2}, {0, 1}, "bool"}},
      {"episode_0/truncations", {{2}, {0, 0}, "bool"}},
      {"episode_1/observations", {{1, 2}, {7, 8}}},
      {"episode_1/actions", {{1}, {1}, "int64"}},
      {"episode_1/rewards", {{1}, {30}}},
      {"episode_1/terminations", {{1}, {0}, "bool"}},
      {"episode_1/truncations", {{1}, {1}, "bool"}},
  };
  const std::string path = WriteHdf5("choices.hdf5", columns), packed = path + ".packed/";
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    WriteAttribute(Hdf5Id(H5Gopen2(file.get(), "episode_1", H5P_DEFAULT)).get(), "history",
                   int64_t{4});
  }
  EpisodeSet::Load({path}, {.place = StepPlace::kMapped});
  EXPECT_THAT(ValuesIn<float>(packed + "observations.f32"), ElementsAre(1, 2, 3, 4, 7, 8));
  EXPECT_THAT(ValuesIn<float>(packed + "actions.f32"), ElementsAre(1, 0, 0, 0, 0, 1, 0, 1, 0));
  EXPECT_THAT(ValuesIn<float>(packed + "rewards.f32"), ElementsAre(10, 20, 30));
  EXPECT_THAT(ValuesIn<float>(packed + "final_observations.f32"), ElementsAre(5, 6, 0, 0));
  // Length, history, return, flags.
  const std::string table = packed + "episodes.bin";
  const std::vector<int64_t> whole = ValuesIn<int64_t>(table);
  const std::vector<double> decimal = ValuesIn<double>(table);
  ASSERT_EQ(whole.size(), 8U);
  EXPECT_THAT((std::vector<int64_t>{whole[0], whole[1], whole[3]}), ElementsAre(2, 0, 3));
  EXPECT_THAT((std::vector<int64_t>{whole[4], whole[5], whole[7]}), ElementsAre(1, 4, 0));
  EXPECT_THAT((std::vector<double>{decimal[2], decimal[6]}), ElementsAre(30, 30));
  const auto manifest = nlohmann::json::parse(std::ifstream(packed + "manifest.json"));
  EXPECT_EQ(manifest["source"]["files"][0][0], "choices.hdf5");
}

// ---- Checks -----------------------------------------------------------------------------------

/// An episode of 200 steps whose observation moves smoothly; its two positions and one velocity jump
/// at step 70, where another recording goes on.
struct JoinedStates {
  std::vector<double> observations, actions, rewards, flags, qpos, qvel, both;

  JoinedStates() {
    for (int t = 0; t < 200; ++t) {
      const double state = t + (t >= 70 ? 40 : 0);
      observations.push_back(t);
      actions.push_back(0.5 * (t % 3));
      rewards.push_back(1);
      flags.push_back(t == 199 ? 1 : 0);
      for (const double number : {state, 2 * state}) qpos.push_back(number);
      qvel.push_back(-state);
      for (const double number : {state, 2 * state, -state}) both.push_back(number);
    }
  }
};

constexpr char kStateJumps[] =
    ": episode 0, step 70: the recorded state jumps: two episodes joined?";

TEST(FormatDocumentTest, RecordedStatesThatJumpAreWarnedOfWhereNoNextObservationsAre) {
  const JoinedStates data;
  Columns flat = {{"observations", {{200, 1}, data.observations}},
                  {"actions", {{200, 1}, data.actions}},
                  {"rewards", {{200}, data.rewards}},
                  {"terminals", {{200}, data.flags}},
                  {"timeouts", {{200}, std::vector<double>(200, 0)}},
                  {"infos/qpos", {{200, 2}, data.qpos}},
                  {"infos/qvel", {{200, 1}, data.qvel}}};
  EXPECT_THAT(ProblemsOf(WriteHdf5("flat.hdf5", flat)), ElementsAre(kStateJumps));
  // Next observations tell it without a guess.
  std::vector<double> next(data.observations.begin() + 1, data.observations.end());
  next.push_back(200);
  flat["next_observations"] = {{200, 1}, next};
  EXPECT_THAT(ProblemsOf(WriteHdf5("flat.hdf5", flat)), IsEmpty());
  // Velocities of other rows are no states; who replays them is told.
  flat.erase("next_observations");
  flat["infos/qvel"] = {{100, 1}, std::vector<double>(100, 0)};
  EXPECT_THAT(ProblemsOf(WriteHdf5("flat.hdf5", flat)), IsEmpty());
  // Minari's infos.
  const Columns minari = {{"episode_0/observations", {{200, 1}, data.observations}},
                          {"episode_0/actions", {{200, 1}, data.actions}},
                          {"episode_0/rewards", {{200}, data.rewards}},
                          {"episode_0/terminations", {{200}, data.flags}},
                          {"episode_0/truncations", {{200}, std::vector<double>(200, 0)}},
                          {"episode_0/infos/qpos", {{200, 2}, data.qpos}},
                          {"episode_0/infos/qvel", {{200, 1}, data.qvel}}};
  EXPECT_THAT(ProblemsOf(WriteHdf5("main_data.hdf5", minari)), Contains(kStateJumps));
}

TEST(FormatDocumentTest, RecordedStatesOfArraysThatJumpAreWarnedOf) {
  const JoinedStates data;
  const auto doubles = [](const std::vector<double>& values, int64_t width) {
    return NpzColumn{"<f8", "(200, " + std::to_string(width) + ")", BytesOf<double>(values)};
  };
  const NpzColumns exorl = {{"observation", doubles(data.observations, 1)},
                            {"action", doubles(data.actions, 1)},
                            {"reward", doubles(data.rewards, 1)},
                            {"discount", doubles(data.rewards, 1)},
                            {"physics", doubles(data.both, 3)}};
  fs::create_directories(TemporaryPath("exorl"));
  WriteNpz(TemporaryPath("exorl/episode_000000_199.npz"), exorl);
  EXPECT_THAT(ProblemsOf(TemporaryPath("exorl")), ElementsAre(kStateJumps));
  NpzColumns flat = {{"observations", doubles(data.observations, 1)},
                     {"actions", doubles(data.actions, 1)},
                     {"rewards", doubles(data.rewards, 1)},
                     {"terminals", doubles(data.flags, 1)},
                     {"timeouts", doubles(data.flags, 1)},
                     {"qpos", doubles(data.qpos, 2)},
                     {"qvel", doubles(data.qvel, 1)}};
  EXPECT_THAT(ProblemsOf(WriteNpz(TemporaryPath("flat.npz"), flat)), Contains(kStateJumps));
}

}  // namespace
}  // namespace longplay
