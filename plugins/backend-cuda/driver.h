/* SPDX-License-Identifier: MIT
 *
 * The part of the CUDA Driver API that this backend uses: types, numbers and
 * functions, declared here because the vendor's header is not needed to build.
 * A test compares them with cuda.h where there is one. The library is opened at
 * run time by its versioned name, its functions through cuGetProcAddress.
 */
#ifndef WW_CUDA_DRIVER_H
#define WW_CUDA_DRIVER_H

#include "warpwright/plugin.h"

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st *CUcontext;
typedef struct CUmod_st *CUmodule;
typedef struct CUfunc_st *CUfunction;
typedef struct CUstream_st *CUstream;
typedef struct CUevent_st *CUevent;
typedef struct CUuuid_st {
	char bytes[16];
} CUuuid;

#define CUDA_SUCCESS 0
#define CUDA_ERROR_INVALID_VALUE 1
#define CUDA_ERROR_OUT_OF_MEMORY 2
#define CUDA_ERROR_NO_DEVICE 100
#define CUDA_ERROR_INVALID_IMAGE 200
#define CUDA_ERROR_NO_BINARY_FOR_GPU 209
#define CUDA_ERROR_INVALID_PTX 218
#define CUDA_ERROR_ECC_UNCORRECTABLE 214
#define CUDA_ERROR_NVLINK_UNCORRECTABLE 220
#define CUDA_ERROR_NOT_FOUND 500
#define CUDA_ERROR_ILLEGAL_ADDRESS 700
#define CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES 701
#define CUDA_ERROR_LAUNCH_TIMEOUT 702
#define CUDA_ERROR_CONTEXT_IS_DESTROYED 709
#define CUDA_ERROR_ASSERT 710
#define CUDA_ERROR_HARDWARE_STACK_ERROR 714
#define CUDA_ERROR_ILLEGAL_INSTRUCTION 715
#define CUDA_ERROR_MISALIGNED_ADDRESS 716
#define CUDA_ERROR_INVALID_ADDRESS_SPACE 717
#define CUDA_ERROR_INVALID_PC 718
#define CUDA_ERROR_LAUNCH_FAILED 719
#define CUDA_ERROR_UNKNOWN 999

/* CUdevice_attribute */
#define CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK 1
#define CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK 8
#define CU_DEVICE_ATTRIBUTE_WARP_SIZE 10
#define CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK 12
#define CU_DEVICE_ATTRIBUTE_CLOCK_RATE 13
#define CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT 16
#define CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE 36
#define CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH 37
#define CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE 38
#define CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR 39
#define CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR 75
#define CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR 76
#define CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR 81
#define CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR 82
#define CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN 97
#define CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR 106

/* CUfunction_attribute */
#define CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK 0
#define CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES 1
#define CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES 2
#define CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES 3
#define CU_FUNC_ATTRIBUTE_NUM_REGS 4
#define CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES 8
#define CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED 14

#define CU_EVENT_DEFAULT 0u
#define CU_STREAM_NON_BLOCKING 1u
#define CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION 4

typedef union CUlaunchAttributeValue_union {
	char pad[64];
	struct {
		unsigned int x;
		unsigned int y;
		unsigned int z;
	} clusterDim;
} CUlaunchAttributeValue;

typedef struct CUlaunchAttribute_st {
	int id;
	char pad[8 - sizeof(int)];
	CUlaunchAttributeValue value;
} CUlaunchAttribute;

typedef struct CUlaunchConfig_st {
	unsigned int gridDimX;
	unsigned int gridDimY;
	unsigned int gridDimZ;
	unsigned int blockDimX;
	unsigned int blockDimY;
	unsigned int blockDimZ;
	unsigned int sharedMemBytes;
	CUstream hStream;
	CUlaunchAttribute *attrs;
	unsigned int numAttrs;
} CUlaunchConfig;

