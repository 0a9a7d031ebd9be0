"""python verify_draw.py PUBLIC.json [DIGEST]   checks a published draw with nothing but Python; see lots.md.

DIGEST is the `announced` digest as it was posted before the first seed was revealed.
"""

import hashlib
import hmac
import json
import sys
from pathlib import Path


def sha(content):
    return hashlib.sha256(content).hexdigest()


def checks(draw):
    """What is checked, as the record states it and as it must be."""
    told, made, shown = draw["announcement"], draw["commitments"], draw["reveals"]
    listed, count, result = told["list"], told["count"], draw["result"]
    yield "format", draw["format"], "tuogu-draw-1"
    yield "list: sorted, each once", listed, sorted(set(listed))
    yield "count", type(count) is int and 0 < count <= len(listed), True
    yield "list_digest", told["list_digest"], sha("".join(f"{name}\n" for name in listed).encode())
    fixed = [told[name] for name in ("draw_id", "purpose", "count", "list_digest", "key_digest")]
    fixed.append([[c["party"], c["commitment"]] for c in made])
    line = json.dumps(fixed, ensure_ascii=False, separators=(",", ":"))
    yield "announced", draw["announced"], sha(line.encode())
    yield "two parties or more, each once", len({c["party"] for c in made}), max(2, len(made))
    yield "every party revealed", [r["party"] for r in shown], [c["party"] for c in made]
    pairs = [(bytes.fromhex(r["salt"]), bytes.fromhex(r["seed"])) for r in shown]
    for r, c, (salt, seed) in zip(shown, made, pairs, strict=True):
        yield "lower case", [r["salt"], r["seed"]], [salt.hex(), seed.hex()]
        yield "length of salt and seed", len(salt) == 32 and len(seed) >= 16, True
        yield "commitment of " + c["party"], c["commitment"], sha(salt + seed)
    seed = hashlib.sha256(b"".join(len(s).to_bytes(4, "big") + s for _, s in pairs)).digest()
    yield "seed of all parties", result["seed"], seed.hex()
    texts = {name: f"{told['draw_id']}|{name}".encode() for name in listed}
    order = sorted(listed, key=lambda name: (hmac.new(seed, texts[name], "sha256").digest(), name))
    yield "drawn", result["drawn"], order[:count]


def main(path, posted=None):
    try:
        text = Path(path).read_bytes().decode()
        draw = json.loads(text)
        fault = next((what for what, stated, right in checks(draw) if stated != right), None)
    except (KeyError, OSError, TypeError, ValueError) as error:
        sys.exit(print(f"cannot check: no complete record of a draw ({error})", file=sys.stderr) or 2)
    if fault is None and json.dumps(draw, ensure_ascii=False, indent=1, sort_keys=True) + "\n" != text:
        fault = "the writing of the file"
    if fault is None and posted not in (None, draw["announced"]):
        fault = "the digest posted beforehand"
    sys.exit(f"does not fit: {fault}" if fault else print("fits:", *draw["result"]["drawn"], sep="\n"))


if __name__ == "__main__":
    usage = __doc__.splitlines()[0]
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (2, 3) else print(usage, file=sys.stderr) or 2)
