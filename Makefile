# The commands of the README and of CI. Everything else is `cargo`.
.PHONY: demo test check interop bench readers crash soak faults fuzz properties reference

# Builds Tenon and runs the flights example on real data; open http://127.0.0.1:8080/docs.
demo:
	cargo run --release --package tenon -- run examples/flights --dev

# What CI runs: format, lints, all tests, the examples end to end, docs in step.
test: check
	cargo test --workspace --quiet
	cargo run --quiet --package tenon -- test examples/flights
	cargo run --quiet --package tenon -- test examples/orders
	cargo run --quiet --package tenon -- test book

check:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- --deny warnings
	RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --quiet

# Holds the flights example to clients that are not Tenon's; see interop/README.md. Needs node, and installs the clients.
interop:
	interop/run

# Measures against the physical limit and against peers; see bench/README.md.
bench:
	bench/run

# Clients that do not read, do not finish what they send or send nothing, at full strength, against a process that the system
# holds to 512 MiB (by a control group, or a scope of systemd) and to 1,024 files: the peak memory of each attack.
readers:
	ATTACK=5 cargo test --package tenon --test readers -- --nocapture --test-threads 1

# A longer run of the crash tests: kills the process at random points, under files that are read and under requests that are
# sent again until they are answered, with reloads and (as root) full disks among them, under calls of another system, and under requests that are sent
# once, and counts what is left.
crash:
	CRASH_RUNS=$${RUNS:-500} cargo test --package tenon --test crash --test keyed_crash --test unkeyed_crash --test called_crash -- --nocapture

# Ten minutes of messages through flows and APIs: memory, files and threads have to be flat.
soak:
	SOAK_SECONDS=$${TIME:-600} cargo test --release --package tenon --test soak -- --nocapture

# Damages each file of a state folder in many ways, and looks at what a start makes of it.
faults:
	FAULTS=all cargo test --package tenon-engine --test state faults -- --nocapture

# Each reader and codec under libFuzzer for ten minutes (`TIME=60` for one); see fuzz/README.md.
fuzz:
	fuzz/run

# What holds for all contracts, at length: 100,000 pairs of types that are compared, 10,000 values of each format that come back,
# 10,000 types that are written and read again, and 1,000 types that are read in part.
properties:
	RELATE_CASES=$${CASES:-100000} cargo test --package tenon-contracts --test relate_properties
	ROUND_TRIPS=$${SAMPLES:-10000} AVRO_SAMPLES=$${SAMPLES:-10000} cargo test --package tenon-contracts --test round_trips --test avro -- --nocapture
	WRITTEN_TYPES=$${SAMPLES:-10000} cargo test --package tenon-contracts --test written
	WANTED_TYPES=$$(($${SAMPLES:-10000} / 10)) cargo test --package tenon-contracts --test wanted -- --nocapture

# Writes the generated pages of the book.
reference:
	cargo xtask reference
