// SPDX-License-Identifier: MIT
#include "datasets/minari_writer.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "datasets/hdf5_file.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
constexpr char kMinariVersion[] = "0.5.3";

hid_t Checked(hid_t id, const std::string& what) {
  if (id < 0)
    throw std::runtime_error("writing data: " + what + ": expected success, got an HDF5 error");
  return id;
}

/// Booleans as h5py writes them: an enum over int8.
Hdf5Id BooleanType() {
  Hdf5Id type(Checked(H5Tenum_create(H5T_NATIVE_INT8), "boolean type"));
  int8_t value = 0;
  H5Tenum_insert(type.get(), "FALSE", &value);
  value = 1;
  H5Tenum_insert(type.get(), "TRUE", &value);
  return type;
}

void WriteArray(const Hdf5Id& group, const char* name, const std::vector<hsize_t>& shape,
                hid_t file_type, hid_t memory_type, const void* values) {
  const Hdf5Id space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
  const Hdf5Id dataset(Checked(
      H5Dcreate2(group.get(), name, file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
      name));
  Checked(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), name);
}

void WriteAttribute(const Hdf5Id& object, const std::string& name, hid_t file_type,
                    hid_t memory_type, const void* value) {
  const Hdf5Id space(H5Screate(H5S_SCALAR));
  const Hdf5Id attribute(Checked(
      H5Acreate2(object.get(), name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
      name));
  Checked(H5Awrite(attribute.get(), memory_type, value), name);
}

void WriteAttribute(const Hdf5Id& object, const std::string& name, int64_t value) {
  WriteAttribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void WriteAttribute(const Hdf5Id& object, const std::string& name, const std::string& value) {
  const Hdf5Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const char* text = value.c_str();
  WriteAttribute(object, name, type.get(), type.get(), &text);
}

/// A Box space as Minari's serialisation has it. Python's JSON writes infinities bare.
std::string BoxSpace(const std::string& dtype, int64_t size, const std::vector<double>& low,
                     const std::vector<double>& high) {
  const auto list = [&](const std::vector<double>& values, const std::string& unbounded) {
    std::string text = "[";
    for (int64_t k = 0; k < size; ++k) {
      text += k > 0 ? ", " : "";
      text += values.empty() ? unbounded : nlohmann::json(values[k]).dump();
    }
    return text + "]";
  };
  return R"({"type": "Box", "dtype": ")" + dtype + R"(", "shape": [)" + std::to_string(size) +
         R"(], "low": )" + list(low, "-Infinity") + R"(, "high": )" + list(high, "Infinity") + "}";
}

}  // namespace

struct MinariWriter::Impl {
  Impl(const std::string& path, const MinariMetadata& metadata)
      : path(path), metadata(metadata), single_file(fs::path(path).extension() == ".hdf5") {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // errors are thrown, not printed
    temporary = path + ".partial";
    fs::remove_all(temporary);
    fs::path file_path = temporary;
    if (single_file) {
      if (file_path.has_parent_path()) fs::create_directories(file_path.parent_path());
    } else {
      fs::create_directories(file_path / "data");
      file_path = file_path / "data" / "main_data.hdf5";
    }
    file = Hdf5Id(H5Fcreate(file_path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    if (!file) {
      throw std::runtime_error("writing data: " + path + ": expected a writable place, got none");
    }
    boolean = BooleanType();
  }

  nlohmann::json Metadata() const;
  void WriteFlags(const Hdf5Id& group, const char* name, int64_t length, bool last) const {
    std::vector<int8_t> flags(length, 0);
    flags.back() = last ? 1 : 0;
    WriteArray(group, name, {static_cast<hsize_t>(length)}, boolean.get(), boolean.get(),
               flags.data());
  }

  std::string path, temporary;
  MinariMetadata metadata;
  bool single_file;
  Hdf5Id file, boolean;
  int64_t episodes = 0, steps = 0;
  bool finished = false;
};

nlohmann::json MinariWriter::Impl::Metadata() const {
  nlohmann::json json = {
      {"total_episodes", episodes},
      {"total_steps", steps},
      {"data_format", "hdf5"},
      {"observation_space", BoxSpace("float64", metadata.observation_size, {}, {})},
      {"action_space",
       BoxSpace("float32", metadata.action_size, metadata.action_low, metadata.action_high)},
      {"dataset_id", fs::path(path).filename().string()},
      {"minari_version", kMinariVersion},
      {"dataset_size", 0.0},
      {"algorithm_name", metadata.algorithm},
      {"description", metadata.description},
      {"longplay_environment", metadata.environment},
      {"longplay_action_repeat", metadata.action_repeat},
      {"longplay_max_episode_steps", metadata.max_episode_steps}};
  if (metadata.reference_min) json["ref_min_score"] = *metadata.reference_min;
  if (metadata.reference_max) json["ref_max_score"] = *metadata.reference_max;
  return json;
}

MinariWriter::MinariWriter(const std::string& path, const MinariMetadata& metadata)
    : impl_(std::make_unique<Impl>(path, metadata)) {}

MinariWriter::~MinariWriter() {
  if (impl_->finished) return;
  impl_->file = Hdf5Id();
  std::error_code ignored;
  fs::remove_all(impl_->temporary, ignored);
}

void MinariWriter::Write(const Episode& episode, const std::map<std::string, int64_t>& attributes) {
  const auto length = static_cast<hsize_t>(episode.length());
  if (length == 0 || !episode.has_final_observation()) {
    throw std::invalid_argument("writing data: " + impl_->path +
                                ": expected N actions and N + 1 observations, got " +
                                std::to_string(length) + " actions");
  }
  const std::string name = "episode_" + std::to_string(impl_->episodes);
  const Hdf5Id group(Checked(
      H5Gcreate2(impl_->file.get(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name));
  WriteAttribute(group, "id", impl_->episodes);
  WriteAttribute(group, "total_steps", static_cast<int64_t>(length));
  for (const auto& [key, value] : attributes) WriteAttribute(group, key, value);
  WriteArray(group, "observations", {length + 1, static_cast<hsize_t>(episode.observation_size)},
             H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, episode.observations.data());
  WriteArray(group, "actions", {length, static_cast<hsize_t>(episode.action_columns)},
             H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, episode.actions.data());
  WriteArray(group, "rewards", {length}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, episode.rewards.data());
  impl_->WriteFlags(group, "terminations", episode.length(), episode.terminated);
  impl_->WriteFlags(group, "truncations", episode.length(), episode.truncated);
  impl_->episodes += 1;
  impl_->steps += episode.length();
}

void MinariWriter::Finish() {
  const nlohmann::json metadata = impl_->Metadata();
  if (impl_->single_file) {
    const Hdf5Id root(H5Gopen2(impl_->file.get(), "/", H5P_DEFAULT));
    for (const auto& [key, value] : metadata.items()) {
      if (value.is_number_integer()) WriteAttribute(root, key, value.get<int64_t>());
      if (value.is_string()) WriteAttribute(root, key, value.get<std::string>());
    }
  } else {
    std::ofstream(fs::path(impl_->temporary) / "data" / "metadata.json")
        << metadata.dump(2) << '\n';
  }
  impl_->file = Hdf5Id();
  fs::remove_all(impl_->path);
  fs::rename(impl_->temporary, impl_->path);
  impl_->finished = true;
}

int64_t MinariWriter::episodes() const { return impl_->episodes; }
int64_t MinariWriter::steps() const { return impl_->steps; }

}  // namespace longplay
