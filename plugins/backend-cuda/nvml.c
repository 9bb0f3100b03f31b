/* SPDX-License-Identifier: MIT */
#include "nvml.h"

#include "plugins/common/library.h"

static const struct ww_symbol functions[] = {
#define NVML_ROW(name, arguments) \
	{ #name, offsetof(struct cuda_nvml, name), 0 },
	NVML_FUNCTIONS(NVML_ROW)
#undef NVML_ROW
};

ww_status
cuda_nvml_open(struct ww_call *call, struct cuda_nvml *nvml,
               const char *library, const char *uuid)
{
	const char *const names[] = { library, NULL };
	void *handle = NULL;
	nvmlReturn_t result;
	ww_status status;

	if (nvml->there)
		return WW_OK;
	if (nvml->tried || library == NULL || library[0] == '\0')
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "energy needs NVIDIA's management library "
		               "(backend.cuda.nvml)");
	nvml->tried = 1;
	status = ww_library_open(call, names, &handle);
	if (status == WW_OK)
		status = ww_library_symbols(
			call, handle, library, functions,
			sizeof functions / sizeof functions[0], nvml);
	if (status != WW_OK)
		return status;
	result = nvml->nvmlInit_v2();
	if (result == NVML_SUCCESS)
		result = nvml->nvmlDeviceGetHandleByUUID(uuid, &nvml->device);
	if (result != NVML_SUCCESS)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "%s does not open device %s (error %d)", library,
		               uuid, result);
	nvml->there = 1;
	return WW_OK;
}

ww_status
cuda_nvml_energy(struct ww_call *call, const struct cuda_nvml *nvml,
                 uint64_t *millijoules)
{
	unsigned long long counter = 0;
	nvmlReturn_t result = nvml->nvmlDeviceGetTotalEnergyConsumption(
		nvml->device, &counter);

	*millijoules = counter;
	if (result == NVML_SUCCESS)
		return WW_OK;
	return ww_fail(call, WW_E_UNAVAILABLE,
	               "this device counts no energy "
	               "(nvmlDeviceGetTotalEnergyConsumption: error %d)",
	               result);
}

static void
observe_clocks(const struct cuda_nvml *nvml, struct ww_build_sink *facts)
{
	const unsigned long long doubtful =
		nvmlClocksThrottleReasonHwSlowdown |
		nvmlClocksThrottleReasonSwThermalSlowdown |
		nvmlClocksThrottleReasonHwThermalSlowdown |
		nvmlClocksThrottleReasonHwPowerBrakeSlowdown;
	unsigned long long reasons = 0;

	if (nvml->nvmlDeviceGetCurrentClocksThrottleReasons(
		    nvml->device, &reasons) != NVML_SUCCESS)
		return;
	facts->fact(facts, "power_capped",
	            (reasons & nvmlClocksThrottleReasonSwPowerCap) != 0);
	facts->fact(facts, "throttled", (reasons & doubtful) != 0);
}

void
cuda_nvml_observe(const struct cuda_nvml *nvml, struct ww_build_sink *facts)
{
	unsigned int value = 0;

	if (!nvml->there)
		return;
	if (nvml->nvmlDeviceGetClockInfo(nvml->device, NVML_CLOCK_SM, &value) ==
	    NVML_SUCCESS)
		facts->fact(facts, "clock_mhz", value);
	if (nvml->nvmlDeviceGetClockInfo(nvml->device, NVML_CLOCK_MEM,
	                                 &value) == NVML_SUCCESS)
		facts->fact(facts, "memory_clock_mhz", value);
	if (nvml->nvmlDeviceGetTemperature(nvml->device, NVML_TEMPERATURE_GPU,
	                                   &value) == NVML_SUCCESS)
		facts->fact(facts, "temperature_c", value);
	if (nvml->nvmlDeviceGetPowerUsage(nvml->device, &value) == NVML_SUCCESS)
		facts->fact(facts, "power_w", value / 1e3);
	observe_clocks(nvml, facts);
}
