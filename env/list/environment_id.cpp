// SPDX-License-Identifier: MIT
#include "env/list/environment_id.h"

#include <sstream>
#include <stdexcept>

namespace longplay {

EnvironmentId ParseEnvironmentId(const std::string& id) {
  const size_t question = id.find('?');
  EnvironmentId parsed{.name = id.substr(0, question), .arguments = {}};
  if (question == std::string::npos) return parsed;
  std::istringstream rest(id.substr(question + 1));
  for (std::string part; std::getline(rest, part, '&');) {
    const size_t equals = part.find('=');
    const bool named = equals != std::string::npos && equals > 0;
    if (!named ||
        !parsed.arguments.emplace(part.substr(0, equals), part.substr(equals + 1)).second) {
      std::string problem = "making an environment: " + id;
      problem += ": expected NAME?argument=value&..., each once, got \"" + part + "\"";
      throw std::invalid_argument(problem);
    }
  }
  return parsed;
}

}  // namespace longplay
