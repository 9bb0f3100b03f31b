/* SPDX-License-Identifier: MIT
 *
 * The part of NVIDIA's management library that this backend uses: energy, power,
 * clocks and why they are low. Optional: opened at run time, once a device and
 * process, and everything works without it but the objectives that need energy.
 */
#ifndef WW_CUDA_NVML_H
#define WW_CUDA_NVML_H

#include "warpwright/plugin.h"

typedef int nvmlReturn_t;
typedef struct nvmlDevice_st *nvmlDevice_t;

#define NVML_SUCCESS 0
#define NVML_TEMPERATURE_GPU 0
#define NVML_CLOCK_SM 1
#define NVML_CLOCK_MEM 2
#define nvmlClocksThrottleReasonSwPowerCap 0x4ULL
#define nvmlClocksThrottleReasonHwSlowdown 0x8ULL
#define nvmlClocksThrottleReasonSwThermalSlowdown 0x20ULL
#define nvmlClocksThrottleReasonHwThermalSlowdown 0x40ULL
#define nvmlClocksThrottleReasonHwPowerBrakeSlowdown 0x80ULL

/* X(name, arguments) */
#define NVML_FUNCTIONS(X)                                                      \
	X(nvmlInit_v2, (void))                                                 \
	X(nvmlDeviceGetHandleByUUID, (const char *, nvmlDevice_t *))           \
	X(nvmlDeviceGetTotalEnergyConsumption,                                 \
	  (nvmlDevice_t, unsigned long long *))                                \
	X(nvmlDeviceGetPowerUsage, (nvmlDevice_t, unsigned int *))             \
	X(nvmlDeviceGetClockInfo, (nvmlDevice_t, int, unsigned int *))         \
	X(nvmlDeviceGetTemperature, (nvmlDevice_t, int, unsigned int *))       \
	X(nvmlDeviceGetCurrentClocksThrottleReasons,                           \
	  (nvmlDevice_t, unsigned long long *))

struct cuda_nvml {
#define NVML_MEMBER(name, arguments) nvmlReturn_t(*name) arguments;
	NVML_FUNCTIONS(NVML_MEMBER)
#undef NVML_MEMBER
	nvmlDevice_t device;
	int tried;
	int there;
};

/* Opens the library and the device of this UUID, the first time. */
ww_status cuda_nvml_open(struct ww_call *call, struct cuda_nvml *nvml,
                         const char *library, const char *uuid);
/* Millijoules since the driver was loaded. */
ww_status cuda_nvml_energy(struct ww_call *call, const struct cuda_nvml *nvml,
                           uint64_t *millijoules);
void cuda_nvml_observe(const struct cuda_nvml *nvml,
                       struct ww_build_sink *facts);

#endif
