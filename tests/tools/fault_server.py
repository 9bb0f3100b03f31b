#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A model server that misbehaves on demand.

usage: fault_server.py PORT_FILE LOG_FILE

Listens on a free port of 127.0.0.1 and writes its number into PORT_FILE. The
first element of the request's path chooses the fault, so /cut:200/v1 as
api_base closes the connection after 200 bytes of the body; faults that are
told to end ("429:2") answer well after that many requests. Every request is
appended to LOG_FILE as one JSON line: path, headers, body.
"""
import json
import os
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = "ready"
lock = threading.Lock()
counts = {}


def chat_body(text=ANSWER, finish="stop"):
    return {
        "id": "c1",
        "object": "chat.completion",
        "model": "fault-1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
            }
        ],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3},
    }


def chat_stream(text=ANSWER, finish="stop"):
    def frame(value):
        return "data: " + json.dumps(value) + "\n\n"

    head = {"id": "c1", "object": "chat.completion.chunk", "model": "fault-1"}
    out = ": keep-alive\n\n"
    out += frame({**head, "choices": [{"index": 0, "delta": {"role": "assistant", "content": None}}]})
    for letter in text:
        out += frame({**head, "choices": [{"index": 0, "delta": {"content": letter}}]})
    out += frame({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    out += frame({**head, "choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 3}})
    return (out + "data: [DONE]\n\n").encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, body, kind="application/json", headers=()):
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, message, kind="error", code=None, headers=()):
        body = {"error": {"message": message, "type": kind, "code": code, "param": None}}
        self.send(status, body, headers=headers)

    def good(self, request):
        if request.get("stream"):
            self.send(200, chat_stream(), "text/event-stream")
        else:
            self.send(200, chat_body())

    def raw(self, data):
        self.wfile.write(data)
        self.wfile.flush()

    def open_stream(self, kind="text/event-stream"):
        self.raw(b"HTTP/1.1 200 OK\r\nContent-Type: " + kind.encode() +
                 b"\r\nTransfer-Encoding: chunked\r\n\r\n")

    def chunk(self, data):
        self.raw(b"%x\r\n%s\r\n" % (len(data), data))

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def do_GET(self):
        self.record(b"")
        if self.path.endswith("/models"):
            self.send(200, {"object": "list", "data": [{"id": "fault-1"}]})
        else:
            self.send(200, "Ollama is running", "text/plain")

    def record(self, body):
        entry = {"path": self.path, "headers": dict(self.headers.items()),
                 "body": body.decode("utf-8", "replace")}
        with lock, open(sys.argv[2], "a") as log:
            log.write(json.dumps(entry) + "\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.record(body)
        request = json.loads(body)
        fault, _, argument = self.path.split("/")[1].partition(":")
        with lock:
            counts[self.path] = counts.get(self.path, 0) + 1
            seen = counts[self.path]
        method = getattr(self, "fault_" + fault.replace("-", "_"), None)
        try:
            if method is None:
                self.send(404, {"detail": "no fault named " + fault})
            else:
                method(request, argument, seen)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # -- the faults: one method each ----------------------------------------

    def fault_good(self, request, argument, seen):
        self.good(request)

    def fault_plain(self, request, argument, seen):
        """A plain body although a stream was asked for."""
        self.send(200, chat_body())

    def fault_429(self, request, argument, seen):
        """429:N[,SECONDS]: N times, with or without Retry-After."""
        times, _, wait = argument.partition(",")
        if seen > int(times):
            return self.good(request)
        headers = [("Retry-After", wait)] if wait else []
        self.error(429, "Rate limit reached", "rate_limit_error", headers=headers)

    def fault_quota(self, request, argument, seen):
        self.error(429, "You exceeded your current quota", "insufficient_quota",
                   "insufficient_quota")

    def fault_529(self, request, argument, seen):
        if seen > int(argument):
            return self.good(request)
        self.send(529, {"type": "error", "error": {"type": "overloaded_error",
                                                   "message": "Overloaded"}})

    def fault_500(self, request, argument, seen):
        if seen > int(argument):
            return self.good(request)
        self.send(500, "")

    def fault_413(self, request, argument, seen):
        self.send(413, "<html><head><title>413</title></head><body><h1>Request Entity "
                       "Too Large</h1></body></html>", "text/html")

    def fault_401(self, request, argument, seen):
        """Quotes the whole key, as a careless server does."""
        key = self.headers.get("Authorization", "") or self.headers.get("x-api-key", "")
        self.error(401, "Incorrect API key provided: " + key, code="invalid_api_key")

    def fault_echo(self, request, argument, seen):
        """A good answer that repeats the key in its words."""
        key = self.headers.get("Authorization", "") or self.headers.get("x-api-key", "")
        text = json.dumps({"analysis": "your key is " + key, "configs": [{"note": key}]})
        if request.get("stream"):
            self.send(200, chat_stream(text), "text/event-stream")
        else:
            self.send(200, chat_body(text))

    def fault_redirect(self, request, argument, seen):
        self.send(307, "", headers=[("Location", "/good/v1/chat/completions")])

    def fault_hidden(self, request, argument, seen):
        """200 with an error inside."""
        self.error(200, "Provider returned error", code=502)

    def fault_frame(self, request, argument, seen):
        """An error as one frame of a stream that had begun."""
        self.open_stream()
        self.chunk(chat_stream()[:300].rsplit(b"\n\n", 1)[0] + b"\n\n")
        self.chunk(b'data: {"error":{"message":"upstream died","code":502}}\n\n')
        self.chunk(b"")

    def fault_html(self, request, argument, seen):
        self.send(200, "<html>captive portal</html>", "text/html")

    def fault_type(self, request, argument, seen):
        """A good stream under a wrong content type."""
        self.send(200, chat_stream(), "text/plain")

    def fault_cut(self, request, argument, seen):
        """cut:N[,TIMES]: closes after N bytes of the stream, TIMES times."""
        at, _, times = argument.partition(",")
        if times and seen > int(times):
            return self.good(request)
        self.open_stream()
        self.chunk(chat_stream()[:int(at)])
        self.hang_up()

    def fault_nothing(self, request, argument, seen):
        self.hang_up()

    def fault_drip(self, request, argument, seen):
        """drip:SECONDS: the stream byte by byte with a pause after each."""
        self.open_stream()
        for i in range(len(chat_stream())):
            self.chunk(chat_stream()[i:i + 1])
            time.sleep(float(argument))
        self.chunk(b"")

    def fault_silent(self, request, argument, seen):
        """Accepts, begins, and never says anything more."""
        self.open_stream()
        self.chunk(b": wait\n\n")
        time.sleep(60)

    def fault_endless(self, request, argument, seen):
        self.open_stream()
        word = {"model": "fault-1", "choices": [{"delta": {"content": "blah " * 4000}}]}
        frame = b"data: " + json.dumps(word).encode() + b"\n\n"
        while True:
            self.chunk(frame)

    def fault_headers(self, request, argument, seen):
        self.raw(b"HTTP/1.1 200 OK\r\n")
        for i in range(4000):
            self.raw(b"X-Filler-%d: %s\r\n" % (i, b"x" * 200))
        self.raw(b"Content-Length: 0\r\n\r\n")

    def fault_refuse(self, request, argument, seen):
        """refuse:A,B: 400 for each optional field A, B that is still there."""
        for name in argument.split(","):
            if name in request:
                body = {"error": {"message": "Unsupported parameter: '%s'" % name,
                                  "type": "invalid_request_error", "param": name,
                                  "code": "unsupported_parameter"}}
                return self.send(400, body)
        self.good(request)

    def fault_refusal(self, request, argument, seen):
        body = chat_body(None)
        body["choices"][0]["message"]["refusal"] = "I cannot help with that."
        self.send(200, body)

    def fault_empty(self, request, argument, seen):
        """Reasoning ate the whole output limit."""
        self.send(200, chat_body("", "length"))

    def fault_context(self, request, argument, seen):
        self.error(400, "This model's maximum context length is 4096 tokens.",
                   code="context_length_exceeded")


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(server.server_port))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
