"""Makes virtual machines with one CPU each, as many as the argument says or until something says no; says how many, and who said no."""

import fcntl
import os
import sys

CREATE_VM, CREATE_CPU = 0xAE01, 0xAE41

kvm = os.open("/dev/kvm", os.O_RDWR)
made: list[int] = []
refusal = ""
while not refusal and len(made) < 2 * int(sys.argv[1]):
    try:
        machine = fcntl.ioctl(kvm, CREATE_VM, 0)
        made += [machine, fcntl.ioctl(machine, CREATE_CPU, 0)]
    except OSError as problem:
        refusal = problem.strerror or "?"
    if len(made) % 512 == 0:
        print(len(made), flush=True)
print(len(made), refusal, flush=True)
