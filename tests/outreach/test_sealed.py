"""What a device seals opens here, and nowhere else; what is wrong is refused, whatever is wrong with it."""

import json
import random
import subprocess
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from app.adapters import vault
from app.errors import Unprocessable
from app.outreach import sealed
from app.web import JOSE
from tests.conftest import KEY
from tests.outreach.records import sealed_record, spoken

SEAL = """
import { CompactEncrypt, importJWK } from '%s';
let input = '';
for await (const piece of process.stdin) input += piece;
const { jwk, texts } = JSON.parse(input);
const key = await importJWK(jwk, 'ECDH-ES');
const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid: jwk.kid };
const sealed = [];
for (const text of texts) {
  sealed.push(await new CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(key));
}
console.log(JSON.stringify(sealed));
"""
TEXTS = ["", "Un banc.", "𝕬 مرحبا 你好 👩🏽‍🤝‍👨🏿", "\u0000\u2028\ufeff", "é" * 300_000, "<script>'\";--"]


@pytest.fixture(autouse=True)
def _instance_key() -> None:
    vault.configure(KEY)


def code(body: bytes | str) -> str:
    with pytest.raises(Unprocessable) as refused:
        sealed.opened(body.encode() if isinstance(body, str) else body, sealed=True)
    return refused.value.errors[0].code


def test_what_a_browsers_library_seals_opens_here() -> None:
    said = [json.dumps({"body": text}, ensure_ascii=False) for text in TEXTS]
    script = SEAL % (JOSE / "index.js").as_uri()
    made = subprocess.run(
        ["node", "--input-type=module", "-e", script],
        input=json.dumps({"jwk": sealed.public_jwk(), "texts": said}),
        capture_output=True, text=True, check=True, timeout=30,
    )  # fmt: skip
    found = [sealed.opened(each.encode(), sealed=True) for each in json.loads(made.stdout)]
    assert [each.said["body"] for each in found] == TEXTS
    plain = [sealed.opened(each.encode(), sealed=False) for each in said]
    assert [each.digest for each in found] == [each.digest for each in plain]
    assert len({each.digest for each in found}) == len(TEXTS)


def test_the_key_is_the_instances_own_and_the_same_everywhere() -> None:
    jwk, record = sealed.public_jwk(), sealed_record(spoken())
    vault.configure(KEY)
    assert sealed.public_jwk() == jwk
    assert "d" not in jwk
    vault.configure("another instance's key, as long as any")
    assert sealed.public_jwk()["kid"] != jwk["kid"]
    assert code(record) == "cannot_open"


def test_only_this_way_of_sealing_is_taken() -> None:
    key, algorithms = ECKey.import_key(sealed.public_jwk()), ["ECDH-ES", "ECDH-ES+A256KW", "A256GCM", "A128GCM", "DEF"]
    for header in (
        {"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF"},
        {"alg": "ECDH-ES+A256KW", "enc": "A256GCM"},
        {"alg": "ECDH-ES", "enc": "A128GCM"},
    ):
        assert code(jwe.encrypt_compact(header, b"{}", key, algorithms=algorithms)) == "cannot_open"


def test_nothing_wrong_gets_further_than_a_refusal() -> None:
    good = sealed_record({"body": "Un banc."})
    header = json.loads(urlsafe_b64decode(good.split(".")[0] + "=="))
    point = header["epk"]
    epks: list[Any] = [
        None,
        "x",
        [1],
        {"kty": "EC"},
        point | {"x": "AAAA"},
        point | {"crv": 3},
        {"kty": "oct", "k": "A"},
    ]
    headers: list[Any] = [
        [],
        3,
        {"alg": []},
        {"alg": "dir", "enc": "A256GCM"},
        *(header | {"epk": each} for each in epks),
    ]
    for wrong in headers:
        named = urlsafe_b64encode(json.dumps(wrong).encode()).rstrip(b"=").decode()
        assert code(".".join([named, *good.split(".")[1:]])) == "cannot_open", wrong
    chance = random.Random(7)
    for _ in range(300):
        broken = bytearray(good.encode())
        at = chance.randrange(len(broken) - 1)
        broken[at : at + chance.choice((1, 1, 1, 20))] = bytes([chance.randrange(256)])
        if broken != good.encode():
            assert code(bytes(broken)) in ("cannot_open", "json_invalid")


def test_a_record_shows_none_of_its_words_when_printed() -> None:
    opened = sealed.opened(json.dumps(spoken("kanarienvogel", receipt_code="kanari")).encode(), sealed=False)
    assert "kanari" not in repr(opened)
    assert "body" in opened.said
