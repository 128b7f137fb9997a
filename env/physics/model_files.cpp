// SPDX-License-Identifier: MIT
#include "env/physics/model_files.h"

#include <dlfcn.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "env/physics/mujoco_log.h"

namespace longplay {
namespace fs = std::filesystem;
namespace {

// Files that MuJoCo reads from memory.
class Vfs {
 public:
  Vfs() { mj_defaultVFS(&vfs_); }
  ~Vfs() { mj_deleteVFS(&vfs_); }
  Vfs(const Vfs&) = delete;
  Vfs& operator=(const Vfs&) = delete;

  void Add(const std::string& name, const std::string& text) {
    if (mj_addBufferVFS(&vfs_, name.c_str(), text.data(), static_cast<int>(text.size())) != 0) {
      throw std::runtime_error("loading a simulator model: " + name + ": expected room for it");
    }
  }
  const mjVFS* get() const { return &vfs_; }

 private:
  mjVFS vfs_;
};

fs::path Find(const std::string& relative) {
  fs::path path = ModelRoot() / relative;
  if (fs::exists(path)) return path;
  throw std::runtime_error("loading a simulator model: " + path.string() +
                           ": expected the MJCF file of the pinned packages (run `./dev setup`, "
                           "or set LONGPLAY_ASSETS), got no such file");
}

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  if (file) return text;
  throw std::runtime_error("loading a simulator model: " + path.string() +
                           ": expected a readable file");
}

/// The sky's texture alone makes most of a model's size: 100 pixels do.
std::string CoarserSky(std::string xml) {
  const std::string fine = "width=\"800\" height=\"800\"";
  if (const size_t at = xml.find(fine); at != std::string::npos) {
    xml.replace(at, fine.size(), "width=\"100\" height=\"100\"");
  }
  return xml;
}

[[noreturn]] void Refuse(const std::string& name, const char* problem) {
  throw std::runtime_error("loading a simulator model: " + name + ": expected valid MJCF, got " +
                           problem);
}

// `name` is where MuJoCo finds the file, `shown` what a user knows it by.
ModelPtr Compile(const std::string& name, const std::string& shown, const mjVFS* files) {
  InstallMujocoLog();
  std::array<char, 1024> error = {};
  ModelPtr model(mj_loadXML(name.c_str(), files, error.data(), error.size()));
  if (!model) Refuse(shown, error.data());
  return model;
}

}  // namespace

fs::path ModelRoot() {
  // 1: what the user says.
  if (const char* assets = std::getenv("LONGPLAY_ASSETS"); assets != nullptr && *assets != '\0') {
    return assets;
  }
  // 2: beside an installed program.
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    fs::path installed = program.parent_path().parent_path() / "share/longplay/mjcf";
    if (fs::is_directory(installed, error)) return installed;
  }
  // 3: beside the library that this is part of: in a Python package, or an installed tree's lib.
  Dl_info self = {};
  if (dladdr(reinterpret_cast<const void*>(&ModelRoot), &self) != 0) {
    const fs::path folder = fs::path(self.dli_fname).parent_path();
    for (const char* models : {"share/longplay/mjcf", "../share/longplay/mjcf"}) {
      if (fs::is_directory(folder / models, error)) return folder / models;
    }
  }
  // 4: where it was built.
  return LONGPLAY_ASSETS_DIR;
}

ModelPtr LoadModel(const std::string& relative) {
  const fs::path path = Find(relative);
  return Compile(path.string(), path.string(), nullptr);
}

ModelPtr LoadModelText(const std::string& xml, const std::string& name) {
  Vfs files;
  files.Add("model.xml", xml);
  return Compile("model.xml", name, files.get());
}

SpecPtr ReadModelText(const std::string& xml, const std::string& name) {
  InstallMujocoLog();
  std::array<char, 1024> error = {};
  SpecPtr spec(mj_parseXMLString(xml.c_str(), nullptr, error.data(), error.size()));
  if (!spec) Refuse(name, error.data());
  return spec;
}

SpecPtr ReadModel(const std::string& relative) {
  InstallMujocoLog();
  const fs::path path = Find(relative);
  std::array<char, 1024> error = {};
  SpecPtr spec(mj_parseXML(path.c_str(), nullptr, error.data(), error.size()));
  if (!spec) Refuse(path, error.data());
  return spec;
}

ModelPtr CompileModel(mjSpec* spec, const std::string& name) {
  ModelPtr model(mj_compile(spec, nullptr));
  if (!model) Refuse(name, mjs_getError(spec));
  return model;
}

ModelPtr LoadSuiteModel(const std::string& name, const std::function<void(std::string&)>& edit) {
  const fs::path path = Find("dm_control/suite/" + name + ".xml");
  std::string text = ReadText(path);
  if (edit) edit(text);
  Vfs files;
  files.Add("model.xml", text);
  // The suite's models include these; MuJoCo finds them in memory by just that name.
  for (const char* shared : {"./common/materials.xml", "./common/visual.xml"}) {
    files.Add(shared, ReadText(path.parent_path() / shared));
  }
  files.Add("./common/skybox.xml", CoarserSky(ReadText(path.parent_path() / "common/skybox.xml")));
  return Compile("model.xml", path.string(), files.get());
}

}  // namespace longplay