/* X(name, CUDA version of the interface × 1000, optional, arguments) */
#define CUDA_FUNCTIONS(X)                                                      \
	X(cuInit, 2000, 0, (unsigned int))                                     \
	X(cuDriverGetVersion, 2020, 0, (int *))                                \
	X(cuGetErrorName, 6000, 0, (CUresult, const char **))                  \
	X(cuGetErrorString, 6000, 0, (CUresult, const char **))                \
	X(cuDeviceGetCount, 2000, 0, (int *))                                  \
	X(cuDeviceGet, 2000, 0, (CUdevice *, int))                             \
	X(cuDeviceGetName, 2000, 0, (char *, int, CUdevice))                   \
	X(cuDeviceGetUuid, 9020, 0, (CUuuid *, CUdevice))                      \
	X(cuDeviceTotalMem, 3020, 0, (size_t *, CUdevice))                     \
	X(cuDeviceGetAttribute, 2000, 0, (int *, int, CUdevice))               \
	X(cuDevicePrimaryCtxRetain, 7000, 0, (CUcontext *, CUdevice))          \
	X(cuDevicePrimaryCtxRelease, 11000, 0, (CUdevice))                     \
	X(cuCtxSetCurrent, 4000, 0, (CUcontext))                               \
	X(cuStreamCreate, 2000, 0, (CUstream *, unsigned int))                 \
	X(cuStreamDestroy, 4000, 0, (CUstream))                                \
	X(cuStreamSynchronize, 2000, 0, (CUstream))                            \
	X(cuMemAlloc, 3020, 0, (CUdeviceptr *, size_t))                        \
	X(cuMemFree, 3020, 0, (CUdeviceptr))                                   \
	X(cuMemcpyHtoD, 3020, 0, (CUdeviceptr, const void *, size_t))          \
	X(cuMemcpyDtoH, 3020, 0, (void *, CUdeviceptr, size_t))                \
	X(cuMemcpyDtoDAsync, 3020, 0,                                          \
	  (CUdeviceptr, CUdeviceptr, size_t, CUstream))                        \
	X(cuMemsetD32Async, 3020, 0,                                           \
	  (CUdeviceptr, unsigned int, size_t, CUstream))                       \
	X(cuModuleLoadData, 2000, 0, (CUmodule *, const void *))               \
	X(cuModuleUnload, 2000, 0, (CUmodule))                                 \
	X(cuModuleGetFunction, 2000, 0, (CUfunction *, CUmodule, const char *)) \
	X(cuModuleGetGlobal, 3020, 0,                                          \
	  (CUdeviceptr *, size_t *, CUmodule, const char *))                   \
	X(cuFuncGetAttribute, 2020, 0, (int *, int, CUfunction))               \
	X(cuFuncSetAttribute, 9000, 0, (CUfunction, int, int))                 \
	X(cuOccupancyMaxActiveBlocksPerMultiprocessor, 6050, 0,                \
	  (int *, CUfunction, int, size_t))                                    \
	X(cuLaunchKernel, 4000, 0,                                             \
	  (CUfunction, unsigned int, unsigned int, unsigned int, unsigned int, \
	   unsigned int, unsigned int, unsigned int, CUstream, void **,        \
	   void **))                                                           \
	X(cuLaunchKernelEx, 11060, 1,                                          \
	  (const CUlaunchConfig *, CUfunction, void **, void **))              \
	X(cuEventCreate, 2000, 0, (CUevent *, unsigned int))                   \
	X(cuEventDestroy, 4000, 0, (CUevent))                                  \
	X(cuEventRecord, 2000, 0, (CUevent, CUstream))                         \
	X(cuEventSynchronize, 2000, 0, (CUevent))                              \
	X(cuEventElapsedTime, 2000, 0, (float *, CUevent, CUevent))

struct cuda_driver {
#define CUDA_MEMBER(name, version, optional, arguments) \
	CUresult(*name) arguments;
	CUDA_FUNCTIONS(CUDA_MEMBER)
#undef CUDA_MEMBER
	int version; /* 12040 for 12.4 */
};

/* Opens the driver once a process and initialises it. WW_E_UNAVAILABLE names
 * the file tried or every missing function. */
ww_status cuda_driver_open(struct ww_call *call, const char *library,
                           const struct cuda_driver **driver);

/* Records what failed ("cuMemAlloc: out of memory (CUDA_ERROR_OUT_OF_MEMORY)")
 * and returns the status that fits the result. */
ww_status cuda_fail(struct ww_call *call, const struct cuda_driver *driver,
                    CUresult result, const char *what);

#endif
