"""The program that writes down what is said, some minutes of a sound at a time, with faster-whisper.

It runs alone (`python -I dictation_child.py question`, see `program.py`), asked {task, model} and, to listen,
{source, language, start, most} in seconds. It is only given what this service encoded itself. It never reaches for
the network: the model is a folder, whole, or it is refused.
"""

import itertools
import json
import os
import sys
from pathlib import Path
from typing import Any

# Before anything of theirs is imported: read once, at import.
os.environ |= {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}

import av
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel

Sound = npt.NDArray[np.float32]  # one channel, RATE samples a second, -1 to 1

RATE = 16_000
QUIET = int(0.4 * RATE)  # how long a silence must be to cut a piece there
LAST = 20 * RATE  # where in a piece a silence is looked for
WIDTH = 80  # characters of one caption, two lines on a phone
LONGEST = 6.0  # seconds of one caption
BREATH = 0.8  # seconds of silence between two words that begin a new caption
ENDS = (".", "!", "?", "…", "؟", "۔", "።")


def listen(asked: dict[str, Any]) -> dict[str, Any]:
    """{cues: [[start, end, words]], next: where the next piece begins, None at the end}, in seconds."""
    model = loaded(asked["model"])
    if asked["language"] not in model.supported_languages:
        return {"code": "language"}
    start = float(asked["start"])
    sound, more = piece(asked["source"], start, float(asked["most"]))
    length = cut(sound) if more else len(sound)
    cues: list[list[Any]] = []
    if length:
        # Told the former words, it repeats itself for minutes; without the filter it invents words in silences.
        segments, _ = model.transcribe(
            sound[:length],
            language=asked["language"],
            beam_size=5,
            vad_filter=True,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        for segment in segments:
            cues += captions(segment.words or [], start)
    return {"ok": {"cues": cues, "next": start + length / RATE if more else None}}


def check(asked: dict[str, Any]) -> dict[str, Any]:
    return {"ok": {"languages": list(loaded(asked["model"]).supported_languages)}}


def loaded(folder: str) -> WhisperModel:
    how = {"device": "cpu", "compute_type": "int8", "cpu_threads": 1, "num_workers": 1}
    return WhisperModel(folder, **how, local_files_only=True)


def piece(source: str, start: float, most: float) -> tuple[Sound, bool]:
    """The sound from `start` for `most` seconds at most, and whether more comes after."""
    wanted, heard, parts = int(most * RATE), 0, []
    with av.open(source, options={"protocol_whitelist": "file"}) as opened:
        stream = opened.streams.audio[0]
        stream.codec_context.thread_count = 1
        if start > 1:
            opened.seek(int((start - 1) * av.time_base))  # a second before: seeking is not exact
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        skip: int | None = None
        for frame in itertools.chain(opened.decode(stream), [None]):  # None: what the resampler still holds
            if skip is None and frame:
                skip = max(0, round((start - float(frame.time or 0.0)) * RATE))
            if skip is None:
                continue
            for made in resampler.resample(frame):
                samples = made.to_ndarray().reshape(-1)
                parts.append(samples[skip:])
                heard += len(parts[-1])
                skip = max(0, skip - len(samples))
            if heard > wanted:
                break
    sound = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
    return sound[:wanted].astype(np.float32) / 32768.0, heard > wanted


def cut(sound: Sound) -> int:
    """Where to end a piece: in the quietest moment near its end, so that no word is cut in two."""
    tail = np.abs(sound[-LAST:])
    if len(tail) <= QUIET:
        return len(sound)
    total = np.concatenate([[0.0], np.cumsum(tail, dtype=np.float64)])
    quietest = int(np.argmin(total[QUIET:] - total[:-QUIET]))
    return len(sound) - len(tail) + quietest + QUIET // 2


def captions(words: list[Any], offset: float) -> list[list[Any]]:
    """The words of one segment in captions short enough to be read while they are said."""
    found: list[list[Any]] = []
    for word in words:
        start, end = round(offset + float(word.start), 3), round(offset + float(word.end), 3)
        last = found[-1] if found else None
        if last is None or _is_full(last, word.word, start, end):
            found.append([start, end, word.word.strip()])
        else:
            last[1], last[2] = end, last[2] + word.word
    return found


def _is_full(caption: list[Any], word: str, start: float, end: float) -> bool:
    text = caption[2]
    ended = len(text) > WIDTH / 2 and text.endswith(ENDS)
    return ended or len(text) + len(word) > WIDTH or end - caption[0] > LONGEST or start - caption[1] > BREATH


def say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        say({"listen": listen, "check": check}[asked["task"]](asked))
    except MemoryError:
        say({"code": "memory"})
    except Exception as fault:  # noqa: BLE001 - the answer must be said, whatever a library raises
        say({"code": "broken", "detail": repr(fault)[:200]})


if __name__ == "__main__":
    main()
