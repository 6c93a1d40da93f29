"""Why a file cannot be used: a stable code and a sentence for the people who sent it and who moderate it."""

from typing import Any

from app.errors import N_, AppError
from app.media import images, papers
from app.media.images import DecoderLost

__all__ = ["FAILURES", "DecoderLost", "MediaRefused"]

FAILURES = (
    images.MESSAGES
    | papers.MESSAGES
    | {
        "empty_file": N_("Ce fichier est vide : rien n’est arrivé. Il faut l’envoyer de nouveau."),
        "media_kind": N_("Nous ne savons pas lire ce fichier. Il faut une photo, un son ou une vidéo."),
        "media_playlist": N_(
            "Ce fichier est une liste de lecture : il renvoie vers d’autres fichiers et ne contient ni son ni image."
        ),
        "media_broken": N_("Ce fichier est abîmé : on ne peut pas le lire. Il faut l’envoyer de nouveau."),
        "media_truncated": N_("Il manque la fin de ce fichier. Il faut l’envoyer de nouveau, en entier."),
        "media_empty": N_("Ce fichier ne contient ni son ni image."),
        "media_no_duration": N_("Cet enregistrement ne dure rien : on n’y entend et on n’y voit rien."),
        "media_codec": N_(
            "Ce fichier est fait d’une façon que nous ne savons pas lire."
            " Il faut un fichier MP4, MOV, WebM, 3GP, M4A ou MP3."
        ),
        "sound_too_long": N_("Ce son est trop long : il dépasse la durée permise."),
        "video_too_long": N_("Cette vidéo est trop longue : elle dépasse la durée permise."),
        "video_too_large": N_(
            "L’image de cette vidéo est trop grande."
            " Elle peut avoir 5 760 points de côté et 18 millions de points au plus."
        ),
        "file_too_large": N_(
            "Ce fichier est trop lourd pour ce qu’il est : une photo, un son, une vidéo ou un document."
        ),
        "media_timeout": N_(
            "Ce fichier demande trop de travail : nous n’avons pas pu le préparer en un temps raisonnable."
        ),
        "upload_expired": N_("Ce fichier n’est jamais arrivé en entier. Il faut l’envoyer de nouveau."),
        "media_missing": N_("Le fichier envoyé n’est plus là. Il faut l’envoyer de nouveau."),
        "faces_timeout": N_(
            "La recherche des visages a pris trop de temps. Regardez tout, et cachez vous-même les visages."
        ),
        "faces_broken": N_("Les visages n’ont pas pu être cherchés. Regardez tout, et cachez vous-même les visages."),
        "blur_timeout": N_("Cacher les visages a pris trop de temps. On peut publier seulement les mots."),
        "blur_broken": N_("Les visages n’ont pas pu être cachés. On peut publier seulement les mots."),
        "processing_failed": N_("La préparation de ce fichier a échoué plusieurs fois. On peut la relancer."),
    }
)


class MediaRefused(AppError):
    """The file itself cannot be used: trying again changes nothing. `code` is a key of FAILURES."""

    status, code = 422, "media_broken"

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(FAILURES[code], code=code, **extra)
