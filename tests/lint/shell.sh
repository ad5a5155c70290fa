#!/bin/bash
# Shell scripts are as carefully written as the rest.
set -u
cd "${SRCDIR:-.}" || exit 99
command -v shellcheck >/dev/null 2>&1 || {
    echo "no shellcheck here"
    exit 77
}
shellcheck -x -P SCRIPTDIR -P . contrib/run contrib/check contrib/zoo contrib/*.sh .ci/run \
    tests/*/*.sh
