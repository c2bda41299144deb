"""The one stylesheet of the application, generated from a theme."""

from kiosk_app.ui.theme import FAMILY, Theme


def stylesheet(theme: Theme) -> str:
    """Return the stylesheet: grounds, cards, fields and scroll areas; buttons paint themselves."""
    colour, shape = theme.palette, theme.shape
    field = theme.type.field
    return f"""
QWidget {{ font-family: "{FAMILY}"; color: {colour.ink}; }}
QWidget#screen, QWidget#page {{ background: {colour.ground}; }}
QWidget#head {{ background: {colour.card}; border-bottom: {shape.hairline}px solid {colour.line}; }}
QWidget#strip {{ background: {colour.card}; border-top: {shape.hairline}px solid {colour.line}; }}
QWidget#pad {{ background: {colour.locked}; border-top: {shape.hairline}px solid {colour.line}; }}
QFrame[card="true"] {{
    background: {colour.card}; border: {shape.hairline}px solid {colour.line}; border-radius: {shape.card}px;
}}
QFrame[card="true"][state="warn"] {{ border: {shape.field_border}px solid {colour.warn}; }}
QFrame[card="true"][state="bad"] {{ border: {shape.field_border}px solid {colour.bad}; }}
QScrollArea, QScrollArea > QWidget > QWidget#column {{ background: transparent; border: none; }}
QLineEdit {{
    background: transparent; border: none; padding: 0;
    font-size: {field.px}px; font-weight: {field.weight}; color: {colour.ink};
    selection-background-color: {colour.focus}; selection-color: {colour.card};
    placeholder-text-color: {colour.soft};
}}
"""
