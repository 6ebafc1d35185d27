"""Forms, queries and HTTP that mean harm. `hostile.py` sends them to a server."""

from hostile_files import good_png


def multipart(parts, boundary=b"b", end=True):
    body = b"".join(b"--%s\r\n%s\r\n\r\n%s\r\n" % (boundary, head, data) for head, data in parts)
    return body + (b"--%s--\r\n" % boundary if end else b"")


def forms():
    """Name and body of broken forms, all with the boundary `b`."""
    field = b'Content-Disposition: form-data; name="%s"'
    image = field % b"image" + b'; filename="a.png"\r\nContent-Type: image/png'
    many = [(field % (b"f%d" % i), b"x") for i in range(20_000)]
    yield "form without parts", multipart([])
    yield "form without the field", multipart([(field % b"other", b"x")])
    yield "form of 20000 parts", multipart(many)
    yield "form with an empty image", multipart([(image, b"")])
    yield "form with text as image", multipart([(image, b"hello")])
    path = image.replace(b"a.png", b"../../etc/passwd")
    yield "form with a path as name", multipart([(path, b"hello")])
    yield "form without end", multipart([(image, good_png()[:500])], end=False)
    yield "form of another boundary", multipart([(image, good_png())], boundary=b"other")
    yield "form with a head of 1 MB", multipart([(image + b"\r\nX: " + b"x" * 1_000_000, b"x")])
    yield "form with 5000 heads", multipart([(image + b"\r\nX: y" * 5000, b"x")])
    yield "form without a name", multipart([(b"Content-Type: image/png", good_png())])
    yield "form of boundaries", b"--b\r\n" * 100_000


def queries():
    """Name and query string of wrong queries."""
    for query in [
        "threshold=2",
        "threshold=-1",
        "threshold=NaN",
        "threshold=1e999",
        "threshold=a",
        "frame=-1",
        "frame=4294967296",
        "frame=1",
        "frame=1.5",
        "include=everything",
        "view=naked",
        "unknown=1",
        "frame=0&frame=1",
        "threshold=" + "9" * 5000,
    ]:
        yield f"query {query[:40]}", query


def broken_http(body_timeout):
    """Name, parts and pause between them of broken requests."""
    head = b"POST /api/v1/segment HTTP/1.1\r\nHost: localhost\r\n"
    yield "no http", (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),), 0
    yield "head of 1 MB", (head + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n",), 0
    yield "5000 head lines", (head + b"X: y\r\n" * 5000 + b"\r\n",), 0
    yield "length of 1 TB", (head + b"Content-Length: 1099511627776\r\n\r\n",), 0
    yield "length of 2^70", (head + b"Content-Length: 1180591620717411303424\r\n\r\n",), 0
    yield "negative length", (head + b"Content-Length: -1\r\n\r\n",), 0
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    yield "length and chunks", (head + both,), 0
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n"
    yield "chunk of 2^64", (chunked + b"ffffffffffffffff\r\n",), 0
    yield "chunk without number", (chunked + b"zz\r\n",), 0
    yield "64 MB in chunks", (chunked, *[b"100000\r\n" + bytes(1 << 20) + b"\r\n"] * 64), 0
    slow = head + b"Content-Length: 1000\r\n\r\n"
    yield "slow body", (slow, *[b"x"] * (body_timeout + 2)), 1
    yield "slow chunks", (chunked, *[b"1\r\nx\r\n"] * (body_timeout + 2)), 1
    yield "body that never comes", (slow,), body_timeout + 1
