"""How long something waited, in words."""

from app.i18n import ngettext

HOUR, DAY = 60, 1440


def lasting(minutes: int | None) -> str:
    """A wait in words, never shorter than it was."""
    if minutes is None:
        return ""
    if minutes <= 2 * HOUR:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}
    if minutes <= 3 * DAY:
        hours = -(-minutes // HOUR)
        return ngettext("%(num)s heure", "%(num)s heures", hours) % {"num": hours}
    days = -(-minutes // DAY)
    return ngettext("%(num)s jour", "%(num)s jours", days) % {"num": days}
