//! Contracts that do not fit GraphQL as they are.

use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use tenon_model::{
    Field, Kind, Name, Shape, Types, Value,
    shape::{Format, Text, Union},
};
use tenon_plan::{Followed, GraphqlExposure, Operation, OperationKind, Plan, Reference};
use tenon_security::authorize::Access;

use super::Model;
use crate::{
    operation::Served,
    testing::{Backend, Fake, contract, gate, name, operation, plan, route, table, tight},
};

/// The columns that rows are filtered by, where they have them.
const FILTERED: &[&str] = &["host", "note", "up", "load", "state"];

/// The schema of an API that gets rows of `fields` by `id`.
fn schema(fields: Vec<Field>) -> String {
    schema_with(fields, Vec::new(), BTreeMap::new()).0
}

/// As [`schema`], with references to other tables and who may follow them; and the operations that it made itself.
fn schema_with(
    fields: Vec<Field>,
    references: Vec<Reference>,
    followed: BTreeMap<Name, Followed>,
) -> (String, Vec<(String, Access)>) {
    let filter =
        fields.iter().map(|field| field.name.clone()).filter(|it| FILTERED.contains(&it.as_str())).collect();
    let row = contract("row", [vec![Field::required("id", Shape::string())], fields].concat());
    let mut plan: Plan = plan(tight());
    let rows = table("rows", row, "id", references);
    plan.tables.insert(rows.name.clone(), Arc::clone(&rows));
    let kind = plan.apis[0].operations.iter().find_map(|operation| match &operation.kind {
        OperationKind::Send { flow, .. } => Some(Arc::clone(flow)),
        _ => None,
    });
    let (input, output) = (Arc::clone(&rows.contract), Arc::clone(&rows.contract));
    let kind = OperationKind::Send { flow: kind.unwrap(), input, output };
    let send = operation("send", route("POST", "/rows"), Access::Open, kind);
    let list = OperationKind::List {
        table: Arc::clone(&rows),
        filter,
        sort: Vec::new(),
        page_size: 10,
        max_page_size: 100,
    };
    let list = operation("all", route("GET", "/rows"), Access::Open, list);
    let get = operation("row", route("GET", "/rows/{id}"), Access::Open, OperationKind::Get { table: rows });
    let made = Mutex::new(Vec::new());
    let serve = |definition: Arc<Operation>| {
        let fake =
            Fake { name: definition.name.to_string(), table: None, backend: Arc::new(Backend::default()) };
        Arc::new(Served::new(definition, gate(), Arc::new(fake)))
    };
    let performer = |definition: Operation| {
        made.lock().unwrap().push((definition.name.to_string(), definition.access.clone()));
        serve(Arc::new(definition))
    };
    let mut api = Arc::into_inner(plan.apis.remove(0)).unwrap();
    api.references = followed;
    let exposure =
        GraphqlExposure { path: "/graphql".into(), introspection: true, max_depth: 8, max_answer: 1 << 20 };
    let model = Model::new(
        &plan,
        &api,
        &exposure,
        &[serve(Arc::new(get)), serve(Arc::new(list)), serve(Arc::new(send))],
        &performer,
    )
    .unwrap();
    (model.sdl, made.into_inner().unwrap())
}

#[test]
fn names_that_graphql_cannot_take_are_made_to_fit() {
    let fields = ["2nd", "a-b", "a_b", "__x", "ü"].map(|name| Field::required(name, Shape::BOOL)).to_vec();
    let sdl = schema(fields);
    for field in
        ["  _2nd: Boolean!", "  a_b: Boolean!", "  a_b_2: Boolean!", "  _x: Boolean!", "  field: Boolean!"]
    {
        assert!(sdl.contains(field), "{field}\n{sdl}");
    }
}

