"""Runs both programs in turn and prints ratios: parts in the process, then whole transformations as processes, answers compared."""
import json, pathlib, subprocess, sys, time

work, release = map(pathlib.Path, sys.argv[1:3])
data = work / "contracts"
OURS, THEIRS = release / "tenon-bench-contracts", release / "tenon-bench-peers"
ROUNDS = 3


def measured(program):
    lines = subprocess.run([program, "measure", data], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    return {name: float(nanoseconds) for name, nanoseconds in (line.split("\t") for line in lines)}


def best(program, found):
    for name, nanoseconds in measured(program).items():
        found[name] = min(found.get(name, 1e18), nanoseconds)


# (what is compared: ours, theirs, the peer, and how often as fast it is meant to be)
PARTS = [
    ("flights: decode, validate, map, encode", None, "Rust by hand with serde", 1 / 1.2),
    ("orders: decode, validate, map, encode", None, "Rust by hand with serde", 1 / 1.2),
    ("flights: read and validate", None, "serde_json and jsonschema", 1),
    ("flights: validate", None, "jsonschema", 1),
    ("orders: read and validate", None, "serde_json and jsonschema", 1),
    ("orders: validate", None, "jsonschema", 1),
    ("wide: five fields", "wide: all fields", "serde_json, all fields", 5),
    ("wide: five fields", "wide: five fields", "serde with a type of five fields", 1),
    ("wide: all fields", None, "serde_json, no contract", 1),
    ("avro: decode", None, "apache-avro", 1),
    ("protobuf: decode", None, "prost-reflect", 1),
    ("protobuf: encode", None, "prost-reflect", 1),
]


def parts():
    ours, theirs = {}, {}
    for _ in range(ROUNDS):
        best(OURS, ours)
        best(THEIRS, theirs)
    print("| what | ns | peer | ns | Tenon is as fast, times | meant |\n|---|---|---|---|---|---|")
    for what, other, peer, meant in PARTS:
        mine, its = ours[what], theirs[other or what]
        print(f"| {what} | {mine:,.0f} | {peer} | {its:,.0f} | {its / mine:.2f} | {meant:.2f} |")


def close(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(close(a[k], b[k]) for k in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(close, a, b))
    numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
    return a == b or (numbers and abs(a - b) < 1e-6 * max(1, abs(a)))


def transformations(case):
    # Enough for starting to count little.
    text = (data / f"{case}.jsonl").read_text()
    input_file = data / f"{case}-long.jsonl"
    input_file.write_text(text * 16)
    rows = text.count("\n") * 16
    jaq = next(iter((work / "venv/bin").glob("jaq*")), "jaq")
    commands = {
        "Tenon": [OURS, "transform", case, input_file],
        "Rust by hand with serde": [THEIRS, "transform", case, input_file],
        "jq": ["jq", "-c", "-f", f"{case}/map.jq", input_file],
        "jaq": [jaq, "-c", "-f", f"{case}/map.jq", input_file],
        "JSONata": ["node", "map.mjs", work / "npm", f"{case}/map.jsonata", input_file],
        "VRL": [THEIRS, "vrl", f"{case}/map.vrl", input_file],
    }
    times, answers = {}, {}
    for name, command in commands.items():
        try:
            for _ in range(ROUNDS):
                started = time.perf_counter()
                done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                if done.returncode:
                    raise OSError(done.stderr.decode()[-200:].strip())
                times[name] = min(times.get(name, 1e9), time.perf_counter() - started)
            answers[name] = [json.loads(line) for line in done.stdout.splitlines()]
        except OSError as error:
            print(f"{name} is left out: {error}", file=sys.stderr)
    print(f"\n| {case}, whole processes | rows/s | Tenon is faster, times |\n|---|---|---|")
    for name, seconds in times.items():
        assert len(answers[name]) == rows and all(map(close, answers["Tenon"], answers[name])), f"{name} answers differently"
        print(f"| {name} | {rows / seconds:,.0f} | {seconds / times['Tenon']:.2f} |")
    input_file.unlink()


parts()
for case in ["flights", "orders"]:
    transformations(case)
