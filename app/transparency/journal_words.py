"""The journal's codes in words. A code nobody has worded yet stands as it is."""

from typing import Any

from app.consultation.content import consultation
from app.contributions.list_filters import channel_names
from app.errors import N_
from app.i18n import current
from app.i18n import gettext as _
from app.moderation.filters import STATES as AT_THE_DESK

ACTIONS: dict[str, str] = {
    "submit": N_("Parole reçue"),
    "revise": N_("Parole corrigée par son auteur"),
    "withdraw": N_("Parole retirée par son auteur"),
    "undo_withdrawal": N_("Retrait annulé par son auteur"),
    "erase": N_("Parole effacée"),
    "erase_identity": N_("Identité effacée"),
    "publish": N_("Publiée"),
    "publish_media": N_("Fichiers publiés après la parole"),
    "send_media": N_("Fichiers envoyés à une deuxième personne"),
    "hold_media": N_("Fichier retiré"),
    "release_media": N_("Fichier remis en ligne"),
    "return": N_("Rendue à corriger"),
    "refuse": N_("Refusée"),
    "hide": N_("Retirée de la publication"),
    "restore": N_("Remise en ligne"),
    "merge": N_("Réunie avec une autre"),
    "unmerge": N_("Séparée : l’autre est effacée"),
    "redact": N_("Mots cachés"),
    "send_to_second": N_("Envoyée à une deuxième personne"),
    "claim_taken_over": N_("Lecture reprise à quelqu’un"),
    "original_opened": N_("Texte d’origine ouvert"),
    "appeal_made": N_("Relecture demandée"),
    "appeal_dropped": N_("Demande de relecture sans objet"),
    "appeal_upheld": N_("Décision maintenue après relecture"),
    "appeal_reversed": N_("Décision changée après relecture"),
    "reverse": N_("Parole rétablie après relecture"),
    "notice_made": N_("Problème signalé"),
    "notice_acted": N_("Signalement suivi d’effet"),
    "notice_kept": N_("Signalement sans effet"),
    "signal_confirmed": N_("Signal d’un programme : c’est bien cela"),
    "signal_dismissed": N_("Signal d’un programme : ce n’est rien"),
    "alert_opened": N_("Alerte ouverte"),
    "alert_answered": N_("Alerte prise en charge"),
    "alert_escalated": N_("Alerte sans réponse, redite"),
    "alert_closed": N_("Alerte close"),
    "contact_opened": N_("Coordonnées ouvertes"),
    "switch_on": N_("Réglage mis en marche"),
    "switch_off": N_("Réglage arrêté"),
    "captions_drafted": N_("Brouillon de sous-titres fait"),
    "captions_accepted": N_("Sous-titres acceptés"),
    "registered": N_("Inscription à un rendez-vous"),
    "registration_changed": N_("Inscription modifiée"),
    "registration_cancelled": N_("Inscription annulée"),
    "registration_erased": N_("Coordonnées effacées par la personne"),
    "registrations_erased": N_("Coordonnées effacées après le rendez-vous"),
    "registration_promoted": N_("Place donnée à qui attendait"),
    "place_offered": N_("Place proposée à qui attendait"),
    "offer_accepted": N_("Place proposée acceptée"),
    "offer_expired": N_("Place proposée restée sans réponse"),
    "arrived": N_("Arrivée notée à un rendez-vous"),
    "walked_in": N_("Venue sans inscription notée"),
    "arrival_undone": N_("Arrivée annulée"),
    "attendance_settled": N_("Présences réglées"),
    "event_written": N_("Message écrit aux inscrits"),
    "person_added": N_("Personne ajoutée à l’équipe"),
    "person_changed": N_("Personne de l’équipe modifiée"),
    "roles_changed": N_("Rôles changés"),
    "access_closed": N_("Accès fermé"),
    "access_opened": N_("Accès rouvert"),
    "invited": N_("Lien de mot de passe fait"),
    "password_set": N_("Mot de passe choisi"),
    "second_factor_set": N_("Double contrôle mis en place"),
    "second_factor_reset": N_("Double contrôle à refaire"),
    "recovery_renewed": N_("Nouveaux codes de secours"),
    "session_ended": N_("Session fermée"),
    "sessions_ended": N_("Sessions fermées"),
    "token_made": N_("Jeton fait"),
    "token_revoked": N_("Jeton supprimé"),
    "pairing_code_made": N_("Code fait pour relier un appareil"),
    "device_paired": N_("Appareil relié"),
    "device_renamed": N_("Appareil renommé"),
    "device_revoked": N_("Appareil délié"),
    "outing_planned": N_("Sortie prévue"),
    "outing_changed": N_("Sortie modifiée"),
    "outing_cancelled": N_("Sortie annulée"),
    "outing_closed": N_("Sortie close"),
    "outing_reopened": N_("Sortie rouverte"),
    "records_imported": N_("Paroles d’un appareil reprises d’un fichier"),
    "outing_written": N_("Récit d’une sortie écrit"),
    "outing_told": N_("Récit d’une sortie publié"),
    "outing_retold": N_("Récit public d’une sortie modifié"),
    "outing_untold": N_("Récit d’une sortie retiré de la publication"),
    "tickets_made": N_("Tickets imprimés"),
    "tickets_cancelled": N_("Tickets annulés"),
    "journal_exported": N_("Journal exporté"),
    "event_created": N_("Rendez-vous préparé"),
    "event_changed": N_("Rendez-vous modifié"),
    "event_published": N_("Rendez-vous publié"),
    "event_cancelled": N_("Rendez-vous annulé"),
    "event_postponed": N_("Rendez-vous reporté"),
    "event_discarded": N_("Brouillon de rendez-vous supprimé"),
    "event_reported": N_("Compte rendu écrit"),
    "event_photo_added": N_("Photo ajoutée à un compte rendu"),
    "event_photo_changed": N_("Photo d’un compte rendu modifiée"),
    "agendas_erased": N_("Liens d’agenda effacés après les Assises"),
    "event_photo_removed": N_("Photo enlevée d’un compte rendu"),
    "stop_added": N_("Étape du parcours ajoutée"),
    "stop_changed": N_("Étape du parcours modifiée"),
    "stop_photo_added": N_("Photo ajoutée à une étape du parcours"),
    "stop_moved": N_("Étape du parcours déplacée"),
    "stop_dropped": N_("Étape du parcours supprimée"),
    "walk_words_changed": N_("Mots du parcours modifiés"),
    "programme_session_added": N_("Séance des Assises ajoutée"),
    "programme_session_changed": N_("Séance des Assises modifiée"),
    "programme_session_placed": N_("Séance des Assises placée"),
    "programme_session_dropped": N_("Séance des Assises supprimée"),
    "programme_released": N_("Version du programme publiée"),
    "programme_urgent": N_("Changement urgent publié"),
    "programme_changed": N_("Réglages des Assises modifiés"),
    "speaker_added": N_("Personne ajoutée au programme"),
    "speaker_changed": N_("Personne du programme modifiée"),
    "speaker_consented": N_("Accord noté pour montrer un nom"),
    "speaker_withdrew": N_("Accord retiré pour montrer un nom"),
    "speaker_dropped": N_("Personne retirée du programme"),
    "speakers_contacts_erased": N_("Coordonnées des personnes du programme effacées"),
}
KINDS: dict[str, str] = {
    "contribution": N_("Une parole"),
    "media": N_("Un fichier"),
    "appeal": N_("Une demande de relecture"),
    "notice": N_("Un signalement"),
    "signal": N_("Un signal d’un programme"),
    "alert": N_("Une alerte"),
    "switch": N_("Un réglage"),
    "registration": N_("Une inscription"),
    "staff": N_("Une personne de l’équipe"),
    "device": N_("Un appareil"),
    "outing": N_("Une sortie"),
    "journal": N_("Le journal"),
    "event": N_("Un rendez-vous"),
    "programme": N_("Le programme des Assises"),
}
ACTORS: dict[str, str] = {
    "author": N_("L’auteur"),
    "anyone": N_("Une personne du public"),
    "person": N_("La personne inscrite"),
    "system": N_("Le service lui-même"),
    "command-line": N_("La ligne de commande"),
}
FACTS: dict[str, str] = {
    "from": N_("avant"),
    "to": N_("après"),
    "reason": N_("raison"),
    "channel": N_("arrivée"),
    "waited": N_("attente, en secondes"),
    "body": N_("empreinte du texte"),
    "words": N_("empreinte des mots"),
}
STATES = AT_THE_DESK | {
    "merged": N_("Réunies avec une autre"),
    "withdrawn": N_("Retirées par leur auteur"),
    "erased": N_("Effacées"),
    "confirmed": N_("Place prise"),
    "waiting": N_("Sur la liste d’attente"),
    "offered": N_("Place proposée"),
    "cancelled": N_("Annulé"),
    "attended": N_("Présent"),
    "absent": N_("Absent"),
}
SHOWN = 16  # of a fingerprint: enough to compare by eye; the export has the whole
FINGERPRINT = 64


def said(code: str, words: dict[str, str]) -> str:
    return _(words[code]) if code in words else code


def options(words: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(((code, _(label)) for code, label in words.items()), key=lambda pair: pair[1])


def facts(hashes: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of what an entry holds beside who, what and when."""
    return [(said(name, FACTS), _value(name, str(value))) for name, value in sorted(hashes.items())]


def _value(name: str, value: str) -> str:
    if name in ("from", "to"):
        return _(STATES[value]) if value in STATES else value
    if name == "channel":
        return dict(channel_names()).get(value, value)
    if name == "reason" and (reason := consultation().reason(value)):
        return reason.label.in_(current().code)
    return value[:SHOWN] + "…" if len(value) >= FINGERPRINT else value
