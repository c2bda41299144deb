# Two commands matter: `make run` and `make test`. Both set the machine up by themselves.
.DEFAULT_GOAL := run
.PHONY: setup setup-dev run tour test check coverage types format catalogues golden lock bench soak campaign clean
PY := .venv/bin/python
comma := ,
# What a forged card is refused by: every branch of it is run by the tests.
CARD_LOGIC := tlv mrz ciphers curves secure_messaging bac pace passive_auth
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

# Lines are counted for the card only: counting them everywhere makes the tests half as long again.
test: check       ## check + every test on real local services
	$(PY) -m pytest --cov=drivers/card --cov-report=term
	$(PY) -m coverage report --fail-under=100 --include=$(subst $(eval ) ,$(comma),$(CARD_LOGIC:%=drivers/card/%.py))

coverage: setup-dev ## which lines no test runs, of everything
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

soak: setup-dev   ## visits for two hours, one after the other; MINUTES=10 for a short look
	$(PY) benchmarks/soak.py --minutes $(or $(MINUTES),120)

campaign: setup-dev ## the long runs of docs/reliability.md, some two hours and a half
	KIOSK_KILLS=1000 $(PY) -m pytest tests/offline_queue/test_kill.py -s -q
	KIOSK_POWER_CUTS=300 $(PY) -m pytest tests/offline_queue/test_power_cut.py -s -q
	KIOSK_SUBMISSIONS=10000 $(PY) -m pytest tests/offline_queue/test_exactly_once.py -k every_fault -s -q
	KIOSK_MACHINE_EXAMPLES=600 $(PY) -m pytest tests/offline_queue/test_machine.py -s -q
	KIOSK_HERD=10000 $(PY) -m pytest tests/offline_queue/test_herd.py -s -q
	KIOSK_SLOW_LINE=real $(PY) -m pytest tests/offline_queue/test_lines.py -k cut_all -s -q
	KIOSK_CARD_CYCLES=200 $(PY) -m pytest tests/drivers/card/test_pcsc_card.py -k many_cards -s -q
	KIOSK_PEER_SETS=1000 $(PY) -m pytest tests/forms/test_surveyjs_peer.py -q --timeout 3000

clean:
	rm -rf out build .mypy_cache .ruff_cache .pytest_cache .hypothesis
