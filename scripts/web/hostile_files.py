"""Files that mean harm, made from nothing, and mutations of files that do not.

`hostile.py` sends them to a server. Standard library only.
"""

import random
import struct
import zlib

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
RLE = "1.2.840.10008.1.2.5"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
UNDEFINED = 0xFFFFFFFF


# --- PNG ---------------------------------------------------------------------------------------


def chunk(kind, data=b""):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, data, extra=b"", depth=8):
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    chunks = [chunk(b"IHDR", head), extra, chunk(b"IDAT", data), chunk(b"IEND")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def zeros(count):
    """`count` zero bytes, deflated."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(bytes(min(1 << 20, count - at))) for at in range(0, count, 1 << 20)]
    return b"".join(parts) + packer.flush()


def good_png(width=64, height=48):
    rows = (bytes([0, *((x * 5 + y * 3) % 256 for x in range(width))]) for y in range(height))
    return png(width, height, zlib.compress(b"".join(rows)))


# --- BMP, TIFF, JPEG ---------------------------------------------------------------------------


def bmp(width, height, pixels=b"", bits=8, compression=0):
    palette = b"".join(bytes([i, i, i, 0]) for i in range(256)) if bits == 8 else b""
    start = 54 + len(palette)
    size = min(start + len(pixels), UNDEFINED)
    file = struct.pack("<2sIHHI", b"BM", size, 0, 0, start)
    info = (40, width, height, 1, bits, compression, len(pixels), 2835, 2835, 0, 0)
    return file + struct.pack("<IiiHHIIiiII", *info) + palette + pixels


def tiff(width, height, pixels=b"", next_page=0, strips=1, bits=8, compression=1):
    start = 8 + len(pixels) + len(pixels) % 2
    entries = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, 1, bits),
        (259, 3, 1, compression),
        (262, 3, 1, 1),
        (273, 4, strips, 8),
        (277, 3, 1, 1),
        (278, 4, 1, height),
        (279, 4, strips, len(pixels)),
    ]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries)
    directory += struct.pack("<I", next_page or 0)
    return struct.pack("<2sHI", b"II", 42, start) + pixels + bytes(len(pixels) % 2) + directory


def segment(marker, data):
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(width, height, process=0, scans=1, channels=1):
    """Tables with one code each, so that no bytes at all decode to flat grey."""
    components = b"".join(bytes([i + 1, 0x11, 0]) for i in range(channels))
    parts = [
        b"\xff\xd8",
        segment(0xDB, bytes([0]) + bytes([1] * 64)),
        segment(0xC0 + process, struct.pack(">BHHB", 8, height, width, channels) + components),
        segment(0xC4, bytes([0x00, 1, *[0] * 16])),
        segment(0xC4, bytes([0x10, 1, *[0] * 16])),
        segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") * scans,
    ]
    return b"".join(parts) + b"\xff\xd9"


def progressive(side, scans):
    """Scans of 16 bytes, each of which says something about every block of the image."""
    # a code for "the next 27,306 blocks have nothing new", three times
    nothing_new = int("010101010101010" * 3 + "111", 2).to_bytes(6, "big")
    parts = [
        b"\xff\xd8",
        segment(0xDB, bytes([0]) + bytes([1] * 64)),
        segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00"),
        segment(0xC4, bytes([0x00, 1, *[0] * 16])),
        segment(0xC4, bytes([0x10, 1, *[0] * 15, 0xE0])),
        segment(0xDA, b"\x01\x01\x00\x00\x00\x00") + bytes((side // 8) ** 2 // 8),
        (segment(0xDA, b"\x01\x01\x00\x01\x3f\x00") + nothing_new) * scans,
    ]
    return b"".join(parts) + b"\xff\xd9"


# --- DICOM -------------------------------------------------------------------------------------


def element(tag, kind, value, length=None):
    value += bytes(len(value) % 2)
    size = len(value) if length is None else length
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + kind
    if kind in (b"OB", b"OW", b"SQ", b"UN"):
        return head + struct.pack("<HI", 0, size) + value
    return head + struct.pack("<H", size) + value


def us(tag, number):
    return element(tag, b"US", struct.pack("<H", number))


def fragments(*parts):
    items = b"".join(
        struct.pack("<HHI", 0xFFFE, 0xE000, len(part) + len(part) % 2) + part + bytes(len(part) % 2)
        for part in (b"", *parts)
    )
    return items + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def dicom(pixels, uid=EXPLICIT_LITTLE, size=(32, 24), samples=1, bits=8, frames=None, before=b""):
    """An explicit little endian file; `pixels` are plain bytes or a list of fragments."""
    photometric = b"MONOCHROME2" if samples == 1 else b"RGB"
    uid = uid.encode()
    meta = element(0x00020010, b"UI", uid)
    body = [before, us(0x00280002, samples), element(0x00280004, b"CS", photometric)]
    if frames is not None:
        body.append(element(0x00280008, b"IS", frames))
    body += [us(0x00280010, size[1]), us(0x00280011, size[0])]
    body += [us(0x00280100, bits), us(0x00280101, bits), us(0x00280102, bits - 1)]
    if isinstance(pixels, list):
        body.append(element(0x7FE00010, b"OB", fragments(*pixels), UNDEFINED))
    else:
        body.append(element(0x7FE00010, b"OW", pixels))
    return bytes(128) + b"DICM" + meta + b"".join(body)


def nested(levels, item_length=UNDEFINED):
    start = element(0x00081140, b"SQ", b"", UNDEFINED)
    return (start + struct.pack("<HHI", 0xFFFE, 0xE000, item_length)) * levels


def rle(segments, packed):
    return struct.pack("<16I", segments, *[64] * 15) + packed


# --- everything --------------------------------------------------------------------------------


def corpus():
    """Name and bytes of every crafted file. A server answers each with a 4xx."""
    grey = bytes(32 * 24)
    good = good_png()
    yield "empty", b""
    yield "one byte", b"\x00"
    yield "text", b"hello, nerve\n" * 100
    yield "html", b"<!doctype html><script>alert(1)</script>"
    yield "zip", b"PK\x03\x04" + bytes(100)
    yield "pdf", b"%PDF-1.7\n" + bytes(100)
    yield "gif", b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,"
    yield "svg with an entity bomb", b'<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aa">]><svg/>'
    yield "random bytes", random.Random(1).randbytes(100_000)

    yield "png bomb 20000x20000", png(20000, 20000, zeros(20000 * 20001))
    yield "png of 2^31-1", png(2**31 - 1, 2**31 - 1, zeros(1000))
    yield "png of 0x0", png(0, 0, zlib.compress(b""))
    yield "png header alone", good[:33]
    yield "png cut", good[: len(good) // 2]
    yield "png with a wrong checksum", good.replace(b"IDAT", b"IDAT", 1)[:-20] + bytes(20)
    yield "png with a chunk of 4 GiB", good[:33] + b"\xff\xff\xff\xffIDAT"
    yield "png without pixels", png(64, 48, zlib.compress(b""))

    yield "bmp of 2^31-1", bmp(2**31 - 1, 2**31 - 1)
    yield "bmp of -2^31", bmp(-(2**31), -(2**31))
    yield "bmp of 0x0", bmp(0, 0)
    yield "bmp cut", bmp(64, 48, bytes(100))
    yield "bmp of 30000x30000 run lengths", bmp(30000, 30000, b"\x00\x01", compression=1)

    yield "tiff of 2^32-1", tiff(UNDEFINED, UNDEFINED)
    yield "tiff of 60000x60000", tiff(60000, 60000, bytes(100))
    yield "tiff of 0x0", tiff(0, 0)
    yield "tiff with 2^32-1 strips", tiff(64, 48, bytes(64 * 48), strips=UNDEFINED)
    yield "tiff cut", tiff(64, 48, bytes(64 * 48))[:-20]
    yield "tiff directory outside", b"II*\x00\xff\xff\xff\x7f"
    yield "tiff deflate bomb", tiff(16000, 16000, zeros(16000 * 16000), compression=8)
    yield "tiff of 65535 bits", tiff(64, 48, bytes(64 * 48), bits=65535)

    yield "jpeg of 65535x65535", jpeg(65535, 65535)
    yield "jpeg of 0x0", jpeg(0, 0)
    yield "jpeg cut", jpeg(640, 480)[:-2]
    yield "jpeg markers without end", b"\xff\xd8" + segment(0xFE, bytes(60000)) * 100
    yield "jpeg of 2048x2048 in 500000 scans", progressive(2048, 500_000)
    yield "jpeg of four channels of 65535", jpeg(65535, 65535, channels=4)

    yield "dicom head alone", bytes(128) + b"DICM"
    yield "dicom of 0x0", dicom(grey, size=(0, 0))
    yield "dicom of 65535x65535 with little in it", dicom(grey, size=(65535, 65535))
    yield "dicom of 2000x2000 with little in it", dicom(grey, size=(2000, 2000))
    yield "dicom of 4294967295 frames", dicom(grey, frames=b"4294967295")
    yield "dicom of -1 frames", dicom(grey, frames=b"-1")
    yield "dicom without pixels", dicom(grey)[:-780]
    yield "dicom cut", dicom(grey)[:-100]
    yield "dicom nested 5000 deep", dicom(grey, before=nested(5000))
    yield "dicom nested 500000 deep", dicom(grey, before=nested(500_000))
    yield "dicom nested with lengths", dicom(grey, before=nested(5000, item_length=24))
    yield "dicom element of 4 GiB", dicom(grey, before=element(0x00080008, b"UN", b"", 2**32 - 2))
    yield "dicom of 32 bits", dicom(grey, bits=32)
    yield "dicom of 65535 samples", dicom(grey, samples=65535)
    giant = jpeg(65535, 65535)
    yield "dicom with a jpeg of 65535x65535", dicom([giant], JPEG_BASELINE)
    yield "dicom with its jpeg of 65535x65535", dicom([giant], JPEG_BASELINE, (65535, 65535))
    yield "dicom with a lossless jpeg bomb", dicom([jpeg(32, 24, 3, 9)], JPEG_LOSSLESS)
    scans = jpeg(2000, 2000, 0, 50_000)
    yield "dicom with a jpeg of 50000 scans", dicom([scans], JPEG_BASELINE, (2000, 2000))
    scans = progressive(2000, 10)
    yield "dicom with a progressive jpeg", dicom([scans], JPEG_BASELINE, (2000, 2000))
    yield "dicom with no jpeg", dicom([b"\xff" * 5000], JPEG_BASELINE)
    yield "dicom with 200000 fragments", dicom([b""] * 200_000, JPEG_BASELINE)
    yield "dicom rle of 2^32-1 segments", dicom([rle(UNDEFINED, b"")], RLE)
    yield "dicom rle that points away", dicom([struct.pack("<16I", 1, *[2**31] * 15)], RLE)
    yield "dicom rle with little in it", dicom([rle(1, b"\x81\x00")], RLE, (2000, 2000))
    yield "dicom rle cut", dicom([b"\x01\x00\x00"], RLE)
    deflated = "1.2.840.10008.1.2.1.99"
    head = dicom(grey, deflated)[:200]
    yield "dicom deflate bomb", head + zeros(100 << 20)
    yield "dicom jpeg 2000", dicom([b"\xff\x4f\xff\x51"], "1.2.840.10008.1.2.4.90")
    yield "dicom jpeg-ls", dicom([b"\xff\xd8\xff\xf7"], "1.2.840.10008.1.2.4.80")
    yield "dicom of implicit lies", dicom(grey, IMPLICIT_LITTLE)


def costly_dicom(side):
    """A good file that takes as much memory as any of its size: lossless JPEG in colour."""
    scan = segment(0xDA, b"\x03\x01\x00\x02\x00\x03\x00\x01\x00\x00")
    components = b"\x01\x11\x00\x02\x11\x00\x03\x11\x00"
    image = [
        b"\xff\xd8",
        segment(0xC3, struct.pack(">BHHB", 8, side, side, 3) + components),
        segment(0xC4, bytes([0x00, 1, *[0] * 16])),
        scan + bytes(side * side * 3 // 8) + b"\xff\xd9",
    ]
    return dicom([b"".join(image)], JPEG_LOSSLESS, (side, side), samples=3)


def harmless():
    """Small good files of every format, to be mutated."""
    pixels = bytes((x * 5 + y * 3) % 256 for y in range(48) for x in range(64))
    yield "png", good_png()
    yield "bmp", bmp(64, 48, pixels)
    yield "tiff", tiff(64, 48, pixels)
    yield "jpeg", jpeg(64, 48)
    yield "dicom", dicom(pixels, size=(64, 48))
    yield "dicom rle", dicom([rle(1, b"\x81\x40" * 24)], RLE, (64, 48))
    yield "dicom jpeg", dicom([jpeg(64, 48)], JPEG_BASELINE, (64, 48))


def mutate(data, rng):
    """Changes, removes or repeats a few bytes; early ones more often, for there are the sizes."""
    data = bytearray(data)
    odd = [0, 1, 0x7F, 0x80, 0xD8, 0xDA, 0xFE, 0xFF]
    for _ in range(rng.randint(1, 6)):
        at = min(int(len(data) * rng.random() ** 3), len(data) - 1)
        match rng.randrange(8):
            case 0 | 1 | 2:
                data[at] ^= 1 << rng.randrange(8)
            case 3 | 4:
                data[at] = rng.choice(odd)
            case 5:
                data[at : at + 4] = rng.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"])
            case 6:
                del data[at : at + rng.randint(1, 64)]
            case _:
                data[at:at] = data[at : at + rng.randint(1, 64)]
        if not data:
            break
    return bytes(data)
