"""python-escpos as an independent writer of ESC/POS: prints the bytes of one job on stdout.

A process of its own, because importing its printers changes the root logger and leaves a temporary folder.
Usage: peer_python_escpos.py IMPL PICTURE.png, or: peer_python_escpos.py qr TEXT
"""

from __future__ import annotations

import sys

from escpos.printer import Dummy
from PIL import Image

if __name__ == "__main__":
    impl, path = sys.argv[1:]
    printer = Dummy(profile="TM-T20II")
    if impl == "qr":
        printer.qr(path, native=True, size=4)
    else:
        with Image.open(path) as picture:
            printer.image(picture, impl=impl)
    printer.cut(mode="PART", feed=False)
    sys.stdout.buffer.write(printer.output)
