"""Speech made on the spot by eSpeak (inside the package espeakng-loader): a sound with known words."""

import ctypes
import functools
import tempfile
import wave
from pathlib import Path

import espeakng_loader

SYNCHRONOUS, UTF8 = 2, 1
RATE = 22_050
WORDS_A_MINUTE = 1  # the parameter's number
SAMPLES = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


@functools.cache
def _voice() -> ctypes.CDLL:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    assert library.espeak_Initialize(SYNCHRONOUS, 500, espeakng_loader.get_data_path().encode(), 0) == RATE
    assert library.espeak_SetVoiceByName(b"en-us") == 0
    assert library.espeak_SetParameter(WORDS_A_MINUTE, 140, 0) == 0
    return library


def said(*sentences: str, pause: float = 1.0) -> bytes:
    """The samples (mono, 16 bits, RATE) of the sentences, with a silence after each."""
    heard = bytearray()

    @SAMPLES
    def hear(samples: "ctypes._Pointer[ctypes.c_short]", number: int, _events: int) -> int:
        if samples and number:
            heard.extend(ctypes.string_at(samples, number * 2))
        return 0

    library = _voice()
    library.espeak_SetSynthCallback(hear)
    for sentence in sentences:
        words = sentence.encode()
        assert library.espeak_Synth(words, len(words) + 1, 0, 0, 0, UTF8, None, None) == 0
        heard.extend(bytes(2 * int(pause * RATE)))
    return bytes(heard)


@functools.cache
def recording(*sentences: str, pause: float = 1.0) -> Path:
    """A WAV file nobody may change."""
    path = Path(tempfile.mkdtemp(prefix="speech-"), "speech.wav")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(said(*sentences, pause=pause))
    return path
