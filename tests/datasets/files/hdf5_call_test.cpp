// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstdio>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// A call that fails: no such file.
hid_t OpenNothing(const std::string& name) {
  return H5Fopen(TemporaryPath(name).c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
}

TEST(Hdf5CallTest, NegativeResultIsAnErrorWithPlaceAndReason) {
  SilenceHdf5();
  try {
    Checked(OpenNothing("missing.hdf5"), "file:array", "a readable array");
    FAIL() << "no error";
  } catch (const DataError& error) {
    EXPECT_EQ(error.where(), "file:array");
    EXPECT_THAT(error.problem(), StartsWith("expected a readable array, got an error of HDF5: "));
    EXPECT_THAT(error.problem(), HasSubstr("No such file or directory"));
  }
}

TEST(Hdf5CallTest, ResultThatIsNoFailureIsHandedOn) {
  EXPECT_EQ(Checked(hid_t{7}, "here", "a file"), 7);
  EXPECT_EQ(Checked(htri_t{0}, "here", "an answer"), 0) << "no is an answer";
  EXPECT_EQ(Checked(size_t{4}, "here", "a size"), 4U);
}

TEST(Hdf5CallTest, SizeOfZeroIsAnError) {
  EXPECT_THROW(Checked(size_t{0}, "here", "a size"), DataError);
}

TEST(Hdf5CallTest, WritingFailsWithItsOwnError) {
  SilenceHdf5();
  const auto write = [] {
    Checked<WriteError>(OpenNothing("missing.hdf5"), "out.hdf5", "a writable place");
  };
  EXPECT_THAT(write, testing::ThrowsMessage<WriteError>(
                         StartsWith("writing data: out.hdf5: expected a writable place, got ")));
}

TEST(Hdf5CallTest, SilencedLibraryPrintsNothing) {
  const auto print = [](hid_t stack, void* file) {
    return H5Eprint2(stack, static_cast<FILE*>(file));
  };
  H5Eset_auto2(H5E_DEFAULT, print, stderr);  // as it begins
  testing::internal::CaptureStderr();
  OpenNothing("missing.hdf5");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), Not(IsEmpty()));
  SilenceHdf5();
  testing::internal::CaptureStderr();
  OpenNothing("missing.hdf5");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), IsEmpty());
}

}  // namespace
}  // namespace longplay
