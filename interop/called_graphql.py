"""Has `tenon run` and `tenon call` call a service of graphql-js, as it is: `called_graphql.py TENON GRAPHQL_SHOP`, where the latter is
`graphql_shop.mjs` beside its modules."""

import json
import pathlib
import subprocess
import sys
import tempfile

from checks import finish, same, start

HERE = pathlib.Path(__file__).parent
TENON, SHOP = sys.argv[1:3]
OPERATIONS = """query named($names: [String!]) {
  products(filter: { names: $names }) { __typename ...Sold }
}
fragment Sold on Product { sku ... on Cup { handles } ... on Pot { litres } }
mutation reserve($sku: ID!, $quantity: Int!) { done: reserve(input: { sku: $sku, quantity: $quantity }) { quantity } }
"""


def project(folder, url, operations):
    root = pathlib.Path(folder)
    for path in ["contracts/order", "contracts/kept", "systems", "secrets", "data"]:
        (root / path).mkdir(parents=True)
    text = {"type": "string"}
    for name, fields in {"order": {"sku": text}, "kept": {"sku": text, "answer": text}}.items():
        shape = {"type": "object", "additionalProperties": False, "required": list(fields), "properties": fields}
        (root / f"contracts/{name}/1.json").write_text(json.dumps(shape))
    (root / "systems/shop.graphql").write_text((HERE / "shop.graphql").read_text())
    (root / "systems/operations.graphql").write_text(OPERATIONS)
    (root / "secrets/TOKEN").write_text("hunter2")
    (root / "data/orders.csv").write_text("sku\ncup\npot\n")
    flow = """
tables:
  kept: { in: db, contract: kept, key: sku }
flows:
  ask:
    from: { file: { in: files, path: orders.csv, contract: order } }
    steps:
      - call:
          operation: shop.reserve
          fields: { sku: order.sku, quantity: { value: 2 } }
          as: reserved
          failures: { OUT_OF_STOCK: { reject: conflict, message: failure.detail } }
      - map: { to: kept, fields: { sku: order.sku, answer: string(reserved.done.quantity) } }
      - upsert: kept
"""
    (root / "tenon.yaml").write_text(f"""project: shop
systems:
  files: {{ files: {{ folder: data }} }}
  db: {{ sql: {{ url: "sqlite://shop.db" }} }}
  shop:
    graphql: {{ schema: systems/shop.graphql{", operations: systems/operations.graphql" if operations else ""}, url: "{url}" }}
    auth: {{ bearer: "${{secret:TOKEN}}" }}
{flow if operations else ""}""")


def tenon(*arguments):
    return subprocess.run([TENON, *arguments, "--format", "json"], capture_output=True, text=True, check=False)


def called(folder, operation, value):
    """What `tenon call` answers: the value, or the code of its report."""
    done = tenon("call", operation, "--input", json.dumps(value), "-C", folder)
    said = json.loads(done.stdout or "null")
    return said if done.returncode == 0 else said[0]["code"]


url = f"http://127.0.0.1:{start('node', SHOP, 'PORT', HERE / 'shop.graphql')}/graphql"
with tempfile.TemporaryDirectory() as folder:
    project(folder, url, True)
    pot = {"__typename": "Pot", "sku": "pot", "litres": 1.5}
    same("an operation with a fragment and alternatives", called(folder, "shop.named", {"names": ["Pot"]}), {"products": [pot]})
    ran = tenon("run", folder, "--until-idle", "--listen", "127.0.0.1:0")
    if ran.returncode:
        raise SystemExit(f"tenon run: {ran.stdout} {ran.stderr}")
    same("a flow: what was answered", json.loads(tenon("tables", "kept", "-C", folder).stdout), [{"sku": "cup", "answer": "2"}])
    letters = json.loads(tenon("dead", "list", "-C", folder).stdout)
    found = [(letter["code"], letter["report"]["message"]) for letter in letters]
    same("a flow: an error by its code", found, [("F0043", "there is none left")])
with tempfile.TemporaryDirectory() as folder:
    project(folder, url, False)
    cup = {"__typename": "Cup", "sku": "cup", "name": "Cup", "handles": 1}
    same("a field of the schema, as a whole", called(folder, "shop.product", {"sku": "cup"}), cup)
    same("nothing", called(folder, "shop.product", {"sku": "mug"}), None)
    same("an error where the answer may not be null", called(folder, "shop.secret", {}), "Y0421")
    pathlib.Path(folder, "secrets/TOKEN").write_text("other")
    same("credentials that are refused", called(folder, "shop.product", {"sku": "cup"}), "Y0423")
finish()
