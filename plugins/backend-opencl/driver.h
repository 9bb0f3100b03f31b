/* SPDX-License-Identifier: MIT
 *
 * The part of OpenCL 1.2 that this backend uses: types, numbers and functions,
 * declared here because the headers are not needed to build. A test compares
 * them with CL/cl.h where there is one. libOpenCL.so.1 is opened at run time.
 */
#ifndef WW_OPENCL_DRIVER_H
#define WW_OPENCL_DRIVER_H

#include "warpwright/plugin.h"

typedef struct _cl_platform_id *cl_platform_id;
typedef struct _cl_device_id *cl_device_id;
typedef struct _cl_context *cl_context;
typedef struct _cl_command_queue *cl_command_queue;
typedef struct _cl_mem *cl_mem;
typedef struct _cl_program *cl_program;
typedef struct _cl_kernel *cl_kernel;
typedef struct _cl_event *cl_event;

#define CL_SUCCESS 0
#define CL_DEVICE_NOT_FOUND (-1)
#define CL_MEM_OBJECT_ALLOCATION_FAILURE (-4)
#define CL_OUT_OF_RESOURCES (-5)
#define CL_OUT_OF_HOST_MEMORY (-6)
#define CL_BUILD_PROGRAM_FAILURE (-11)
#define CL_INVALID_COMMAND_QUEUE (-36)
#define CL_INVALID_BUILD_OPTIONS (-43)
#define CL_INVALID_KERNEL_NAME (-46)
#define CL_INVALID_WORK_GROUP_SIZE (-54)
#define CL_INVALID_WORK_ITEM_SIZE (-55)
#define CL_INVALID_BUFFER_SIZE (-61)
#define CL_PLATFORM_NOT_FOUND_KHR (-1001)

#define CL_TRUE 1u
#define CL_DEVICE_TYPE_ALL 0xFFFFFFFFu
#define CL_DEVICE_TYPE_GPU (1u << 2)
#define CL_QUEUE_PROFILING_ENABLE (1u << 1)
#define CL_MEM_READ_WRITE 1u
#define CL_BUFFER_CREATE_TYPE_REGION 0x1220

#define CL_PLATFORM_NAME 0x0902
#define CL_DEVICE_TYPE 0x1000
#define CL_DEVICE_MAX_COMPUTE_UNITS 0x1002
#define CL_DEVICE_MAX_WORK_GROUP_SIZE 0x1004
#define CL_DEVICE_MAX_CLOCK_FREQUENCY 0x100C
#define CL_DEVICE_GLOBAL_MEM_CACHE_SIZE 0x101E
#define CL_DEVICE_GLOBAL_MEM_SIZE 0x101F
#define CL_DEVICE_LOCAL_MEM_SIZE 0x1023
#define CL_DEVICE_NAME 0x102B
#define CL_DRIVER_VERSION 0x102D
#define CL_DEVICE_VERSION 0x102F

#define CL_PROGRAM_BINARY_SIZES 0x1165
#define CL_PROGRAM_BINARIES 0x1166
#define CL_PROGRAM_BUILD_LOG 0x1183
#define CL_KERNEL_WORK_GROUP_SIZE 0x11B0
#define CL_KERNEL_LOCAL_MEM_SIZE 0x11B2
#define CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE 0x11B3
#define CL_KERNEL_PRIVATE_MEM_SIZE 0x11B4
#define CL_PROFILING_COMMAND_START 0x1282
#define CL_PROFILING_COMMAND_END 0x1283

typedef struct _cl_buffer_region {
	size_t origin;
	size_t size;
} cl_buffer_region;

