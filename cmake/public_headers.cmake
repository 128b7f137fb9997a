# SPDX-License-Identifier: MIT
# The public headers: what `cmake --install` copies, sorted. They include nothing of ours but each other
# (tests/structure), each compiles alone (tests/install), docs/reference/cpp.md says what each is for, and they
# change only with a note in CHANGELOG.md. All other headers are private and may change.
set(LONGPLAY_PUBLIC_HEADERS
  agent/acting/function_policy.h
  agent/acting/make_environment.h
  agent/acting/make_policy.h
  agent/acting/policy.h
  agent/acting/rollout.h
  agent/config/context_use.h
  agent/scores/statistics.h
  agent/version.h
  datasets/chains/batch.h
  datasets/chains/chain.h
  datasets/chains/fill_batch.h
  datasets/chains/step_rows.h
  datasets/episode.h
  datasets/episode_reader.h
  datasets/store/episode_set.h
  datasets/store/normalizer.h
  datasets/store/store_options.h
  datasets/validate.h
  env/environment.h
  env/environment_facets.h
  env/environment_spec.h
  env/list/list_environments.h
  env/list/make_listed_environment.h
  model/attention/blockwise_attention.h
  model/attention/visibility.h
  model/attention_options.h
)
