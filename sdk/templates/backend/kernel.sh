# SPDX-License-Identifier: MIT
# Adds 1 to N in steps of STEP; FAULT is for the conformance checker.
i=0 sum=0
while [ "$i" -lt "$N" ]; do
	k=0
	while [ "$k" -lt "$STEP" ]; do
		k=$((k + 1))
		sum=$((sum + i + k))
	done
	i=$((i + STEP))
done
if [ "$FAULT" = 2 ]; then
	exit 3
fi
echo "$((sum + FAULT))"
