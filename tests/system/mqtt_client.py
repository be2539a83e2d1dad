# SPDX-License-Identifier: MIT
"""A few lines of MQTT 3.1.1 for tests: a publisher that knows what was acknowledged, a subscriber
that acknowledges when told to, and a proxy that cuts and swallows."""
import select
import socket
import struct
import threading
import time

CONNACK, PUBLISH, PUBACK, SUBACK = 2, 3, 4, 9


def _length(size):
    out = bytearray()
    while True:
        size, byte = divmod(size, 128)
        out.append(byte | (128 if size else 0))
        if not size:
            return bytes(out)


def _text(text):
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack(">H", len(raw)) + raw


class Client:
    def __init__(self, port, client_id, clean=True):
        self.buffer = bytearray()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._send(0x10, _text("MQTT") + bytes([4, 2 if clean else 0]) + struct.pack(">H", 120) + _text(client_id))
        kind, body = self.packet()
        assert kind >> 4 == CONNACK and body[1] == 0, (kind, bytes(body))
        self.session_present = bool(body[0] & 1)

    def _send(self, head, body):
        self.socket.sendall(bytes([head]) + _length(len(body)) + body)

    def _take(self, size):
        while len(self.buffer) < size:
            more = self.socket.recv(1 << 16)
            if not more:
                raise ConnectionError("the broker closed the connection")
            self.buffer += more
        taken = bytes(self.buffer[:size])
        del self.buffer[:size]
        return taken

    def packet(self):
        kind, size, shift = self._take(1)[0], 0, 0
        while True:
            byte = self._take(1)[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return kind, self._take(size)

    def subscribe(self, topic, qos=1):
        self._send(0x82, struct.pack(">H", 1) + _text(topic) + bytes([qos]))

    def receive(self):
        """The next message: (topic, payload, packet id or 0)."""
        while True:
            kind, body = self.packet()
            if kind >> 4 != PUBLISH:
                continue
            size = struct.unpack(">H", body[:2])[0]
            at, packet_id = 2 + size, 0
            if kind & 6:
                packet_id = struct.unpack(">H", body[at:at + 2])[0]
                at += 2
            return body[2:2 + size].decode(), body[at:], packet_id

    def acknowledge(self, packet_id):
        self._send(0x40, struct.pack(">H", packet_id))

    def publish(self, topic, payload, packet_id=0, retain=False):
        head = 0x30 | (2 if packet_id else 0) | (1 if retain else 0)
        raw = payload.encode() if isinstance(payload, str) else payload
        self._send(head, _text(topic) + (struct.pack(">H", packet_id) if packet_id else b"") + raw)

    def close(self):
        try:
            self._send(0xE0, b"")
        finally:
            self.socket.close()


class Publisher:
    """QoS 1 with a window; publish() returns when the window has room, flush() when all is acknowledged."""

    def __init__(self, port, client_id="publisher", window=200):
        self.client, self.window, self.pending, self.next_id = Client(port, client_id), window, 0, 0

    def publish(self, topic, payload, retain=False):
        while self.pending >= self.window:
            self._read()
        self.next_id = self.next_id % 65535 + 1
        self.client.publish(topic, payload, self.next_id, retain)
        self.pending += 1
        while self.client.buffer or select.select([self.client.socket], [], [], 0)[0]:
            self._read()

    def _read(self):
        kind, _ = self.client.packet()
        self.pending -= kind >> 4 == PUBACK

    def flush(self):
        while self.pending:
            self._read()

    def close(self):
        self.flush()
        self.client.close()


class Proxy:
    """TCP in between: cut() ends every connection in the middle of whatever it says, swallow() keeps
    them open and drops the bytes both ways, forward() lets them through again."""

    def __init__(self, target):
        self.target, self.swallowing, self.links, self.passed, self.cut_after = target, False, [], 0, None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
            except OSError:
                if self.listener.fileno() < 0:
                    return
                near.close()
                continue
            link = (near, far)
            self.links.append(link)
            for source, sink in (link, link[::-1]):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source, sink):
        try:
            while data := source.recv(1 << 14):
                if self.swallowing:
                    continue
                if self.cut_after is not None:  # let a part of this packet through, then hang up
                    sink.sendall(data[:max(1, len(data) // 2)])
                    self.cut_after = None
                    self.cut()
                    return
                sink.sendall(data)
                self.passed += len(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut_mid_packet(self):
        self.cut_after = True

    def cut(self):
        links, self.links = self.links, []
        for near, far in links:
            for end in (near, far):  # a thread waits in recv: only shutdown ends it
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def swallow(self):
        self.swallowing = True

    def forward(self):
        """What was swallowed is gone: the old connections are of no use any more."""
        self.swallowing = False
        self.cut()

    def close(self):
        self.listener.close()
        self.cut()