/* X(name, result, arguments) */
#define OPENCL_FUNCTIONS(X)                                                    \
	X(clGetPlatformIDs, int32_t, (uint32_t, cl_platform_id *, uint32_t *)) \
	X(clGetPlatformInfo, int32_t,                                          \
	  (cl_platform_id, uint32_t, size_t, void *, size_t *))                \
	X(clGetDeviceIDs, int32_t,                                             \
	  (cl_platform_id, uint64_t, uint32_t, cl_device_id *, uint32_t *))    \
	X(clGetDeviceInfo, int32_t,                                            \
	  (cl_device_id, uint32_t, size_t, void *, size_t *))                  \
	X(clCreateContext, cl_context,                                         \
	  (const intptr_t *, uint32_t, const cl_device_id *, void *, void *,   \
	   int32_t *))                                                         \
	X(clReleaseContext, int32_t, (cl_context))                             \
	X(clCreateCommandQueue, cl_command_queue,                              \
	  (cl_context, cl_device_id, uint64_t, int32_t *))                     \
	X(clReleaseCommandQueue, int32_t, (cl_command_queue))                  \
	X(clFinish, int32_t, (cl_command_queue))                               \
	X(clCreateBuffer, cl_mem,                                              \
	  (cl_context, uint64_t, size_t, void *, int32_t *))                   \
	X(clCreateSubBuffer, cl_mem,                                           \
	  (cl_mem, uint64_t, uint32_t, const void *, int32_t *))               \
	X(clReleaseMemObject, int32_t, (cl_mem))                               \
	X(clEnqueueWriteBuffer, int32_t,                                       \
	  (cl_command_queue, cl_mem, uint32_t, size_t, size_t, const void *,   \
	   uint32_t, const cl_event *, cl_event *))                            \
	X(clEnqueueReadBuffer, int32_t,                                        \
	  (cl_command_queue, cl_mem, uint32_t, size_t, size_t, void *,         \
	   uint32_t, const cl_event *, cl_event *))                            \
	X(clEnqueueCopyBuffer, int32_t,                                        \
	  (cl_command_queue, cl_mem, cl_mem, size_t, size_t, size_t, uint32_t, \
	   const cl_event *, cl_event *))                                      \
	X(clEnqueueFillBuffer, int32_t,                                        \
	  (cl_command_queue, cl_mem, const void *, size_t, size_t, size_t,     \
	   uint32_t, const cl_event *, cl_event *))                            \
	X(clCreateProgramWithSource, cl_program,                               \
	  (cl_context, uint32_t, const char **, const size_t *, int32_t *))    \
	X(clCreateProgramWithBinary, cl_program,                               \
	  (cl_context, uint32_t, const cl_device_id *, const size_t *,         \
	   const unsigned char **, int32_t *, int32_t *))                      \
	X(clBuildProgram, int32_t,                                             \
	  (cl_program, uint32_t, const cl_device_id *, const char *, void *,   \
	   void *))                                                            \
	X(clGetProgramInfo, int32_t,                                           \
	  (cl_program, uint32_t, size_t, void *, size_t *))                    \
	X(clGetProgramBuildInfo, int32_t,                                      \
	  (cl_program, cl_device_id, uint32_t, size_t, void *, size_t *))      \
	X(clReleaseProgram, int32_t, (cl_program))                             \
	X(clCreateKernel, cl_kernel, (cl_program, const char *, int32_t *))    \
	X(clSetKernelArg, int32_t,                                             \
	  (cl_kernel, uint32_t, size_t, const void *))                         \
	X(clGetKernelWorkGroupInfo, int32_t,                                   \
	  (cl_kernel, cl_device_id, uint32_t, size_t, void *, size_t *))       \
	X(clReleaseKernel, int32_t, (cl_kernel))                               \
	X(clEnqueueNDRangeKernel, int32_t,                                     \
	  (cl_command_queue, cl_kernel, uint32_t, const size_t *,              \
	   const size_t *, const size_t *, uint32_t, const cl_event *,         \
	   cl_event *))                                                        \
	X(clEnqueueMarkerWithWaitList, int32_t,                                \
	  (cl_command_queue, uint32_t, const cl_event *, cl_event *))          \
	X(clGetEventProfilingInfo, int32_t,                                    \
	  (cl_event, uint32_t, size_t, void *, size_t *))                      \
	X(clReleaseEvent, int32_t, (cl_event))

struct opencl_driver {
#define OPENCL_MEMBER(name, result, arguments) result(*name) arguments;
	OPENCL_FUNCTIONS(OPENCL_MEMBER)
#undef OPENCL_MEMBER
};

/* Opens the loader library once a process. WW_E_UNAVAILABLE if it is not
 * there. */
ww_status opencl_driver_open(struct ww_call *call, const char *library,
                             const struct opencl_driver **driver);

/* Records what failed and returns the status that fits the result. */
ww_status opencl_fail(struct ww_call *call, int32_t result, const char *what);

/* Calls `visit` for every device of every platform, GPUs first, until it returns
 * other than WW_OK; that status is the result. No platform at all is WW_OK. */
ww_status opencl_each(const struct opencl_driver *driver,
                      ww_status (*visit)(void *context, cl_platform_id platform,
                                         cl_device_id device, int number),
                      void *context);

/* "PLATFORM/DEVICE#n": stable as long as the machine's devices are. */
void opencl_device_id(const struct opencl_driver *driver,
                      cl_platform_id platform, cl_device_id device, int number,
                      char id[256]);
/* The device of this id, number or (null) the first. */
ww_status opencl_find(struct ww_call *call, const struct opencl_driver *driver,
                      const char *id, cl_device_id *device);

#endif
