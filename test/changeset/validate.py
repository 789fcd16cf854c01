"""Validates CBOR sequences against a CDDL schema, with nothing but the standard library.

Usage: validate.py SCHEMA RULE FILE...

A CBOR reader (RFC 8949) and the part of CDDL (RFC 8610) that docs/design/changeset.cddl uses, written
without a look at manifold's own code, so that the two can disagree. Every item of each FILE, a CBOR
sequence, must match RULE; items that are [8, bytes, length] are decompressed (raw deflate) and what
they hold together is checked in the same way. Prints a line for each file: its count of items, or
what is wrong. Exits 1 if anything is.
"""

import re
import struct
import sys
import zlib


class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


def read_item(data, at):
    first = data[at]
    major, info = first >> 5, first & 31
    at += 1
    if info < 24:
        n = info
    elif info < 28:
        width = 1 << (info - 24)
        if at + width > len(data):
            raise ValueError("truncated head")
        n = int.from_bytes(data[at : at + width], "big")
        at += width
    else:
        raise ValueError("indefinite length")
    if major == 0:
        return n, at
    if major == 1:
        return -1 - n, at
    if major in (2, 3):
        piece = data[at : at + n]
        if len(piece) != n:
            raise ValueError("truncated string")
        return (bytes(piece) if major == 2 else piece.decode("utf-8")), at + n
    if major == 4:
        items = []
        for _ in range(n):
            item, at = read_item(data, at)
            items.append(item)
        return items, at
    if major == 5:
        pairs = {}
        for _ in range(n):
            key, at = read_item(data, at)
            value, at = read_item(data, at)
            if key in pairs:
                raise ValueError(f"duplicate key {key!r}")
            pairs[key] = value
        return pairs, at
    if major == 6:
        value, at = read_item(data, at)
        return Tag(n, value), at
    if info == 20 or info == 21:
        return info == 21, at
    if info == 22:
        return None, at
    if info == 27:
        return struct.unpack(">d", data[at - 8 : at])[0], at
    raise ValueError(f"simple value {info}")


TOKEN = re.compile(
    r'\s+|;[^\n]*|(?P<str>"[^"]*")|(?P<tag>\#6\.\d+)|(?P<range>\.\.)|(?P<ctl>\.[a-z]+)'
    r"|(?P<arrow>=>)|(?P<num>-?\d+)|(?P<name>[A-Za-z][A-Za-z0-9-]*)|(?P<punct>[=/(){}\[\],:?*])"
)


def tokenize(text):
    at, tokens = 0, []
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise SyntaxError(f"schema at {text[at:at+30]!r}")
        at = match.end()
        if match.lastgroup:
            tokens.append((match.lastgroup, match.group(match.lastgroup)))
    return tokens


