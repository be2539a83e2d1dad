# SPDX-License-Identifier: MIT
"""Prometheus' remote write and read by hand: the little of protobuf, snappy and XOR chunks that tests need.

Written from prompb/remote.proto and tsdb/chunkenc/xor.go, independent of the server's own code.
"""
import struct
import urllib.request

STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]


def varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def message(field, body):
    return varint(field << 3 | 2) + varint(len(body)) + body


def text(field, value):
    return message(field, value.encode())


def snappy(data):
    """A block of literals alone: legal, and any decoder takes it."""
    out = bytearray(varint(len(data)))
    for at in range(0, len(data), 65536):
        piece = data[at:at + 65536]
        out += b"\xf4" + struct.pack("<H", len(piece) - 1) + piece
    return bytes(out)


def unsnappy(data):
    size, at = read_varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            length = (tag >> 2) + 1
            if length > 60:
                width = length - 60
                length = int.from_bytes(data[at:at + width], "little") + 1
                at += width
            out += data[at:at + length]
            at += length
            continue
        if tag & 3 == 1:
            length, offset = (tag >> 2 & 7) + 4, tag >> 5 << 8 | data[at]
            at += 1
        else:
            width = 2 if tag & 3 == 2 else 4
            length, offset = (tag >> 2) + 1, int.from_bytes(data[at:at + width], "little")
            at += width
        for _ in range(length):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def fields(data):
    """Yields (field number, value); bytes for what has a length."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key & 7 == 0:
            value, at = read_varint(data, at)
        elif key & 7 == 1:
            value, at = struct.unpack_from("<d", data, at)[0], at + 8
        else:
            length, at = read_varint(data, at)
            value, at = data[at:at + length], at + length
        yield key >> 3, value


def signed(number):
    return number - (1 << 64) if number >> 63 else number


def write_request(series):
    """series: [(labels, [(time in ms, value)])]"""
    out = bytearray()
    for labels, samples in series:
        one = b"".join(message(1, text(1, name) + text(2, value)) for name, value in sorted(labels.items()))
        for time_ms, value in samples:
            one += message(2, b"\x09" + struct.pack("<d", value) + b"\x10" + varint(time_ms))
        out += message(1, one)
    return bytes(out)


def post(url, body, headers):
    request = urllib.request.Request(url, data=body, headers={"Content-Encoding": "snappy", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers, answer.read()


def remote_write(base_url, series):
    post(base_url + "/api/v1/write", snappy(write_request(series)),
         {"Content-Type": "application/x-protobuf", "X-Prometheus-Remote-Write-Version": "0.1.0"})


def remote_read(base_url, metric, start_ms, end_ms, streamed):
    """{labels as a sorted tuple: [(time in ms, bits of the value)]}"""
    matcher = message(3, text(2, "__name__") + text(3, metric))
    query = b"\x08" + varint(start_ms) + b"\x10" + varint(end_ms) + matcher
    body = message(1, query) + (b"\x10\x01" if streamed else b"")
    headers, answer = post(base_url + "/api/v1/read", snappy(body), {"X-Prometheus-Remote-Read-Version": "0.1.0"})
    if streamed:
        assert headers["Content-Type"].startswith("application/x-streamed-protobuf"), headers["Content-Type"]
        return decode_stream(answer, start_ms, end_ms)
    return decode_samples(unsnappy(answer))


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def label(data):
    one = dict(fields(data))
    return one.get(1, b"").decode(), one.get(2, b"").decode()


def decode_samples(data):
    found = {}
    for _, result in fields(data):
        for _, series in fields(result):
            parts = list(fields(series))
            samples = [dict(fields(value)) for field, value in parts if field == 2]
            found[tuple(label(value) for field, value in parts if field == 1)] = [
                (signed(sample.get(2, 0)), bits(sample.get(1, 0.0))) for sample in samples]
    return found


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def decode_stream(data, start_ms, end_ms):
    found, at = {}, 0
    while at < len(data):
        length, at = read_varint(data, at)
        checksum, frame = data[at:at + 4], data[at + 4:at + 4 + length]
        at += 4 + length
        assert crc32c(frame) == int.from_bytes(checksum, "big"), "the checksum of a frame is wrong"
        for field, series in fields(frame):
            if field != 1:
                continue
            parts = list(fields(series))
            into = found.setdefault(tuple(label(value) for field, value in parts if field == 1), [])
            for chunk in (dict(fields(value)) for field, value in parts if field == 2):
                assert chunk[3] == 1, "not an XOR chunk"
                # Chunks may hold more than was asked for.
                into += [sample for sample in decode_xor(chunk[4]) if start_ms <= sample[0] <= end_ms]
    return found


class Bits:
    def __init__(self, data):
        self.number, self.left = int.from_bytes(data, "big"), len(data) * 8

    def read(self, count):
        self.left -= count
        assert self.left >= 0, "the chunk ends too early"
        return self.number >> self.left & (1 << count) - 1

    def ones(self, most):
        count = 0
        while count < most and self.read(1):
            count += 1
        return count

    def varint(self):
        number = shift = 0
        while True:
            byte = self.read(8)
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number


def decode_xor(data):
    count, stream = int.from_bytes(data[:2], "big"), Bits(data[2:])
    raw = stream.varint()
    time, value = raw >> 1 ^ -(raw & 1), stream.read(64)
    samples, delta, leading, width = [(time, value)], 0, 0, 0
    for index in range(1, count):
        if index == 1:
            delta = stream.varint()
        else:
            size = (0, 14, 17, 20, 64)[stream.ones(4)]
            change = stream.read(size) if size else 0
            half = 1 << size - 1 if size else 0
            # Of the short widths only values above the half are negative; 64 bits are two's complement.
            if change > half or size == 64 and change == half:
                change -= 1 << size
            delta += change
        time += delta
        if stream.read(1):
            if stream.read(1):
                leading, width = stream.read(5), stream.read(6) or 64
            value ^= stream.read(width) << 64 - leading - width
        samples.append((time, value))
    return samples
