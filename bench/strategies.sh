#!/bin/sh
# SPDX-License-Identifier: MIT
# One table of search strategies on recorded spaces: ours by `compare`, and
# Kernel Tuner's own in its simulation mode if a Python has it.
#
#     bench/strategies.sh RECORDING… > bench/strategies.txt
#
# WARPWRIGHT  the program (warpwright)     STRATEGIES  ours, comma-separated
# PYTHON      with kernel_tuner (python3)  OTHERS      Kernel Tuner's
# SEEDS       runs of each of ours (50)    OTHER_SEEDS runs of each of theirs (10)
set -eu

program=${WARPWRIGHT:-warpwright}
python=${PYTHON:-python3}
here=$(cd "$(dirname "$0")" && pwd)
strategies=${STRATEGIES:-random,pattern,lfbo,auto,genetic,anneal,greywolf,evolve}
others=${OTHERS:-random_sample,genetic_algorithm,adaptive_tabu_greywolf,pso,simulated_annealing,hybrid_vndx}

[ $# -gt 0 ] || { echo "usage: strategies.sh RECORDING..." >&2; exit 2; }
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

start=$(date +%s)
"$program" compare "$@" --strategies "$strategies" --seeds "${SEEDS:-50}" \
	--max-evaluations 200 --json > "$rows"
end=$(date +%s)
"$program" --version
echo "ours: ${SEEDS:-50} seeds, 200 evaluations, $#" \
	"recordings in $((end - start)) s on $(nproc) cores"
if "$python" -c 'import kernel_tuner' 2> /dev/null; then
	"$python" -c 'from importlib.metadata import version
print("kt: Kernel Tuner", version("kernel_tuner"), "in simulation mode")'
	echo "theirs: ${OTHER_SEEDS:-10} seeds, the same counting"
	"$python" "$here/other_tuner.py" "$@" --strategies "$others" \
		--seeds "${OTHER_SEEDS:-10}" >> "$rows"
else
	echo "Kernel Tuner is not installed: only our own strategies are here"
fi
exec "$python" "$here/strategies_table.py" "$rows"
