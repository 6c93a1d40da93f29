"""Every table of the service. Leaf: imports nothing of the app but errors."""

from app.models.assises import (
    Agenda,
    Part,
    Pause,
    Programme,
    ProgrammeDay,
    ProgrammeSession,
    Release,
    Room,
    SessionKind,
    SessionSpeaker,
    Speaker,
    Stop,
    Track,
)
from app.models.audit import AuditEntry, AuditHead
from app.models.contribution import (
    AccessLink,
    Channel,
    Consent,
    Contact,
    Contribution,
    Draft,
    IdempotencyKey,
    Kind,
    Receipt,
    ReceiptSession,
    ReceiptShown,
    Revision,
    State,
    Transition,
)
from app.models.event import (
    NOT_CANCELLED,
    SEATED,
    Access,
    Arrival,
    Event,
    EventKind,
    EventMessage,
    EventState,
    Mode,
    Place,
    Registration,
)
from app.models.job import *  # noqa: F403 - the jobs engine's own table
from app.models.media import (
    Caption,
    CaptionSource,
    CaptionState,
    Face,
    Media,
    MediaChoice,
    MediaKind,
    MediaState,
    Upload,
    Voice,
)
from app.models.moderation import (
    Appeal,
    AppealState,
    Band,
    Fingerprint,
    Notice,
    NoticeState,
    Original,
    OriginalOpening,
    Signal,
    SignalState,
)
from app.models.outbox import Message, MessageState, Via
from app.models.outreach import (
    AllottedCode,
    Collected,
    CollectedMedia,
    Device,
    DevicePairing,
    Method,
    Outing,
    OutingMediator,
    OutingState,
)
from app.models.publication import Counter, Keep, Publication, Vocabulary
from app.models.safety import Alert, ContactOpening
from app.models.staff import ApiToken, RecoveryCode, Role, Staff, StaffSession
