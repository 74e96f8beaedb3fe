//! Very many parts beside each other.

use crate::{Case, check, each, xsd};

fn list(key: &str, size: usize, part: impl Fn(usize) -> String) -> String {
    format!(r#"{{"{key}": [{}]}}"#, each(size, part, ","))
}

fn openapi(parameters: &str, paths: &str) -> String {
    format!(
        r#"{{"openapi": "3.1.0", "info": {{"title": "t", "version": "1"}}, "paths": {{"/a": {{"get": {{"parameters": [{parameters}], "responses": {{"200": {{"description": "a"}}}}}}}}{paths}}}}}"#
    )
}

const WIDE: &[Case] = &[
    Case {
        name: "members of one group, used often",
        file: "a.xsd",
        text: |size| {
            // Beyond the limit, also at the smaller size.
            let size = 5 * size;
            let member = |n| format!("<xs:element name='e{}' type='xs:int' substitutionGroup='e0'/>", n + 1);
            let top = |n| {
                format!(
                    "<xs:element name='t{n}'><xs:complexType><xs:sequence><xs:element ref='e0'/></xs:sequence></xs:complexType></xs:element>"
                )
            };
            xsd(&format!(
                "<xs:element name='e0' type='xs:int'/>{}{}",
                each(size, member, ""),
                each(size, top, "")
            ))
        },
    },
    Case {
        name: "types that are derived from one, used often",
        file: "a.xsd",
        text: |size| {
            let derived = |n| {
                format!(
                    "<xs:complexType name='T{n}'><xs:complexContent><xs:extension base='B'><xs:sequence/></xs:extension></xs:complexContent></xs:complexType><xs:element name='t{n}' type='B'/>"
                )
            };
            xsd(&format!("<xs:complexType name='B'/>{}", each(size, derived, "")))
        },
    },
    Case {
        name: "attributes",
        file: "a.xsd",
        text: |size| {
            xsd(&format!(
                "<xs:element name='top'><xs:complexType>{}</xs:complexType></xs:element>",
                each(size, |n| format!("<xs:attribute name='a{n}' type='xs:int'/>"), "")
            ))
        },
    },
    Case {
        name: "names that are not there",
        file: "a.xsd",
        text: |size| {
            xsd(&each(
                size,
                |n| format!("<xs:element name='e{n}' type='Missing{n}'/><xs:complexType name='Mising{n}'/>"),
                "",
            ))
        },
    },
    Case {
        name: "allOf with a property each",
        file: "a.json",
        text: |size| {
            list("allOf", size, |n| {
                format!(r#"{{"type": "object", "properties": {{"p{n}": {{}}}}, "required": ["p{n}"]}}"#)
            })
        },
    },
    Case {
        name: "oneOf of closed objects",
        file: "a.json",
        text: |size| {
            list("oneOf", size, |n| {
                format!(
                    r#"{{"type": "object", "properties": {{"p{n}": {{}}}}, "required": ["p{n}"], "additionalProperties": false}}"#
                )
            })
        },
    },
    Case {
        name: "oneOf of ranges",
        file: "a.json",
        text: |size| {
            list("oneOf", size, |n| {
                format!(r#"{{"type": "integer", "minimum": {}, "maximum": {}}}"#, 2 * n, 2 * n + 1)
            })
        },
    },
    Case {
        name: "oneOf of objects with tags",
        file: "a.json",
        text: |size| {
            list("oneOf", size, |n| {
                format!(
                    r#"{{"type": "object", "properties": {{"k": {{"const": "k{n}"}}}}, "required": ["k"]}}"#
                )
            })
        },
    },
    Case {
        name: "anyOf of objects",
        file: "a.json",
        text: |size| {
            list("anyOf", size, |n| {
                format!(r#"{{"type": "object", "properties": {{"p{n}": {{"type": "integer"}}}}}}"#)
            })
        },
    },
    Case {
        name: "a value each",
        file: "a.json",
        text: |size| list("enum", 10 * size, |n| format!("\"v{n}\"")),
    },
    Case {
        name: "patterns of names",
        file: "a.json",
        text: |size| {
            format!(
                r#"{{"type": "object", "patternProperties": {{ {} }}}}"#,
                each(size / 8, |n| format!(r#""^x{n}-[a-z]*$": {{"type": "integer"}}"#), ",")
            )
        },
    },
    Case {
        name: "names and patterns of names",
        file: "a.json",
        text: |size| {
            format!(
                r#"{{"type": "object", "properties": {{ {} }}, "patternProperties": {{ {} }}}}"#,
                each(size, |n| format!(r#""p{n}": {{}}"#), ","),
                each(size / 8, |n| format!(r#""^x{n}-[a-z]*$": {{"type": "integer"}}"#), ",")
            )
        },
    },
    Case {
        name: "allOf beside unevaluatedProperties",
        file: "a.json",
        text: |size| {
            format!(
                r#"{{"type": "object", "unevaluatedProperties": false, "allOf": [{}]}}"#,
                each(size, |n| format!(r#"{{"properties": {{"p{n}": {{}}}}}}"#), ",")
            )
        },
    },
    Case {
        name: "references that lead nowhere",
        file: "a.json",
        text: |size| {
            format!(
                r##"{{"type": "object", "properties": {{ {} }}, "$defs": {{ {} }}}}"##,
                each(size, |n| format!(r##""p{n}": {{"$ref": "#/$defs/missing{n}"}}"##), ","),
                each(size, |n| format!(r#""mising{n}": {{}}"#), ",")
            )
        },
    },
    Case {
        name: "required names that are not there",
        file: "a.json",
        text: |size| {
            format!(
                r#"{{"type": "object", "additionalProperties": false, "properties": {{ {} }}, "required": [{}]}}"#,
                each(size, |n| format!(r#""p{n}": {{}}"#), ","),
                each(size, |n| format!("\"q{n}\""), ",")
            )
        },
    },
    Case {
        name: "keys that no schema has",
        file: "a.json",
        text: |size| format!(r#"{{"type": "object", {}}}"#, each(size, |n| format!("\"unknwn{n}\": 1"), ",")),
    },
    Case {
        name: "schemas with addresses",
        file: "a.json",
        text: |size| {
            format!(
                r#"{{"$id": "https://a.example/", "type": "object", "$defs": {{ {} }}, "properties": {{ {} }}}}"#,
                each(size, |n| format!(r#""a{n}": {{"$id": "x{n}", "type": "string"}}"#), ","),
                each(size, |n| format!(r#""p{n}": {{"$ref": "x{n}"}}"#), ",")
            )
        },
    },
    Case {
        name: "parameters",
        file: "a.json",
        text: |size| {
            openapi(
                &each(
                    size,
                    |n| format!(r#"{{"name": "p{n}", "in": "query", "schema": {{"type": "string"}}}}"#),
                    ",",
                ),
                "",
            )
        },
    },
    Case {
        name: "paths of one derived name",
        file: "a.json",
        text: |size| {
            openapi(
                "",
                &each(
                    size,
                    |n| {
                        format!(
                            r#", "/a{}": {{"get": {{"responses": {{"200": {{"description": "a"}}}}}}}}"#,
                            "-".repeat(n % 50) + &"/".repeat(n / 50 + 1)
                        )
                    },
                    "",
                ),
            )
        },
    },
    Case {
        name: "traits",
        file: "a.json",
        text: |size| {
            // Beyond the limit, also at the smaller size.
            let size = 5 * size;
            format!(
                r##"{{"asyncapi": "3.0.0", "info": {{"title": "t", "version": "1"}}, "channels": {{"c": {{"address": "a", "messages": {{"m": {{"payload": {{"type": "string"}}, "traits": [{}]}}}}}}}}, "operations": {{"o": {{"action": "send", "channel": {{"$ref": "#/channels/c"}}}}}}, "components": {{"messageTraits": {{ {} }}}}}}"##,
                each(size, |n| format!(r##"{{"$ref": "#/components/messageTraits/t{n}"}}"##), ","),
                each(
                    size,
                    |n| format!(
                        r#""t{n}": {{"headers": {{"type": "object", "properties": {{"h{n}": {{"type": "string"}}}}}}}}"#
                    ),
                    ","
                )
            )
        },
    },
    Case {
        name: "messages of one channel",
        file: "a.json",
        text: |size| {
            format!(
                r##"{{"asyncapi": "3.0.0", "info": {{"title": "t", "version": "1"}}, "channels": {{"c": {{"address": "a", "messages": {{ {} }}}}}}, "operations": {{ {} }}}}"##,
                each(
                    size,
                    |n| format!(
                        r#""m{n}": {{"payload": {{"type": "object", "properties": {{"p{n}": {{}}}}}}}}"#
                    ),
                    ","
                ),
                each(
                    size,
                    |n| format!(r##""o{n}": {{"action": "send", "channel": {{"$ref": "#/channels/c"}}}}"##),
                    ","
                )
            )
        },
    },
    Case {
        name: "interfaces of one type",
        file: "a.graphql",
        text: |size| {
            format!(
                "{}type T implements {} {{ {} }} type Query {{ t: T }}",
                each(size, |n| format!("interface I{n} {{ f{n}: Int }}\n"), ""),
                each(size, |n| format!("I{n}"), " & "),
                each(size, |n| format!("f{n}: Int"), " ")
            )
        },
    },
    Case {
        name: "types that are not there",
        file: "a.graphql",
        text: |size| {
            format!(
                "type Query {{ {} }} {}",
                each(size, |n| format!("a{n}: Unknwn{n}"), " "),
                each(size, |n| format!("type Unknown{n} {{ a: Int }}"), " ")
            )
        },
    },
    Case {
        name: "members of a union",
        file: "a.graphql",
        text: |size| {
            format!(
                "{}union U = {} type Query {{ u: U }}",
                each(size, |n| format!("type T{n} {{ a: Int }}\n"), ""),
                each(size, |n| format!("T{n}"), " | ")
            )
        },
    },
    Case {
        name: "branches of a union",
        file: "a.avsc",
        text: |size| {
            format!(
                r#"{{"type": "record", "name": "Top", "fields": [{{"name": "u", "type": [{}]}}]}}"#,
                each(
                    size,
                    |n| format!(
                        r#"{{"type": "record", "name": "R{n}", "fields": [{{"name": "a", "type": "int"}}]}}"#
                    ),
                    ","
                )
            )
        },
    },
    Case {
        name: "fields with aliases",
        file: "a.avsc",
        text: |size| {
            format!(
                r#"{{"type": "record", "name": "R", "fields": [{}]}}"#,
                each(size, |n| format!(r#"{{"name": "f{n}", "type": "int", "aliases": ["g{n}"]}}"#), ",")
            )
        },
    },
    Case {
        name: "types of Avro that are not there",
        file: "a.avsc",
        text: |size| {
            format!(
                r#"{{"type": "record", "name": "R", "fields": [{}]}}"#,
                each(size, |n| format!(r#"{{"name": "f{n}", "type": "Missing{n}"}}"#), ",")
            )
        },
    },
    Case {
        name: "fields that are reserved",
        file: "a.proto",
        text: |size| {
            format!(
                "syntax = \"proto3\"; message M {{ reserved {}; reserved {}; {} }}",
                each(size, |n| (30_001 + 2 * n).to_string(), ", "),
                each(size, |n| format!("\"n{n}\""), ", "),
                each(size, |n| format!("int32 f{n} = {};", 30_002 + 2 * n), " ")
            )
        },
    },
    Case {
        name: "messages that are not there",
        file: "a.proto",
        text: |size| {
            format!(
                "syntax = \"proto3\"; message M {{ {} }} {}",
                each(size, |n| format!("Missing{n} f{n} = {};", 30_000 + n), " "),
                each(size, |n| format!("message Mising{n} {{}}"), " ")
            )
        },
    },
    Case {
        name: "a package of many names",
        file: "a.proto",
        text: |size| {
            format!(
                "syntax = \"proto3\"; package {}; {}",
                vec!["a"; size].join("."),
                each(size, |n| format!("message M{n} {{ M{n} a = 1; }}"), " ")
            )
        },
    },
    Case {
        name: "tables",
        file: "a.sql",
        text: |size| {
            each(
                size,
                |n| {
                    format!(
                        "CREATE TABLE t{n} (id integer PRIMARY KEY, r integer REFERENCES t{}(id));\n",
                        n.saturating_sub(1)
                    )
                },
                "",
            )
        },
    },
    Case {
        name: "conditions of a column",
        file: "a.sql",
        text: |size| {
            format!(
                "CREATE TABLE t (id integer PRIMARY KEY, a integer{});",
                each(size, |n| format!(", CHECK (a > {n})"), "")
            )
        },
    },
    Case {
        name: "operations of a service",
        file: "a.wsdl",
        text: |size| {
            let operation = |n| {
                format!("<operation name='o{n}'><input message='t:m'/><output message='t:m'/></operation>")
            };
            let bound = |n| {
                format!(
                    "<operation name='o{n}'><soap:operation soapAction='x{n}'/><input><soap:body use='literal'/></input><output><soap:body use='literal'/></output></operation>"
                )
            };
            format!(
                "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:soap='http://schemas.xmlsoap.org/wsdl/soap/' xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:t'>\
                 <types><xs:schema targetNamespace='urn:t'><xs:element name='a' type='xs:string'/></xs:schema></types><message name='m'><part name='p' element='t:a'/></message>\
                 <portType name='P'>{}</portType><binding name='B' type='t:P'><soap:binding transport='http://schemas.xmlsoap.org/soap/http'/>{}</binding>\
                 <service name='S'><port name='p' binding='t:B'><soap:address location='http://a'/></port></service></definitions>",
                each(size, operation, ""),
                each(size, bound, "")
            )
        },
    },
    Case {
        name: "texts of a YAML file with the same alias",
        file: "a.yaml",
        text: |size| {
            format!(
                "type: object\n$defs:\n  a: &a {{type: string}}\nproperties:\n{}",
                each(size, |n| format!("  p{n}: *a\n"), "")
            )
        },
    },
];

#[test]
fn what_stands_beside_each_other_takes_no_more_than_its_number() {
    check(WIDE, 300);
}
