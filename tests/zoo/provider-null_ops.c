/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "null_ops"
#define ZOO_OPS NULL
#include "tests/zoo/provider.h"

/* Nobody else needs the table of the good provider. */
const void *zoo_table(void);

const void *
zoo_table(void)
{
	return &ops;
}
