# Two commands matter: `make run` and `make test`. Both set the machine up by themselves.
.DEFAULT_GOAL := run
.PHONY: setup setup-dev run tour test check types format catalogues golden lock bench clean
PY := .venv/bin/python
export QT_QPA_PLATFORM ?= $(if $(DISPLAY)$(WAYLAND_DISPLAY),,offscreen)

setup:            ## Debian packages, .venv, locked packages
	@deploy/setup.sh requirements.lock

setup-dev:
	@deploy/setup.sh requirements-dev.lock

run: setup        ## the kiosk on simulated devices; without a display, one whole visit into out/tour
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then .venv/bin/kiosk run --simulate; \
	else .venv/bin/kiosk tour --out out/tour; fi

tour: setup
	.venv/bin/kiosk tour --out out/tour

check: setup-dev  ## style, types, import rules, catalogues
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(PY) deploy/catalogues.py --check

test: check       ## check + every test on real local services
	$(PY) -m pytest --cov --cov-report=term

format: setup-dev
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

catalogues: setup-dev ## collect the sentences of the screens, merge and compile them
	$(PY) deploy/catalogues.py

golden: setup-dev ## redraw the pictures the screen tests compare with; look at them before committing
	$(PY) -m pytest tests/golden --redraw-golden -q

lock:             ## renew the locks; needs uv and npm on PATH
	uv pip compile pyproject.toml --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		--python-platform x86_64-manylinux_2_36 --upgrade -q -o requirements.lock
	uv pip compile pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --python-platform x86_64-manylinux_2_36 -c requirements.lock -q -o requirements-dev.lock
	uv pip compile tests/peers/requirements.in --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 --python-platform x86_64-manylinux_2_36 -q -o tests/peers/requirements.lock
	cd tests/peers && npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts

bench: setup-dev
	$(PY) benchmarks/tour.py

clean:
	rm -rf out build .mypy_cache .ruff_cache .pytest_cache .hypothesis
