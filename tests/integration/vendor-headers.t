#!/bin/bash
# SPDX-License-Identifier: MIT
# The GPU backends declare the vendors' numbers and functions themselves. Where a
# vendor's header is installed, both must agree.
source=${WW_SOURCE:-.}
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
n=0

# Every "#define NAME number" of our header, as an assertion.
numbers() # OUR_HEADER PREFIX
{
	sed -nE "s/^#define ($2[A-Za-z0-9_]*) (\(?-?[0-9][0-9A-Za-zx]*\)?|\(1u << [0-9]+\))\$/_Static_assert((long long)(\1) == (long long)(\2), \"\1\");/p" "$1"
}

compare() # NAME VENDOR_HEADER OUR_HEADER PREFIX FLAGS…
{
	local name=$1 vendor=$2 ours=$3 prefix=$4
	shift 4
	n=$((n + 1))
	if ! printf '#include <%s>\n' "$vendor" |
		${CC:-cc} "$@" -fsyntax-only -x c - 2>/dev/null; then
		echo "ok $n - $name # SKIP $vendor is not installed"
		return
	fi
	{
		printf '#include <%s>\n' "$vendor"
		numbers "$source/$ours" "$prefix"
	} >"$work/$name.c"
	if [ "$(grep -c _Static_assert "$work/$name.c")" -lt 3 ]; then
		echo "not ok $n - $name: found no numbers to compare"
	elif ${CC:-cc} "$@" -std=c11 -fsyntax-only "$work/$name.c" 2>"$work/log"; then
		echo "ok $n - $name: $(grep -c _Static_assert "$work/$name.c") numbers as in $vendor"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$work/log"
	fi
}

# Every row of the table of functions in our header, as a pointer to what the
# vendor declares under that name.
compare_functions() # NAME VENDOR_HEADER OUR_HEADER TABLE RESULT
{
	n=$((n + 1))
	if ! printf '#include <%s>\n' "$2" |
		${CC:-cc} -fsyntax-only -x c - 2>/dev/null; then
		echo "ok $n - $1: functions # SKIP $2 is not installed"
		return
	fi
	{
		printf '#include <%s>\n' "$2"
		sed -n "/^#define $4(X)/,/[^\\\\]\$/p" "$source/$3"
		printf '#define POINTER(name, arguments) %s(*name##_) arguments = name;\n%s(POINTER)\n' \
			"$5" "$4"
	} >"$work/$1.c"
	if ! grep -q "^	X(" "$work/$1.c"; then
		echo "not ok $n - $1: found no functions to compare"
	elif ${CC:-cc} -std=c11 -Werror -fsyntax-only "$work/$1.c" 2>"$work/log"; then
		echo "ok $n - $1: $(grep -c '^	X(' "$work/$1.c") functions as in $2"
	else
		echo "not ok $n - $1: functions"
		sed 's/^/# /' "$work/log"
	fi
}

cuda=${CUDA_HOME:-/usr/local/cuda}/include
compare cuda cuda.h plugins/backend-cuda/driver.h CU -I"$cuda"
compare nvrtc nvrtc.h plugins/backend-cuda/compiler.h NVRTC_ -I"$cuda"
compare hip hip/hip_runtime_api.h plugins/backend-hip/driver.h '[hH][iI][pP]' \
	-D__HIP_PLATFORM_AMD__
compare comgr amd_comgr.h plugins/backend-hip/comgr.h AMD_COMGR_
compare_functions comgr amd_comgr.h plugins/backend-hip/comgr.h COMGR_FUNCTIONS \
	amd_comgr_status_t
compare opencl CL/cl_ext.h plugins/backend-opencl/driver.h CL_ \
	-DCL_TARGET_OPENCL_VERSION=120
echo "1..$n"
