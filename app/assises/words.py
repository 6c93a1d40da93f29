"""The closed lists of the programme, in words: what sort of session, who does what in it."""

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
    Part.SPEAKER: N_("Prend la parole"),
    Part.FACILITATOR: N_("Anime"),
    Part.INTERPRETER: N_("Interprète"),
}
