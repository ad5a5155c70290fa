#!/bin/bash
# One scan by many machines: a Slurm array job, each task a part of it.
#
#   sbatch --array=0-15 slurm-scan.sh -p- 10.0.0.0/16
#   sockdeck scan --merge scan-JOB/part-*		when all are done
#
# All parts have one seed, the number of the job; each probe is in one part
# only. A task that is requeued goes on where its journal ends. The ports are
# best named: the default ones may differ from machine to machine, and then
# the parts are not parts of one scan (--merge says so).
#SBATCH --job-name=sockdeck-scan
#SBATCH --cpus-per-task=1
#SBATCH --mem=256M
#SBATCH --requeue
set -eu
part=${SLURM_ARRAY_TASK_ID:?is not set: submit this with sbatch --array=0-N}
parts=${SLURM_ARRAY_TASK_COUNT:?is not set: submit this with sbatch --array=0-N}
first=${SLURM_ARRAY_TASK_MIN:-0}
job=${SLURM_ARRAY_JOB_ID:?is not set: submit this with sbatch --array=0-N}

dir=scan-$job
mkdir -p "$dir"
exec "${SOCKDECK:-sockdeck}" scan --yes --shard "$((part - first))/$parts" \
    --seed "$job" --resume "$dir/part-$part" "$@"
