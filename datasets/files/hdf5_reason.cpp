// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_reason.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "datasets/files/hdf5_version.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

// ---- The error stack --------------------------------------------------------------------------

/// Keeps the first description of a walk through the error stack.
herr_t Take(unsigned /*depth*/, const H5E_error2_t* error, void* text) {
  // A filter is looked for among the plug-ins before the error that names it.
  const bool says_something = error->desc != nullptr && *error->desc != '\0';
  if (!says_something || error->maj_num == H5E_PLUGIN) return 0;
  *static_cast<std::string*>(text) = error->desc;
  return 1;  // enough
}

/// "file write failed: File too large" of a description that goes on with time, file, buffer ...
std::string Short(const std::string& text) {
  const size_t details = text.find(": time = ");
  if (details == std::string::npos) return text;
  constexpr std::string_view kReason = "error message = '";
  const size_t reason = text.find(kReason);
  if (reason == std::string::npos) return text.substr(0, details);
  const size_t first = reason + kReason.size();
  return text.substr(0, details) + ": " + text.substr(first, text.find('\'', first) - first);
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

/// The innermost description in one line; "" when there is none.
std::string InnermostError() {
  // From the innermost call outwards: the first text is the one nearest to the cause.
  std::string text;
  if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, Take, &text) < 0) return "";
  std::ranges::replace_if(text, IsControl, ' ');  // some have the time in them, with its line end
  return Short(text);
}

/// Every part of the format has a number of its version, classes and flags, and HDF5 says which one
/// it does not know: "bad version number for layout message", "unknown datatype class found" ...
bool IsUnknownToHdf5(const std::string& error) {
  return error.find("version") != std::string::npos || error.starts_with("unknown ") ||
         error.starts_with("bad flag value");
}

std::string OfNewerHdf5(const std::string& part) {
  return "what HDF5 " + Hdf5Version() + " does not know (" + part +
         "): a newer HDF5 wrote it, or it is damaged; write its arrays anew with h5py and "
         "libver='earliest' (datasets/FORMAT.md; copies keep their version)";
}

// ---- Files ------------------------------------------------------------------------------------

// https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, II.A: the superblock.
constexpr std::string_view kSignature("\x89HDF\r\n\x1a\n", 8);
constexpr unsigned kFirstWithFlags = 2;  // version
constexpr unsigned kOpenForWriting = 1;  // flags
constexpr unsigned kOpenForSwmrWriting = 4;

constexpr char kNothing[] = "none: there is no such file";  // what stands at a path

struct Superblock {
  unsigned version = 0;
  unsigned flags = 0;  // 0 before version 2
};

/// Nothing in a file that has none: it is no HDF5 file.
std::optional<Superblock> ReadSuperblock(std::istream& file) {
  std::array<char, 12> bytes{};
  // At the start, or behind a user's own block of 512 bytes, 1024, 2048 ...
  for (int64_t at = 0; file.seekg(at).read(bytes.data(), bytes.size());
       at = at > 0 ? 2 * at : 512) {
    if (!std::string_view(bytes.data(), bytes.size()).starts_with(kSignature)) continue;
    const auto version = static_cast<unsigned char>(bytes[8]);
    const auto flags = static_cast<unsigned char>(bytes[11]);
    return Superblock{.version = version, .flags = version >= kFirstWithFlags ? flags : 0U};
  }
  return {};
}

/// Why H5Fopen refused a file that can be read; asked right after it.
std::string WhyNotOpened(const std::string& path) {
  // Asked first: the next call of HDF5 clears its errors.
  const std::string error = InnermostError();
  std::string said = Hdf5Error();
  std::ifstream file(path, std::ios::binary);
  if (!file) return said;
  const auto superblock = ReadSuperblock(file);
  if (!superblock) return "something else";
  const auto says = [&](const std::string& part) { return error.find(part) != std::string::npos; };
  if (says("superblock version")) {
    return OfNewerHdf5("version " + std::to_string(superblock->version) + " of the superblock");
  }
  // Locks are the system's and end with the program that holds them; the mark is in the file.
  if (says("unable to lock file")) {
    const bool is_held = says("errno = " + std::to_string(EAGAIN) + ",");
    return (is_held
                ? std::string("one that another program has open for writing: close it there, or")
                : "one that cannot be locked here (" + error + "):") +
           " set HDF5_USE_FILE_LOCKING=FALSE to read what is in it by now";
  }
  const bool is_marked = (superblock->flags & (kOpenForWriting | kOpenForSwmrWriting)) != 0;
  if (is_marked && says("open for write")) {
    const bool is_swmr = (superblock->flags & kOpenForSwmrWriting) != 0;
    return std::string("one that is marked as open for ") + (is_swmr ? "SWMR " : "") +
           "writing: it is open in another program, or it was not closed because its writer was "
           "killed: then h5clear -s " +
           path + " takes the mark away";
  }
  return is_marked ? said + ", and its writer did not close it" : said;
}

/// The first folder on the way to a path that this user may not enter; "" when there is none.
std::string ClosedFolder(const fs::path& path) {
  fs::path folder;
  for (const fs::path& part : path.parent_path()) {
    folder /= part;
    const bool is_open = faccessat(AT_FDCWD, folder.c_str(), X_OK, AT_EACCESS) == 0;
    if (!is_open && errno == EACCES) return folder;
  }
  return "";
}

// ---- Links ------------------------------------------------------------------------------------

