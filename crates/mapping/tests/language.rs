//! What the language has besides data: addresses, blocks of common parts, namespaces, members of enumerations by name, and messages
//! of types that a host lends.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::sync::Arc;

use common::told;
use tenon_mapping::{
    Expression, Frame, Inline, Scope, Type,
    messages::{
        Enumeration, Holds, Item, MessageField, MessageType, MessageTypes, Natural, Scalar, make, message,
    },
};
use tenon_model::{Field, Kind, Map, Shape, Str, Types, Value, shape::KeyKind};

#[track_caller]
fn compiled(text: &str, scope: &Scope) -> Expression {
    Expression::compile(text, &Inline::new("test", text), scope)
        .unwrap_or_else(|reports| panic!("{text}\n{}", told(&reports)))
}

#[track_caller]
fn gives_in(scope: &Scope, values: &[Value], text: &str, wanted: impl Into<Value>) {
    let frame = Frame::new(values.to_vec(), "2024-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(compiled(text, scope).evaluate(&frame), Ok(Some(wanted.into())), "{text}");
}

#[track_caller]
fn reports_in(scope: &Scope, text: &str, wanted: &str) {
    match Expression::compile(text, &Inline::new("test", text), scope) {
        Ok(expression) => panic!("{text} is accepted as {:?}", expression.ty()),
        Err(reports) => assert_eq!(told(&reports), wanted, "{text}"),
    }
}

#[track_caller]
fn fails_in(scope: &Scope, values: &[Value], text: &str, wanted: &str) {
    let frame = Frame::new(values.to_vec(), "2024-01-01T00:00:00Z".parse().unwrap());
    let report = compiled(text, scope).evaluate(&frame).unwrap_err();
    assert_eq!(report.message(), wanted, "{text}");
}

/// A host with one message type, which holds itself, and one enumeration.
#[derive(Debug)]
struct Shop {
    has_enum_types: bool,
}

impl MessageTypes for Shop {
    fn message(&self, name: &str) -> Option<Arc<MessageType>> {
        let field = |name: &str, holds: Holds, has_presence: bool, choice: Option<&str>| MessageField {
            name: name.into(),
            holds,
            default: None,
            has_presence,
            choice: choice.map(Str::new),
        };
        let one = |item| Holds::One(item);
        (name == "shop.v1.Order").then(|| {
            Arc::new(MessageType::new(
                "shop.v1.Order".into(),
                vec![
                    field("id", one(Item::Scalar(Scalar::Int32)), false, None),
                    field("count", one(Item::Scalar(Scalar::Uint32)), true, None),
                    field("color", one(Item::Enum("shop.v1.Color".into())), false, None),
                    field("parent", one(Item::Message("shop.v1.Order".into())), true, None),
                    field("note", one(Item::Natural(Natural::Wrapper(Scalar::String))), true, None),
                    field("card", one(Item::Scalar(Scalar::String)), true, Some("payment")),
                    field("voucher", one(Item::Scalar(Scalar::String)), true, Some("payment")),
                    field("tags", Holds::List(Item::Scalar(Scalar::String)), false, None),
                    field("sizes", Holds::Map(KeyKind::Int, Item::Scalar(Scalar::Double)), false, None),
                    field("[shop.v1.priority]", one(Item::Scalar(Scalar::Int64)), true, None),
                ],
            ))
        })
    }

    fn enumeration(&self, name: &str) -> Option<Arc<Enumeration>> {
        let members = vec![("NONE".into(), 0), ("RED".into(), 1)];
        (name == "shop.v1.Color").then(|| Arc::new(Enumeration { name: name.into(), members }))
    }

    fn has_enum_types(&self) -> bool {
        self.has_enum_types
    }

    fn unpack(&self, name: &str, _: &[u8]) -> Result<Value, String> {
        Err(format!("there is no conversion to `{name}`"))
    }
}

fn shop() -> Scope {
    Scope::new()
        .with_types(Arc::new(Shop { has_enum_types: false }))
        .within("shop.v1")
        .with_message("order", "shop.v1.Order")
}

fn order() -> Value {
    let shop = Shop { has_enum_types: false };
    let ty = shop.message("shop.v1.Order").unwrap();
    make(&shop, &ty, [("id".into(), Value::Int(7)), ("card".into(), Value::from("4711"))]).unwrap()
}

#[test]
fn a_message_is_a_record_that_says_what_it_is_and_holds_what_is_set() {
    let scope = shop();
    let mut fields = Map::new();
    fields.insert("count", Value::Uint(0));
    gives_in(
        &scope,
        &[order()],
        "Order{id: 0, count: 0u, tags: []}",
        message("shop.v1.Order".into(), &fields),
    );
    gives_in(&scope, &[order()], "order.id + Order{}.id", 7);
    gives_in(&scope, &[order()], "Order{}.parent.parent.tags.size() + Order{}.sizes.size()", 0);
    gives_in(&scope, &[order()], "has(order.card) && !has(order.voucher) && !has(Order{id: 0}.id)", true);
    gives_in(&scope, &[order()], "Order{card: 'a', voucher: 'b'} == Order{voucher: 'b'}", true);
    gives_in(&scope, &[order()], "order == Order{id: 7, card: '4711'} && order != Order{}", true);
    gives_in(&scope, &[order()], "type(order) == shop.v1.Order && type(Order{}.sizes) == map", true);
    gives_in(&scope, &[order()], "[order, Order{}].exists(o, o.id == 0)", true);
    gives_in(&scope, &[order()], "Order{?note: optional.none()}.note == null", true);
    gives_in(&scope, &[order()], "order.?note.orValue('none') + order.?card.orValue('none')", "none4711");
    gives_in(&scope, &[order()], "Order{color: Color.RED}.color == 1", true);
    gives_in(&scope, &[order()], "proto.hasExt(order, shop.v1.priority)", false);
    gives_in(&scope, &[order()], "Order{sizes: {1: 2.5}}.sizes[1]", 2.5);
    assert_eq!(compiled("[order.parent]", &scope).cel_type(), "list(shop.v1.Order)");
    assert_eq!(compiled("order.note", &scope).cel_type(), "wrapper(string)");
}

#[test]
fn what_a_message_does_not_hold_is_refused() {
    let scope = shop();
    reports_in(&scope, "Order{idd: 1}", "M0003 7 `shop.v1.Order` has no field `idd`; write `id`");
    reports_in(&scope, "order.idd", "M0003 7 `shop.v1.Order` has no field `idd`; write `id`");
    reports_in(&scope, "Order{id: 'a'}", "M0005 11 the field `id` does not take text");
    reports_in(&scope, "Ordr{}", "M0001 1 there is no message type `Ordr`");
    let large = |n: &str| {
        format!("`shop.v1.Order` is not made: the field `id` does not take {n}, which is outside its range")
    };
    let constant = format!("M0009 1 {}; correct the constant", large("5000000000"));
    reports_in(&scope, "Order{id: 5000000000}", &constant);
    let values = [order()];
    fails_in(&scope, &values, "Order{id: order.id * 1000000000}", &large("7000000000"));
    fails_in(
        &scope,
        &values,
        "Order{id: dyn(order.card)}",
        "`shop.v1.Order` is not made: the field `id` does not take text",
    );
    reports_in(
        &Scope::new(),
        "Order{}",
        "M0001 1 `Order{...}` makes a Protobuf message, and there are no message types here; write a map: `{\"field\": value}`",
    );
}

#[test]
fn enumerations_are_types_where_the_host_says_so() {
    let scope = Scope::new().with_types(Arc::new(Shop { has_enum_types: true })).within("shop.v1");
    gives_in(&scope, &[], "Color.RED == Color(1) && Color('RED') != Color.NONE", true);
    gives_in(&scope, &[], "int(Order{color: Color.RED}.color)", 1);
    gives_in(&scope, &[], "type(Order{}.color) == Color", true);
    reports_in(
        &scope,
        "Color('RDE')",
        "M0009 1 \"RDE\" is not a valid member of `shop.v1.Color`; correct the constant",
    );
    reports_in(
        &scope,
        "Color.RED == 1",
        "M0005 1 shop.v1.Color and integer are never equal; convert one of them",
    );
}

#[test]
fn names_are_looked_for_in_the_namespace_first_and_macros_hide_them() {
    let scope = Scope::new()
        .with("shop.v1.x", Type::of(Shape::INT))
        .with("x", Type::of(Shape::string()))
        .with("shop.y.z", Type::of(Shape::BOOL))
        .within("shop.v1");
    let values = [Value::Int(1), Value::from("outer"), Value::Bool(true)];
    gives_in(&scope, &values, "x", 1);
    gives_in(&scope, &values, ".x", "outer");
    gives_in(&scope, &values, "y.z", true);
    gives_in(&scope, &values, "[0].exists(x, x == 0) && ['outer'].exists(x, x == .x)", true);
}

/// A named enumeration, open as those of proto3 are.
fn colors() -> Scope {
    let types = Types::default();
    let color = types.declare("shop.v1.Order.Color");
    let names: Arc<[Value]> = Arc::from([Value::from("RED"), Value::from("GREEN")]);
    color.define(&Shape::of(Kind::Enum(names)));
    let node = types.declare("shop.v1.Order");
    let fields = vec![
        Field::required("color", Shape::of(Kind::Named(color))),
        Field::optional("parent", Shape::of(Kind::Named(node.clone()))),
    ];
    node.define(&Shape::record(fields));
    Scope::new().with("order", Type::of(Shape::of(Kind::Named(node))))
}

#[test]
fn members_of_enumerations_that_contracts_name_have_names() {
    let scope = colors();
    let values = [Value::record([("color", Value::from("RED"))])];
    gives_in(&scope, &values, "order.color == Color.RED && order.color != Order.Color.GREEN", true);
    gives_in(&scope, &values, "shop.v1.Order.Color.GREEN", "GREEN");
    reports_in(&scope, "order.color == Color.RDE", "M0003 16 `Color` has no member `RDE`; write `Color.RED`");
    reports_in(
        &scope,
        "olor.RED",
        "M0002 1 `olor` is not defined here; write `order`, the only variable here",
    );
}

#[test]
fn addresses_compare_by_what_they_are_and_become_text_as_data() {
    let scope = Scope::new().with("host", Type::of(Shape::string()));
    let values = [Value::from("10.1.2.3")];
    gives_in(
        &scope,
        &values,
        "cidr('10.0.0.0/8').containsIP(host) && ip(host) == ip('::ffff:0a01:0203')",
        true,
    );
    gives_in(&scope, &values, "ip(host)", "10.1.2.3");
    gives_in(&scope, &values, "cidr(host + '/16').masked()", "10.1.0.0/16");
    fails_in(&scope, &values, "ip(host + '.4')", "\"10.1.2.3.4\" is not a valid IP address");
    fails_in(
        &scope,
        &values,
        "cidr(host)",
        "\"10.1.2.3\" is not a block of IP addresses, such as \"10.0.0.0/8\"",
    );
    reports_in(
        &scope,
        "[ip(host)]",
        "M0006 2 `ip(host)` is a network address, which lists and maps cannot hold; write `string(ip(host))`",
    );
    reports_in(
        &scope,
        "ip(host) == host",
        "M0005 1 network address and text are never equal; write `string(ip(host))`",
    );
}

#[test]
fn what_is_no_data_is_in_no_list_and_has_no_order() {
    let scope = Scope::new().with("hosts", Type::of(Shape::list(Shape::string())));
    let held = "is a network address, which lists and maps cannot hold; write `string(ip(h))`";
    reports_in(&scope, "hosts.map(h, ip(h))", &format!("M0006 14 `ip(h)` {held}"));
    reports_in(&scope, "hosts.transformMap(i, h, ip(h))", &format!("M0006 26 `ip(h)` {held}"));
    reports_in(
        &scope,
        "hosts.map(h, type(h))",
        "M0006 14 `type(h)` is a type, which lists and maps cannot hold",
    );
    reports_in(&scope, "hosts.sortBy(h, ip(h))", "M0005 17 `sortBy` needs an order, and `ip(h)` has none");
}

#[test]
fn a_slot_of_a_block_fails_only_for_those_who_read_it() {
    let scope = Scope::new().with("n", Type::of(Shape::INT));
    let values = [Value::Int(0)];
    gives_in(&scope, &values, "cel.block([1 / n, n + 1], cel.index(1))", 1);
    gives_in(&scope, &values, "cel.block([1 / n], n == 0 || cel.index(0) > 1)", true);
    fails_in(&scope, &values, "cel.block([1 / n, cel.index(0) + 1], cel.index(1))", "1 / 0 divides by zero");
    gives_in(
        &scope,
        &values,
        "cel.block([n], [1, 2].map(cel.iterVar(0, 0), cel.iterVar(0, 0) + cel.index(0)).size())",
        2,
    );
    reports_in(
        &scope,
        "cel.index(0)",
        "M0002 1 `cel.index(0)` is not defined here; use it within what defines it",
    );
    reports_in(
        &scope,
        "cel.block(n, 1)",
        "M0001 11 `cel.block` takes a list that is written out; write `cel.block([a, b], ...)`",
    );
}

#[test]
fn maps_of_other_keys_keep_their_type() {
    let map = Shape::of(Kind::Map(Arc::new(tenon_model::shape::MapOf {
        key: KeyKind::Int,
        value: Shape::string(),
        length: tenon_model::shape::Length::default(),
    })));
    let scope = Scope::new().with("shelves", Type::of(map));
    for (text, ty) in [
        ("shelves.transformMap(k, v, size(v))", "map(int, int)"),
        ("shelves.transformMapEntry(k, v, {v: k})", "map(string, int)"),
        ("{1: true, 2: false}", "map(int, bool)"),
        ("{1u: 'a'}", "map(uint, string)"),
    ] {
        assert_eq!(compiled(text, &scope).cel_type(), ty, "{text}");
    }
}

#[test]
fn what_is_shared_within_a_value_does_not_take_for_ever() {
    let scope = Scope::new().with("n", Type::of(Shape::INT));
    let twice: Vec<String> = (0..60).map(|at| format!("[cel.index({at}), cel.index({at})]")).collect();
    let slots = format!("[n], {}", twice.join(", "));
    let frame = Frame::new(vec![Value::Int(1)], "2024-01-01T00:00:00Z".parse().unwrap());
    for body in [
        "cel.index(60)",
        "cel.index(60) == [cel.index(59), cel.index(59)]",
        "cel.index(60) in [cel.index(60)]",
        "[cel.index(60), cel.index(60)].distinct().size()",
        "sets.contains([cel.index(60)], [cel.index(60)])",
    ] {
        let text = format!("cel.block([{slots}], {body})");
        let report = compiled(&text, &scope).evaluate(&frame).unwrap_err();
        assert_eq!(report.code().id, "M0008", "{body}: {report:?}");
    }
}
