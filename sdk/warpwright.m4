dnl SPDX-License-Identifier: MIT
dnl
dnl warpwright.m4: build a Warpwright plugin with Autotools.
dnl
dnl 1. `warpwright plugin new strategy mine` writes a folder with a configure.ac
dnl    and a Makefile.am that already do all of this:
dnl
dnl        configure.ac:  AC_INIT([strategy-mine], [0.1])
dnl                       AM_INIT_AUTOMAKE([foreign])
dnl                       AC_PROG_CC
dnl                       AM_PROG_AR
dnl                       LT_INIT([disable-static])
dnl                       WW_PLUGIN([strategy], [mine])
dnl                       AC_CONFIG_FILES([Makefile])
dnl                       AC_OUTPUT
dnl
dnl        Makefile.am:   wwplugin_LTLIBRARIES = strategy-mine.la
dnl                       strategy_mine_la_SOURCES = mine.c
dnl                       strategy_mine_la_CPPFLAGS = $(WW_PLUGIN_CFLAGS)
dnl                       strategy_mine_la_LDFLAGS = -module $(WW_PLUGIN_LDFLAGS)
dnl
dnl 2. `autoreconf -fi && ./configure && make` gives .libs/strategy-mine.so.
dnl    If Warpwright has a prefix of its own, aclocal finds this file with
dnl    ACLOCAL_PATH=PREFIX/share/aclocal and configure finds the rest with
dnl    PKG_CONFIG_PATH=PREFIX/lib/pkgconfig.
dnl
dnl 3. `make install` puts the plugin where Warpwright looks for it if your
dnl    prefix is Warpwright's; with another prefix it goes to the same place
dnl    below that one, and WARPWRIGHT_PLUGIN_PATH names the folder.
dnl
dnl WW_PLUGIN(KIND, NAME)
dnl ---------------------
dnl KIND is provider, strategy or backend; the file is KIND-NAME.so. Sets
dnl WW_PLUGIN_CFLAGS, WW_PLUGIN_LDFLAGS, wwplugindir, and WARPWRIGHT (the
dnl program, for `$(WARPWRIGHT) plugin check`).
AC_DEFUN([WW_PLUGIN],
[m4_case([$1], [provider], [], [strategy], [], [backend], [],
	[m4_fatal([WW_PLUGIN: the kind is provider, strategy or backend])])dnl
AC_REQUIRE([PKG_PROG_PKG_CONFIG])dnl
dnl Not by this macro's own name, which would be expanded again.
PKG_CHECK_MODULES([WARPWRIGHT_SDK], [warpwright-plugin])
AC_SUBST([WW_PLUGIN_CFLAGS], [$WARPWRIGHT_SDK_CFLAGS])
PKG_CHECK_VAR([WW_ABI_MAJOR], [warpwright-plugin], [abi_major])
PKG_CHECK_VAR([WARPWRIGHT], [warpwright-plugin], [warpwright])
AC_SUBST([WW_PLUGIN_LDFLAGS], ["-avoid-version -shared -export-symbols-regex '^ww_plugin_v[[0-9]]*\$\$' -Wl,-z,relro -Wl,-z,now -Wl,-z,defs"])
AC_SUBST([wwplugindir], ['${libdir}/warpwright/plugins-'"$WW_ABI_MAJOR"])
])