#[test]
fn what_has_no_type_of_its_own_is_json() {
    let odd = Shape::of(Kind::Enum(Arc::from([Value::from("a b")])));
    let mixed = Shape::of(Kind::Enum(Arc::from([Value::Int(1), Value::from("a")])));
    let variants = vec![("text".into(), Shape::string()), ("number".into(), Shape::INT)];
    let union = Shape::of(Kind::Union(Arc::new(Union { tag: None, variants })));
    let sdl = schema(vec![
        Field::required("odd", odd),
        Field::required("mixed", mixed),
        Field::required("union", union),
        Field::required("map", Shape::map(Shape::INT)),
        Field::required("any", Shape::ANY),
        Field::required("empty", Shape::record(Vec::new())),
        Field::required("bytes", Shape::BYTES),
    ]);
    for field in [
        "odd: String!",
        "mixed: JSON!",
        "union: JSON!",
        "map: JSON!",
        "any: JSON\n",
        "empty: JSON!",
        "bytes: String!",
    ] {
        assert!(sdl.contains(field), "{field}\n{sdl}");
    }
}

#[test]
fn records_become_types_even_if_they_are_recursive() {
    let named = Types::default().declare("node");
    let node = Shape::record(vec![Field::optional("next", Shape::of(Kind::Named(named.clone())))]);
    named.define(&node);
    let node = Shape::of(Kind::Named(named));
    let leg = Shape::record(vec![Field::required("from", Shape::string())]);
    let fields = vec![Field::optional("chain", node), Field::required("legs", Shape::list(leg).nullable())];
    let sdl = schema(fields);
    for part in [
        "chain: RowChain\n",
        "type RowChain {\n  next: RowChain\n}",
        "legs: [RowLegs!]\n",
        "type RowLegs {\n  from: String!\n}",
    ] {
        assert!(sdl.contains(part), "{part}\n{sdl}");
    }
}

#[test]
fn an_input_that_has_to_hold_itself_is_still_a_valid_schema() {
    let named = Types::default().declare("node");
    let inner = Shape::record(vec![Field::required("outer", Shape::of(Kind::Named(named.clone())))]);
    let node = Shape::record(vec![
        Field::required("me", Shape::of(Kind::Named(named.clone()))),
        Field::required("inner", inner),
    ]);
    named.define(&node);
    let sdl = schema(vec![Field::required("chain", Shape::of(Kind::Named(named)))]);
    assert!(
        sdl.contains("input RowChainInput {\n  me: RowChainInput\n  inner: RowChainInnerInput!\n}"),
        "{sdl}"
    );
}

#[test]
fn a_reference_gives_way_to_a_column_and_shows_only_what_the_api_says() {
    let reference =
        |text: &str| Reference { name: name(text), table: name("airlines"), columns: vec!["airline".into()] };
    let made = |followed: Option<Followed>| {
        let followed = followed.map(|followed| (name("airlines"), followed)).into_iter().collect();
        let fields = vec![Field::required("airline", Shape::string())];
        schema_with(fields, vec![reference("airline"), reference("carrier")], followed)
    };
    let guard = Access::Scope("airlines:read".into());
    let (sdl, readers) = made(Some(Followed::By(guard.clone())));
    for part in ["  airline: String!\n", "  airline_row: Airline\n", "  carrier: Airline\n"] {
        assert!(sdl.contains(part), "{part}\n{sdl}");
    }
    assert_eq!(readers, [("airlines".to_owned(), guard)]);
    for followed in [Some(Followed::Hidden), None] {
        let (sdl, readers) = made(followed);
        assert!(!sdl.contains("Airline"), "{sdl}");
        assert_eq!(readers, []);
    }
}