/// What a soft or external link says of where it leads to.
struct LinkTarget {
  std::string file;  // "" = the same
  std::string name;
};

std::optional<LinkTarget> TargetOf(hid_t file, const std::string& link) {
  H5L_info_t info{};
  if (H5Lget_info(file, link.c_str(), &info, H5P_DEFAULT) < 0) return {};
  if (info.type != H5L_TYPE_SOFT && info.type != H5L_TYPE_EXTERNAL) return {};
  std::vector<char> value(info.u.val_size + 1, '\0');
  if (H5Lget_val(file, link.c_str(), value.data(), info.u.val_size, H5P_DEFAULT) < 0) return {};
  if (info.type == H5L_TYPE_SOFT) return LinkTarget{.name = value.data()};
  unsigned flags = 0;
  const char *of_file = nullptr, *name = nullptr;
  if (H5Lunpack_elink_val(value.data(), info.u.val_size, &flags, &of_file, &name) < 0) return {};
  return LinkTarget{.file = of_file, .name = name};
}

/// The target and what is wrong with it.
std::string Describe(hid_t file, const std::string& link, const LinkTarget& target) {
  const std::string start = "a dangling link to ";
  if (target.file.empty()) return start + target.name;
  // Of another file: it is looked for from the file that the link itself lies in.
  const size_t slash = link.rfind('/');
  const std::string group = slash == std::string::npos || slash == 0 ? "/" : link.substr(0, slash);
  const Hdf5Id parent(H5Gopen2(file, group.c_str(), H5P_DEFAULT));
  std::string why;
  if (parent) {
    const char* folders = std::getenv("HDF5_EXT_PREFIX");
    OpenFirstOf(PlacesOf(target.file, FileNameOf(parent.get()), folders == nullptr ? "" : folders),
                why);
  }
  return start + target.file + ":" + target.name + " (" + (why.empty() ? "nothing there" : why) +
         ")";
}

}  // namespace

std::string Hdf5Error() {
  const std::string error = InnermostError();
  if (error.empty()) return "an error of HDF5 without a description";
  return IsUnknownToHdf5(error) ? OfNewerHdf5(error) : "an error of HDF5: " + error;
}

std::string PathError(const std::string& path, int error) {
  std::error_code ignored;
  switch (error) {
    case ENOENT:
      return fs::is_symlink(fs::symlink_status(path, ignored)) ? "a symbolic link to nothing"
                                                               : kNothing;
    case ENOTDIR:
      return "none: a part of its path is no folder";
    case ELOOP:
      return "a loop of symbolic links";
    case EACCES: {
      const std::string folder = ClosedFolder(path);
      return folder.empty()
                 ? "permission denied: chmod +r lets it be read"
                 : "permission denied to the folder " + folder + ": chmod +x lets it be entered";
    }
    default:
      return std::string("nothing that can be read: ") + std::strerror(error);
  }
}

std::string WhyNotReached(const std::string& path) {
  struct stat status = {};
  const bool is_found = stat(path.c_str(), &status) == 0;
  const int wanted = R_OK | (S_ISDIR(status.st_mode) ? X_OK : 0);
  const bool is_open = is_found && faccessat(AT_FDCWD, path.c_str(), wanted, AT_EACCESS) == 0;
  return is_open ? "" : PathError(path, errno);
}

Hdf5Id OpenHdf5File(const std::string& path, std::string& why) {
  // Told apart before HDF5 opens it, which calls all of these the same.
  why = WhyNotReached(path);
  if (!why.empty()) return {};
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    why = fs::is_directory(path, error) ? "a folder" : "something else";
    return {};
  }
  if (fs::file_size(path, error) == 0) {
    why = "an empty one";
    return {};
  }
  Hdf5Id opened(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!opened) why = WhyNotOpened(path);
  return opened;
}

std::vector<std::string> PlacesOf(const std::string& name, const std::string& from,
                                  const std::string& folders) {
  std::vector<std::string> places;
  fs::path rest = name;
  // An absolute one may have moved together with the file that names it.
  if (rest.is_absolute()) {
    places.push_back(name);
    rest = rest.filename();
  }
  std::istringstream list(folders);
  for (std::string folder; std::getline(list, folder, ':');) {
    if (!folder.empty()) places.push_back(fs::path(folder) / rest);
  }
  std::error_code ignored;
  places.push_back(fs::path(from).parent_path() / rest);
  places.push_back(rest);
  places.push_back(fs::canonical(from, ignored).parent_path() / rest);
  return places;
}

Hdf5Id OpenFirstOf(const std::vector<std::string>& paths, std::string& why) {
  why = kNoSuchFile;
  for (const std::string& path : paths) {
    std::string why_this;
    Hdf5Id file = OpenHdf5File(path, why_this);
    if (file) {
      why.clear();
      return file;
    }
    if (why_this != kNothing && why == kNoSuchFile) why = why_this;
  }
  return {};
}

std::optional<DanglingLink> FindDanglingLink(hid_t file, const std::string& name) {
  for (size_t at = name.find('/', 1);; at = name.find('/', at + 1)) {
    const std::string part = name.substr(0, at);
    if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0) return {};
    if (H5Oexists_by_name(file, part.c_str(), H5P_DEFAULT) <= 0) {
      const auto target = TargetOf(file, part);
      if (!target) return {};
      return DanglingLink{.name = part, .target = Describe(file, part, *target)};
    }
    if (at == std::string::npos) return {};
  }
}

}  // namespace longplay
