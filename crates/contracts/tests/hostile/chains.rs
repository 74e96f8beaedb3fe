//! Each part refers to the one before, or to it twice.

use crate::{Case, check, each, xsd};

/// A JSON Schema whose definitions are `a0`, `a1`, … up to one that is text.
fn defs(size: usize, of: impl Fn(usize) -> String) -> String {
    let inside = each(size, |n| format!(r#""a{n}": {}"#, of(n)), ",");
    format!(r##"{{"$ref": "#/$defs/a0", "$defs": {{ {inside}, "a{size}": {{"type": "string"}} }}}}"##)
}

fn openapi(paths: &str, components: &str) -> String {
    format!(
        r#"{{"openapi": "3.1.0", "info": {{"title": "t", "version": "1"}}, "paths": {{ {paths} }}, "components": {{ {components} }}}}"#
    )
}

const CHAINS: &[Case] = &[
    Case {
        name: "types that extend the one before",
        file: "a.xsd",
        text: |size| {
            let extended = |n| {
                format!(
                    "<xs:complexType name='T{}'><xs:complexContent><xs:extension base='T{n}'><xs:sequence><xs:element name='e{n}' type='xs:int'/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>",
                    n + 1
                )
            };
            xsd(&format!(
                "<xs:element name='top' type='T{size}'/><xs:complexType name='T0'/>{}",
                each(size, extended, "")
            ))
        },
    },
    Case {
        name: "types that restrict the one before",
        file: "a.xsd",
        text: |size| {
            let restricted = |n| {
                format!(
                    "<xs:simpleType name='S{}'><xs:restriction base='S{n}'><xs:pattern value='a*b{{0,{n}}}'/></xs:restriction></xs:simpleType>",
                    n + 1
                )
            };
            xsd(&format!(
                "<xs:element name='top' type='S{size}'/><xs:simpleType name='S0'><xs:restriction base='xs:string'/></xs:simpleType>{}",
                each(size, restricted, "")
            ))
        },
    },
    Case {
        name: "elements that stand for the one before",
        file: "a.xsd",
        text: |size| {
            let member =
                |n| format!("<xs:element name='e{}' type='xs:int' substitutionGroup='e{n}'/>", n + 1);
            xsd(&format!(
                "<xs:element name='e0' type='xs:int'/>{}<xs:element name='top'><xs:complexType><xs:sequence><xs:element ref='e0'/></xs:sequence></xs:complexType></xs:element>",
                each(size / 4, member, "")
            ))
        },
    },
    Case {
        name: "attribute groups with the one before",
        file: "a.xsd",
        text: |size| {
            let group = |n| {
                format!(
                    "<xs:attributeGroup name='g{}'><xs:attribute name='a{n}' type='xs:int'/><xs:attributeGroup ref='g{n}'/></xs:attributeGroup>",
                    n + 1
                )
            };
            xsd(&format!(
                "<xs:element name='top'><xs:complexType><xs:attributeGroup ref='g{size}'/></xs:complexType></xs:element><xs:attributeGroup name='g0'/>{}",
                each(size, group, "")
            ))
        },
    },
    Case {
        name: "references to the next",
        file: "a.json",
        text: |size| defs(size, |n| format!(r##"{{"$ref": "#/$defs/a{}"}}"##, n + 1)),
    },
    Case {
        name: "properties of the next",
        file: "a.json",
        text: |size| {
            defs(size, |n| {
                format!(
                    r##"{{"type": "object", "properties": {{"next": {{"$ref": "#/$defs/a{}"}}}}}}"##,
                    n + 1
                )
            })
        },
    },
    Case {
        name: "paths through the one before",
        file: "a.json",
        text: |size| {
            let property = |n: usize| {
                format!(
                    r##""p{}": {{"type": "object", "properties": {{"q": {{"$ref": "#/properties/p{n}/properties/q"}}}}}}"##,
                    n + 1
                )
            };
            format!(
                r#"{{"type": "object", "properties": {{"p0": {{"type": "object", "properties": {{"q": {{"type": "string"}}}}}}, {}}}}}"#,
                each(size, property, ",")
            )
        },
    },
    Case {
        name: "all of the next",
        file: "a.json",
        text: |size| {
            defs(size, |n| {
                format!(
                    r##"{{"allOf": [{{"$ref": "#/$defs/a{}"}}], "properties": {{"p{n}": {{}}}}}}"##,
                    n + 1
                )
            })
        },
    },
    Case {
        name: "components that refer to the next",
        file: "a.json",
        text: |size| {
            let schema = |n| format!(r##""a{n}": {{"$ref": "#/components/schemas/a{}"}}"##, n + 1);
            let get = r##""/a": {"get": {"responses": {"200": {"description": "a", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/a0"}}}}}}}"##;
            openapi(
                get,
                &format!(r#""schemas": {{ {}, "a{size}": {{"type": "string"}} }}"#, each(size, schema, ",")),
            )
        },
    },
    Case {
        name: "callbacks of callbacks",
        file: "a.json",
        text: |size| {
            let callbacks =
                each(size, |n| format!(r##""c{n}": {{"$ref": "#/components/callbacks/c"}}"##), ",");
            let post = format!(
                r#""post": {{"responses": {{"200": {{"description": "a"}}}}, "callbacks": {{ {callbacks} }}}}"#
            );
            openapi(
                &format!(r#""/a": {{ {post} }}"#),
                &format!(r#""callbacks": {{"c": {{"{{$request.body#/u}}": {{ {post} }}}}}}"#),
            )
        },
    },
    Case {
        name: "records with the one before",
        file: "a.avpr",
        text: |size| {
            let record = |n: usize| {
                let of = if n == 0 { "int".to_owned() } else { format!("R{}", n - 1) };
                format!(
                    r#"{{"type": "record", "name": "R{n}", "fields": [{{"name": "a", "type": "{of}"}}]}}"#
                )
            };
            let message = |n| {
                format!(r#""m{n}": {{"request": [{{"name": "a", "type": "R{n}"}}], "response": "R{n}"}}"#)
            };
            format!(
                r#"{{"protocol": "P", "types": [{}], "messages": {{ {} }}}}"#,
                each(size, record, ","),
                each(size, message, ",")
            )
        },
    },
    Case {
        name: "messages of the next",
        file: "a.proto",
        text: |size| {
            format!(
                "syntax = \"proto3\";\n{}message M{size} {{}}",
                each(size, |n| format!("message M{n} {{ M{} a = 1; }}\n", n + 1), "")
            )
        },
    },
    Case {
        name: "inputs of the next",
        file: "a.graphql",
        text: |size| {
            format!(
                "{}input T{size} {{ a: Int }} type Query {{ t(a: T0): Int }}",
                each(size, |n| format!("input T{n} {{ a: T{} }}\n", n + 1), "")
            )
        },
    },
    Case {
        name: "domains of the one before",
        file: "a.sql",
        text: |size| {
            let domain = |n| format!("CREATE DOMAIN d{} AS d{n} CHECK (VALUE > {n});\n", n + 1);
            format!(
                "CREATE DOMAIN d0 AS integer;\n{}CREATE TABLE t (id integer PRIMARY KEY, a d{size});",
                each(size, domain, "")
            )
        },
    },
    Case {
        name: "aliases of the one before, eight times",
        file: "a.yaml",
        text: |size| {
            format!(
                "a0: &a0 {{type: string}}\n{}",
                each(
                    size.min(1_000),
                    |n| format!("a{}: &a{} [{}]\n", n + 1, n + 1, vec![format!("*a{n}"); 8].join(", ")),
                    ""
                )
            )
        },
    },
];

#[test]
fn what_refers_to_the_one_before_takes_no_more_than_its_length() {
    check(CHAINS, 1_000);
}

/// Nested conditions doubled the work at each level: beyond some levels, the value is judged by them.
#[test]
fn conditions_in_the_else_of_others_are_held_however_many_there_are() {
    for depth in [2, 20, 60] {
        let before = r#"{"if":{"required":["a"]},"then":{"required":["c"]},"else":"#.repeat(depth);
        let text = format!(r#"{before}{{"required":["b"]}}{}"#, "}".repeat(depth));
        let root = tenon_document::parse("a.json", &text).unwrap();
        let schema = tenon_contracts::json_schema::read(&root).unwrap().into_only().unwrap();
        let decoder = tenon_contracts::json::Decoder::new(&schema.shape).unwrap();
        for (data, holds) in [
            (r#"{"b":1}"#, true),
            (r#"{"a":1,"c":1}"#, true),
            (r#"{"a":1,"b":1}"#, false),
            ("{}", false),
            ("1", true),
        ] {
            assert_eq!(decoder.decode(data.as_bytes()).is_ok(), holds, "{depth}: {data}");
        }
    }
}