#[test]
fn a_column_is_compared_as_makes_sense_for_its_values() {
    let host = Text { format: Some(Format::Ipv4), ..Text::default() };
    let text = schema(vec![
        Field::required("host", Shape::of(Kind::String(Arc::new(host)))),
        Field::required("note", Shape::string()),
        Field::required("up", Shape::BOOL),
        Field::optional("load", Shape::FLOAT),
        Field::required("state", Shape::of(Kind::Enum(Arc::from([Value::from("NEW"), Value::from("OLD")])))),
    ]);
    let fields = |name: &str| -> Vec<&str> {
        let (_, rest) =
            text.split_once(&format!("input {name} {{\n")).unwrap_or_else(|| panic!("{name}: {text}"));
        let (fields, _) = rest.split_once('}').unwrap();
        fields.lines().filter_map(|line| Some(line.trim().split_once(':')?.0)).collect()
    };
    let filter = text.split_once("input RowFilter {").unwrap().1.split_once('}').unwrap().0;
    let kind_of = |column: &str| {
        let line = filter.lines().find(|line| line.trim().starts_with(column)).unwrap();
        line.split_once(": ").unwrap().1
    };
    for column in ["host", "up", "state"] {
        assert_eq!(fields(kind_of(column)), ["eq", "ne", "in", "null"], "{column}");
    }
    for column in ["note", "load"] {
        assert_eq!(fields(kind_of(column)).len(), 8, "{column}");
    }
    assert!(text.contains("Rows come in the order of the key, `id`."), "{text}");
}

#[test]
fn documentation_cannot_break_out_of_its_quotes() {
    let doc = "Ends \"\"\" here\n\\ and\u{1} type Evil { a: Int }";
    let field = Field { doc: Some(doc.into()), ..Field::required("a", Shape::BOOL) };
    let sdl = schema(vec![field]);
    assert!(sdl.contains("Ends \\\"\"\" here\n  \\ and type Evil"), "{sdl}");
}

fn any_shape() -> impl Strategy<Value = Shape> {
    let texts = proptest::collection::vec("[a-z _0-9]{0,6}", 1..4);
    let leaf = prop_oneof![
        Just(Shape::BOOL),
        Just(Shape::INT),
        Just(Shape::FLOAT),
        Just(Shape::DECIMAL),
        Just(Shape::TIMESTAMP),
        Just(Shape::ANY),
        Just(Shape::string()),
        texts.prop_map(|texts| Shape::of(Kind::Enum(texts.into_iter().map(Value::from).collect()))),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(Shape::list),
            inner.clone().prop_map(Shape::map),
            inner.clone().prop_map(Shape::nullable),
            fields(inner).prop_map(Shape::record),
        ]
    })
}

fn fields(shape: impl Strategy<Value = Shape>) -> impl Strategy<Value = Vec<Field>> {
    let field = ("[a-zA-Z_0-9 ü-]{1,8}", shape, any::<bool>(), ".{0,20}");
    proptest::collection::vec(field, 1..5).prop_map(|fields| {
        let field = |(name, shape, required, doc): (String, Shape, bool, String)| Field {
            required,
            doc: Some(doc.into()),
            ..Field::required(name, shape)
        };
        // Names are distinct, also to a database that does not tell capitals from small letters.
        let mut seen = HashSet::from(["id".to_owned()]);
        fields.into_iter().filter(|(name, ..)| seen.insert(name.to_lowercase())).map(field).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_contract_makes_a_valid_schema(fields in fields(any_shape())) {
        schema(fields);
    }
}

#[test]
fn what_graphql_calls_otherwise_is_a_warning_that_names_both() {
    let field = |name: &str| Field::optional(name, Shape::string());
    let row = contract("row", vec![Field::required("id", Shape::string()), field("c-d"), field("c_d")]);
    let mut plan: Plan = plan(tight());
    assert_eq!(crate::graphql_renames(&plan, &plan.apis[0]).unwrap(), None);
    let rows = table("rows", row, "id", Vec::new());
    let read = |text: &str, path: &str| {
        let kind = OperationKind::Get { table: Arc::clone(&rows) };
        Arc::new(operation(text, route("GET", path), Access::Open, kind))
    };
    let mut api = Arc::into_inner(plan.apis.remove(0)).unwrap();
    api.operations = vec![read("one-row", "/rows/{id}")];
    plan.apis = vec![Arc::new(api)];
    let report = crate::graphql_renames(&plan, &plan.apis[0]).unwrap().unwrap();
    assert_eq!(report.code().id, "A0005");
    let told =
        "GraphQL calls parts of the API `flights` otherwise: `Row.c-d` is `c_d_2`, `one-row` is `one_row`";
    assert_eq!(report.message(), told);
}
