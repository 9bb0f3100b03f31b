#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The imaginary service: answers every POST with one configuration, in lines.

usage: server.py PORT"""
import http.server
import sys


class Muse(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        key = self.headers.get("authorization", "")
        self.send_response(200 if key == "Bearer sesame" else 401)
        self.send_header("content-type", "text/plain")
        self.end_headers()
        if key == "Bearer sesame":
            self.wfile.write(b'text: {"configurations": \n'
                             b'text: [{"n": 7}]}\nend\n')
        else:
            self.wfile.write(b"no such key\n")

    def log_message(self, *arguments):
        pass


server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Muse)
print(server.server_port, flush=True)
server.serve_forever()
