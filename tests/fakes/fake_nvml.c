/* SPDX-License-Identifier: MIT
 *
 * The management library of the scripted device. Its counter moves in steps of
 * 20 ms of the device's clock, at 100 W or as many as a kernel's word watts=N
 * says. Words of FAKE_CUDA: hot (it is throttled by heat), capped, no_energy.
 */
#include "plugins/backend-cuda/nvml.h"
#include "tests/fakes/fake.h"

#define STEP_MS 20.0

FAKE nvmlReturn_t nvmlInit_v2(void);
FAKE nvmlReturn_t
nvmlInit_v2(void)
{
	return NVML_SUCCESS;
}

FAKE nvmlReturn_t nvmlDeviceGetHandleByUUID(const char *uuid,
                                            nvmlDevice_t *device);
FAKE nvmlReturn_t
nvmlDeviceGetHandleByUUID(const char *uuid, nvmlDevice_t *device)
{
	*device = NULL;
	return uuid[0] == 'G' ? NVML_SUCCESS : 6;
}

FAKE nvmlReturn_t
nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device,
                                    unsigned long long *millijoules);
FAKE nvmlReturn_t
nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device,
                                    unsigned long long *millijoules)
{
	static double stepped_at;
	static double counted;

	(void)device;
	if (fake_driver_is("no_energy"))
		return 3;
	if (fake_clock_ms - stepped_at >= STEP_MS) {
		stepped_at = fake_clock_ms;
		counted = fake_energy_mj;
	}
	*millijoules = (unsigned long long)counted;
	return NVML_SUCCESS;
}

FAKE nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device,
                                          unsigned int *milliwatts);
FAKE nvmlReturn_t
nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts)
{
	(void)device;
	*milliwatts = 123000;
	return NVML_SUCCESS;
}

FAKE nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t device, int type,
                                         unsigned int *mhz);
FAKE nvmlReturn_t
nvmlDeviceGetClockInfo(nvmlDevice_t device, int type, unsigned int *mhz)
{
	(void)device;
	*mhz = type == NVML_CLOCK_SM ? 1755 : 3201;
	return NVML_SUCCESS;
}

FAKE nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor,
                                           unsigned int *celsius);
FAKE nvmlReturn_t
nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor,
                         unsigned int *celsius)
{
	(void)device;
	(void)sensor;
	*celsius = fake_driver_is("hot") ? 92 : 41;
	return NVML_SUCCESS;
}

FAKE nvmlReturn_t
nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device,
                                          unsigned long long *reasons);
FAKE nvmlReturn_t
nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t device,
                                          unsigned long long *reasons)
{
	(void)device;
	*reasons = (fake_driver_is("hot")
	                    ? nvmlClocksThrottleReasonSwThermalSlowdown
	                    : 0) |
	           (fake_driver_is("capped") ? nvmlClocksThrottleReasonSwPowerCap
	                                     : 0);
	return NVML_SUCCESS;
}
