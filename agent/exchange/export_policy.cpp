// SPDX-License-Identifier: MIT
#include "agent/exchange/export_policy.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "agent/config/config_json.h"
#include "agent/exchange/export_probe.h"
#include "agent/files/atomic_write.h"
#include "agent/files/safetensors.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
constexpr int kSchema = 1;

}  // namespace

int64_t ExportPolicy(const LoadedPolicy& policy, const std::string& folder) {
  const fs::path config = fs::path(folder) / "config.json";
  const fs::path weights_file = fs::path(folder) / "model.safetensors";
  const fs::path probe_file = fs::path(folder) / "probe.safetensors";
  // Nothing is overwritten.
  for (const fs::path& path : {config, weights_file, probe_file}) {
    if (!fs::exists(path)) continue;
    throw std::runtime_error("exporting: " + path.string() +
                             ": expected no such file, got one (--out DIR "
                             "names another folder)");
  }
  // The checkpoint's own file, not the loaded network: the same bytes, all of them.
  const TensorMap weights = ReadSafetensors(fs::path(policy.folder) / "weights.safetensors");
  int64_t count = 0;
  nlohmann::json shapes;
  for (const auto& [name, tensor] : weights) {
    shapes[name] = tensor.sizes().vec();
    count += tensor.numel();
  }
  const nlohmann::json json = {{"model_type", kExportedModelType},
                               {"schema", kSchema},
                               {"config", ConfigToJson(policy.record.options)},
                               {"policy", ToJson(policy.record)},
                               {"parameters", shapes}};
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) {
    throw std::runtime_error("exporting: " + folder + ": expected a writable folder, got none");
  }
  // transformers wants this format's name. config.json last: with it the folder is whole.
  WriteSafetensors(weights_file, weights, {{"format", "pt"}});
  WriteSafetensors(probe_file, ExportedProbe(policy));
  WriteAtomically(config, json.dump(1) + "\n", "exporting");
  return count;
}

}  // namespace longplay
