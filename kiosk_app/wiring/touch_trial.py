"""Shows the touch grid on a whole display and prints what was felt as JSON: `python -m …touch_trial`."""

from __future__ import annotations

import sys

import msgspec


def main() -> int:
    """Run until every spot was touched or waited for."""
    from kiosk_app.ui.app import make_application
    from kiosk_app.ui.theme import theme
    from kiosk_app.ui.widgets.touch_panel import TouchPanel

    app = make_application()
    wide, high = app.primaryScreen().size().toTuple()
    panel = TouchPanel(theme(landscape=wide > high))
    trials: list[object] = []
    panel.tried.connect(trials.append)
    panel.tried.connect(app.quit)
    panel.resize(wide, high)
    panel.showFullScreen()
    app.exec()
    sys.stdout.write(msgspec.json.encode(trials[0]).decode("ascii"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
