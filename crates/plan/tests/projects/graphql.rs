//! Systems of GraphQL, and the steps that call them.

use tenon_contracts::format::Effect;
use tenon_plan::{Outcome, Plan, StepKind};

use crate::support;

pub(crate) const SHOP: &str = "type Query { product(sku: ID!): Product }
type Mutation { reserve(sku: ID!, quantity: Int! = 1): Boolean! }
type Product { sku: ID! name: String! price: Price! }
type Price { amount: Float! currency: String! }
";

const OPERATIONS: &str = "query find($sku: ID!) { product(sku: $sku) { ...Named price { amount } } }
fragment Named on Product { title: name }
";

const ORDER: &str = r#"{ "type": "object", "additionalProperties": false, "required": ["id", "sku"],
  "properties": { "id": { "type": "string" }, "sku": { "type": "string" } } }"#;

fn check_with(operations: &str, system: &str, steps: &[&str]) -> Outcome {
    let steps: String = steps.iter().map(|step| format!("      - {step}\n")).collect();
    let project = format!(
        "project: shop\nsystems:\n  bus: {{ broker: {{ url: embedded }} }}\n  catalog: {system}\ntopics:\n  orders: {{ in: bus, contract: order }}\n\
         flows:\n  take:\n    from: orders\n    steps:\n{steps}"
    );
    let files = [
        ("tenon.yaml", project.as_str()),
        ("systems/shop.graphql", SHOP),
        ("systems/shop.operations.graphql", operations),
        ("contracts/order/1.json", ORDER),
    ];
    support::check(files.map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).to_vec())
}

fn accepted(system: &str, steps: &[&str]) -> Plan {
    let outcome = check_with(OPERATIONS, system, steps);
    let rendered = support::rendered(&outcome);
    outcome.plan.unwrap_or_else(|_| panic!("{rendered}"))
}

const DESCRIBED: &str =
    "{ graphql: { schema: systems/shop.graphql, url: \"https://shop.example.com/graphql\" } }";
const WRITTEN: &str = "{ graphql: { schema: systems/shop.graphql, operations: systems/shop.operations.graphql, \
                       url: \"https://shop.example.com/graphql\" } }";
const FIND: &str = "call: { operation: catalog.find, fields: { sku: order.sku }, as: found }";
const RESERVE: &str = "call: { operation: catalog.reserve, fields: { sku: order.sku }, as: reserved }";

#[test]
fn the_fields_of_a_schema_and_what_a_project_writes_are_operations() {
    let product = "call: { operation: catalog.product, fields: { sku: order.sku }, as: product }";
    let plan = accepted(
        DESCRIBED,
        &[product, RESERVE, "filter: product != null && product.price.amount > 3.0 && reserved"],
    );
    let effects = plan.flows[0].steps.iter().filter_map(|step| match &step.kind {
        StepKind::Call(call) => Some(call.called.effect),
        _ => None,
    });
    assert_eq!(effects.collect::<Vec<_>>(), [Effect::Safe, Effect::Acts]);
    let plan = accepted(WRITTEN, &[FIND, "filter: found.product != null && found.product.title != ''"]);
    assert_eq!(plan.remotes["catalog"].operations[0].address, "query find");
    assert_eq!(plan.remotes["catalog"].reaching.instances[0].url, "https://shop.example.com/graphql");
    accepted(
        DESCRIBED,
        &[&RESERVE.replace(
            ", as:",
            ", failures: { OUT_OF_STOCK: none, errors: { reject: refused }, \"503\": retry }, as:",
        )],
    );
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    for (operations, system, step, wanted) in [
        ("query find { prodct { sku } }", WRITTEN, FIND, "systems/shop.operations.graphql:1:14"),
        (OPERATIONS, WRITTEN, RESERVE, "has no operation `reserve`"),
        (
            OPERATIONS,
            &WRITTEN.replace("shop.operations", "shop.operation"),
            FIND,
            "systems/shop.operation.graphql",
        ),
        (
            OPERATIONS,
            &WRITTEN.replace("schema: systems/shop.graphql", "schema: contracts/order/1.json"),
            FIND,
            "not a description in GraphQL",
        ),
        (OPERATIONS, "{ graphql: { schema: systems/shop.graphql } }", RESERVE, "url"),
        (OPERATIONS, WRITTEN, &FIND.replace("sku: order.sku", "sku: { value: true }"), "sku"),
        (OPERATIONS, WRITTEN, "filter: found.product.name != ''", "found"),
    ] {
        let outcome = check_with(operations, system, &[step]);
        let rendered = support::rendered(&outcome);
        assert!(outcome.plan.is_err() && rendered.contains(wanted), "{wanted}\n{rendered}");
    }
}
