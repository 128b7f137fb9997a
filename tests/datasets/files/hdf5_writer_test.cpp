// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "datasets/data_error.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

std::string Refusal(const std::function<void()>& write) {
  try {
    write();
  } catch (const WriteError& error) {
    return error.what();
  }
  return "written";
}

TEST(Hdf5WriterTest, ErrorsNameOperationFileAndPlaceInOneLine) {
  const std::string path = TemporaryPath("twice.hdf5");
  const Hdf5Id file = CreateHdf5File(path);
  const Hdf5Id group = MakeGroup(file.get(), "a/b");
  WriteArray(group.get(), "rewards", {2}, "float32", std::vector<double>{1, 2});
  WriteAttribute(group.get(), "id", int64_t{3});
  const std::string start = "writing data: " + path + ":a/b/";
  EXPECT_EQ(Refusal([&] {
              WriteArray(group.get(), "rewards", {2}, "float32", std::vector<double>{1, 2});
            }),
            start + "rewards: expected success, got an error of HDF5: name already exists");
  EXPECT_THAT(Refusal([&] { WriteAttribute(group.get(), "id", int64_t{3}); }),
              HasSubstr(start + "id: expected success, got an error of HDF5: "));
  EXPECT_THAT(Refusal([&] { Hdf5Column(group.get(), "rewards", "float32", {}); }),
              HasSubstr(start + "rewards: expected success, got an error of HDF5: "));
  EXPECT_THAT(Refusal([&] { MakeGroup(group.get(), "rewards/below"); }),
              HasSubstr(start + "rewards: expected success, got an error of HDF5: "));
}

TEST(Hdf5WriterTest, FileThatCannotBeMadeSaysWhy) {
  const std::string path = TemporaryPath("no/such/folder.hdf5");
  const std::string refusal = Refusal([&] { CreateHdf5File(path); });
  EXPECT_THAT(refusal, HasSubstr("writing data: " + path + ": expected a writable place, got "));
  EXPECT_THAT(refusal, HasSubstr("No such file or directory"));
  EXPECT_EQ(refusal.find('\n'), std::string::npos);
}

TEST(Hdf5WriterTest, GroupsThatAreThereAreOpened) {
  const std::string path = TemporaryPath("groups.hdf5");
  {
    Hdf5Id file = CreateHdf5File(path);
    WriteAttribute(MakeGroup(file.get(), "a/b").get(), "one", int64_t{1});
    WriteAttribute(MakeGroup(file.get(), "a/b").get(), "two", int64_t{2});
    WriteAttribute(MakeGroup(file.get(), "a/c/d").get(), "three", int64_t{3});
    CloseHdf5File(std::move(file));
  }
  const Hdf5File read(path);
  EXPECT_EQ(read.NumberAttribute("a/b", "one"), 1);
  EXPECT_EQ(read.NumberAttribute("a/b", "two"), 2);
  EXPECT_EQ(read.NumberAttribute("a/c/d", "three"), 3);
}

}  // namespace
}  // namespace longplay
