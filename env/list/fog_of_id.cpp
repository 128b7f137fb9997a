// SPDX-License-Identifier: MIT
#include "env/list/fog_of_id.h"

#include "env/list/environment_id.h"
#include "env/list/resolve_id.h"

namespace longplay {

std::optional<FogOptions> FogOfId(const std::string& id) {
  // The name first: what stands behind a question mark of another's id is not looked at.
  if (ResolveId(id.substr(0, id.find('?')), {kFogTask}).id.empty()) return std::nullopt;
  TaskArguments arguments(kFogTask, ParseEnvironmentId(id).arguments);
  const FogOptions options = ReadFogOptions(arguments);
  arguments.CheckAllUsed();
  return options;
}

}  // namespace longplay
