//! The attributes that each part of a schema has (XML Schema Part 1, appendix A). Others say nothing, and those of version 1.1 that say
//! something which is not read are refused.

use tenon_errors::{Report, catalogue::contract::UNSUPPORTED_KEYWORD};

use super::{Reader, XSD};
use crate::xml::Element as Node;

const COUNTS: [&str; 2] = ["minOccurs", "maxOccurs"];

/// What only version 1.1 has, and changes what is allowed.
const LATER: &[&str] = &[
    "defaultAttributes",
    "defaultAttributesApply",
    "inheritable",
    "notNamespace",
    "notQName",
    "test",
    "xpathDefaultNamespace",
];

/// The attributes of the part `local`; `None` for a part that is told to be unknown where it stands.
fn attributes(local: &str) -> Option<&'static [&'static str]> {
    Some(match local {
        "schema" => &[
            "targetNamespace",
            "version",
            "finalDefault",
            "blockDefault",
            "attributeFormDefault",
            "elementFormDefault",
        ],
        "include" | "redefine" => &["schemaLocation"],
        "import" => &["namespace", "schemaLocation"],
        "element" => &[
            "name",
            "ref",
            "type",
            "substitutionGroup",
            "default",
            "fixed",
            "form",
            "nillable",
            "abstract",
            "final",
            "block",
            COUNTS[0],
            COUNTS[1],
        ],
        "attribute" => &["name", "ref", "type", "use", "default", "fixed", "form"],
        "complexType" => &["name", "mixed", "abstract", "final", "block"],
        "simpleType" => &["name", "final"],
        "group" => &["name", "ref", COUNTS[0], COUNTS[1]],
        "all" | "choice" | "sequence" => &COUNTS,
        "any" => &["namespace", "processContents", COUNTS[0], COUNTS[1]],
        "anyAttribute" => &["namespace", "processContents"],
        "attributeGroup" => &["name", "ref"],
        "unique" | "key" => &["name"],
        "keyref" => &["name", "refer"],
        "selector" | "field" => &["xpath"],
        "restriction" | "extension" => &["base"],
        "list" => &["itemType"],
        "union" => &["memberTypes"],
        "simpleContent" => &[],
        "complexContent" => &["mixed"],
        "length" | "minLength" | "maxLength" | "pattern" | "enumeration" | "whiteSpace" | "minInclusive"
        | "minExclusive" | "maxInclusive" | "maxExclusive" | "totalDigits" | "fractionDigits"
        | "explicitTimezone" => &["value", "fixed"],
        "notation" => &["name", "public", "system"],
        _ => return None,
    })
}

/// The parts that only version 1.1 has.
const LATER_PARTS: &[&str] =
    &["alternative", "assert", "assertion", "defaultOpenContent", "openContent", "override"];

impl Reader<'_> {
    /// Tells that `node` may not stand where it does.
    pub(super) fn misplaced(&mut self, node: &Node, otherwise: String) {
        if !LATER_PARTS.contains(&&*node.name.local) {
            return self.bad(node, otherwise, "move or remove it");
        }
        let message = format!("`{}` is of version 1.1, and is not read", node.name.local);
        let report = Report::new(&UNSUPPORTED_KEYWORD, message).at(node.place.clone());
        self.push(report.hint("say the same with what version 1.0 has, or check it in a mapping"));
    }

    /// Tells the attributes in `node`, and in what is inside of it, that their parts do not have.
    pub(super) fn known_attributes(&mut self, node: &Node) {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if node.name.namespace.as_deref() != Some(XSD) || &*node.name.local == "annotation" {
                continue;
            }
            open.extend(&node.children);
            let Some(known) = attributes(&node.name.local) else { continue };
            for (name, _) in node.attributes.iter().filter(|(name, _)| name.namespace.is_none()) {
                if known.contains(&&*name.local) || &*name.local == "id" {
                    continue;
                }
                if LATER.contains(&&*name.local) {
                    let message = format!("`{}` is of version 1.1, and is not read", name.local);
                    let report = Report::new(&UNSUPPORTED_KEYWORD, message).at(node.place.clone());
                    self.push(report.hint("say the same with what version 1.0 has"));
                } else {
                    let message =
                        format!("the attribute `{}` says nothing in `{}`", name.local, node.name.local);
                    self.note(node, message, "remove it, or correct its name");
                }
            }
        }
    }
}
