"""The closed lists of the Assises, in words: kinds of sessions, what somebody does in one."""

from app.errors import N_
from app.models import Part, SessionKind

KINDS = {
    SessionKind.TALK: N_("Conférence"),
    SessionKind.ROUND_TABLE: N_("Table ronde"),
    SessionKind.WORKSHOP: N_("Atelier"),
    SessionKind.PERFORMANCE: N_("Spectacle"),
    SessionKind.VISIT: N_("Visite"),
}
PARTS = {
    Part.SPEAKER: N_("Intervient"),
    Part.FACILITATOR: N_("Anime"),
    Part.INTERPRETER: N_("Interprète"),
}
