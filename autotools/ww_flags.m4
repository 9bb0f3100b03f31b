# SPDX-License-Identifier: MIT
# Compiler flags, each kept only if the compiler takes it.

# AX_WW_TRY_FLAG(VARIABLE, FLAG)
AC_DEFUN([AX_WW_TRY_FLAG], [
  AS_VAR_PUSHDEF([cachevar], [ww_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cachevar], [
    ww_saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM], [AS_VAR_SET([cachevar], [yes])],
      [AS_VAR_SET([cachevar], [no])])
    CFLAGS=$ww_saved_CFLAGS])
  AS_VAR_IF([cachevar], [yes], [$1="${$1} $2"])
  AS_VAR_POPDEF([cachevar])
])

AC_DEFUN([AX_WW_WARNINGS], [
  WW_WARNINGS=""
  m4_foreach_w([flag], [-Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wcast-qual
    -Wwrite-strings -Wformat=2 -Wundef -Wvla],
    [AX_WW_TRY_FLAG([WW_WARNINGS], flag)])
  AC_SUBST([WW_WARNINGS])
])

AC_DEFUN([AX_WW_HARDENING], [
  WW_HARDENING_CFLAGS=""
  m4_foreach_w([flag], [-fstack-protector-strong],
    [AX_WW_TRY_FLAG([WW_HARDENING_CFLAGS], flag)])
  AC_SUBST([WW_HARDENING_CFLAGS])
])
