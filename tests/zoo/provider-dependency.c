/* SPDX-License-Identifier: MIT
 *
 * Has no descriptor of its own; the library that it needs has one.
 */
extern int zoo_dependency(void);
extern int zoo_use_dependency(void);

int
zoo_use_dependency(void)
{
	return zoo_dependency();
}