class Schema:
    def __init__(self, text):
        self.tokens, self.at, self.rules = tokenize(text), 0, {}
        while self.at < len(self.tokens):
            name = self.take("name")
            self.take("punct", "=")
            self.rules[name] = self.type()

    def peek(self, offset=0):
        index = self.at + offset
        return self.tokens[index] if index < len(self.tokens) else ("end", "")

    def take(self, kind, value=None):
        token = self.peek()
        if token[0] != kind or (value is not None and token[1] != value):
            raise SyntaxError(f"expected {value or kind}, found {token}")
        self.at += 1
        return token[1]

    def type(self):
        options = [self.type1()]
        while self.peek() == ("punct", "/"):
            self.at += 1
            options.append(self.type1())
        return options[0] if len(options) == 1 else ("or", options)

    def type1(self):
        left = self.primary()
        kind, value = self.peek()
        if kind == "range":
            self.at += 1
            return ("range", left[1], self.primary()[1])
        if kind == "ctl":
            self.at += 1
            return (value, left, self.primary())
        return left

    def primary(self):
        kind, value = self.peek()
        self.at += 1
        if kind == "num":
            return ("value", int(value))
        if kind == "str":
            return ("value", value[1:-1])
        if kind == "name":
            return ("rule", value)
        if kind == "tag":
            self.take("punct", "(")
            inner = self.type()
            self.take("punct", ")")
            return ("tag", int(value[3:]), inner)
        if value == "(":
            inner = self.type()
            self.take("punct", ")")
            return inner
        if value in "[{":
            return ("array" if value == "[" else "map", self.group("]" if value == "[" else "}"))
        raise SyntaxError(f"unexpected {value}")

    def group(self, close):
        entries = []
        while self.peek() != ("punct", close):
            occurs = self.peek()[1] if self.peek() in (("punct", "?"), ("punct", "*")) else ""
            self.at += len(occurs)
            if self.peek()[0] == "name" and self.peek(1) == ("punct", ":"):
                self.at += 2
            left = self.type()
            if self.peek()[0] == "arrow":
                self.at += 1
                entries.append((occurs, left, self.type()))
            else:
                entries.append((occurs, None, left))
            if self.peek() == ("punct", ","):
                self.at += 1
        self.at += 1
        return entries

    def check(self, kind, value):
        """Returns None if the value matches, else what is wrong."""
        what = kind[0]
        if what == "or":
            wrongs = [self.check(option, value) for option in kind[1]]
            return None if None in wrongs else "; or ".join(wrongs)
        if what == "value":
            same = type(value) is type(kind[1]) and value == kind[1]
            return None if same else f"not {kind[1]!r}"
        if what == "range":
            ok = type(value) is int and kind[1] <= value <= kind[2]
            return None if ok else f"not from {kind[1]} to {kind[2]}"
        if what == ".size":
            wrong = self.check(kind[1], value)
            return wrong or self.check(kind[2], len(value))
        if what == ".cbor":
            if type(value) is not bytes:
                return "no bytes"
            item, end = read_item(value, 0)
            return self.check(kind[2], item) if end == len(value) else "bytes after the item"
        if what == "tag":
            if type(value) is not Tag or value.number != kind[1]:
                return f"no tag {kind[1]}"
            return self.check(kind[2], value.value)
        if what == "array":
            return self.check_array(kind[1], value)
        if what == "map":
            return self.check_map(kind[1], value)
        return self.check_rule(kind[1], value)

    def check_rule(self, name, value):
        if name in self.rules:
            wrong = self.check(self.rules[name], value)
            return wrong and f"{name}: {wrong}"
        ok = {
            "bool": lambda: type(value) is bool,
            "true": lambda: value is True,
            "null": lambda: value is None,
            "bstr": lambda: type(value) is bytes,
            "tstr": lambda: type(value) is str,
            "int": lambda: type(value) is int,
            "uint": lambda: type(value) is int and value >= 0,
        }[name]()
        return None if ok else f"no {name}"

    def check_array(self, entries, value):
        if type(value) is not list:
            return "no array"
        at = 0
        for occurs, _, kind in entries:
            if occurs == "*":
                while at < len(value) and self.check(kind, value[at]) is None:
                    at += 1
                continue
            if at >= len(value):
                if occurs == "?":
                    continue
                return f"item {at} is missing"
            wrong = self.check(kind, value[at])
            if wrong is None:
                at += 1
            elif occurs != "?":
                return f"item {at}: {wrong}"
        if at < len(value):
            kinds = [kind for occurs, _, kind in entries if occurs == "*"]
            wrong = self.check(kinds[-1], value[at]) if kinds else "one too many"
            return f"item {at}: {wrong}"
        return None

    def check_map(self, entries, value):
        if type(value) is not dict:
            return "no map"
        left = dict(value)
        for occurs, key, kind in entries:
            found = [k for k in left if self.check(key, k) is None]
            if not found and occurs == "":
                return f"key {key[1]!r} is missing"
            for k in found:
                wrong = self.check(kind, left.pop(k))
                if wrong:
                    return f"key {k!r}: {wrong}"
        return f"key {next(iter(left))!r} is unknown" if left else None


def items_of(data):
    at = 0
    while at < len(data):
        item, at = read_item(data, at)
        yield item


def check_file(schema, rule, path):
    with open(path, "rb") as file:
        data = file.read()
    count, framed = 0, b""
    for item in items_of(data):
        count += 1
        wrong = schema.check(("rule", rule), item)
        if wrong:
            return f"item {count}: {wrong}"
        if type(item) is list and item[0] == 8:
            piece = zlib.decompress(item[1], -15)
            if len(piece) != item[2]:
                return f"item {count}: {len(piece)} bytes, not {item[2]}"
            framed += piece
    for item in items_of(framed):
        count += 1
        wrong = schema.check(("rule", rule), item)
        if wrong:
            return f"framed item {count}: {wrong}"
    return count


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = Schema(file.read())
    failed = False
    for path in sys.argv[3:]:
        try:
            result = check_file(schema, sys.argv[2], path)
        except (ValueError, IndexError) as error:
            result = f"no CBOR: {error}"
        failed = failed or type(result) is not int
        print(f"{path}: {result} items" if type(result) is int else f"{path}: {result}")
    sys.exit(1 if failed else 0)


main()
