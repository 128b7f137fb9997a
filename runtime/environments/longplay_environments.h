/* SPDX-License-Identifier: MIT */
/* The C interface of environments: B simulations of one task, stepped together (C99).
 *
 *   longplay_environments* environments;
 *   longplay_environments_options options = longplay_environments_defaults();
 *   options.batch = 16;
 *   if (longplay_environments_make("Hopper-v5", &options, &environments) != LONGPLAY_ENVIRONMENTS_OK)
 *     puts(longplay_environments_error());
 *
 * Functions return a code; longplay_environments_error() says in one line what was wrong. Nothing is
 * thrown across this interface. Different environments may be used by different threads at once, one
 * by one thread at a time. The same seeds and actions give the same bytes, whatever the number of
 * threads or simulations. Pointers that are handed out are the library's, and hold until the
 * environments are closed.
 */
#ifndef LONGPLAY_ENVIRONMENTS_H
#define LONGPLAY_ENVIRONMENTS_H

/* NOLINTBEGIN(readability-identifier-naming): names as C has them. */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of this interface; grows when something is added, and what is there stays. */
#define LONGPLAY_ENVIRONMENTS_VERSION 1

enum {
  LONGPLAY_ENVIRONMENTS_OK = 0,
  LONGPLAY_ENVIRONMENTS_USAGE = 1,  /* the caller is wrong: an unknown id, a size, a NULL */
  LONGPLAY_ENVIRONMENTS_FAILED = 2, /* the world is: a model file is missing */
  LONGPLAY_ENVIRONMENTS_MEMORY = 3  /* there is none left */
};

/* Types of the numbers that actions and observations are handed over in. */
enum {
  LONGPLAY_ENVIRONMENTS_FLOAT32 = 1,
  LONGPLAY_ENVIRONMENTS_FLOAT64 = 2,
  LONGPLAY_ENVIRONMENTS_INT64 = 3 /* actions alone */
};

typedef struct longplay_environments longplay_environments;

typedef struct longplay_environments_options {
  size_t size;               /* of this struct: sizeof(longplay_environments_options) */
  int64_t batch;             /* B, simulations stepped together */
  int64_t action_repeat;     /* each action is applied this often; rewards add up */
  int64_t max_episode_steps; /* [decisions] 0 = the task's own limit */
  int threads;               /* 0 = one per logical CPU */
  int held_out;              /* 1 = a task family draws the parameters that are kept for tests */
  int float32_actions; /* 1 = costs of actions in float32, as Gymnasium has them of such arrays */
} longplay_environments_options;

/* One simulation, batch 1, nothing repeated, one thread for each CPU. */
longplay_environments_options longplay_environments_defaults(void);

/* LONGPLAY_ENVIRONMENTS_VERSION of the library that was loaded. */
int longplay_environments_version(void);

/* One line about the last call of this thread that failed; "" before. */
const char* longplay_environments_error(void);

/* All ids with their sizes: JSON, a list of objects as longplay_environments_spec gives them without
 * bounds. The text is the library's. NULL when memory ran out. */
const char* longplay_environments_list(void);

/* Makes environments by an id of the list, which may carry arguments of its task
 * ("Hopper-v5?healthy_z_range=0.8,inf"). `options` may be NULL: the defaults. */
int longplay_environments_make(const char* id, const longplay_environments_options* options,
                               longplay_environments** environments);
/* Ends them; NULL is allowed. */
void longplay_environments_close(longplay_environments* environments);

/* JSON: {"id", "observation_size", "action_size", "action_columns", "action_space": "continuous" or
 * "discrete", "action_low": [...], "action_high": [...] (no bound: null), "max_episode_steps",
 * "parameter_size", "batch", "position_size", "velocity_size" (0 without a simulator)}. */
const char* longplay_environments_spec(const longplay_environments* environments);

/* Draws the hidden parameters of these simulations anew; nothing for tasks that have none.
 *   simulations  [count] which; NULL = all, in order
 *   seeds        [count] */
int longplay_environments_start_chains(longplay_environments* environments,
                                       const int64_t* simulations, const uint64_t* seeds,
                                       int64_t count);

/* Starts episodes of these simulations, each from its seed; hidden parameters stay. */
int longplay_environments_reset(longplay_environments* environments, const int64_t* simulations,
                                const uint64_t* seeds, int64_t count);

/* Where longplay_environments_step writes; any of them may be NULL. */
typedef struct longplay_environments_outcome {
  double* rewards;     /* [B] 0 where nothing was stepped */
  uint8_t* terminated; /* [B] 1 = the task ended the episode */
  uint8_t* truncated;  /* [B] 1 = the time limit did */
  uint8_t* diverged;   /* [B] 1 = the simulation became unusable; terminated is set too */
  void* observations;  /* [B, O] after the step; of what was not stepped as it was */
  int observations_type;
} longplay_environments_outcome;

/* One decision of the simulations with active[i] != 0, or of all where `active` is NULL. An episode
 * that is over must be reset first.
 *   actions  [B, action_columns] of `actions_type`; of discrete actions numbers from 0 */
int longplay_environments_step(longplay_environments* environments, const void* actions,
                               int actions_type, const uint8_t* active,
                               const longplay_environments_outcome* outcome);

/* What all simulations see now, [B, O] of `type`. */
int longplay_environments_observe(const longplay_environments* environments, void* observations,
                                  int type);

/* The hidden parameter of a simulation, [parameter_size]: for oracles and reports. */
int longplay_environments_parameter(const longplay_environments* environments, int64_t simulation,
                                    double* parameter);

/* Joint positions and velocities, [position_size], [velocity_size]: of a running episode; and an
 * episode set to such, `step` decisions after its start. Only tasks with a simulator have them. */
int longplay_environments_get_positions(longplay_environments* environments, int64_t simulation,
                                        double* positions, double* velocities);
int longplay_environments_set_positions(longplay_environments* environments, int64_t simulation,
                                        const double* positions, const double* velocities,
                                        int64_t step);

#ifdef __cplusplus
}
#endif
/* NOLINTEND(readability-identifier-naming) */

#endif
