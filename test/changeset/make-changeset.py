"""Makes a changeset by hand: one new file. FILE [no-data]. Standard library only; see docs/design/changeset.md."""
import hashlib, sys

def enc(v):
    def head(major, n):
        size = 0 if n < 24 else 1 if n < 256 else 2 if n < 65536 else 4 if n < 2**32 else 8
        return bytes([major << 5 | (n if size == 0 else 23 + size.bit_length())]) + (n.to_bytes(size, "big") if size else b"")
    if v is None or v is True or v is False: return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[v]
    if isinstance(v, int): return head(0, v) if v >= 0 else head(1, -1 - v)
    if isinstance(v, bytes): return head(2, len(v)) + v
    if isinstance(v, str): return head(3, len(v.encode())) + v.encode()
    if isinstance(v, list): return head(4, len(v)) + b"".join(map(enc, v))
    return head(5, len(v)) + b"".join(enc(k) + enc(v[k]) for k in v)

sha = lambda b: hashlib.sha256(b).digest()
content, data = b"hello from Python\n", len(sys.argv) < 3
body = enc({0: b"", 1: [[1, b"greeting", None, {0: 0o100644, 1: len(content), 2: 1700000000}]]})
out = enc(["manifold", 1, enc({"kind": "changeset", "digest": "sha256", "data": data, "preserves": ["mode", "mtime"]})])
out += enc([1, body, sha(body)]) + (enc([5, enc([0, [content], sha(content)])]) if data else b"")
totals = {"directories": 1, "entries": 1, "add": 1, "bytes": len(content), **({"literal": len(content)} if data else {})}
out += b"\x83" + enc(9) + enc(enc({"totals": totals, "complete": True, "exit": 0}))
open(sys.argv[1], "wb").write(out + enc(sha(out)))
