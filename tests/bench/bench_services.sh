#!/bin/bash
# The services of the zoo's short list, named by sockdeck and by nmap -sV in the
# same run. The whole zoo: make zoo BENCH=1
here=${SRCDIR:-.}
command -v nmap >/dev/null 2>&1 || {
    echo "skipped: no nmap here"
    exit 77
}
exec python3 "$here/tests/zoo/zoo.py" --ci --nmap
