/* SPDX-License-Identifier: MIT
 *
 * A CUDA driver and NVRTC that need no GPU, for tests of every error path of the
 * plugins; this file is what their parts share. "Compiling" picks from the source
 * the lines
 *
 *     // fake: WORD …          always
 *     // fake NAME=VALUE: WORD if the option -DNAME=VALUE was given
 *
 * and the artifact is their words. Loading and launching then do what the words
 * say (see fake_launch.c); a launch without words computes out[i] = 2 * in[i] + 1
 * for the arguments (out, in, n) and takes 1 ms of a clock of its own. FAKE_CUDA in
 * the environment holds words for the driver itself: no_device, old, oom,
 * init_fails, init_hangs, litters (leaves a folder in TMPDIR), plain_arch (the
 * compiler knows no sm_90a), compare (the compiler takes the backend's own
 * kernels), devices=N (all alike but for their UUIDs), slowD=F (device D takes F
 * times as long), refuseD=N (device D launches no more than N times), loseD=N
 * (device D falls off the bus at its N-th launch, for good: FAKE_CUDA_STATE names
 * a folder that remembers it), real_time (a launch really takes its time).
 */
#ifndef WW_TESTS_FAKE_H
#define WW_TESTS_FAKE_H

#include "plugins/backend-cuda/compiler.h"
#include "plugins/backend-cuda/driver.h"

#define FAKE WW_EXPORT

struct CUmod_st {
	char words[4096];
	unsigned launches;
	unsigned shared_limit; /* dynamic shared memory that a launch may have */
};

struct CUevent_st {
	double at_ms;
};

/* Whether `words` holds this word. */
int fake_has(const char *words, const char *word);
/* The number behind NAME= among the words, or `otherwise`. */
double fake_number(const char *words, const char *name, double otherwise);
/* The same of FAKE_CUDA. */
int fake_driver_is(const char *word);
double fake_driver_number(const char *name, double otherwise);

/* The context of this process (fake_driver.c). */
extern int fake_device; /* attached: its number */
extern int fake_sticky; /* the context is poisoned with this error */

/* Of fake_launch.c. */
extern double fake_clock_ms;  /* the device's clock */
extern double fake_energy_mj; /* what it used, by a kernel's word watts=N */
CUresult fake_launch(CUfunction function, unsigned int gx, unsigned int gy,
                     unsigned int gz, unsigned int bx, unsigned int by,
                     unsigned int bz, unsigned int shared, CUstream stream,
                     void **arguments, void **extra);
CUresult fake_launch_ex(const CUlaunchConfig *config, CUfunction function,
                        void **arguments, void **extra);
CUresult fake_event_create(CUevent *event, unsigned int flags);
CUresult fake_event_destroy(CUevent event);
CUresult fake_event_record(CUevent event, CUstream stream);
CUresult fake_event_wait(CUevent event);
CUresult fake_elapsed(float *ms, CUevent from, CUevent to);
/* A file of FAKE_CUDA_STATE that says device `number` is lost. */
int fake_is_lost(int number);

#endif
