/* SPDX-License-Identifier: MIT
 *
 * The part of the HIP runtime API that this backend uses: types, numbers and
 * functions, declared here because the vendor's header is not needed to build.
 * A test compares them with hip_runtime_api.h where there is one. The library is
 * opened at run time by its versioned name.
 */
#ifndef WW_HIP_DRIVER_H
#define WW_HIP_DRIVER_H

#include "warpwright/plugin.h"

typedef int hipError_t;
typedef int hipDevice_t;
typedef void *hipDeviceptr_t;
typedef struct ihipModule_t *hipModule_t;
typedef struct ihipModuleSymbol_t *hipFunction_t;
typedef struct ihipStream_t *hipStream_t;
typedef struct ihipEvent_t *hipEvent_t;
typedef struct hipUUID_t {
	char bytes[16];
} hipUUID;

#define hipSuccess 0
#define hipErrorOutOfMemory 2
#define hipErrorNoDevice 100
#define hipErrorInvalidDevice 101
#define hipErrorInvalidImage 200
#define hipErrorNoBinaryForGpu 209
#define hipErrorECCNotCorrectable 214
#define hipErrorNotFound 500
#define hipErrorIllegalAddress 700
#define hipErrorLaunchOutOfResources 701
#define hipErrorLaunchTimeOut 702
#define hipErrorContextIsDestroyed 709
#define hipErrorAssert 710
#define hipErrorLaunchFailure 719
#define hipErrorUnknown 999

/* hipDeviceAttribute_t */
#define hipDeviceAttributeClockRate 5
#define hipDeviceAttributeL2CacheSize 19
#define hipDeviceAttributeMaxBlocksPerMultiProcessor 25
#define hipDeviceAttributeMaxThreadsPerBlock 56
#define hipDeviceAttributeMaxThreadsPerMultiProcessor 57
#define hipDeviceAttributeMemoryBusWidth 59
#define hipDeviceAttributeMemoryClockRate 60
#define hipDeviceAttributeMultiprocessorCount 63
#define hipDeviceAttributeMaxRegistersPerBlock 71
#define hipDeviceAttributeMaxRegistersPerMultiprocessor 72
#define hipDeviceAttributeMaxSharedMemoryPerBlock 74
#define hipDeviceAttributeWarpSize 87
#define hipDeviceAttributeMaxSharedMemoryPerMultiprocessor 10002

/* hipFunction_attribute */
#define HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK 0
#define HIP_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES 1
#define HIP_FUNC_ATTRIBUTE_CONST_SIZE_BYTES 2
#define HIP_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES 3
#define HIP_FUNC_ATTRIBUTE_NUM_REGS 4

/* hipFuncAttribute */
#define hipFuncAttributeMaxDynamicSharedMemorySize 8

#define hipEventDefault 0u
#define hipStreamNonBlocking 1u

/* X(name, result, optional, arguments) */
#define HIP_FUNCTIONS(X)                                                       \
	X(hipInit, hipError_t, 0, (unsigned int))                              \
	X(hipDriverGetVersion, hipError_t, 0, (int *))                         \
	X(hipGetErrorName, const char *, 0, (hipError_t))                      \
	X(hipGetErrorString, const char *, 0, (hipError_t))                    \
	X(hipGetDeviceCount, hipError_t, 0, (int *))                           \
	X(hipDeviceGet, hipError_t, 0, (hipDevice_t *, int))                   \
	X(hipDeviceGetName, hipError_t, 0, (char *, int, hipDevice_t))         \
	X(hipDeviceGetUuid, hipError_t, 1, (hipUUID *, hipDevice_t))           \
	X(hipDeviceTotalMem, hipError_t, 0, (size_t *, hipDevice_t))           \
	X(hipDeviceGetAttribute, hipError_t, 0, (int *, int, int))             \
	X(hipGetDeviceProperties, hipError_t, 0, (void *, int))                \
	X(hipGetDevicePropertiesR0600, hipError_t, 1, (void *, int))           \
	X(hipSetDevice, hipError_t, 0, (int))                                  \
	X(hipStreamCreateWithFlags, hipError_t, 0,                             \
	  (hipStream_t *, unsigned int))                                       \
	X(hipStreamDestroy, hipError_t, 0, (hipStream_t))                      \
	X(hipStreamSynchronize, hipError_t, 0, (hipStream_t))                  \
	X(hipMalloc, hipError_t, 0, (void **, size_t))                         \
	X(hipFree, hipError_t, 0, (void *))                                    \
	X(hipMemcpyHtoD, hipError_t, 0,                                        \
	  (hipDeviceptr_t, const void *, size_t))                              \
	X(hipMemcpyDtoH, hipError_t, 0, (void *, hipDeviceptr_t, size_t))      \
	X(hipMemcpyDtoDAsync, hipError_t, 0,                                   \
	  (hipDeviceptr_t, hipDeviceptr_t, size_t, hipStream_t))               \
	X(hipMemsetD32Async, hipError_t, 0,                                    \
	  (hipDeviceptr_t, int, size_t, hipStream_t))                          \
	X(hipModuleLoadData, hipError_t, 0, (hipModule_t *, const void *))     \
	X(hipModuleUnload, hipError_t, 0, (hipModule_t))                       \
	X(hipModuleGetFunction, hipError_t, 0,                                 \
	  (hipFunction_t *, hipModule_t, const char *))                        \
	X(hipModuleGetGlobal, hipError_t, 0,                                   \
	  (hipDeviceptr_t *, size_t *, hipModule_t, const char *))             \
	X(hipFuncGetAttribute, hipError_t, 0, (int *, int, hipFunction_t))     \
	X(hipFuncSetAttribute, hipError_t, 1, (const void *, int, int))        \
	X(hipModuleOccupancyMaxActiveBlocksPerMultiprocessor, hipError_t, 0,   \
	  (int *, hipFunction_t, int, size_t))                                 \
	X(hipModuleLaunchKernel, hipError_t, 0,                                \
	  (hipFunction_t, unsigned int, unsigned int, unsigned int,            \
	   unsigned int, unsigned int, unsigned int, unsigned int,             \
	   hipStream_t, void **, void **))                                     \
	X(hipEventCreateWithFlags, hipError_t, 0,                              \
	  (hipEvent_t *, unsigned int))                                        \
	X(hipEventDestroy, hipError_t, 0, (hipEvent_t))                        \
	X(hipEventRecord, hipError_t, 0, (hipEvent_t, hipStream_t))            \
	X(hipEventElapsedTime, hipError_t, 0, (float *, hipEvent_t, hipEvent_t))

struct hip_driver {
#define HIP_MEMBER(name, result, optional, arguments) result(*name) arguments;
	HIP_FUNCTIONS(HIP_MEMBER)
#undef HIP_MEMBER
	int version; /* as hipDriverGetVersion says it */
};

/* Opens the runtime once a process and initialises it. WW_E_UNAVAILABLE names
 * the files tried or every missing function. */
ww_status hip_driver_open(struct ww_call *call, const char *library,
                          const struct hip_driver **driver);

/* Records what failed and returns the status that fits the result. */
ww_status hip_fail(struct ww_call *call, const struct hip_driver *driver,
                   hipError_t result, const char *what);

#endif
