#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The services' own Python clients as witnesses, where they are installed (in
python3, or in the one that WW_SDK_PYTHON names): what we send is given to the
client as arguments, and what it sends must be the same; and our reading of an
answer must be the client's. Without the packages openai, anthropic and ollama the
tests are skipped."""
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

from tap import check, finish, skip

other = os.environ.get("WW_SDK_PYTHON")
if other and "WW_SDK_STARTED" not in os.environ:
    os.environ["WW_SDK_STARTED"] = "1"
    os.execv(other, [other] + sys.argv)

BUILD = os.environ["WW_BUILD"]
work = tempfile.mkdtemp()
KEY = "sk-0123456789abcdef"
CONFIGS = json.dumps({"analysis": "é", "strategy": "s", "configs": [
    {"family": "explore", "reasoning": "r", "config": {"a": a, "b": b}}
    for a in (1, 2, 4) for b in (0, 1)]}, ensure_ascii=False)


def sse(*frames, names=True):
    return "".join(("event: %s\n" % frame["type"] if names else "") +
                   "data: %s\n\n" % (frame if isinstance(frame, str) else json.dumps(frame))
                   for frame in frames)


HALVES = [CONFIGS[:100], CONFIGS[100:]]
CHAT_USAGE = {"prompt_tokens": 50, "completion_tokens": 20, "total_tokens": 70,
              "prompt_tokens_details": {"cached_tokens": 30},
              "completion_tokens_details": {"reasoning_tokens": 5}}
RESPONSES_USAGE = {"input_tokens": 50, "output_tokens": 20, "total_tokens": 70,
                   "input_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 0},
                   "output_tokens_details": {"reasoning_tokens": 5}}


def chat(stream):
    base = {"id": "c", "created": 1, "model": "m-1"}
    if not stream:
        return json.dumps(dict(base, object="chat.completion", usage=CHAT_USAGE, choices=[
            {"index": 0, "finish_reason": "stop",
             "message": {"role": "assistant", "content": CONFIGS}}]))
    base["object"] = "chat.completion.chunk"
    frames = [dict(base, usage=None, choices=[
        {"index": 0, "finish_reason": None, "delta": {"content": half}}]) for half in HALVES]
    frames.append(dict(base, usage=None, choices=[
        {"index": 0, "finish_reason": "stop", "delta": {}}]))
    frames.append(dict(base, usage=CHAT_USAGE, choices=[]))
    return sse(*frames, names=False) + "data: [DONE]\n\n"


def response(stream):
    item = {"type": "message", "id": "i", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": CONFIGS, "annotations": []}]}
    whole = {"id": "r", "object": "response", "created_at": 1, "model": "m-1",
             "status": "completed", "output": [item], "usage": RESPONSES_USAGE,
             "parallel_tool_calls": False, "tool_choice": "auto", "tools": []}
    if not stream:
        return json.dumps(whole)
    place = {"item_id": "i", "output_index": 0, "content_index": 0, "logprobs": []}
    frames = [{"type": "response.created", "response": dict(whole, output=[], usage=None)}]
    frames += [dict(place, type="response.output_text.delta", delta=half) for half in HALVES]
    frames.append({"type": "response.completed", "response": whole})
    return sse(*(dict(frame, sequence_number=i) for i, frame in enumerate(frames)))


def messages(stream):
    usage = {"input_tokens": 20, "cache_read_input_tokens": 30,
             "cache_creation_input_tokens": 0, "output_tokens": 20}
    whole = {"id": "m", "type": "message", "role": "assistant", "model": "m-1",
             "content": [{"type": "text", "text": CONFIGS}], "stop_reason": "end_turn",
             "stop_sequence": None, "usage": usage}
    if not stream:
        return json.dumps(whole)
    return sse({"type": "message_start", "message": dict(
                   whole, content=[], stop_reason=None, usage=dict(usage, output_tokens=1))},
               {"type": "content_block_start", "index": 0,
                "content_block": {"type": "text", "text": ""}},
               *({"type": "content_block_delta", "index": 0,
                  "delta": {"type": "text_delta", "text": half}} for half in HALVES),
               {"type": "content_block_stop", "index": 0},
               {"type": "message_delta", "delta": {"stop_reason": "end_turn",
                                                   "stop_sequence": None}, "usage": usage},
               {"type": "message_stop"})


def lines(stream):
    end = {"model": "m-1", "created_at": "2026-01-01T00:00:00Z", "done": True,
           "done_reason": "stop", "prompt_eval_count": 50, "eval_count": 20}
    if not stream:
        return json.dumps(dict(end, message={"role": "assistant", "content": CONFIGS}))
    rows = [{"model": "m-1", "created_at": end["created_at"], "done": False,
             "message": {"role": "assistant", "content": half}} for half in HALVES]
    rows.append(dict(end, message={"role": "assistant", "content": ""}))
    return "".join(json.dumps(row) + "\n" for row in rows)


ANSWERS = {"/v1/chat/completions": chat, "/v1/responses": response, "/v1/messages": messages,
           "/api/chat": lines}
seen = []


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        body = json.loads(text)
        seen.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        stream = body.get("stream", False)
        answer = ANSWERS[self.path](stream).encode()
        kind = "application/json" if not stream else "text/event-stream"
        if self.path == "/api/chat" and stream:
            kind = "application/x-ndjson"
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
BASE = "http://127.0.0.1:%d" % server.server_port


def write_task():
    cache = {"%d,%d" % (a, b): {
        "a": a, "b": b, "time": float(a + b), "times": [float(a + b)] * 5, "compile_time": 1.0,
        "verification_time": 0, "benchmark_time": 1.0, "strategy_time": 0,
        "framework_time": 0} for a in (1, 2, 4, 8) for b in (0, 1)}
    with open(work + "/task.json", "w") as file:
        json.dump({"device_name": "none", "kernel_name": "k", "problem_size": 1,
                   "tune_params_keys": ["a", "b"],
                   "tune_params": {"a": [1, 2, 4, 8], "b": [0, 1]}, "cache": cache}, file)


def ours(provider, suffix, *settings):
    """One model call of a session: what was sent, and how the answer was read."""
    kept = {name: os.environ[name] for name in
            ("PATH", "WARPWRIGHT_DATA", "WARPWRIGHT_PLUGIN_PATH", "LD_LIBRARY_PATH",
             "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    del seen[:]
    done = subprocess.run(
        [BUILD + "/warpwright", "tune", work + "/task.json", "--json", "--provider", provider,
         "--model", "m", "--api-base", BASE + suffix, "--set=search.max_rounds=1",
         "--set=search.initial_batch_size=8", "--set=strategy.llm.overlap=none"] +
        ["--set=" + text for text in settings],
        capture_output=True, text=True, timeout=60, cwd=work,
        env=dict(kept, HOME=work, XDG_CONFIG_HOME=work, XDG_DATA_HOME=work, XDG_CACHE_HOME=work,
                 OPENAI_API_KEY=KEY, ANTHROPIC_API_KEY=KEY))
    calls = [row for row in map(json.loads, done.stdout.splitlines())
             if row["type"] == "model_call"]
    if len(calls) != 1 or len(seen) != 1:
        return None, {"done": done, "seen": seen[:]}
    return seen[0], calls[0]


def same_request(name, mine, theirs, headers):
    """Both requests, but for headers that say who asks."""
    check(mine[0] == theirs[0], name + ": the same path", mine[0], theirs[0])
    check(mine[2] == theirs[2], name + ": the same body", json.dumps(mine[2], sort_keys=True),
          json.dumps(theirs[2], sort_keys=True))
    differ = [h for h in headers if mine[1].get(h) != theirs[1].get(h)]
    check(not differ, name + ": the same headers", differ, mine[1], theirs[1])


def same_reading(name, call, tokens):
    fields = ("input_tokens", "cached_tokens", "output_tokens", "reasoning_tokens")
    check(call["found"] == 6 and tuple(call[field] for field in fields) == tokens and
          call["model"].endswith("m-1"), name + ": the answer is read alike", call, tokens)


def openai_chat(name, *settings):
    import openai
    mine, call = ours("openai", "/v1", "provider.openai.protocol=chat", *settings)
    if mine is None:
        return check(False, name, call)
    client = openai.OpenAI(api_key=KEY, base_url=BASE + "/v1", max_retries=0)
    answer = client.chat.completions.create(**mine[2])
    if mine[2].get("stream"):
        chunks = list(answer)
        text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
        usage = chunks[-1].usage
    else:
        text, usage = answer.choices[0].message.content, answer.usage
    same_request(name, mine, seen[-1], ("authorization", "content-type"))
    check(text == CONFIGS, name + ": the client reads the answer that we got", text)
    same_reading(name, call, (usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens,
                              usage.completion_tokens,
                              usage.completion_tokens_details.reasoning_tokens))


def openai_responses(name, *settings):
    import openai
    mine, call = ours("openai", "/v1", "provider.openai.protocol=responses", *settings)
    if mine is None:
        return check(False, name, call)
    client = openai.OpenAI(api_key=KEY, base_url=BASE + "/v1", max_retries=0)
    answer = client.responses.create(**mine[2])
    if mine[2].get("stream"):
        answer = [e for e in answer if e.type == "response.completed"][0].response
    same_request(name, mine, seen[-1], ("authorization", "content-type"))
    check(answer.output_text == CONFIGS, name + ": the client reads the answer that we got")
    usage = answer.usage
    same_reading(name, call, (usage.input_tokens, usage.input_tokens_details.cached_tokens,
                              usage.output_tokens,
                              usage.output_tokens_details.reasoning_tokens))


def anthropic_messages(name, *settings):
    import anthropic
    mine, call = ours("anthropic", "", "provider.anthropic.auth=bearer", *settings)
    if mine is None:
        return check(False, name, call)
    client = anthropic.Anthropic(api_key=KEY, base_url=BASE, max_retries=0)
    stream = mine[2].get("stream")
    if stream:
        body = {k: v for k, v in mine[2].items() if k != "stream"}
        with client.messages.stream(**body) as events:
            answer = events.get_final_message()
    else:
        answer = client.messages.create(**mine[2])
    same_request(name, mine, seen[-1], ("authorization", "content-type", "anthropic-version"))
    check(answer.content[0].text == CONFIGS, name + ": the client reads the answer that we got")
    usage = answer.usage
    same_reading(name, call, (usage.input_tokens + usage.cache_read_input_tokens,
                              usage.cache_read_input_tokens, usage.output_tokens, -1))


def ollama_chat(name, *settings):
    import ollama
    mine, call = ours("ollama", "", *settings)
    if mine is None:
        return check(False, name, call)
    # The client knows neither, and adds an empty list.
    known = {k: v for k, v in mine[2].items() if k not in ("truncate", "shift")}
    answer = ollama.Client(host=BASE).chat(**known)
    answer = list(answer) if mine[2]["stream"] else [answer]
    text = "".join(part.message.content for part in answer)
    path, headers, body = seen[-1]
    body = {k: v for k, v in body.items() if k != "tools"}
    same_request(name, (mine[0], mine[1], known), (path, headers, body), ("content-type",))
    check(mine[2]["truncate"] is False and mine[2]["shift"] is False,
          name + ": and nothing is cut in silence", mine[2])
    check(text == CONFIGS, name + ": the client reads the answer that we got", text)
    same_reading(name, call, (answer[-1].prompt_eval_count, -1, answer[-1].eval_count, -1))


def main():
    write_task()
    for package, play, title in (("openai", openai_chat, "chat completions"),
                                 ("openai", openai_responses, "responses"),
                                 ("anthropic", anthropic_messages, "messages"),
                                 ("ollama", ollama_chat, "native chat")):
        try:
            __import__(package)
        except ImportError:
            skip(title, "the Python package %s is not installed" % package)
            continue
        for kind, *settings in (("streamed",), ("whole", "provider.%s.stream=false" % package),
                                ("with effort", "llm.effort=low")):
            name = "%s, %s" % (title, kind)
            try:
                play(name, *settings)
            except Exception as fault:  # whatever the client has to object
                check(False, name, repr(fault))


try:
    main()
finally:
    server.shutdown()
    shutil.rmtree(work, ignore_errors=True)
finish()
