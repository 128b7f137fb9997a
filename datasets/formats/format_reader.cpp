// SPDX-License-Identifier: MIT
#include "datasets/formats/format_reader.h"

#include "datasets/checks/float32_check.h"
#include "datasets/checks/lint.h"

namespace longplay {

void FormatReader::Read(int64_t index, Episode& episode) const {
  ProblemLog log(ProblemLog::Mode::kThrowFirstError);
  Load(index, episode, log);
}

void SurveyAll(FormatReader& reader, ProblemLog& log, const std::function<void()>& alive) {
  reader.Survey(log, alive);
  Lint lint(reader.info());
  Episode episode;
  for (int64_t e = 0; e < reader.info().episodes; ++e) {
    const size_t errors = log.errors();
    log.Attempt([&] { reader.Load(e, episode, log); });
    if (log.errors() == errors) {
      log.Attempt([&] { CheckFloat32(reader.info().path, e, episode); });
      lint.Add(e, episode, log);
    }
    alive();
  }
  lint.Finish(log);
}

}  // namespace longplay
