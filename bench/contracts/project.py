"""Writes a project of 300 contracts and 1,000 mappings between them, and the same with 3,000 mistakes in one contract. Argument: a folder."""
import json, pathlib, sys

folder = pathlib.Path(sys.argv[1])
CONTRACTS, MAPPINGS, FIELDS = 300, 1_000, 12


def contract(n):
    kinds = [{"type": "integer"}, {"type": "string", "maxLength": 80}, {"type": "number"}, {"type": "string", "format": "date-time"}]
    fields = {f"field_{k}": kinds[k % 4] for k in range(FIELDS)}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"Contract {n}", "type": "object",
            "properties": {"id": {"type": "string", "minLength": 1}} | fields, "required": ["id", *fields], "additionalProperties": False}


def mapping(n):
    source, target = n % CONTRACTS, (n * 7 + 1) % CONTRACTS
    of = f"contract_{source}"
    fields = {f"field_{k}": f"{of}.field_{k}" for k in range(FIELDS)}
    fields |= {"id": f"{of}.id + '-{n}'", "field_0": f"{of}.field_0 > 10 ? {of}.field_0 + 1 : 0", "field_1": f"{of}.field_1.trim() + string({of}.field_0)",
               "field_2": f"{of}.field_2 * 1.5 + double({of}.field_0)"}
    return {"from": f"topic-{source}", "steps": [{"map": {"to": f"contract-{target}", "fields": fields}}, {"publish": f"topic-{target}"}]}


def write(project):
    (project / "contracts").mkdir(parents=True, exist_ok=True)
    for n in range(CONTRACTS):
        of = project / "contracts" / f"contract-{n}"
        of.mkdir(exist_ok=True)
        (of / "1.json").write_text(json.dumps(contract(n), indent=2))
    topics = {f"topic-{n}": {"in": "bus", "contract": f"contract-{n}", "key": f"contract_{n}.id"} for n in range(CONTRACTS)}
    flows = {f"flow-{n}": mapping(n) for n in range(MAPPINGS)}
    text = {"project": "wide", "systems": {"bus": {"broker": {"url": "embedded"}}}, "topics": topics, "flows": flows}
    (project / "tenon.yaml").write_text(json.dumps(text, indent=1))


write(folder / "many")
broken = contract(0)
broken["properties"] |= {f"wrong_{n}": {"type": "string", "description": n, "maxLength": -n - 1} for n in range(1_500)}
(folder / "mistakes/contracts/contract-0").mkdir(parents=True, exist_ok=True)
(folder / "mistakes/contracts/contract-0/1.json").write_text(json.dumps(broken, indent=2))
(folder / "mistakes/tenon.yaml").write_text('{"project": "mistakes", "systems": {"bus": {"broker": {"url": "embedded"}}}, "topics": {"t": {"in": "bus", "contract": "contract-0", "key": "contract_0.id"}}}')
