#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""warpwright provider test against a server that misbehaves on demand."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from tap import check, finish

BUILD, SOURCE = os.environ["WW_BUILD"], os.environ["WW_SOURCE"]
KEY = "sk-integration0123456789"
work = tempfile.mkdtemp()
port_file, log_file = work + "/port", work + "/log"
server = subprocess.Popen(
    [sys.executable, SOURCE + "/tests/tools/fault_server.py", port_file, log_file])


def environment(**more):
    kept = {name: os.environ[name] for name in
            ("PATH", "WARPWRIGHT_DATA", "WARPWRIGHT_PLUGIN_PATH", "LD_LIBRARY_PATH",
             "ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
    kept.update(HOME=work, XDG_CONFIG_HOME=work, XDG_DATA_HOME=work, XDG_CACHE_HOME=work,
                OPENAI_API_KEY=KEY, ANTHROPIC_API_KEY=KEY, OPENROUTER_API_KEY=KEY)
    kept.update(more)
    return kept


def run(*arguments, **more):
    return subprocess.run([BUILD + "/warpwright", "provider", "test", *arguments],
                          capture_output=True, text=True, cwd=work, timeout=60,
                          env=environment(**more))


def ask(fault, *arguments, provider="openai", suffix="/v1", attempts=3):
    return run(provider, "--json", "--api-base",
               "http://127.0.0.1:%s/%s%s" % (port, fault, suffix),
               "--set", "http.attempts=%d" % attempts, *arguments)


def works(fault, name, attempts=None, **more):
    done = ask(fault, **more)
    good = done.returncode == 0
    line = json.loads(done.stdout) if good else {}
    good = good and line["answer"] == "ready" and line["input_tokens"] == 11
    if attempts is not None:
        good = good and line["attempts"] == attempts
    check(good, name, done)


def fails(fault, words, name, *arguments, code=8, **more):
    done = ask(fault, *arguments, **more)
    check(done.returncode == code and words in done.stderr, name, done)


def requests():
    with open(log_file) as log:
        return [json.loads(line) for line in log]


try:
    while not os.path.exists(port_file):
        time.sleep(0.02)
    port = open(port_file).read()

    works("good", "a stream", 1)
    works("plain", "a plain body where a stream was asked for", 1)
    works("type", "a stream under a wrong content type", 1)
    works("drip:0.0005", "a slow drip", 1)
    works("429:1,0", "429 with Retry-After is tried again", 2)
    works("429:1", "429 without Retry-After is tried again", 2)
    works("500:1", "500 is tried again", 2)
    works("cut:400,1", "a cut stream is tried again", 2)
    works("refuse:max_tokens", "a refused limit is spelled differently", 1)
    works("refuse:max_tokens,max_completion_tokens,stream_options,stream",
          "every refused optional field is left out", 1)
    fails("429:9,9999", "rate:", "a wait beyond the limit is not waited for")
    fails("quota", "billing:", "a spent quota")
    check(len([r for r in requests() if r["path"] == "/quota/v1/chat/completions"]) == 1,
          "a spent quota is never asked again")
    fails("401", "auth:", "a wrong key")
    check(KEY not in ask("401").stderr + ask("401").stdout, "an echoed key is masked")
    fails("413", "413 Request Entity Too Large", "a proxy's page in words")
    before = len([r for r in requests() if r["path"].startswith("/good")])
    fails("redirect", "307", "a redirect is not followed")
    check(len([r for r in requests() if r["path"].startswith("/good")]) == before, "the redirect's target heard nothing")
    fails("hidden", "server:", "200 with an error inside", attempts=1)
    fails("frame", "upstream died", "an error as a frame of the stream", attempts=1)
    fails("html", "api_base", "a page instead of an answer")
    fails("nothing", "transport:", "a connection closed without a word", attempts=1)
    fails("headers", "headers are too large", "endless headers", attempts=1)
    fails("endless", "32 MiB", "an endless stream", attempts=1)
    fails("silent", "nothing came", "a silent server", "--set",
          "http.local_idle_timeout=0.5", attempts=1)
    fails("context", "context:", "a prompt that is too long")
    done = ask("refusal")
    check("declined" in done.stdout, "a refusal is told as one", done)
    done = ask("empty")
    check("output limit" in done.stdout, "an answer eaten by reasoning is told as one", done)

    # Cut at many places: only after the end of the protocol is it an answer.
    outcomes = [ask("cut:%d" % at, attempts=1).returncode for at in range(0, 1300, 100)]
    check(8 in outcomes and 0 in outcomes and outcomes == sorted(outcomes, reverse=True),
          "cut anywhere, an answer is one only after its end", outcomes)

    works("good", "openrouter speaks the same protocol", provider="openrouter")
    fails("other", "ended before the answer",
          "anthropic at a server of another protocol", provider="anthropic", suffix="",
          attempts=1)
    sent = requests()[-1]
    check(sent["path"] == "/other/v1/messages" and sent["headers"].get("x-api-key") == KEY and
          "Authorization" not in sent["headers"], "anthropic sends its key once", sent)

    # No key leaves over a plain connection to another machine.
    done = run("openai", "--api-base", "http://192.0.2.1:9/v1", "--set", "http.connect_timeout=1")
    check(done.returncode == 8 and "unencrypted" in done.stderr,
          "no key over plain http to another machine", done)
    done = run("openai", "--api-base", "ftp://localhost/v1")
    check(done.returncode == 8 and "http://" in done.stderr, "only http and https", done)
    done = run("openai", "--api-base", "https://localhost:%s/good/v1" % port,
               "--set", "http.attempts=1")
    check(done.returncode == 8, "plain text on a TLS port is an error", done)
    done = run("openai", OPENAI_API_KEY="")
    check(done.returncode == 8 and "OPENAI_API_KEY" in done.stderr, "no key", done)
    done = run("openai", "--api-base", "http://127.0.0.1:%s/good/v1" % port,
               OPENAI_API_KEY=KEY + "\r\n")
    check(done.returncode == 0 and
          requests()[-1]["headers"].get("Authorization") == "Bearer " + KEY,
          "a line's end behind a key is not part of it", done)
    # The library would send even loopback requests to a proxy.
    done = run("openai", "--api-base", "http://127.0.0.1:%s/good/v1" % port,
               http_proxy="http://127.0.0.1:1")
    check(done.returncode == 0, "a proxy is not used for this machine", done)

    # A list: the next one takes over.
    done = run("--provider", '["openai","exec"]', "--api-base",
               "http://127.0.0.1:%s/quota/v1" % port, "--set",
               'provider.exec.command=["echo","ready"]')
    check(done.returncode == 0 and "exec" in done.stdout and "quota" in done.stderr,
          "the next provider of the list takes over, loudly", done)

    # exec: any client.
    client = work + "/client"
    with open(client, "w") as file:
        file.write("#!/bin/sh\ncat >/dev/null\nprintf '%s' \"$1\" >&2\n"
                   "printf '{\"result\":\"ready\",\"is_error\":%s}' \"$2\"\n"
                   "test -z \"$OPENAI_API_KEY\" || exit 3\nexit \"$3\"\n")
    os.chmod(client, 0o755)

    def exec_run(command, *more):
        return run("exec", "--set", "http.attempts=1", "--set",
                   "provider.exec.command=" + json.dumps(command), *more)

    pointers = ("--set", "provider.exec.text_pointer=/result", "--set",
                "provider.exec.error_pointer=/is_error")
    done = exec_run([client, "x", "false", "0"], *pointers)
    check(done.returncode == 0 and '"ready"' in done.stdout,
          "exec finds the text, and the client sees no key", done)
    done = exec_run([client, "x", "true", "0"], *pointers)
    check(done.returncode == 8 and "/is_error" in done.stderr, "exec sees the error flag", done)
    done = exec_run([client, "out of tokens", "false", "7"], *pointers)
    check(done.returncode == 8 and "code 7" in done.stderr and "out of tokens" in done.stderr,
          "exec tells exit code and words of a failure", done)
    done = exec_run(["echo", "ready"])
    check(done.stdout.startswith("exec: works\n"), "no model has no name", done)
    done = exec_run(["true"])
    check(done.returncode == 8 and "exec: the answer is empty" in done.stdout,
          "a client without a word does not work", done)
    done = exec_run(["cat", "{prompt_file}"])
    check(done.returncode == 0 and "single word" in done.stdout, "exec writes {prompt_file}", done)
    done = exec_run(["cp", "{prompt_file}", "{output_file}"])
    check(done.returncode == 0 and "single word" in done.stdout, "exec reads {output_file}", done)
    done = exec_run(["sh", "-c", "echo; ls -A | wc -l"])
    check(done.returncode == 0 and '"0"' in done.stdout.replace(" ", ""),
          "exec runs in an empty folder", done)
    done = exec_run(["sh", "-c", "sleep 30"], "--set", "provider.exec.timeout=0.3")
    check(done.returncode == 8, "exec ends a client that hangs", done)
    done = exec_run(["no-such-client"])
    check(done.returncode in (4, 8) and "no-such-client" in done.stderr,
          "exec says which program is missing", done)
    check(not [name for name in os.listdir(work) if name.startswith("warpwright-")],
          "exec leaves no files")

    # replay: what was recorded through the protocol comes out again.
    prompt = [{"role": "user", "content": "Answer with the single word: ready"}]
    stream = ('data: {"model":"m-1","choices":[{"delta":{"content":"rea"}}]}\n\n'
              'data: {"choices":[{"delta":{"content":"dy"},"finish_reason":"stop"}]}\n\n'
              'data: [DONE]\n\n')
    call = {"provider": "x", "model": "m-0", "outcome": "ok", "prompt": prompt,
            "answer": "stored", "exchange": {
                "request": {"url": "http://h/v1/chat/completions", "body": '{"stream":true}'},
                "response": {"status": 200, "body": stream}, "outcome": "stopped"}}

    def replay(calls, *more):
        with open(work + "/recording", "w") as file:
            json.dump({"version": 1, "calls": calls}, file)
        return run("replay", "--set", "provider.replay.file=" + work + "/recording", *more)

    done = replay([call])
    check("m-1" in done.stdout and '"ready"' in done.stdout, "replay plays exchanges", done)
    done = replay([call], "--set", "provider.replay.play=answers")
    check("m-0" in done.stdout and '"stored"' in done.stdout, "replay plays answers", done)
    done = replay([dict(call, outcome="transport", answer=""), call])
    check('"ready"' in done.stdout, "replay skips a failure that was mended", done)
    other = dict(call, prompt=[{"role": "user", "content": "Answer otherwise"}])
    done = replay([other])
    check(done.returncode == 8 and "byte 7" in done.stderr,
          "replay says where the prompt differs", done)
    done = replay([other], "--set", "provider.replay.strict=false")
    check(done.returncode == 0, "loose replay goes on", done)
    done = replay([])
    check(done.returncode != 0 and "all 0 calls" in done.stderr, "replay knows its end", done)
finally:
    server.kill()
    server.wait()
    shutil.rmtree(work, ignore_errors=True)
finish()
