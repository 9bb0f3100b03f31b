#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every protocol end to end against the fault server: good answers streamed and
plain, refusals, overload, answers that break off at any place, and what the
requests look like on the wire."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from tap import check, finish

BUILD, SOURCE = os.environ["WW_BUILD"], os.environ["WW_SOURCE"]
work = tempfile.mkdtemp()
log_file = work + "/log"
server = subprocess.Popen([sys.executable, SOURCE + "/tests/tools/fault_server.py",
                           work + "/port", log_file])


KEPT = {name: os.environ[name] for name in
        ("PATH", "WARPWRIGHT_DATA", "WARPWRIGHT_PLUGIN_PATH", "LD_LIBRARY_PATH",
         "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
ENVIRONMENT = dict(KEPT, HOME=work, XDG_CONFIG_HOME=work, XDG_DATA_HOME=work,
                   XDG_CACHE_HOME=work, OPENAI_API_KEY="sk-0123456789abcdef",
                   ANTHROPIC_API_KEY="sk-ant-0123456789abcdef", OLLAMA_API_KEY="o-0123456789")


class Protocol:
    """One provider speaking one protocol to the fault server."""

    host = None  # the server's own

    def __init__(self, name, provider, suffix, path, *settings, cached=None):
        self.name, self.provider, self.suffix = name, provider, suffix
        self.path, self.settings, self.cached = path, settings, cached

    def ask(self, fault, *settings, attempts=1):
        arguments = ["--set=" + text for text in
                     self.settings + settings + ("http.attempts=%d" % attempts,)]
        return subprocess.run(
            [BUILD + "/warpwright", "provider", "test", self.provider, "--json",
             "--api-base", "http://%s/%s%s" % (self.host or "127.0.0.1:" + port, fault,
                                               self.suffix)] + arguments,
            capture_output=True, text=True, cwd=work, timeout=60, env=ENVIRONMENT)

    def sent(self):
        """The last request."""
        with open(log_file) as log:
            rows = [json.loads(line) for line in log]
        row = [row for row in rows if row["path"].endswith(self.path)][-1]
        return row["headers"], json.loads(row["body"])

    def works(self, fault, what, *settings, attempts=1):
        done = self.ask(fault, *settings, attempts=attempts)
        row = json.loads(done.stdout) if done.returncode == 0 else {}
        check(row.get("answer") == "ready" and row["input_tokens"] == 11 and
              row["output_tokens"] == 3 and row["model"] == "fault-1" and
              row["attempts"] == attempts, "%s: %s" % (self.name, what), done)

    def fails(self, fault, words, what, *settings):
        done = self.ask(fault, *settings)
        check(done.returncode == 8 and words in done.stderr,
              "%s: %s" % (self.name, what), done)

    def cut_anywhere(self):
        """Only behind the end of the protocol is it an answer."""
        codes = [self.ask("cut:%d" % at).returncode for at in range(0, 4000, 250)]
        check(set(codes) == {0, 8} and codes == sorted(codes, reverse=True),
              self.name + ": cut anywhere, it is an answer only after its end", codes)


CHAT = Protocol("chat", "openai", "/v1", "/chat/completions", "provider.openai.protocol=chat")
RESPONSES = Protocol("responses", "openai", "/v1", "/responses",
                     "provider.openai.protocol=responses")
MESSAGES = Protocol("messages", "anthropic", "", "/v1/messages")
OLLAMA = Protocol("ollama", "ollama", "", "/api/chat")

try:
    while not os.path.exists(work + "/port"):
        time.sleep(0.02)
    port = open(work + "/port").read()

    for protocol in (CHAT, RESPONSES, MESSAGES, OLLAMA):
        protocol.works("good", "a stream")
        stream = protocol.sent()[1].get("stream")
        check(stream is True, protocol.name + ": it was asked for", stream)
        protocol.works("good", "a plain answer",
                       "provider.%s.stream=false" % protocol.provider)
        check(not protocol.sent()[1].get("stream"), protocol.name + ": it was asked for")
        protocol.works("plain", "a plain answer where a stream was asked for")
        protocol.works("type", "a stream under a wrong type")
        protocol.works("drip:0.0003", "a slow drip")
        protocol.works("cut:200,1", "a cut stream is asked for again", attempts=2)
        protocol.fails("500:9", "server:", "a failing server")
        protocol.fails("html", "api_base", "a page instead of an answer")
        protocol.fails("nothing", "transport:", "a connection closed without a word")
        done = protocol.ask("empty")
        check("output limit" in done.stdout, protocol.name + ": an answer cut at the limit", done)
        if protocol is not OLLAMA:
            done = protocol.ask("refusal")
            check("declined" in done.stdout, protocol.name + ": a refusal", done)
        protocol.cut_anywhere()

    # What only one of them has.
    headers, body = RESPONSES.sent()
    check(body["store"] is False and body["input"][-1]["role"] == "user" and
          "messages" not in body and "max_output_tokens" in body and
          body.get("truncation") == "disabled" and
          headers.get("Authorization", "").startswith("Bearer "),
          "responses: its own fields, nothing stored, nothing truncated", body)
    CHAT.works("good", "a cache key of the user's", "provider.openai.cache_key=k-1")
    check(CHAT.sent()[1].get("prompt_cache_key") == "k-1", "chat: it is sent", CHAT.sent())
    CHAT.works("refuse:prompt_cache_key", "and left out where it is refused",
               "provider.openai.cache_key=k-1")
    RESPONSES.works("refuse:store,truncation,max_output_tokens,stream",
                    "every refused optional field is left out")
    headers, body = MESSAGES.sent()
    check(headers.get("x-api-key") == ENVIRONMENT["ANTHROPIC_API_KEY"] and
          "Authorization" not in headers and headers.get("anthropic-version") and
          body["max_tokens"] > 0 and "temperature" not in body,
          "messages: key, version and limit", headers)
    MESSAGES.works("overloaded:1", "overloaded in the middle of a stream, then good", attempts=2)
    MESSAGES.fails("overloaded:9", "overloaded:", "overloaded in the middle of a stream")
    MESSAGES.works("529:1", "overloaded at once, then good", attempts=2)
    headers, body = OLLAMA.sent()
    check("Authorization" not in headers and body["options"]["num_ctx"] >= 8192 and
          body["truncate"] is False and body["shift"] is False,
          "ollama: no key, room for the context, no truncation", (headers, body))
    OLLAMA.fails("late", "while running the model", "an error as a line of the stream")
    OLLAMA.fails("missing", "not found", "a model that is not installed",
                 "llm.model=fault-1")
    check(OLLAMA.ask("refuse:think").returncode == 0, "ollama: nothing optional unasked")

    # auto: Responses where the service has it, chat everywhere else.
    auto = Protocol("auto", "openai", "/v1", "/chat/completions")
    auto.works("good", "a compatible server is spoken to in chat completions")
    elsewhere = Protocol("auto", "openai", "//api.openai.com/v1", "/chat/completions")
    elsewhere.works("good", "and so is one that has the service's name in its path")
    # The service itself: the fault server plays the proxy on the way to it.
    itself = Protocol("itself", "openai", "/v1", "/responses",
                      "http.proxy=http://127.0.0.1:" + port, "http.allow_plain_http=true")
    itself.host = "api.openai.com"
    itself.works("good", "the service itself is spoken to in its newest protocol")
    check(itself.sent()[1]["store"] is False, "itself: nothing is stored", itself.sent())
    itself.works("chatonly", "where that is missing, in chat completions")
    itself = Protocol("itself", "anthropic", "", "/v1/messages",
                      "http.proxy=http://127.0.0.1:" + port, "http.allow_plain_http=true")
    itself.host = "api.anthropic.com"
    itself.works("good", "a service whose own clients send Bearer tokens")
    headers, body = itself.sent()
    check(headers.get("Authorization") == "Bearer " + ENVIRONMENT["ANTHROPIC_API_KEY"] and
          "x-api-key" not in headers, "itself: gets one too", headers)
finally:
    server.kill()
    server.wait()
    shutil.rmtree(work, ignore_errors=True)
finish()
