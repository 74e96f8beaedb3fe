//! Project folders: the text of `tenon.yaml`, and mappings in a project that is right.

use std::{fs, path::Path, sync::LazyLock};

use tenon_errors::Reports;
use tenon_plan::{DataFiles, Facts, compile};
use tenon_ports::folder::MemoryFolder;

use super::outcome_of_all;
use crate::{Target, seeds};

pub(super) const PROJECT: Target = Target { name: "project", seeds: of_project, run: compiled };
pub(super) const MAPPING: Target = Target { name: "mapping", seeds: of_mapping, run: mapping };

/// The contracts of an example of four formats.
pub(super) const CONTRACTS: [&str; 4] = [
    "contracts/placed/1.avsc",
    "contracts/purchase/1.xsd",
    "contracts/receipt/1.json",
    "contracts/sale/1.sql",
];

/// Those contracts with their texts.
static AROUND: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/orders");
    let file = |path: &str| (path.to_owned(), fs::read(root.join(path)).expect("the example is there"));
    CONTRACTS.into_iter().map(file).collect()
});

fn of_project() -> Vec<Vec<u8>> {
    let mut all = seeds::files("examples/orders", "yaml");
    all.extend(seeds::files("examples/flights", "yaml"));
    all.extend(seeds::files("examples/broken", "yaml").into_iter().take(60));
    all
}

fn compiled(text: &[u8]) -> u64 {
    let project = ("tenon.yaml".to_owned(), text.to_vec());
    let folder = MemoryFolder::new(AROUND.iter().cloned().chain([project]));
    let facts = Facts {
        data: DataFiles::Ignore,
        connectors: tenon_connectors::ALL,
        secrets: &|name| name.len() % 2 == 0,
    };
    let environment = |name: &str| name.starts_with('A').then(|| "a".to_owned());
    let outcome = compile(&folder, &environment, &facts);
    for report in outcome.plan.as_ref().err().into_iter().flat_map(Reports::iter) {
        assert_ne!(report.code().id, tenon_errors::catalogue::engine::INTERNAL.id, "{report:?}");
    }
    outcome_of_all(&outcome.plan)
}

const BEFORE: &str = "project: orders\nsystems:\n  bus: { broker: { url: embedded } }\ntopics:\n  placed: { in: bus, contract: placed, key: placed.number }\n  \
    other: { in: bus, contract: placed }\nflows:\n  copy:\n    from: placed\n    steps:\n      - map:\n          to: placed\n          fields:\n";
const AFTER: &str = "\n      - publish: other\n";

fn of_mapping() -> Vec<Vec<u8>> {
    seeds::texts(&[
        "number: placed.number\nsku: placed.sku\ncustomer: placed.customer\nday: placed.day\nquantity: placed.quantity\nprice: placed.price",
        "...: placed\nquantity: { value: 7 }\nsku: \"placed.sku + 'x'\"",
        "...: { from: placed, without: [sku] }\nsku: { each: placed.sku, as: x, item: x }",
        "number: int(string(placed.number)) + 1\nday: { value: 2013-01-01 }\nprice: placed.price * decimal('1.19')",
        "sku: >-\n  placed.sku.matches('^[a-z]+$')\n    ? 'a' : 'b'\nmore: { nested: { deep: placed } }",
    ])
}

/// The fields of a mapping in a project that is right.
fn mapping(bytes: &[u8]) -> u64 {
    let Ok(text) = std::str::from_utf8(bytes) else { return 2 };
    let fields: String = text.lines().map(|line| format!("            {line}\n")).collect();
    compiled(format!("{BEFORE}{fields}{AFTER}").as_bytes())
}
