"""Reading aloud, beside the Qt thread: a touch begins it, another touch or another screen ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.i18n import language

if TYPE_CHECKING:
    from drivers.ports import Said, Speaker
    from kiosk_app.ui.tasks import TaskRunner


class Voice:
    """One thing is said at a time.

    Args:
        runner: Runs what blocks.
    """

    def __init__(self, runner: TaskRunner) -> None:
        self._runner = runner
        self._speaker: Speaker | None = None
        self._speaking: object | None = None

    def use(self, speaker: Speaker | None) -> None:
        """Speak with this from now on; None is silence."""
        self._speaker = speaker

    @property
    def there(self) -> bool:
        """Whether the kiosk has a voice."""
        return self._speaker is not None

    def touched(self, said: tuple[Said, ...]) -> None:
        """Begin to say this, or fall silent where something is being said."""
        speaker, words = self._speaker, language()
        if speaker is None:
            return
        if self._speaking is not None:
            self.hush()
            return
        self._speaking = turn = object()
        self._runner.run(
            lambda: speaker.say(said, language=words),
            done=lambda _nothing: self._ended(turn),
            failed=lambda _error: self._ended(turn),
            visit=None,
        )

    def hush(self) -> None:
        """Fall silent; quick where nothing is being said."""
        if self._speaking is not None and self._speaker is not None:
            self._speaking = None
            self._speaker.hush()

    def _ended(self, turn: object) -> None:
        if self._speaking is turn:
            self._speaking = None
