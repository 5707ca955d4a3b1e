"""A game that uses the server with nothing but Python's standard library, as its documentation says.

    python3 game.py URL READ_KEY WRITE_KEY

Prints one JSON document; fails with a traceback if an answer is not what a game needs.
"""

import json
import socket
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

URL, READ_KEY, WRITE_KEY = sys.argv[1:4]
API = URL + "/api/v1"


def ask(method, path, body=None, key=READ_KEY, headers=None):
    """Returns status, headers and the document of an answer."""
    data = None if body is None else json.dumps(body).encode()
    sent = {"Authorization": "Bearer " + key, **(headers or {})}
    if data is not None:
        sent["Content-Type"] = "application/json"
    request = urllib.request.Request(API + path, data=data, headers=sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, error.headers, json.loads(text or "null")


def submit(player, score, run, **more):
    body = {"playerId": player, "score": score, **more}
    return ask("POST", "/boards/arena/scores", body, WRITE_KEY, {"Idempotency-Key": run})


def cut_submit(player, score, run):
    """Sends a submit and hangs up before the answer."""
    host, port = urllib.parse.urlparse(URL).netloc.split(":")
    body = json.dumps({"playerId": player, "score": score}).encode()
    head = (
        f"POST /api/v1/boards/arena/scores HTTP/1.1\r\nHost: {host}:{port}\r\n"
        f"Authorization: Bearer {WRITE_KEY}\r\nIdempotency-Key: {run}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head + body)


def watch(ready, seen, wanted):
    """Reads the live stream until a player leads."""
    request = urllib.request.Request(
        API + "/boards/arena/live?top=3", headers={"Authorization": "Bearer " + READ_KEY}
    )
    with urllib.request.urlopen(request, timeout=10) as stream:
        for line in stream:
            if not line.startswith(b"data: "):
                continue
            update = json.loads(line[6:])
            seen.append(update)
            ready.set()
            if update["entries"] and update["entries"][0]["playerId"] == wanted:
                return


# Somebody watches while the game goes on.
ready, seen = threading.Event(), []
watcher = threading.Thread(target=watch, args=(ready, seen, "zoë/1"), daemon=True)
watcher.start()
assert ready.wait(10)

for i in range(50):
    status, _, answer = submit(f"p{i}", (i * 7919) % 1000, f"run-{i}")
    assert (status, answer["created"]) == (200, True), answer

# The connection is cut; the run is sent again and counts once.
for i in range(10):
    cut_submit("ann", 10, f"cut-{i}")
for i in range(10):
    status, _, answer = submit("ann", 10, f"cut-{i}")
    assert status == 200, answer
_, _, ann = ask("GET", "/boards/arena/players/ann")

status, _, answer = submit("zoë/1", 5000, "zoe", name="Zoë", metadata={"car": "red"})
assert (status, answer["rank"]) == (200, 1), answer
path = "/boards/arena/players/" + urllib.parse.quote("zoë/1", safe="")
_, headers, zoe = ask("GET", path)
assert zoe["entry"]["name"] == "Zoë" and zoe["standing"]["ordinal"] == 1, zoe
status, _, _ = ask("GET", path, headers={"If-None-Match": headers["ETag"]})
assert status == 304, status

# All pages, with nobody twice.
players, after = [], None
while True:
    query = "?limit=7" + ("" if after is None else "&after=" + urllib.parse.quote(after))
    _, _, page = ask("GET", "/boards/arena/entries" + query)
    players += [entry["playerId"] for entry in page["entries"]]
    after = page["next"]
    if after is None:
        break
assert len(players) == len(set(players)) == page["total"], (len(players), page["total"])

refused = [
    ask("POST", "/boards/arena/scores", {"playerId": "x", "score": 1}, READ_KEY)[0],
    ask("POST", "/boards/arena/scores", {"playerId": "x"}, WRITE_KEY)[0],
    ask("GET", "/boards/arena/players/nobody")[0],
    submit("ann", 11, "cut-0")[2]["code"],
    ask("GET", "/boards", key="wrong")[0],
]
watcher.join(10)
assert not watcher.is_alive()
print(json.dumps({"ann": ann["entry"]["score"], "players": len(players), "refused": refused, "updates": len(seen)}))
