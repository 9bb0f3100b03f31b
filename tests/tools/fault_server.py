#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A model server that misbehaves on demand.

usage: fault_server.py PORT_FILE LOG_FILE

Listens on a free port of 127.0.0.1 and writes its number into PORT_FILE. The
first element of the request's path chooses the fault, so /cut:200/v1 as
api_base closes the connection after 200 bytes of the body; faults that are
told to end ("429:2") answer well after that many requests. Every request is
appended to LOG_FILE as one JSON line: path, headers, body. Four protocols are
spoken, told apart by the end of the path: chat completions, responses, messages
and the native one of Ollama.
"""
import json
import os
import random
import re
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


def pieces(text):
    return [text[i:i + 3] for i in range(0, len(text), 3)] or [""]


def events(rows):
    return "".join("event: %s\ndata: %s\n\n" % (row["type"], json.dumps(row))
                   for row in rows).encode()


def responses_body(text=ANSWER, finish="stop"):
    part = {"type": "output_text", "text": text, "annotations": []}
    if finish == "refusal":
        part = {"type": "refusal", "refusal": "I cannot help with that."}
    cut = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(finish)
    return {"id": "r1", "object": "response", "model": "fault-1",
            "status": "incomplete" if cut else "completed",
            "incomplete_details": {"reason": cut} if cut else None, "error": None,
            "output": [{"type": "reasoning", "id": "rs1", "summary": []},
                       {"type": "message", "id": "m1", "role": "assistant",
                        "status": "completed", "content": [part]}],
            "usage": {"input_tokens": 11, "input_tokens_details": {"cached_tokens": 4},
                      "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 1},
                      "total_tokens": 14}}


def responses_stream(text=ANSWER, finish="stop"):
    whole = responses_body(text, finish)
    begun = dict(whole, status="in_progress", output=[], usage=None)
    word = "refusal" if finish == "refusal" else "output_text"
    rows = [{"type": "response.created", "response": begun},
            {"type": "response.in_progress", "response": begun},
            {"type": "response.output_item.added", "output_index": 1,
             "item": {"type": "message", "id": "m1", "content": []}}]
    rows += [{"type": "response.%s.delta" % word, "item_id": "m1", "delta": piece}
             for piece in pieces(text)]
    rows += [{"type": "response.%s.done" % word, "item_id": "m1", "text": text},
             {"type": "response." + whole["status"], "response": whole}]
    for number, row in enumerate(rows):
        row["sequence_number"] = number
    return events(rows)


def messages_body(text=ANSWER, finish="stop"):
    reason = {"stop": "end_turn", "length": "max_tokens"}.get(finish, finish)
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "fault-1",
            "content": [{"type": "thinking", "thinking": "hm", "signature": "x"},
                        {"type": "text", "text": text}],
            "stop_reason": reason, "stop_sequence": None,
            "usage": {"input_tokens": 5, "cache_creation_input_tokens": 2,
                      "cache_read_input_tokens": 4, "output_tokens": 3}}


def messages_stream(text=ANSWER, finish="stop"):
    whole = messages_body(text, finish)
    begun = dict(whole, content=[], stop_reason=None,
                 usage=dict(whole["usage"], output_tokens=1))
    rows = [{"type": "message_start", "message": begun},
            {"type": "content_block_start", "index": 0,
             "content_block": {"type": "thinking", "thinking": ""}},
            {"type": "content_block_delta", "index": 0,
             "delta": {"type": "thinking_delta", "thinking": "hm"}},
            {"type": "content_block_stop", "index": 0},
            {"type": "ping"},
            {"type": "content_block_start", "index": 1,
             "content_block": {"type": "text", "text": ""}}]
    rows += [{"type": "content_block_delta", "index": 1,
              "delta": {"type": "text_delta", "text": piece}} for piece in pieces(text)]
    rows += [{"type": "content_block_stop", "index": 1},
             {"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"],
                                                 "stop_sequence": None},
              "usage": {"output_tokens": 3}},
             {"type": "message_stop"}]
    return events(rows)


def ollama_body(text=ANSWER, finish="stop"):
    return {"model": "fault-1", "created_at": "2026-01-01T00:00:00Z",
            "message": {"role": "assistant", "content": text, "thinking": "hm"},
            "done": True, "done_reason": finish, "prompt_eval_count": 11, "eval_count": 3}


def ollama_stream(text=ANSWER, finish="stop"):
    rows = [{"model": "fault-1", "message": {"role": "assistant", "content": "",
                                             "thinking": "hm"}, "done": False}]
    rows += [{"model": "fault-1", "message": {"role": "assistant", "content": piece},
              "done": False} for piece in pieces(text)]
    last = ollama_body("", finish)
    del last["message"]["thinking"]
    return "".join(json.dumps(row) + "\n" for row in rows + [last]).encode()


PROTOCOLS = (("/chat/completions", chat_body, chat_stream, "text/event-stream"),
             ("/responses", responses_body, responses_stream, "text/event-stream"),
             ("/v1/messages", messages_body, messages_stream, "text/event-stream"),
             ("/api/chat", ollama_body, ollama_stream, "application/x-ndjson"))


def proposals(request):
    """As many configurations as the prompt wants, of the parameters in it that
    are named a to d, with integers below 12."""
    prompt = json.dumps(request)
    want = int(re.search(r"ropose (\d+) ", prompt).group(1))
    chance = random.Random(prompt)
    return ["{\"reasoning\": \"r\", \"config\": %s}" % json.dumps(
        {name: chance.randrange(12) for name in "abcd"}) for _ in range(want)]


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

    def protocol(self):
        return next(row for row in PROTOCOLS if self.path.endswith(row[0]))

    def body(self, text=ANSWER, finish="stop"):
        return self.protocol()[1](text, finish)

    def stream(self, text=ANSWER, finish="stop"):
        return self.protocol()[2](text, finish)

    def good(self, request, text=ANSWER, finish="stop"):
        if request.get("stream"):
            self.send(200, self.stream(text, finish), self.protocol()[3])
        else:
            self.send(200, self.body(text, finish))

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

    def parse_request(self):
        """A proxy is given whole addresses; this one goes no further."""
        good = super().parse_request()
        if good and self.path.startswith("http://"):
            self.path = "/" + self.path.split("/", 3)[3]
        return good

    def do_GET(self):
        self.record(b"")
        if self.path.endswith("/api/tags"):
            self.send(200, {"models": [{"name": "fault-1"}]})
        elif self.path.endswith("/models"):
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
        self.send(200, self.body())

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
        self.good(request, text)

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

    def fault_other(self, request, argument, seen):
        """Chat completions, whatever the path asks for."""
        self.send(200, chat_stream(), "text/event-stream")

    def fault_type(self, request, argument, seen):
        """A good stream under a wrong content type."""
        self.send(200, self.stream(), "text/plain")

    def fault_cut(self, request, argument, seen):
        """cut:N[,TIMES]: closes after N bytes of the stream, TIMES times."""
        at, _, times = argument.partition(",")
        if times and seen > int(times):
            return self.good(request)
        self.open_stream()
        self.chunk(self.stream()[:int(at)])
        self.hang_up()

    def fault_nothing(self, request, argument, seen):
        self.hang_up()

    def fault_drip(self, request, argument, seen):
        """drip:SECONDS: the stream byte by byte with a pause after each."""
        self.open_stream()
        for i in range(len(self.stream())):
            self.chunk(self.stream()[i:i + 1])
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
        if not self.path.endswith("/chat/completions"):
            return self.good(request, "", "refusal")
        body = chat_body(None)
        body["choices"][0]["message"]["refusal"] = "I cannot help with that."
        self.send(200, body)

    def fault_empty(self, request, argument, seen):
        """Reasoning ate the whole output limit."""
        self.good(request, "", "length")

    def fault_overloaded(self, request, argument, seen):
        """overloaded:N: N times a stream that begins well and then says so."""
        if seen > int(argument):
            return self.good(request)
        self.open_stream()
        self.chunk(self.stream().split(b"\n\n")[0] + b"\n\n")
        self.chunk(b'event: error\ndata: {"type":"error","error":{"type":'
                   b'"overloaded_error","message":"Overloaded"}}\n\n')
        self.chunk(b"")

    def fault_late(self, request, argument, seen):
        """An error as a line of an NDJSON stream that had begun."""
        self.open_stream("application/x-ndjson")
        self.chunk(self.stream().split(b"\n")[0] + b"\n")
        self.chunk(b'{"error":"an error was encountered while running the model"}\n')
        self.chunk(b"")

    def fault_chatonly(self, request, argument, seen):
        """A server that has chat completions and nothing newer."""
        if self.path.endswith("/responses"):
            return self.send(404, {"error": {"message": "Not Found"}})
        self.good(request)

    def fault_missing(self, request, argument, seen):
        self.send(404, {"error": "model 'fault-1' not found"})

    # -- answers to requests for configurations ------------------------------

    def fault_propose(self, request, argument, seen):
        """propose:SECONDS: thinks so long. The log gets a line when it ends."""
        begin = time.time_ns()
        time.sleep(float(argument))
        with lock, open(sys.argv[2], "a") as log:
            log.write(json.dumps({"path": self.path, "begin_ns": begin,
                                  "end_ns": time.time_ns()}) + "\n")
        self.good(request, '{"analysis": "a", "configs": [%s]}'
                  % ", ".join(proposals(request)))

    def fault_busy(self, request, argument, seen):
        """As propose, but every other request has to come back in a second."""
        if seen % 2 == 1:
            return self.error(429, "Rate limit reached", "rate_limit_error",
                              headers=[("Retry-After", "1")])
        self.fault_propose(request, argument, seen)

    def fault_pull(self, request, argument, seen):
        """pull:N: N configurations and half of another, then the cable is pulled
        and stays so. The log gets what was complete."""
        if seen > 1:
            return self.hang_up()
        rows = proposals(request)
        whole = rows[:int(argument)]
        with lock, open(sys.argv[2], "a") as log:
            log.write(json.dumps({"path": self.path, "complete": [
                json.loads(row)["config"] for row in whole]}) + "\n")
        text = '{"analysis": "a", "configs": [%s, ' % ", ".join(whole)
        self.open_stream()
        marker = "\x1f"
        data = self.stream(text + rows[int(argument)][:-9] + marker)
        mark = json.dumps(marker)[1:-1].encode()
        for i in range(0, data.index(mark), 100):
            self.chunk(data[i:min(i + 100, data.index(mark))])
        self.hang_up()

    def fault_context(self, request, argument, seen):
        self.error(400, "This model's maximum context length is 4096 tokens.",
                   code="context_length_exceeded")


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """Clients that hang up are what this is for."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(str(server.server_port))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    server.serve_forever()


main()
