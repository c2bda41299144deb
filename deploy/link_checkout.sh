#!/bin/sh
# Makes `.venv/bin/kiosk` and `.venv/bin/kiosk-backend` of this folder: a path on sys.path, not a build.
set -eu
cd "$(dirname "$0")/.."
site=$(.venv/bin/python -c "import sysconfig; print(sysconfig.get_paths()['purelib'])")
pwd > "$site/kiosk-checkout.pth"
for pair in kiosk:kiosk_app kiosk-backend:backend; do
    script=.venv/bin/${pair%%:*}
    printf '#!%s/.venv/bin/python\nimport sys\n\nfrom %s.__main__ import main\n\nsys.exit(main())\n' \
        "$(pwd)" "${pair##*:}" > "$script"
    chmod +x "$script"
done
