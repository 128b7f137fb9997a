// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_id.h"

#include <gtest/gtest.h>

#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

TEST(Hdf5IdTest, EveryKindOfIdIsClosed) {
  const std::string path = TemporaryPath("ids.hdf5");
  hid_t file = -1;
  std::vector<hid_t> ids;
  {
    const Hdf5Id kept = CreateHdf5File(path), group = MakeGroup(kept.get(), "group");
    WriteArray(group.get(), "array", {1}, "float32", std::vector<double>{1});
    WriteAttribute(group.get(), "number", 1.0);
    const Hdf5Id array(H5Dopen2(kept.get(), "group/array", H5P_DEFAULT));
    const Hdf5Id space(H5Dget_space(array.get())), type(H5Dget_type(array.get()));
    const Hdf5Id properties(H5Dget_create_plist(array.get()));
    const Hdf5Id attribute(H5Aopen(group.get(), "number", H5P_DEFAULT));
    file = kept.get();
    ids = {file,       group.get(),      array.get(),    space.get(),
           type.get(), properties.get(), attribute.get()};
    for (const hid_t id : ids) EXPECT_GT(H5Iis_valid(id), 0);
  }
  for (const hid_t id : ids) EXPECT_EQ(H5Iis_valid(id), 0);
}

TEST(Hdf5IdTest, ObjectsKnowTheirFile) {
  const std::string path = TemporaryPath("a file.hdf5");
  const Hdf5Id file = CreateHdf5File(path), group = MakeGroup(file.get(), "group");
  EXPECT_EQ(FileNameOf(file.get()), path);
  EXPECT_EQ(FileNameOf(group.get()), path);
  EXPECT_EQ(FileNameOf(-1), "");
}

}  // namespace
}  // namespace longplay
