// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <optional>
#include <string>
#include <vector>

#include "datasets/files/hdf5_id.h"

namespace longplay {

// Why HDF5, or the system, refused something: what follows "expected X, got ..." in one line, with
// the way out where there is one. Nothing here throws for what it finds.

/// What the HDF5 library says about its last call, which failed: "an error of HDF5: ..." with its
/// innermost description; parts of the format that it does not know are a newer HDF5's. To be asked
/// before the next call.
std::string Hdf5Error();

/// Why the system refuses a path, by errno: "permission denied", "a loop of symbolic links" ...
std::string PathError(const std::string& path, int error);

/// Why a file cannot be read, or a folder not be listed, by this user; "" when it can.
std::string WhyNotReached(const std::string& path);

/// Opens a file for reading. Where that fails, `why` says what is there in its place: nothing, one
/// that may not be read, that another program writes, that was not closed, no HDF5 file at all ...
Hdf5Id OpenHdf5File(const std::string& path, std::string& why);

/// Where HDF5 looks for a file that `from` names, in this order: in these folders (A:B:C, as
/// environment variables list them), beside `from`, in the current folder, beside what `from` is a
/// symbolic link to.
std::vector<std::string> PlacesOf(const std::string& name, const std::string& from,
                                  const std::string& folders);

inline constexpr char kNoSuchFile[] = "no such file";

/// Opens the first of these files that can be opened. `why`: of the first that is there at all,
/// else kNoSuchFile.
Hdf5Id OpenFirstOf(const std::vector<std::string>& paths, std::string& why);

/// A soft or external link that leads nowhere.
struct DanglingLink {
  std::string name;    // path in the file, of the link itself
  std::string target;  // "a dangling link to part.hdf5:/data (no such file)"
};

/// The first one on the way to `name`; nothing when all links on it lead somewhere.
std::optional<DanglingLink> FindDanglingLink(hid_t file, const std::string& name);

}  // namespace longplay
