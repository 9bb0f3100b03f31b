#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Against model servers that we did not write: LiteLLM's proxy with a made-up
answer (LITELLM, or the program `litellm` in PATH), MockLLM (MOCKLLM, or `mockllm`
in PATH), and llama.cpp (LLAMA_SERVER: its program and the options that name a
model, as one command). Both are rarely there; what is not is
skipped with a line that says so."""
import json
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from tap import check, finish, skip

BUILD = os.environ["WW_BUILD"]
work = tempfile.mkdtemp()
ANSWER = "ready, said the mock"
LITELLM = os.environ.get("LITELLM") or shutil.which("litellm")
MOCKLLM = os.environ.get("MOCKLLM") or shutil.which("mockllm")
KEY = "sk-" + 8 * "0123abcd"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url, process):
    """Until something answers there, or the server has gone."""
    deadline = time.time() + 90
    while time.time() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return True
        except urllib.error.HTTPError as error:
            if error.code != 503:  # 503: a model is still being loaded
                return True
        except OSError:
            pass
        time.sleep(0.3)
    return False


def ask(provider, base, *settings, key=KEY):
    kept = {name: os.environ[name] for name in
            ("PATH", "WARPWRIGHT_DATA", "WARPWRIGHT_PLUGIN_PATH", "LD_LIBRARY_PATH")
            if name in os.environ}
    done = subprocess.run(
        [BUILD + "/warpwright", "provider", "test", provider, "--json", "--api-base", base,
         "--set=http.attempts=1"] + ["--set=" + text for text in settings],
        capture_output=True, text=True, timeout=120, cwd=work,
        env=dict(kept, HOME=work, XDG_CONFIG_HOME=work, XDG_DATA_HOME=work,
                 XDG_CACHE_HOME=work, OPENAI_API_KEY=key,
                 ANTHROPIC_API_KEY=key, OPENROUTER_API_KEY=key))
    return done, json.loads(done.stdout) if done.returncode == 0 else {}


def with_server(command, ready, tests):
    with open(work + "/server.log", "w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=work,
                                   env=dict(os.environ, HOME=work, LITELLM_MASTER_KEY=KEY))
    try:
        up = wait_for(ready, process)
        with open(work + "/server.log") as log:
            check(up, command[0] + " answers", log.read())
        if up:
            tests()
    finally:
        process.terminate()
        process.wait()


def litellm():
    port = free_port()
    base = "http://127.0.0.1:%d" % port
    with open(work + "/config.yaml", "w") as file:
        json.dump({"model_list": [{"model_name": "mock", "litellm_params": {
            "model": "openai/mock", "api_key": "none", "mock_response": ANSWER}}]}, file)

    def tests():
        for provider, suffix, name, *settings in (
                ("openai", "/v1", "chat completions", "llm.model=mock"),
                ("openai", "/v1", "plain chat completions", "llm.model=mock",
                 "provider.openai.stream=false"),
                ("openai", "/v1", "plain responses", "llm.model=mock",
                 "provider.openai.protocol=responses", "provider.openai.stream=false"),
                ("openrouter", "/v1", "chat completions of openrouter", "llm.model=mock"),
                ("anthropic", "", "messages", "llm.model=mock"),
                ("anthropic", "", "plain messages", "llm.model=mock",
                 "provider.anthropic.stream=false"),
                ("openai", "/v1", "its list of models")):
            done, row = ask(provider, base + suffix, *settings)
            # The proxy does not know how openrouter is asked for token counts.
            check(row.get("answer") == ANSWER and
                  (row["output_tokens"] > 0 or provider == "openrouter"),
                  "litellm: " + name, done)
        done, row = ask("openai", base + "/v1", "llm.model=mock",
                        "provider.openai.protocol=responses")
        # Its made-up answer comes whole only; instead of a stream there is an
        # error, which has to be read.
        check(row.get("answer") == ANSWER or "Error processing stream start" in done.stderr and
              "data:" not in done.stderr, "litellm: responses, streamed", done)
        done, row = ask("openai", base + "/v1", "llm.model=absent")
        check(done.returncode == 8 and "absent" in done.stderr,
              "litellm: a model that it lacks", done)
        done, row = ask("openai", base + "/v1", "llm.model=mock", key=KEY[:-1] + "0")
        check(done.returncode == 8 and KEY[8:-1] not in done.stderr + done.stdout,
              "litellm: a wrong key", done)
    with_server([LITELLM, "--config", work + "/config.yaml", "--host", "127.0.0.1",
                 "--port", str(port)], base + "/health/liveliness", tests)


def mockllm():
    port = free_port()
    base = "http://127.0.0.1:%d" % port
    with open(work + "/responses.yml", "w") as file:
        json.dump({"responses": {}, "defaults": {"unknown_response": ANSWER}}, file)

    def tests():
        # Its other protocol takes no content blocks, which are as good as strings.
        for name, *settings in (
                ("chat completions",),
                ("plain chat completions", "provider.openai.stream=false")):
            done, row = ask("openai", base + "/v1", "llm.model=mock", *settings)
            check((row.get("answer") or "").strip() == ANSWER, "mockllm: " + name, done)
    with_server([MOCKLLM, "start", "-r", work + "/responses.yml", "-h", "127.0.0.1",
                 "-p", str(port)], base + "/docs", tests)


def llama():
    port = free_port()
    base = "http://127.0.0.1:%d" % port

    def tests():
        for provider, suffix, name, *settings in (
                ("openai", "/v1", "chat completions"),
                ("openai", "/v1", "responses", "provider.openai.protocol=responses"),
                ("anthropic", "", "messages")):
            done, row = ask(provider, base + suffix, *settings)
            check(done.returncode == 0 and row["output_tokens"] > 0,
                  "llama.cpp: " + name, done)
    with_server(shlex.split(os.environ["LLAMA_SERVER"]) +
                ["--host", "127.0.0.1", "--port", str(port)], base + "/health", tests)


try:
    if LITELLM:
        litellm()
    else:
        skip("litellm", "the program litellm is not there (pip install 'litellm[proxy]')")
    if MOCKLLM:
        mockllm()
    else:
        skip("mockllm", "the program mockllm is not there (pip install mockllm)")
    if os.environ.get("LLAMA_SERVER"):
        llama()
    else:
        skip("llama.cpp", "LLAMA_SERVER does not name a server and its model")
finally:
    shutil.rmtree(work, ignore_errors=True)
finish()
